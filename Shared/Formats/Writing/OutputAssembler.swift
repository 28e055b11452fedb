public import Domain
public import Tabular

/// Joins parts into one file: CSV and JSON Lines after a header, Parquet by copying row groups raw and rewriting the footer.
///
/// Memory is bounded except for the footer (about 100 bytes per column and part). Not thread-safe; calls block on source and sink.
public final class OutputAssembler {
    private let sink: any ByteSink
    private let digest = SHA256()
    private var position: Int64 = 0
    private var parquet: ParquetAssembly?
    private var isFinished = false
    private var buffer = [UInt8](repeating: 0, count: 1 << 20)

    /// - Parameters:
    ///   - metadata: key-value pairs for the Parquet footer, in order; other formats have no place for them.
    ///   - header: what a CSV file begins with instead of the line of the schema's names.
    public init(
        format: OutputFormat, schema: TableSchema, sink: any ByteSink, metadata: [(String, String)],
        options: OutputOptions = OutputOptions(), header: [UInt8]? = nil
    )
        throws
    {
        self.sink = sink
        if format == .parquet { parquet = ParquetAssembly(schema: schema, metadata: metadata) }
        try write(
            format == .parquet ? ParquetFile.magic : header ?? PartReader.header(schema: schema, as: format, options: options))
    }

    /// Appends a part that ``PartEncoder`` wrote for the same schema and format.
    /// - Throws: `corruptIntermediate` when the part is not such a file, and what source or sink throw.
    public func append(part: any ByteSource) throws {
        if let parquet {
            let range = try parquet.add(part: part, at: position)
            try copy(part, range)
        } else {
            try copy(part, 0..<part.size)
        }
    }

    /// Writes the footer and closes the sink.
    /// - Returns: size in bytes and SHA-256 (hexadecimal) of the whole file.
    public func finish() throws -> (bytes: Int64, sha256: String) {
        precondition(!isFinished, "finished twice")
        isFinished = true
        if let parquet { try write(parquet.footer()) }
        try sink.close()
        return (position, digest.finishHex())
    }

    /// Throws away what was written.
    public func abort() { sink.abort() }

    private func copy(_ part: any ByteSource, _ range: Range<Int64>) throws {
        var at = range.lowerBound
        while at < range.upperBound {
            let want = Int(min(Int64(buffer.count), range.upperBound - at))
            let n = try buffer.withUnsafeMutableBytes { bytes in
                let n = try part.read(at: at, into: UnsafeMutableRawBufferPointer(rebasing: bytes[0..<want]))
                try write(UnsafeRawBufferPointer(rebasing: bytes[0..<n]))
                return n
            }
            guard n > 0 else { throw SanitizerError(.corruptIntermediate, "part ends early at byte \(at)") }
            at += Int64(n)
        }
    }
    private func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }
    private func write(_ bytes: UnsafeRawBufferPointer) throws {
        digest.update(bytes)
        try sink.write(bytes)
        position += Int64(bytes.count)
    }
}
