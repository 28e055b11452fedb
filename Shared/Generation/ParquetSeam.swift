import Domain
import Tabular

// Parquet output of made-up tables needs Formats' encoder; until it is there, Parquet is refused.
enum PartEncoder {
    static func encode(
        _ batch: TextBatch, rows: [Int], columnMap: [Int], schema: TableSchema, format: OutputFormat, options: OutputOptions
    ) throws -> [UInt8] {
        throw SanitizerError(.formatUnsupported, "cannot generate parquet yet")
    }
}
final class OutputAssembler {
    init(format: OutputFormat, schema: TableSchema, sink: any ByteSink, metadata: [(String, String)]) throws {
        throw SanitizerError(.formatUnsupported, "cannot generate parquet yet")
    }
    func append(part: any ByteSource) throws {}
    func finish() throws -> (bytes: Int64, sha256: String) { (0, "") }
}
