internal import Domain
internal import Tabular

/// The start of a compressed input, for sniffing.
enum Decompression {
    /// Up to `count` decompressed bytes from the start of `source`.
    /// - Throws: `inputUnreadable` when the data is corrupt before that.
    static func head(_ source: any ByteSource, _ compression: Compression, count: Int) throws -> [UInt8] {
        guard compression == .none else {
            throw SanitizerError(.formatUnsupported, "\(compression.rawValue) input is not supported yet; decompress it first")
        }
        return try source.read(at: 0, count: count)
    }
}
