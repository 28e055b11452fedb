internal import Domain
internal import Tabular

/// How often each transformation changed each column, and how often it only suggested to, with examples. Sums of integers and smallest record
/// numbers, so the order of merging does not matter.
public struct ChangeCounts: Sendable, Equatable {
    public static let exampleLimit = 10

    public let columns: Int
    /// `cells[transformation * columns + column]`.
    public internal(set) var cells: [Int]
    /// Flags and suggestions, in the same order; the cells are unchanged.
    public internal(set) var suggested: [Int]
    /// The first records that were changed or flagged, in the same order, ascending.
    public internal(set) var examples: [[Int]]
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
        let all = columns * Transformation.allCases.count
        cells = Array(repeating: 0, count: all)
        suggested = Array(repeating: 0, count: all)
        examples = Array(repeating: [], count: all)
        rows = Array(repeating: 0, count: Transformation.allCases.count)
        outliers = Array(repeating: 0, count: columns)
        missing = Array(repeating: 0, count: columns)
    }
    public func count(_ t: Transformation, column: Int) -> Int { cells[Int(t.rawValue) * columns + column] }
    public func count(_ t: Transformation) -> Int { (0..<columns).reduce(0) { $0 + count(t, column: $1) } }
    public func suggested(_ t: Transformation, column: Int) -> Int { suggested[Int(t.rawValue) * columns + column] }
    public func examples(_ t: Transformation, column: Int) -> [Int] { examples[Int(t.rawValue) * columns + column] }
    public func changed(column: Int) -> Int { Transformation.allCases.reduce(0) { $0 + count($1, column: column) } }
    public func imputed(column: Int) -> Int {
        Transformation.allCases.reduce(0) { $0 + ($1.source == .impute ? count($1, column: column) : 0) }
    }
    public var imputed: Int { (0..<columns).reduce(0) { $0 + imputed(column: $1) } }
    public var total: Int { cells.reduce(0, +) }
    /// Flags and suggestions of all columns.
    public var totalSuggested: Int { suggested.reduce(0, +) }
    /// Mean confidence of all changes, 1 without changes.
    public var meanConfidence: Double { total == 0 ? 1 : Double(confidenceSum) / 10_000 / Double(total) }

    /// Remembers a record as an example of what happened at an index of `cells`; records come in ascending order.
    mutating func note(example record: Int, at: Int) {
        if examples[at].count < Self.exampleLimit, examples[at].last != record { examples[at].append(record) }
    }

    public mutating func merge(_ other: ChangeCounts) {
        precondition(columns == other.columns, "counts of different tables")
        for i in cells.indices {
            cells[i] += other.cells[i]
            suggested[i] += other.suggested[i]
            if !other.examples[i].isEmpty {
                examples[i] = Array(Set(examples[i] + other.examples[i]).sorted().prefix(Self.exampleLimit))
            }
        }
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
        for n in cells + suggested + rows + outliers + missing { w.varint(UInt64(n)) }
        for list in examples {
            w.varint(UInt64(list.count))
            for n in list { w.varint(UInt64(n)) }
        }
        w.varint(UInt64(confidenceSum))
        return w.bytes
    }
    /// - Throws: ``SanitizerError`` (`corrupt_intermediate`).
    public init(decoding bytes: [UInt8]) throws {
        var r = ByteReader(bytes)
        let n = try r.varint()
        guard n <= UInt64(bytes.count) else { throw SanitizerError(.corruptIntermediate, "change counts claim \(n) columns") }
        func number() throws -> Int { Int(truncatingIfNeeded: try r.varint()) }
        self.init(columns: Int(n))
        for i in cells.indices { cells[i] = try number() }
        for i in suggested.indices { suggested[i] = try number() }
        for i in rows.indices { rows[i] = try number() }
        for i in outliers.indices { outliers[i] = try number() }
        for i in missing.indices { missing[i] = try number() }
        for i in examples.indices { examples[i] = try (0..<(try r.count())).map { _ in try number() } }
        confidenceSum = try number()
    }
}
