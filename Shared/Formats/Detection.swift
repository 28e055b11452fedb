public import Domain

/// How the bytes of the input are packed.
public enum Compression: String, Codable, Sendable, CaseIterable {
    case none
    case gzip
    case zstd
    /// An archive of files, one of which is read.
    case zip
}

/// One thing that was detected: what, how sure, and why.
public struct Evidence: Codable, Sendable, Equatable {
    /// `format`, `encoding`, `delimiter`, `quote`, `header`, ...
    public var what: String
    public var value: String
    /// 0...1.
    public var confidence: Double
    public var reason: String

    public init(_ what: String, _ value: String, confidence: Double, reason: String) {
        self.what = what
        self.value = value
        self.confidence = confidence
        self.reason = reason
    }
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
    /// The names as they stand in a delimited text, repeated and empty ones too; nil without a header line.
    public var header: [String]?
    /// Parquet: the declared types. Text formats: nil for each column.
    public var declaredTypes: [ColumnType?]
    /// 0...1: how sure the sniffer is.
    public var confidence: Double
    /// What a person should know about how the input is read, one sentence each.
    public var notes: [String]
    /// Why the sniffer decided so: for each thing detected, what spoke for it.
    public var evidence: [Evidence]?
    /// JSON without objects that have keys: each value is a record of one column.
    public var holdsValues: Bool?
    /// Workbooks: the sheet that is read, 0-based.
    public var sheet: Int?
    /// Zip archives: the file that is read.
    public var member: String?
    /// Limits that differ from the defaults; every reader of the input keeps them.
    public var limits: InputLimits?
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
