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
        if let maxRows, let start = try start(of: chunk, rows: maxRows) { return start }
        return try ChunkParser(detection, dialect, source, chunk, maxRows: maxRows ?? .max).parse()
    }

    /// The first `rows` rows of a chunk from a small part of its bytes; nil when they may not be all there.
    private func start(of chunk: ChunkDescriptor, rows: Int) throws -> TextBatch? {
        let bytes = Int64(min(rows, Self.mostSampled) * Self.bytesPerRow)
        guard bytes < chunk.length / 2, !chunk.isOversized else { return nil }
        var part = chunk
        part.length = bytes
        part.trailingLength = 0
        let parser = try ChunkParser(detection, dialect, source, part, maxRows: rows)
        let batch = try parser.parse()
        return batch.rows == rows && !parser.isAtEnd ? batch : nil
    }
    private static let mostSampled = 1 << 16
    private static let bytesPerRow = 256
}
