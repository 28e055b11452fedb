public import Domain
public import Tabular

/// Reads parts back.
public enum PartReader {
    /// What a file of this format starts with: CSV its header line, the others nothing.
    public static func header(schema: TableSchema, as format: OutputFormat, options: OutputOptions = OutputOptions()) -> [UInt8] {
        format == .csv ? CSVRecords.header(schema: schema, options: options) : []
    }

    /// A Parquet part as CSV or JSON Lines records without header: the very bytes that ``PartEncoder`` would have written.
    public static func render(parquetPart: any ByteSource, schema: TableSchema, as format: OutputFormat, options: OutputOptions)
        throws
        -> [UInt8]
    {
        fatalError("to come")
    }

    /// The rows of a Parquet part, or of a slice of it, as text cells; columns as in the part.
    ///
    /// - Parameter range: rows of the part, clamped; nil for all.
    public static func rows(parquetPart: any ByteSource, range: Range<Int>? = nil) throws -> TextBatch {
        fatalError("to come")
    }
}
