internal import Domain
internal import Tabular

/// Delimited text.
final class CSVReader: TableReader {
    let detection: Detection
    let source: any ByteSource
    init(detection: Detection, source: any ByteSource) throws {
        self.detection = detection
        self.source = source
    }
    func planChunks(targetBytes: Int) throws -> [ChunkDescriptor] { [] }
    func read(_ chunk: ChunkDescriptor, maxRows: Int?) throws -> TextBatch {
        throw SanitizerError(.formatUnsupported, "reading csv is not supported yet")
    }
}
