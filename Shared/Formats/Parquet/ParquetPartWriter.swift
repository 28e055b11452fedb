internal import CScan
internal import Domain
internal import Tabular

/// Writes rows of a batch as a complete Parquet file of one row group, in memory.
///
/// Distinct values are collected straight from the cells, so each is parsed once, and a column falls back to plain values where
/// a dictionary does not pay.
enum ParquetPartWriter {
    /// Rows and cells of a block stay in the second-level cache while every column takes its cells.
    private static let blockRows = 1024

    static func encode(_ batch: TextBatch, rows: [Int], columnMap: [Int], schema: TableSchema) throws -> [UInt8] {
        let columns = ColumnCollectors(schema: schema, rows: rows.count)
        try rows.withUnsafeBufferPointer { rows in
            try columns.collect(batch, UnsafeRawBufferPointer(rows).bindMemory(to: Int64.self), columnMap, blockRows: blockRows)
        }
        let writer = try ColumnChunkWriter(capacity: columns.textBytes / 3 + 4096)
        var group = RowGroup(rows: rows.count)
        if rows.count > 0 {
            for c in schema.columns.indices {
                try columns.withInput(c, schema.columns[c]) { group.add(try writer.write($0)) }
            }
        }
        writer.append(
            ParquetFile.footer(
                schema: schema, rows: Int64(rows.count), rowGroups: rows.count > 0 ? [group.encoded()] : [], metadata: []))
        return writer.file
    }

    /// Gathers column chunks into the RowGroup struct of a part.
    struct RowGroup {
        let rows: Int
        private var columns: [[UInt8]] = []
        private var raw: Int64 = 0
        private var compressed: Int64 = 0

        init(rows: Int) { self.rows = rows }
        mutating func add(_ chunk: (metadata: [UInt8], raw: Int64, compressed: Int64)) {
            columns.append(chunk.metadata)
            raw += chunk.raw
            compressed += chunk.compressed
        }
        func encoded() -> [UInt8] {
            ThriftWriter.encode { w in
                w.list(1, .structure, count: columns.count)
                for c in columns { w.raw(c) }
                w.i64(2, raw)
                w.i64(3, Int64(rows))
                w.i64(5, Int64(ParquetFile.magic.count))
                w.i64(6, compressed)
                w.i16(7, 0)
            }
        }
    }
}

/// The C collectors of all columns of a part.
private final class ColumnCollectors {
    private let columns: UnsafeMutablePointer<cscan_column>
    private let count: Int
    private var made = 0
    private let rows: Int

    init(schema: TableSchema, rows: Int) {
        count = schema.columns.count
        self.rows = rows
        columns = .allocate(capacity: max(count, 1))
        for (c, column) in schema.columns.enumerated() {
            guard cscan_column_init(columns + c, column.type == .text ? 0 : 1, rows) == 0 else { break }
            made = c + 1
        }
    }
    deinit {
        for c in 0..<made { cscan_column_free(columns + c) }
        columns.deallocate()
    }

    var textBytes: Int { (0..<made).reduce(0) { $0 + columns[$1].total_bytes } }

    func collect(_ batch: TextBatch, _ rows: UnsafeBufferPointer<Int64>, _ columnMap: [Int], blockRows: Int) throws {
        guard made == count else { throw Self.outOfMemory }
        guard let first = rows.baseAddress else { return }
        var view = cscan_batch(batch)
        var at = 0
        while at < rows.count {
            let n = min(blockRows, rows.count - at)
            for c in 0..<count {
                guard cscan_column_add(columns + c, &view, first + at, n, Int64(columnMap[c])) == 0 else {
                    throw Self.outOfMemory
                }
            }
            at += n
        }
    }

    func withInput(_ c: Int, _ schema: TableSchema.Column, _ body: (ColumnChunkInput) throws -> Void) throws {
        let physical = ParquetFile.physical(schema.type)
        guard schema.type == .boolean || cscan_column_finish(columns + c, physical.width) == 0 else { throw Self.outOfMemory }
        let column = columns[c]
        let texts = UnsafeBufferPointer(start: UnsafePointer(column.values), count: column.value_count)
        var input = ColumnChunkInput(
            name: schema.name, physical: physical, rows: rows, present: column.present,
            validity: column.present == rows ? nil : UnsafePointer(column.validity), values: .texts(texts),
            indices: column.plain != 0 ? nil : UnsafeBufferPointer(start: UnsafePointer(column.indices), count: column.present))

        func fixed<T>(_: T.Type, _ parse: (UnsafeMutablePointer<T>?) -> Int) throws {
            try withUnsafeTemporaryAllocation(of: T.self, capacity: max(texts.count, 1)) { values in
                try Self.check(parse(values.baseAddress), texts.count, schema)
                input.values = .fixed(
                    UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: values[0..<texts.count])), width: MemoryLayout<T>.size)
                try body(input)
            }
        }
        switch schema.type {
        case .text: try body(input)
        case .integer: try fixed(Int64.self) { cscan_parse_integers(texts.baseAddress, texts.count, $0) }
        case .decimal: try fixed(Double.self) { cscan_parse_doubles(texts.baseAddress, texts.count, $0) }
        case .date: try fixed(Int32.self) { cscan_parse_dates(texts.baseAddress, texts.count, $0) }
        case .timestamp:
            try fixed(Int64.self) { cscan_parse_timestamps(texts.baseAddress, texts.count, schema.isUTC ? 1 : 0, $0) }
        case .boolean:
            // No dictionary in the file: a boolean is one bit per row.
            try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: texts.count + column.present + 1) { bits in
                try Self.check(cscan_parse_booleans(texts.baseAddress, texts.count, bits.baseAddress), texts.count, schema)
                var values = UnsafeBufferPointer(rebasing: bits[0..<texts.count])
                if let indices = input.indices {
                    for (i, v) in indices.enumerated() { bits[texts.count + i] = bits[Int(v)] }
                    values = UnsafeBufferPointer(rebasing: bits[texts.count..<texts.count + column.present])
                }
                input.indices = nil
                input.values = .booleans(values)
                try body(input)
            }
        }
    }

    private static var outOfMemory: SanitizerError {
        SanitizerError(.internal, "out of memory while writing a part", isRetryable: true)
    }

    /// The value itself stays out of the message: it may be personal data.
    private static func check(_ parsed: Int, _ count: Int, _ column: TableSchema.Column) throws {
        guard parsed < count else { return }
        throw SanitizerError(.internal, "column \(column.name): a cell is not canonical \(column.type.rawValue) text")
    }
}

extension cscan_batch {
    /// Valid while the batch lives and its arena does not grow.
    init(_ batch: TextBatch) {
        self.init(
            cells: UnsafeRawPointer(batch.cells).assumingMemoryBound(to: UInt64.self), columns: batch.columns, base: batch.base,
            arena: UnsafePointer(batch.arena.base))
    }
}
