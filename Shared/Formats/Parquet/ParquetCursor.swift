internal import CArrowShim
internal import Domain
internal import Tabular

/// A place in a row group, moving forward batch by batch. One thread at a time.
final class ParquetCursor {
    /// Cells that are written column after column, a block of rows at a time: few enough to stay in the cache.
    private static let blockCells = 3072

    let group: Int
    /// Row of the group that comes next.
    private(set) var position = 0
    private let handle: OpaquePointer
    private let table: ParquetTable
    /// Columns that are read straight into cells.
    private let isDirect: [Bool]
    private let blockRows: Int
    private var printed: [Cell] = []

    init(_ handle: OpaquePointer, table: ParquetTable, group: Int) {
        self.handle = handle
        self.table = table
        self.group = group
        blockRows = max(Self.blockCells / max(table.columns.count, 1), 128)
        isDirect = table.columns.indices.map { sarrow_cursor_is_direct(handle, Int32($0)) }
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
            var start = taken.lowerBound - here.lowerBound
            let end = taken.upperBound - here.lowerBound
            while start < end {
                let rows = start..<min(end, start + blockRows)
                let first = batch.rows
                for column in table.columns.indices { try read(column, rows, into: batch) }
                for row in first..<first + rows.count { batch.commitRow(ordinal: row) }
                start = rows.upperBound
            }
        }
    }

    /// Writes the cells of one column behind the last row of the batch.
    private func read(_ column: Int, _ rows: Range<Int>, into batch: TextBatch) throws {
        let cells = batch.cells + (batch.rows * batch.columns + column)
        guard isDirect[column] else {
            let printer = ColumnPrinter(sarrow_cursor_column(handle, Int32(column)), arena: batch.arena)
            return try printer.print(rows, to: cells, step: batch.columns)
        }
        let arena = sarrow_arena(
            context: Unmanaged.passUnretained(batch.arena).toOpaque(), take: ColumnPrinter.takeText)
        var values = sarrow_column()
        try cells.withMemoryRebound(to: sarrow_cell.self, capacity: 1) { cells in
            try withUnsafePointer(to: arena) { arena in
                try table.bridge.check {
                    sarrow_cursor_read(
                        handle, Int32(column), Int64(rows.lowerBound), Int64(rows.count), arena, cells, Int64(batch.columns),
                        &values, $0)
                }
            }
        }
        guard Int(values.kind) != SARROW_TEXT32 else { return }
        let count = Int(values.rows)
        if printed.count < count { printed = Array(repeating: .missing, count: max(count, blockRows)) }
        try printed.withUnsafeMutableBufferPointer { printed in
            guard let base = printed.baseAddress else { return }
            try ColumnPrinter(values, arena: batch.arena).print(0..<count, to: base, step: 1)
            base.withMemoryRebound(to: sarrow_cell.self, capacity: count) { printed in
                cells.withMemoryRebound(to: sarrow_cell.self, capacity: 1) { cells in
                    sarrow_cursor_place(handle, Int32(column), printed, cells, Int64(batch.columns))
                }
            }
        }
    }
}
