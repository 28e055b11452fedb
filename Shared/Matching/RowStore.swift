public import Tabular

/// The text of the rows that ``MatchResolver/resolve(fetch:)`` asked for: compact, filled in any order, looked up by id.
///
/// About the bytes of the text plus one byte per cell and 16 per row. Filled by one thread, then read by several.
public final class RowStore {
    public let columns: Int
    let arena = ByteArena(capacity: 1 << 16)
    private(set) var index: [(id: UInt64, offset: Int)] = []
    private var isSorted = true
    private var rows = RowSet([])

    public init(columns: Int) { self.columns = columns }

    public var count: Int { index.count }
    public var bytes: Int { arena.capacity + index.capacity * 16 }

    /// Copies one row; of rows with the same id the first stays.
    public func append(_ batch: TextBatch, row: Int, id: RowID) {
        let cells = batch.cells + row * columns
        var size = 0
        for c in 0..<columns { size += cells[c].length + PackedCells.lengthBytes }
        let start = arena.reserve(size)
        var p = start
        for c in 0..<columns { p = PackedCells.write(batch.bytes(cells[c]), to: p) }
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
        if !isSorted {
            index.sort { ($0.id, $0.offset) < ($1.id, $1.offset) }
            var kept = 0
            for i in index.indices where kept == 0 || index[i].id != index[kept - 1].id {
                index[kept] = index[i]
                kept += 1
            }
            index.removeLast(index.count - kept)
        }
        isSorted = true
        rows = RowSet(index.map(\.id))
    }

    /// Position of a row among the sealed rows, nil when it is not there.
    @inline(__always) func position(of id: RowID) -> Int? { rows.position(of: id.raw) }

    /// Calls `body` with column and bytes of every cell of a stored row.
    @inline(__always)
    func forEachCell(at offset: Int, _ body: (Int, UnsafeBufferPointer<UInt8>) -> Void) {
        PackedCells.forEach(UnsafePointer(arena.base) + offset, columns: columns, body)
    }
}
