public import Domain
public import Tabular

/// Statistics of every column of a table; one per thread or chunk, merged later. Not thread-safe.
///
/// What it says depends on the cells and on the chunk each came from, never on the order of ``merge(_:)``.
public final class TableProfile {
    /// Records seen.
    public private(set) var rows = 0
    public let columns: [ColumnProfile]

    public init(columns: Int) { self.columns = (0..<columns).map { _ in ColumnProfile() } }

    /// Counts the cells of `rows` of the batch, which belongs to the chunk with number `chunk`.
    public func add(_ batch: TextBatch, rows: Range<Int>, chunk: Int) {}
    public func merge(_ other: TableProfile) {}
    public func encode() -> [UInt8] { [] }
    /// - Throws: ``SanitizerError`` (`corrupt_intermediate`) when the bytes are not a whole profile.
    public init(decoding bytes: [UInt8]) throws { columns = [] }
}
