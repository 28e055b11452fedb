public import Domain

/// How the bytes of the input are packed.
public enum Compression: String, Codable, Sendable, CaseIterable {
    case none
    case gzip
    case zstd
}

/// What sniffing found about an input: enough to read it, stored in the plan, so every task reads alike.
///
/// Holds no cell values except column names.
public struct Detection: Codable, Sendable, Equatable {
    public var format: InputFormat
    public var compression: Compression
    /// `utf-8`, `utf-16le`, `utf-16be`, `utf-32le`, `utf-32be`, `windows-1252` or `latin-1`.
    public var encoding: String
    /// Set for delimited text only.
    public var csv: CSVDialect?
    /// Unique, non-empty internal names, in order.
    public var columns: [String]
    /// Parquet: the declared types. Text formats: nil for each column.
    public var declaredTypes: [ColumnType?]
    /// 0...1: how sure the sniffer is.
    public var confidence: Double
    /// What a person should know about how the input is read, one sentence each.
    public var notes: [String]
    /// The input is compressed or not in a superset of ASCII: ``Staging`` must rewrite it before it can be read in chunks.
    public var needsStaging: Bool

    public init(
        format: InputFormat, compression: Compression = .none, encoding: String = "utf-8", csv: CSVDialect? = nil,
        columns: [String], declaredTypes: [ColumnType?]? = nil, confidence: Double = 1, notes: [String] = [],
        needsStaging: Bool = false
    ) {
        self.format = format
        self.compression = compression
        self.encoding = encoding
        self.csv = csv
        self.columns = columns
        self.declaredTypes = declaredTypes ?? Array(repeating: nil, count: columns.count)
        self.confidence = confidence
        self.notes = notes
        self.needsStaging = needsStaging
    }
}
