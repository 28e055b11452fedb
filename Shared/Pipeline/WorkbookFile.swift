internal import Domain
internal import Formats
internal import Tabular

/// An .xlsx file in the making: rows go to a scratch file, which appears under its name when it is complete.
final class WorkbookFile {
    private let scratchPath: String
    private let writer: WorkbookWriter
    private let output: String

    init(_ output: String, schema: TableSchema, scratch: Scratch) throws {
        self.output = output
        scratchPath = try scratch.nextFile()
        writer = try WorkbookWriter(path: scratchPath, schema: schema)
    }

    /// - Throws: `limitExceeded` for what does not fit into a worksheet.
    func append(_ batch: TextBatch) throws { try writer.append(batch) }

    /// Writes the file.
    func finish() throws -> (bytes: Int64, sha256: String) {
        try writer.close()
        let sink = try FileSink(path: output)
        let digest = SHA256()
        var bytes: Int64 = 0
        do {
            let source = try FileSource(path: scratchPath)
            while bytes < source.size {
                let piece = try source.read(at: bytes, count: 1 << 20)
                piece.withUnsafeBytes { digest.update($0) }
                try sink.write(piece)
                bytes += Int64(piece.count)
            }
            try sink.close()
        } catch {
            sink.abort()
            throw error
        }
        return (bytes, digest.finishHex())
    }
}
