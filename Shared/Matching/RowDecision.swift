public import Tabular

/// One row that goes or is suggested to go, the row that stays for it, and why.
public struct RowDecision: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// Equal in every column: dropped.
        case exact
        /// A duplicate beyond the precision target: dropped.
        case near
        /// Probably a duplicate: kept, and named for review.
        case suggested
    }
    /// What one column said about a near pair.
    public struct Evidence: Sendable, Equatable {
        public var column: Int
        /// -1 missing on one side or both, 0 (different) ... 6 (equal).
        public var level: Int
        /// Log-odds that this column added; negative speaks against a duplicate.
        public var weight: Double
        public init(column: Int, level: Int, weight: Double) {
            self.column = column
            self.level = level
            self.weight = weight
        }
    }
    public var row: RowID
    /// Always a row that is kept.
    public var kept: RowID
    public var kind: Kind
    /// Posterior probability of being a duplicate, 1 for exact ones.
    public var score: Double
    /// Near and suggested matches only: the compared columns, in table order.
    public var explanation: [Evidence]

    public init(row: RowID, kept: RowID, kind: Kind, score: Double, explanation: [Evidence] = []) {
        self.row = row
        self.kept = kept
        self.kind = kind
        self.score = score
        self.explanation = explanation
    }
}

/// An empty cell of a survivor that gets its text from a dropped duplicate.
public struct GapFill: Sendable, Equatable {
    public var row: RowID
    public var column: Int
    public var text: String
    /// The duplicate that had the text.
    public var from: RowID
    /// Posterior probability of that duplicate.
    public var score: Double

    public init(row: RowID, column: Int, text: String, from: RowID, score: Double) {
        self.row = row
        self.column = column
        self.text = text
        self.from = from
        self.score = score
    }
}
