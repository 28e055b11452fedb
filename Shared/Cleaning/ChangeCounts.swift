internal import Domain
internal import Tabular

/// How often each transformation changed each column. Sums of integers, so the order of merging does not matter.
public struct ChangeCounts: Sendable, Equatable {
    public let columns: Int
    /// `cells[transformation * columns + column]`.
    public internal(set) var cells: [Int]
    /// Records with at least one cell changed, by transformation.
    public internal(set) var rows: [Int]
    /// Cells outside the fences, by column.
    public internal(set) var outliers: [Int]
    /// Missing cells that are left in the kept rows, by column.
    public internal(set) var missing: [Int]
    /// Sum of the confidences of all changes, in ten-thousandths.
    public internal(set) var confidenceSum = 0

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
    public func imputed(column: Int) -> Int {
        count(.imputeMedian, column: column) + count(.imputeMean, column: column) + count(.imputeMode, column: column)
    }
    public var imputed: Int { (0..<columns).reduce(0) { $0 + imputed(column: $1) } }
    public var total: Int { cells.reduce(0, +) }
    /// Mean confidence of all changes, 1 without changes.
    public var meanConfidence: Double { total == 0 ? 1 : Double(confidenceSum) / 10_000 / Double(total) }

    public mutating func merge(_ other: ChangeCounts) {
        precondition(columns == other.columns, "counts of different tables")
        for i in cells.indices { cells[i] += other.cells[i] }
        for i in rows.indices { rows[i] += other.rows[i] }
        for i in 0..<columns {
            outliers[i] += other.outliers[i]
            missing[i] += other.missing[i]
        }
        confidenceSum += other.confidenceSum
    }

    public func encode() -> [UInt8] {
        var w = ByteWriter()
        w.varint(UInt64(columns))
        for n in cells + rows + outliers + missing { w.varint(UInt64(n)) }
        w.varint(UInt64(confidenceSum))
        return w.bytes
    }
    /// - Throws: ``SanitizerError`` (`corrupt_intermediate`).
    public init(decoding bytes: [UInt8]) throws {
        var r = ByteReader(bytes)
        let n = try r.varint()
        guard n <= UInt64(bytes.count) else { throw SanitizerError(.corruptIntermediate, "change counts claim \(n) columns") }
        self.init(columns: Int(n))
        for i in cells.indices { cells[i] = Int(truncatingIfNeeded: try r.varint()) }
        for i in rows.indices { rows[i] = Int(truncatingIfNeeded: try r.varint()) }
        for i in outliers.indices { outliers[i] = Int(truncatingIfNeeded: try r.varint()) }
        for i in missing.indices { missing[i] = Int(truncatingIfNeeded: try r.varint()) }
        confidenceSum = Int(truncatingIfNeeded: try r.varint())
    }
}
