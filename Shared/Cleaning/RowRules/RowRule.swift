public import Profiling

/// A rule between columns of one row, which nearly every row of the sample keeps.
public struct RowRule: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable {
        /// `columns[0] <= columns[1]`: two days, or two numbers.
        case order
        /// `columns[0] = columns[1] + columns[2]`.
        case sum
        /// `columns[0] = columns[1] * columns[2]`.
        case product
        /// Where `columns[1]` is missing, `columns[0]` ends with its value.
        case merged
    }
    public var kind: Kind
    public var columns: [Int]
    /// Of `order`: days, else numbers.
    public var areDates = false

    init(_ kind: Kind, _ columns: [Int], areDates: Bool = false) {
        self.kind = kind
        self.columns = columns
        self.areDates = areDates
    }
}

/// What the plan learned from the sample beyond the recipe; the later stages carry it out.
public struct SampleFindings: Codable, Sendable, Equatable {
    public var rowRules: [RowRule] = []
    /// Fill missing cells from related columns.
    public var related: [RelatedModel] = []
    /// Dependencies that are what several sources say of one thing; nil in plans of older versions.
    public var claims: [Dependency]?
    public init() {}
}
