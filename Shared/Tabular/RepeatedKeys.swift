/// How often the values of a column that looks like a key come twice. Rows that are equal as a whole count once.
public struct RepeatedKeys: Sendable, Equatable {
    /// Rows with a value, and their different values.
    public private(set) var rows: Int
    public private(set) var values: Int
    /// Rows whose value another row has as well, and the first of them.
    public private(set) var repeating: Int
    public private(set) var examples: [RowID]

    private static let maximumExamples = 10

    public init(rows: Int = 0, values: Int = 0, repeating: Int = 0, examples: [RowID] = []) {
        self.rows = rows
        self.values = values
        self.repeating = repeating
        self.examples = examples
    }

    /// Adds what was counted of other values.
    public mutating func add(_ other: RepeatedKeys) {
        rows += other.rows
        values += other.values
        repeating += other.repeating
        examples = Array((examples + other.examples).sorted().prefix(Self.maximumExamples))
    }
}
