internal import CScan
internal import Domain
public import Tabular

/// Statistics of every column of a table; one per thread or chunk, merged later. Not thread-safe.
///
/// What it says depends on the cells and on the chunk each came from, never on the order of ``merge(_:)``.
public final class TableProfile {
    /// Records seen.
    public private(set) var rows = 0
    private var settled: [ColumnProfile]
    private var current: [ColumnProfile]?
    private var currentChunk = -1
    private let hashes = HashBlock()

    /// Statistics by column.
    public var columns: [ColumnProfile] {
        settle()
        return settled
    }

    public init(columns: Int) { settled = (0..<columns).map { _ in ColumnProfile() } }

    /// Counts the cells of `rows` of the batch, which belongs to the chunk with number `chunk`. The rows of a chunk must come in
    /// order and without rows of another chunk between them.
    public func add(_ batch: TextBatch, rows range: Range<Int>, chunk: Int) {
        if chunk != currentChunk || current == nil {
            settle()
            currentChunk = chunk
            current = settled.map { _ in ColumnProfile() }
        }
        guard let current, !range.isEmpty else { return }
        rows += range.count
        let width = batch.columns
        let base = batch.base
        let arena = UnsafePointer(batch.arena.base)
        let rowBase = RowID(chunk: chunk, ordinal: 0).raw
        var start = range.lowerBound
        while start < range.upperBound {
            let n = min(HashBlock.size, range.upperBound - start)
            for c in 0..<min(width, current.count) {
                let cells = UnsafePointer(batch.cells) + (start &* width &+ c)
                cscan_hash_cells(cells, width, n, base, arena, hashes.values)
                current[c].add(
                    cells, stride: width, count: n, hashes: hashes.values, base: base, arena: arena, rowBase: rowBase,
                    ordinals: batch.ordinals + start, chunkRows: batch.rows)
            }
            start &+= n
        }
    }

    /// Adds the current chunk to what is settled.
    private func settle() {
        guard let finished = current else { return }
        current = nil
        for (c, column) in finished.enumerated() {
            column.seal()
            if settled[c].rows == 0 { settled[c] = column } else { settled[c].merge(column) }
        }
    }

    /// Takes over the counts of another profile with the same columns.
    public func merge(_ other: TableProfile) {
        settle()
        let theirs = other.columns
        precondition(theirs.count == settled.count, "profiles of different tables")
        rows += other.rows
        for c in settled.indices { settled[c].merge(theirs[c]) }
    }

    /// Same profile, same bytes.
    public func encode() -> [UInt8] {
        settle()
        var w = ByteWriter()
        w.u8(1)
        w.varint(UInt64(rows))
        w.varint(UInt64(settled.count))
        for column in settled { column.encode(to: &w) }
        return w.bytes
    }
    /// - Throws: ``SanitizerError`` (`corrupt_intermediate`) when the bytes are not a whole profile.
    public init(decoding bytes: [UInt8]) throws {
        var r = ByteReader(bytes)
        guard try r.u8() == 1 else { throw SanitizerError(.corruptIntermediate, "profile of an unknown version") }
        rows = Int(truncatingIfNeeded: try r.varint())
        settled = []
        for _ in 0..<(try r.count(itemBytes: 20)) { settled.append(try ColumnProfile(from: &r)) }
        guard r.isAtEnd else {
            throw SanitizerError(.corruptIntermediate, "profile has \(bytes.count - r.position) bytes too many")
        }
    }
}

/// Scratch for the hashes of one block of cells: a block of rows stays in the first-level cache while its columns are visited.
private final class HashBlock {
    static let size = 256
    let values = UnsafeMutablePointer<UInt64>.allocate(capacity: HashBlock.size)
    deinit { values.deallocate() }
}
