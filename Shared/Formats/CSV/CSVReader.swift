internal import Domain
internal import Tabular

/// Reads delimited text by the tolerant rules: every chunk alone, with the same result as one read of the whole input.
final class CSVReader: TableReader {
    let detection: Detection
    private let dialect: CSVDialect
    private let source: any ByteSource

    /// - Throws: `corruptIntermediate` when the detection has no dialect.
    init(detection: Detection, source: any ByteSource) throws {
        guard let dialect = detection.csv, !detection.columns.isEmpty else {
            throw SanitizerError(.corruptIntermediate, "detection of a delimited text has no dialect")
        }
        self.detection = detection
        self.dialect = dialect
        self.source = source
    }

    func planChunks(targetBytes: Int) throws -> [ChunkDescriptor] {
        try ChunkPlanner(source, dialect).plan(targetBytes: max(1, targetBytes))
    }

    func read(_ chunk: ChunkDescriptor, maxRows: Int?) throws -> TextBatch {
        let parser = try ChunkParser(detection, dialect, source, chunk, maxRows: maxRows ?? .max)
        return try parser.parse()
    }
}
