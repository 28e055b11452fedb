/// How a delimited text is written and where its table lies; everything ``CSVReader`` needs besides the bytes.
public struct CSVDialect: Codable, Sendable, Equatable {
    /// One or more bytes; never a line end.
    public var delimiter: [UInt8]
    /// Nil: no quoting.
    public var quote: UInt8?
    /// Nil: a quote inside quotes is written twice.
    public var escape: UInt8?
    /// One space after each delimiter belongs to it.
    public var isPadded = false
    /// A carriage return alone ends a record.
    public var loneCarriageReturn = false
    /// A run of spaces is one delimiter (delimiter space only).
    public var collapsesSpaces = false
    /// Cells of a regular record.
    public var width = 1
    /// Most records have the regular width, so others are repaired; otherwise they are kept as read.
    public var isRigid = true
    public var hasHeader = false
    /// Offset and 1-based line of the first byte behind the byte order mark: the preamble starts here.
    public var textOffset: Int64 = 0
    /// First byte of the header, when there is one.
    public var headerOffset: Int64 = 0
    public var headerLine = 1
    /// First byte and 1-based line of the first data record.
    public var bodyOffset: Int64 = 0
    public var bodyLine = 1
    /// End of the table where another one follows it in the sample; nil: the end of the input.
    public var bodyEnd: Int64?
    /// Longer records are rejected; nil: 1 MiB.
    public var recordLimit: Int?
    /// The text was written by the engine itself: a quoted line end is never a stray quote.
    public var isTrusted: Bool?
    /// Other delimiters that single rows may use.
    public var alternatives: [UInt8] = []
    /// Shape of each column's cells (letters and digits are masked); nil with fewer than three regular records.
    public var profile: [ColumnShape]?

    public init(delimiter: [UInt8], quote: UInt8?, escape: UInt8? = nil) {
        self.delimiter = delimiter
        self.quote = quote
        self.escape = escape
    }
}
