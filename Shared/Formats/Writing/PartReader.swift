public import Domain
public import Tabular

/// Reads parts back.
public enum PartReader {
    /// What a file of this format starts with: CSV its header line, the others nothing.
    public static func header(schema: TableSchema, as format: OutputFormat, options: OutputOptions = OutputOptions()) -> [UInt8] {
        format == .csv ? CSVRecords.header(schema: schema, options: options) : []
    }

    /// A CSV header line of any names, repeated and empty ones too.
    public static func csvHeader(_ names: [String]) -> [UInt8] {
        CSVRecords.header(
            schema: TableSchema(columns: names.map { TableSchema.Column(name: $0, type: .text) }), options: OutputOptions())
    }

    /// A Parquet part as CSV or JSON Lines records without header: the very bytes that ``PartEncoder`` would have written.
    ///
    /// - Throws: `corruptIntermediate` when the part is malformed or has other columns than `schema`.
    public static func render(parquetPart: any ByteSource, schema: TableSchema, as format: OutputFormat, options: OutputOptions)
        throws
        -> [UInt8]
    {
        let table = try open(parquetPart)
        guard table.columns.map(\.name) == schema.columns.map(\.name) else {
            throw SanitizerError(.corruptIntermediate, "parquet part: its columns are not those of the output")
        }
        var out: [UInt8] = []
        try slices(of: table, 0..<Int.max) { batch in
            out += try PartEncoder.encode(
                batch, rows: Array(0..<batch.rows), columnMap: Array(schema.columns.indices), schema: schema, format: format,
                options: options)
        }
        return out
    }

    /// The rows of a Parquet part, or of a slice of it, as text cells; columns as in the part.
    ///
    /// - Parameter range: rows of the part, clamped; nil for all.
    public static func rows(parquetPart: any ByteSource, range: Range<Int>? = nil) throws -> TextBatch {
        let table = try open(parquetPart)
        let batch = ParquetReader.batch(columns: table.columns.count, rows: 0)
        try read(table, range ?? 0..<Int.max, into: batch)
        batch.recordCount = batch.rows
        return batch
    }

    /// Calls `body` with batches of up to 65,536 rows, in order: for parts and assembled files of any size.
    public static func forEachBatch(parquet source: any ByteSource, _ body: (TextBatch) throws -> Void) throws {
        try slices(of: try open(source), 0..<Int.max, body)
    }

    /// Names of the columns of a Parquet part or file.
    public static func columns(parquet source: any ByteSource) throws -> [String] { try open(source).columns.map(\.name) }

    private static func open(_ part: any ByteSource) throws -> ParquetTable { try asPart { try ParquetTable(part) } }

    /// What is malformed in an input is corrupt in one of our own parts.
    private static func asPart<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as SanitizerError where error.code == .inputUnreadable && !error.isRetryable {
            throw SanitizerError(.corruptIntermediate, error.message)
        }
    }

    private static func slices(of table: ParquetTable, _ range: Range<Int>, _ body: (TextBatch) throws -> Void) throws {
        for (group, rows) in table.groupRows.enumerated() where rows > 0 {
            let cursor = try asPart { try table.cursor(group: group, batchRows: ParquetReader.maximumRows) }
            while cursor.position < Int(rows) {
                let slice = cursor.position..<min(Int(rows), cursor.position + ParquetReader.maximumRows)
                let batch = ParquetReader.batch(columns: table.columns.count, rows: slice.count)
                try asPart { try cursor.read(slice, into: batch) }
                batch.recordCount = batch.rows
                try body(batch)
            }
        }
    }

    private static func read(_ table: ParquetTable, _ range: Range<Int>, into batch: TextBatch) throws {
        var start = 0
        for (group, rows) in table.groupRows.enumerated() {
            let here = start..<start + Int(rows)
            start = here.upperBound
            let wanted = range.clamped(to: here)
            if wanted.isEmpty { continue }
            let local = wanted.lowerBound - here.lowerBound..<wanted.upperBound - here.lowerBound
            let cursor = try asPart { try table.cursor(group: group, batchRows: ParquetReader.maximumRows) }
            try asPart {
                try cursor.skip(to: local.lowerBound)
                try cursor.read(local, into: batch)
            }
        }
    }
}
