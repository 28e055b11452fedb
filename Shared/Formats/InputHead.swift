internal import Domain
internal import Tabular

/// The first bytes of an input as UTF-8 text (or as they are, for binary formats): what the format sniffers look at.
struct InputHead {
    static let byteLimit = 256 << 10

    let source: any ByteSource
    let name: String
    let options: InputOptions
    let compression: Compression
    let encoding: TextEncoding
    /// Decompressed, transcoded to UTF-8, without byte order mark.
    let bytes: [UInt8]
    /// Length of the byte order mark that stands before `bytes` in the staged input: that of UTF-8.
    let mark: Int
    /// The input begins with a byte order mark.
    let hasMark: Bool
    /// `bytes` is the whole input.
    let isWhole: Bool

    var needsStaging: Bool { compression != .none || !encoding.isASCIISuperset }

    /// The lower-case extension of the name, without that of the compression.
    var fileExtension: String {
        var parts = name.lowercased().split(separator: ".").map(String.init)
        if parts.count > 1, ["gz", "gzip", "zst", "zstd", "zip"].contains(parts[parts.count - 1]) { parts.removeLast() }
        return parts.count > 1 ? parts[parts.count - 1] : ""
    }

    init(_ source: any ByteSource, name: String, options: InputOptions) throws {
        guard source.size > 0 else { throw SanitizerError(.inputEmpty, "\(name) is empty; nothing to read") }
        self.source = source
        self.name = name
        self.options = options
        compression = Self.compression(of: try source.read(at: 0, count: 4))
        // UTF-32 needs four bytes for one of ours.
        var raw = try Decompression.head(source, compression, count: Self.byteLimit + 1)
        let isBinary = Self.binaryMarks.contains { raw.starts(with: $0) }
        let found = isBinary ? (encoding: TextEncoding.utf8, mark: 0) : TextEncoding.detect(raw)
        var encoding = found.encoding
        if let wanted = options.encoding, !isBinary {
            guard let named = TextEncoding(named: wanted) else {
                throw SanitizerError(
                    .recipeInvalid,
                    "unknown encoding \(wanted); use utf-8, utf-16le, utf-16be, utf-32le, utf-32be, windows-1252 or latin-1")
            }
            encoding = named
        }
        if !encoding.isASCIISuperset { raw = try Decompression.head(source, compression, count: 4 * Self.byteLimit + 1) }
        let limit = encoding.isASCIISuperset ? Self.byteLimit : 4 * Self.byteLimit
        isWhole = raw.count <= limit
        self.encoding = encoding
        let markLength = encoding == found.encoding ? found.mark : 0
        hasMark = markLength > 0
        var text = encoding.toUTF8(raw.prefix(limit).dropFirst(markLength))
        if text.count > Self.byteLimit, !isWhole { text.removeSubrange(Self.byteLimit...) }
        bytes = text
        // What staging transcodes loses its mark; other inputs keep it.
        mark = encoding.isASCIISuperset ? markLength : 0
    }

    /// Parquet, zip and old Excel: never text, whatever their zero bytes look like.
    private static let binaryMarks: [[UInt8]] = [
        Array("PAR1".utf8), [0x50, 0x4B, 0x03, 0x04], [0x50, 0x4B, 0x05, 0x06], [0xD0, 0xCF, 0x11, 0xE0],
    ]

    private static func compression(of magic: [UInt8]) -> Compression {
        if magic.starts(with: [0x1F, 0x8B]) { return .gzip }
        if magic.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) { return .zstd }
        return .none
    }
}
