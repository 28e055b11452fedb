public import Domain

/// What matching does to a table: decided once from recipe and sample, stored with the plan, the same for every worker.
public struct MatchPlan: Codable, Sendable, Equatable {
    /// How the cells of a column are compared.
    public enum Kind: String, Codable, Sendable {
        /// Names, addresses, descriptions: spelling matters, typing errors happen.
        case text
        /// Identifiers, codes, phone numbers: one token, a difference counts.
        case code
        /// Integers and decimals.
        case number
        /// Dates and timestamps in canonical form.
        case date
    }
    public struct Column: Codable, Sendable, Equatable {
        public var name: String
        public var kind: Kind
        public var semantic: SemanticType
        /// Takes part in near-duplicate comparison.
        public var isCompared: Bool
        /// Its characters go into the MinHash signature.
        public var isInSignature: Bool
        /// Looks like a row number in the sample: left out, unless the candidates show that duplicates share it.
        public var isPossibleKey: Bool
        /// Few distinct values: enters the signature as a whole.
        public var isCategory: Bool
    }

    /// Drop rows that are equal in every column.
    public var exact: Bool
    /// The tier that runs: `off`, `fast`, `balanced` or `thorough`, never `auto`.
    public var tier: NearTier
    public var requestedTier: NearTier
    public var partitions: Int
    /// Parts of the rows in which the candidate pairs of all partitions are added up. Nil in plans of older versions.
    public var stripes: Int?
    public var plannedRows: Int
    public var salt: String
    public var columns: [Column]
    /// MinHash bands, and values per band.
    public var bands: Int
    public var bandRows: Int
    /// Base64 bitmap of the character sequences that are too common to tell rows apart; empty when there are none.
    public var commonGrams: String
    /// Values and words that are too frequent to be keys, see `FrequentTerms`; empty where the tier compares whole rows only.
    public var frequentTerms: String
    /// Columns of many values: their too frequent values are keys two by two.
    public var pairedColumns: [Int]
    /// Text columns in which model or part numbers stand, the one of fewest words first; empty where few rows have any.
    public var codeColumns: [Int]
    /// Columns of model or part numbers alone; empty where no text holds any. Nil in plans of older versions.
    public var codeOnlyColumns: [Int]?
    /// Columns that are not compared because other columns of their row have their words. Nil in plans of older versions.
    public var repeatedColumns: [Int]?
    /// Columns that look like keys, whose repeated values are counted: of large tables, where not all values are kept. At most
    /// ``KeyEntry/maximumColumns``. Nil in plans of older versions.
    public var keyColumns: [Int]?
    /// Bytes of the text of a row, on average in the sample. Nil in plans of older versions.
    public var rowBytes: Int?
    /// Least posterior probability for a drop.
    public var threshold: Double
    /// The input of every chunk, where near duplicates are looked for across inputs only; else empty.
    public var chunkSources: [Int]
    /// The column that names the source of a row, where near duplicates are looked for across sources only; else -1.
    public var sourceColumn: Int
    public var survivor: Survivor
    public var fill: Bool
    /// Where to look for lists of the same things. Nil where the recipe says whether there are any, and in plans of older versions.
    public var lists: Lists?

    /// What may tell the lists of a table apart, see ``SourceLists``.
    public struct Lists: Codable, Sendable, Equatable {
        /// The input of every chunk; empty where there is one.
        public var chunkInputs: [Int]
        /// The column that is named for the source of a row.
        public var column: Int?
        /// The column of row numbers with letters in front that not all rows share.
        public var prefixed: Int?
        /// The column of ascending numbers that may start again.
        public var serial: Int?
        /// Those of the columns that say nothing about the thing, and are not compared unless the recipe asks for it. Nil
        /// in plans of older versions.
        public var notCompared: [Int]?
    }

    /// Slices of the matches of a partition: the head and one per stripe.
    public var matchSlices: Int { 1 + stripeCount }
    public var stripeCount: Int { max(1, stripes ?? 1) }
}
