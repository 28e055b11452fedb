public import Tabular

/// Mergeable statistics of one column.
public final class ColumnProfile {
    /// A value and how often it occurs.
    public struct ValueCount: Sendable, Equatable {
        public var text: String
        public var count: Int
        /// The first record with this value.
        public var firstRow: RowID
    }

    /// Cells seen, missing ones included.
    public internal(set) var rows = 0
    /// Missing or empty cells.
    public internal(set) var missing = 0
    public var filled: Int { rows - missing }
    /// More distinct values than the cap: ``values`` is then a sample of them (each with its exact count) and rules that need
    /// every value stay off.
    public internal(set) var isOpen = false
    /// Distinct values: exact unless open, then a HyperLogLog estimate (about 2 % off).
    public var distinct: Int { 0 }
    /// Every value (or, when open, a uniform sample of the distinct ones), most frequent first, ties by value.
    public var values: [ValueCount] { [] }
    /// The most frequent values; when open, counts are lower bounds.
    public func topValues(_ n: Int) -> [ValueCount] { [] }
    /// Mean length of a filled cell in bytes.
    public var meanLength: Double { 0 }
    /// The value below which a share `q` (0...1) of the numbers lies; nil without numbers. Exact unless open, else within 0.4 %.
    public func quantile(_ q: Double) -> Double? { nil }
}
