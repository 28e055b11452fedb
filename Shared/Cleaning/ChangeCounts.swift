public import Domain
public import Tabular

/// How often each transformation changed each column. Sums are order-independent.
public struct ChangeCounts: Sendable, Equatable {
    public let columns: Int
    /// `cells[transformation * columns + column]`.
    public internal(set) var cells: [Int]
    /// Records with at least one cell changed, by transformation.
    public internal(set) var rows: [Int]
    /// Cells outside the fences, by column.
    public internal(set) var outliers: [Int]
    /// Sum of the confidences of all changes.
    public internal(set) var confidenceSum = 0.0
    /// Missing cells that are left, by column.
    public internal(set) var missing: [Int]

    public init(columns: Int) {
        self.columns = columns
        cells = Array(repeating: 0, count: columns * Transformation.allCases.count)
        rows = Array(repeating: 0, count: Transformation.allCases.count)
        outliers = Array(repeating: 0, count: columns)
        missing = Array(repeating: 0, count: columns)
    }
    public func count(_ t: Transformation, column: Int) -> Int { cells[Int(t.rawValue) * columns + column] }
    public func count(_ t: Transformation) -> Int { (0..<columns).reduce(0) { $0 + count(t, column: $1) } }
    public func changed(column: Int) -> Int { Transformation.allCases.reduce(0) { $0 + count($1, column: column) } }
    public var total: Int { cells.reduce(0, +) }

    public mutating func merge(_ other: ChangeCounts) {}
    public func encode() -> [UInt8] { [] }
    public init(decoding bytes: [UInt8]) throws { self.init(columns: 0) }
}
