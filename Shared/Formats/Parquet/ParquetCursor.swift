internal import CArrowShim
internal import Domain
internal import Tabular

/// A place in a row group, moving forward batch by batch. One thread at a time.
final class ParquetCursor {
    /// Cells address their text with 32 bits; a chunk that comes near is a bomb or a mistake.
    private static let textLimit = 1 << 30

    let group: Int
    /// Row of the group that comes next.
    private(set) var position = 0
    private let handle: OpaquePointer
    private let table: ParquetTable

    init(_ handle: OpaquePointer, table: ParquetTable, group: Int) {
        self.handle = handle
        self.table = table
        self.group = group
    }
    deinit { sarrow_cursor_free(handle) }

    /// Passes over whole batches until `row` is in the next one.
    func skip(to row: Int) throws {
        guard row > position else { return }
        var reached: Int64 = 0
        try table.bridge.check { sarrow_cursor_skip(handle, Int64(row), &reached, $0) }
        position = Int(reached)
    }

    /// Appends the rows of `wanted` that the following batches hold, up to the end of `wanted`.
    /// - Throws: `inputUnreadable` when the row group has fewer rows.
    func read(_ wanted: Range<Int>, into batch: TextBatch) throws {
        while position < wanted.upperBound {
            var count: Int64 = 0
            try table.bridge.check { sarrow_cursor_next(handle, Int64(wanted.upperBound - position), &count, $0) }
            guard count > 0 else {
                throw SanitizerError(
                    .inputUnreadable,
                    "parquet: row group \(group) ends after \(position) rows, \(wanted.upperBound) were announced")
            }
            let here = position..<position + Int(count)
            position = here.upperBound
            let taken = here.clamped(to: wanted)
            if taken.isEmpty { continue }
            batch.reserveRows(batch.rows + taken.count)
            try write(taken.lowerBound - here.lowerBound, taken.count, behind: batch)
            for _ in taken { batch.commitRow(ordinal: batch.rows) }
        }
    }

    /// Writes the cells of rows of the batch at hand behind the last row.
    private func write(_ first: Int, _ rows: Int, behind batch: TextBatch) throws {
        let cells = batch.cells + batch.rows * batch.columns
        var arena = sarrow_arena()
        arena.context = Unmanaged.passUnretained(batch.arena).toOpaque()
        arena.grow = Self.grow
        Self.show(batch.arena, to: &arena)
        // What a failed call wrote belongs to no cell.
        defer { batch.arena.commit(Int(arena.count) - batch.arena.count) }
        try cells.withMemoryRebound(to: sarrow_cell.self, capacity: rows * batch.columns) { cells in
            try table.bridge.check { sarrow_cursor_cells(handle, Int64(first), Int64(rows), &arena, cells, $0) }
        }
    }

    private static func show(_ bytes: ByteArena, to arena: inout sarrow_arena) {
        arena.base = bytes.base
        arena.count = Int64(bytes.count)
        arena.capacity = Int64(min(bytes.capacity, textLimit))
    }

    /// Lets the shim have more room, see `sarrow_arena`.
    private static let grow: @convention(c) (UnsafeMutablePointer<sarrow_arena>?, Int64) -> Bool = { arena, count in
        guard let arena, let context = arena.pointee.context else { return false }
        let bytes = Unmanaged<ByteArena>.fromOpaque(context).takeUnretainedValue()
        bytes.commit(Int(arena.pointee.count) - bytes.count)
        let n = Int(count)
        guard n <= textLimit, bytes.count <= textLimit - n else { return false }
        _ = bytes.reserve(n)
        show(bytes, to: &arena.pointee)
        return true
    }
}
