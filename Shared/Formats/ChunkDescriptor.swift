/// One unit of scanning: a run of whole records, or a slice of a Parquet row group.
public struct ChunkDescriptor: Codable, Sendable, Equatable {
    /// 0-based, in input order.
    public var index: Int
    /// Bytes of the (staged) input; text formats only, else 0.
    public var offset: Int64
    public var length: Int64
    /// 1-based physical line of the chunk's first byte; text formats only, else 0.
    public var firstLine: Int
    /// Parquet only: the row group, the first row inside it and the number of rows.
    public var rowGroup: Int
    public var firstRow: Int
    public var rows: Int
    /// The chunk is one record above the record limit: it is rejected without being loaded.
    public var isOversized: Bool
    /// Bytes behind the chunk, up to the end of the input, that are not part of the table (footnotes); set on the last chunk.
    public var trailingLength: Int64

    public init(
        index: Int, offset: Int64 = 0, length: Int64 = 0, firstLine: Int = 0, rowGroup: Int = 0, firstRow: Int = 0,
        rows: Int = 0, isOversized: Bool = false, trailingLength: Int64 = 0
    ) {
        self.index = index
        self.offset = offset
        self.length = length
        self.firstLine = firstLine
        self.rowGroup = rowGroup
        self.firstRow = firstRow
        self.rows = rows
        self.isOversized = isOversized
        self.trailingLength = trailingLength
    }
}
