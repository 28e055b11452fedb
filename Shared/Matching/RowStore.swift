public import Tabular

/// The text of the rows that ``MatchResolver/resolve(fetch:)`` asked for: compact, filled in any order, looked up by id.
///
/// About the bytes of the text plus one byte per cell and 16 per row. Filled by one thread, then read by several.
public final class RowStore {
    public let columns: Int
    let arena = ByteArena(capacity: 1 << 16)
    private(set) var index: [(id: UInt64, offset: Int)] = []
    private var isSorted = true

    public init(columns: Int) { self.columns = columns }

    public var count: Int { index.count }
    public var bytes: Int { arena.capacity + index.capacity * 16 }

    /// Copies one row; an id that is already there is ignored at look-up.
    public func append(_ batch: TextBatch, row: Int, id: RowID) {
        let cells = batch.cells + row * columns
        var size = 0
        for c in 0..<columns { size += cells[c].length + 5 }
        let start = arena.reserve(size)
        var p = start
        for c in 0..<columns {
            let cell = cells[c]
            var v = UInt32(cell.length)
            while v >= 0x80 {
                p.pointee = UInt8(truncatingIfNeeded: v) | 0x80
                p += 1
                v >>= 7
            }
            p.pointee = UInt8(v)
            p += 1
            p.update(from: batch.pointer(cell), count: cell.length)
            p += cell.length
        }
        if let last = index.last, last.id >= id.raw { isSorted = false }
        index.append((id.raw, arena.commit(p - start)))
    }

    /// Copies the rows of a batch whose ids are in `wanted`, which is sorted.
    public func append(_ batch: TextBatch, chunk: Int, wanted: some RandomAccessCollection<RowID>) {
        var i = wanted.startIndex
        for row in 0..<batch.rows {
            let id = RowID(chunk: chunk, ordinal: Int(batch.ordinals[row]))
            while i < wanted.endIndex, wanted[i] < id { i = wanted.index(after: i) }
            guard i < wanted.endIndex else { return }
            if wanted[i] == id { append(batch, row: row, id: id) }
        }
    }

    /// Makes look-up possible after the last ``append(_:row:id:)``.
    func seal() {
        if !isSorted { index.sort { ($0.id, $0.offset) < ($1.id, $1.offset) } }
        isSorted = true
    }

    /// Position of a row among the sealed rows, nil when it is not there.
    func position(of id: RowID) -> Int? {
        var low = 0
        var high = index.count
        while low < high {
            let mid = (low + high) / 2
            if index[mid].id < id.raw { low = mid + 1 } else { high = mid }
        }
        return low < index.count && index[low].id == id.raw ? low : nil
    }

    /// Calls `body` with column and bytes of every cell of a stored row.
    @inline(__always)
    func forEachCell(at offset: Int, _ body: (Int, UnsafeBufferPointer<UInt8>) -> Void) {
        var p = UnsafePointer(arena.base) + offset
        for c in 0..<columns {
            var length = 0
            var shift = 0
            while true {
                let b = p.pointee
                p += 1
                length |= Int(b & 0x7F) << shift
                if b < 0x80 { break }
                shift += 7
            }
            body(c, UnsafeBufferPointer(start: p, count: length))
            p += length
        }
    }
}
