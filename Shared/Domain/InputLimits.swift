/// What an input may ask of the machine. Each limit is checked before memory or disk is taken for what lies beyond it.
///
/// What is nil has the default; a recipe or `--limit` sets it.
public struct InputLimits: Codable, Sendable, Equatable {
    /// Bytes of one record of delimited text; a longer one is rejected alone. Default 1 MiB.
    public var recordBytes: Int?
    /// Bytes of one JSON record; a longer one is rejected alone. Default 64 MiB.
    public var jsonRecordBytes: Int?
    /// Bytes of one cell; a record with a longer one is rejected alone. Default: the record's limit.
    public var fieldBytes: Int?
    /// Columns of the table. Default 16,384, as many as a worksheet has.
    public var columns: Int?
    /// Levels of nested JSON values. Default 64.
    public var nesting: Int?
    /// Unpacked bytes for each packed byte, looked at once more than 64 MiB were unpacked. Default 200.
    public var unpackRatio: Int?
    /// Unpacked bytes of one input. Default 1 TiB.
    public var unpackedBytes: Int?
    /// Entries of a zip archive. Default 10,000.
    public var zipEntries: Int?
    /// Bytes of the texts that the cells of a workbook share. Default 128 MiB.
    public var sharedTextBytes: Int?
    /// Bytes of the footer of a Parquet file. Default 64 MiB.
    public var footerBytes: Int?
    /// Bytes that decoding a batch of a Parquet row group may hold. Default 384 MiB.
    public var decodedBytes: Int?
    /// Bytes fetched from an address. Default 64 GiB.
    public var fetchedBytes: Int?

    enum CodingKeys: String, CodingKey {
        case recordBytes = "record_bytes"
        case jsonRecordBytes = "json_record_bytes"
        case fieldBytes = "field_bytes"
        case columns, nesting
        case unpackRatio = "unpack_ratio"
        case unpackedBytes = "unpacked_bytes"
        case zipEntries = "zip_entries"
        case sharedTextBytes = "shared_text_bytes"
        case footerBytes = "footer_bytes"
        case decodedBytes = "decoded_bytes"
        case fetchedBytes = "fetched_bytes"
    }

    public init() {}

    /// A limit as people name it, its default, and the range that the readers can keep.
    public struct Entry: Sendable {
        public let name: String
        public let standard: Int
        public let range: ClosedRange<Int>
        let path: any WritableKeyPath<InputLimits, Int?> & Sendable

        public func value(in limits: InputLimits?) -> Int { limits?[keyPath: path] ?? standard }
        public func set(_ value: Int, in limits: inout InputLimits) { limits[keyPath: path] = value }
    }

    public static let record = Entry(name: "record_bytes", standard: 1 << 20, range: 1024...(4 << 20), path: \.recordBytes)
    public static let jsonRecord = Entry(
        name: "json_record_bytes", standard: 64 << 20, range: 1024...(64 << 20), path: \.jsonRecordBytes)
    public static let field = Entry(name: "field_bytes", standard: 64 << 20, range: 1...(64 << 20), path: \.fieldBytes)
    public static let columnCount = Entry(name: "columns", standard: 16_384, range: 1...100_000, path: \.columns)
    public static let depth = Entry(name: "nesting", standard: 64, range: 1...256, path: \.nesting)
    public static let ratio = Entry(name: "unpack_ratio", standard: 200, range: 2...1_000_000, path: \.unpackRatio)
    public static let unpacked = Entry(name: "unpacked_bytes", standard: 1 << 40, range: 1...(1 << 50), path: \.unpackedBytes)
    public static let entries = Entry(name: "zip_entries", standard: 10_000, range: 1...65_535, path: \.zipEntries)
    public static let sharedText = Entry(
        name: "shared_text_bytes", standard: 128 << 20, range: 1...(2 << 30), path: \.sharedTextBytes)
    public static let footer = Entry(name: "footer_bytes", standard: 64 << 20, range: 12...(1 << 30), path: \.footerBytes)
    public static let decoded = Entry(
        name: "decoded_bytes", standard: 384 << 20, range: (1 << 20)...(64 << 30), path: \.decodedBytes)
    public static let fetched = Entry(name: "fetched_bytes", standard: 64 << 30, range: 1...(1 << 50), path: \.fetchedBytes)

    public static let all = [
        record, jsonRecord, field, columnCount, depth, ratio, unpacked, entries, sharedText, footer, decoded, fetched,
    ]

    /// Sets a limit by its name.
    /// - Throws: `recipeInvalid` for unknown names and values out of range.
    public mutating func set(_ name: String, _ value: Int) throws {
        guard let entry = Self.all.first(where: { $0.name == name }) else {
            throw SanitizerError(
                .recipeInvalid, "unknown limit \(name) (known: \(Self.all.map(\.name).joined(separator: ", ")))")
        }
        guard entry.range.contains(value) else {
            throw SanitizerError(
                .recipeInvalid, "limit \(name) must be from \(entry.range.lowerBound) to \(entry.range.upperBound), not \(value)")
        }
        entry.set(value, in: &self)
    }
}

extension InputOptions {
    public func limit(_ entry: InputLimits.Entry) -> Int { entry.value(in: limits) }
}
