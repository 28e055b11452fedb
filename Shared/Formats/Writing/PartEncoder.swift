public import Domain
public import Tabular

/// Encodes rows of a batch as one part of the output. Stateless; safe on any thread; the same rows give the same bytes.
public enum PartEncoder {
    /// Encodes the kept rows in the order given.
    ///
    /// - Parameters:
    ///   - batch: cells as canonical text (``Tabular/CanonicalText``); an empty cell of a typed column counts as missing.
    ///   - rows: indices into `batch`, any order.
    ///   - columnMap: column of the batch for each column of `schema`; -1 for a column that is missing throughout.
    ///   - schema: names and types in output order.
    /// - Returns: `parquet`: a complete file of one row group (none when there are no rows); `csv`, `jsonl`: records without header,
    ///   each ended by a line feed.
    /// - Throws: ``Domain/SanitizerError`` `internal` when the text of a typed cell is not canonical.
    public static func encode(
        _ batch: TextBatch, rows: [Int], columnMap: [Int], schema: TableSchema, format: OutputFormat, options: OutputOptions
    ) throws -> [UInt8] {
        precondition(columnMap.count == schema.columns.count)
        switch format {
        case .parquet: return try ParquetPartWriter.encode(batch, rows: rows, columnMap: columnMap, schema: schema)
        case .csv: return CSVRecords.encode(batch, rows: rows, columnMap: columnMap, schema: schema, options: options)
        case .jsonl: return JSONRecords.encode(batch, rows: rows, columnMap: columnMap, schema: schema)
        }
    }
}
