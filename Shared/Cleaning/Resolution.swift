public import Domain
public import Foundation
public import Tabular

/// Everything that the second pass needs to know, decided once from the profile of the whole table.
public struct Resolution: Codable, Sendable, Equatable {
    /// The recipe that the normaliser uses in both passes.
    public var draft: Recipe
    /// The recipe as it was carried out; returned to the user. The types that came of it are in `schema`.
    public var recipe: Recipe
    /// Name and type of the output columns.
    public var schema: TableSchema
    /// For each output column its index in the input.
    public var columnMap: [Int]
    /// For each input column what was decided.
    public var columns: [ColumnResolution]
    /// The accepted dependencies and their groups, as ``DependencyModel`` encodes them; empty when there is nothing to vote on.
    public var dependencies = Data()
    /// Rules between the columns of a row.
    public var rowRules: [RowRule] = []
    /// Values that a column hands over to a merged cell, by the column's number.
    public var mergedDomains: [String: [String]] = [:]
    /// Models that fill missing cells from related columns.
    public var related: [RelatedModel] = []

    public init(draft: Recipe, recipe: Recipe, schema: TableSchema, columnMap: [Int], columns: [ColumnResolution]) {
        self.draft = draft
        self.recipe = recipe
        self.schema = schema
        self.columnMap = columnMap
        self.columns = columns
    }
}

/// Decisions for one input column.
public struct ColumnResolution: Codable, Sendable, Equatable {
    /// A value that is replaced by another one wherever it occurs.
    public struct Rewrite: Codable, Sendable, Equatable {
        public var from: String
        public var to: String
        public var transformation: Transformation
        public var confidence: Double
        /// False: a suggestion, or (when `to` equals `from`) a mere flag.
        public var isApplied: Bool
        public init(from: String, to: String, transformation: Transformation, confidence: Double, isApplied: Bool = true) {
            self.isApplied = isApplied
            self.from = from
            self.to = to
            self.transformation = transformation
            self.confidence = confidence
        }
    }
    /// A finding whose examples are still places (chunk, ordinal), not record numbers.
    public struct Finding: Codable, Sendable, Equatable {
        public var kind: String
        public var count: Int
        public var rows: [UInt64]
        public var note: String
        public init(kind: String, count: Int, rows: [UInt64], note: String) {
            self.kind = kind
            self.count = count
            self.rows = rows
            self.note = note
        }
    }
    public var name: String
    public var type: ColumnType
    public var isUTC = false
    public var semantic: SemanticType
    /// Sorted by `from`.
    public var rewrites: [Rewrite] = []
    /// What missing cells become; nil: they stay missing.
    public var imputation: Imputation = .none
    public var imputedText: String?
    public var imputedConfidence = 0.0
    /// Missing cells are filled where related columns say what with, and stay missing else.
    public var fillsRelated = false
    public var outliers: OutlierPolicy = .ignore
    /// Digits behind the point that the column's numbers keep; nil: none.
    public var decimals: Int?
    /// Values outside are outliers; nil: no fence.
    public var lowFence: Double?
    public var highFence: Double?
    public var pii: PIIStrategy = .report
    public var piiShare = 0.0
    public var piiConfidence = 0.0
    /// Cells are read as numbers, whatever the output type: fences apply.
    public var isNumeric = false
    /// Filled cells that do not fit the drafted type.
    public var misfits = 0
    /// Those cells are emptied; else they keep their text and are flagged.
    public var emptiesMisfits = false
    /// A check digit that the values of this column have; set where values are too many to be listed in `rewrites`.
    public var checksum: Checksum?
    /// Cells whose form is not that of `semantic` are flagged one by one, for the same reason.
    public var checksForm = false
    public var repair = RepairMode.apply
    public var repairThreshold = 0.8
    public var rulesOff: [String] = []
    public var findings: [Finding] = []

    public init(name: String, type: ColumnType, semantic: SemanticType) {
        self.name = name
        self.type = type
        self.semantic = semantic
    }
}
