/// The proof that goes with every cleaned table. Encoded as JSON with sorted keys; holds no clock time, so it is
/// identical for identical input, recipe and salt. Only `job_id` differs between runs.
public struct Report: Codable, Sendable, Equatable {
    public var jobID: String
    public var engineVersion: String
    public var recipeDigest: String
    public var recipe: Recipe
    public var input: Input
    public var summary: Summary
    public var conservation: Conservation
    public var qualityMetrics: QualityMetrics
    public var columns: [Column]
    public var transformationsApplied: [Transformation]
    public var matching: Matching
    public var rejects: [Reject]
    public var output: Output

    public struct Input: Codable, Sendable, Equatable {
        public var bytes: Int64
        public var sha256: String
        public var format: InputFormat
        /// For CSV: delimiter, quote, escape, header.
        public var dialect: [String: String]
        public var encoding: String
        public init(bytes: Int64, sha256: String, format: InputFormat, dialect: [String: String], encoding: String) {
            self.bytes = bytes
            self.sha256 = sha256
            self.format = format
            self.dialect = dialect
            self.encoding = encoding
        }
    }
    public struct Summary: Codable, Sendable, Equatable {
        public var originalRowCount: Int
        public var cleanedRowCount: Int
        public var rowsDropped: Int
        /// cleaned / original; 1 for an empty table.
        public var deduplicationRate: Double
        enum CodingKeys: String, CodingKey {
            case originalRowCount = "original_row_count"
            case cleanedRowCount = "cleaned_row_count"
            case rowsDropped = "rows_dropped"
            case deduplicationRate = "deduplication_rate"
        }
        public init(originalRowCount: Int, cleanedRowCount: Int, rowsDropped: Int, deduplicationRate: Double) {
            self.originalRowCount = originalRowCount
            self.cleanedRowCount = cleanedRowCount
            self.rowsDropped = rowsDropped
            self.deduplicationRate = deduplicationRate
        }
    }
    /// Every input record is in exactly one of these.
    public struct Conservation: Codable, Sendable, Equatable {
        public var input: Int
        public var kept: Int
        public var exactDuplicates: Int
        public var nearDuplicates: Int
        public var quarantined: Int
        public var rejected: Int
        public var balanced: Bool
        enum CodingKeys: String, CodingKey {
            case input, kept
            case exactDuplicates = "exact_duplicates"
            case nearDuplicates = "near_duplicates"
            case quarantined, rejected, balanced
        }
        public init(
            input: Int, kept: Int, exactDuplicates: Int, nearDuplicates: Int, quarantined: Int, rejected: Int
        ) {
            self.input = input
            self.kept = kept
            self.exactDuplicates = exactDuplicates
            self.nearDuplicates = nearDuplicates
            self.quarantined = quarantined
            self.rejected = rejected
            self.balanced = input == kept + exactDuplicates + nearDuplicates + quarantined + rejected
        }
    }
    public struct QualityMetrics: Codable, Sendable, Equatable {
        public var duplicatesDetected: Int
        /// Estimated share of dropped rows that were not duplicates.
        public var falsePositiveRate: Double
        /// How that estimate was obtained.
        public var falsePositiveRateMethod: String
        /// Imputed cells / all cells kept.
        public var imputationRate: Double
        /// Mean confidence of all changes; 1 when nothing was changed.
        public var confidenceScoreAvg: Double
        /// 0...1, see docs/report.md.
        public var qualityScoreBefore: Double
        public var qualityScoreAfter: Double
        enum CodingKeys: String, CodingKey {
            case duplicatesDetected = "duplicates_detected"
            case falsePositiveRate = "false_positive_rate"
            case falsePositiveRateMethod = "false_positive_rate_method"
            case imputationRate = "imputation_rate"
            case confidenceScoreAvg = "confidence_score_avg"
            case qualityScoreBefore = "quality_score_before"
            case qualityScoreAfter = "quality_score_after"
        }
        public init(
            duplicatesDetected: Int, falsePositiveRate: Double, falsePositiveRateMethod: String,
            imputationRate: Double, confidenceScoreAvg: Double, qualityScoreBefore: Double, qualityScoreAfter: Double
        ) {
            self.duplicatesDetected = duplicatesDetected
            self.falsePositiveRate = falsePositiveRate
            self.falsePositiveRateMethod = falsePositiveRateMethod
            self.imputationRate = imputationRate
            self.confidenceScoreAvg = confidenceScoreAvg
            self.qualityScoreBefore = qualityScoreBefore
            self.qualityScoreAfter = qualityScoreAfter
        }
    }
    public struct TopValue: Codable, Sendable, Equatable {
        public var value: String
        public var count: Int
        public init(value: String, count: Int) {
            self.value = value
            self.count = count
        }
    }
    /// Something found in a column: an issue that was repaired, or one that is only flagged.
    public struct Finding: Codable, Sendable, Equatable {
        /// Machine-readable kind, for example `outlier`, `wrong_type`, `mixed_date_order`, `case_variants`.
        public var kind: String
        public var count: Int
        /// Up to 10 record numbers.
        public var rows: [Int]
        public var note: String
        /// An error, or at least a doubt; false: worth knowing only.
        public var severity: Severity
        public enum Severity: String, Codable, Sendable { case info, warning }
        public init(kind: String, count: Int, rows: [Int], note: String, severity: Severity) {
            self.severity = severity
            self.kind = kind
            self.count = count
            self.rows = rows
            self.note = note
        }
    }
    public struct Column: Codable, Sendable, Equatable {
        public var name: String
        public var type: ColumnType
        public var semantic: SemanticType
        /// Missing cells in the input, after null words were recognised.
        public var nulls: Int
        public var distinct: Int
        public var min: String?
        public var max: String?
        /// Keys `p01 p05 p25 p50 p75 p95 p99`; numbers only.
        public var quantiles: [String: Double]
        public var topValues: [TopValue]
        /// Personal-data verdict: type, share of cells, confidence; nil when none.
        public var pii: PII?
        public var outliers: Int
        public var changedCells: Int
        public var imputedCells: Int
        public var imputedWith: String?
        public var findings: [Finding]
        public struct PII: Codable, Sendable, Equatable {
            public var type: SemanticType
            public var share: Double
            public var confidence: Double
            public var strategy: PIIStrategy
            public init(type: SemanticType, share: Double, confidence: Double, strategy: PIIStrategy) {
                self.type = type
                self.share = share
                self.confidence = confidence
                self.strategy = strategy
            }
        }
        enum CodingKeys: String, CodingKey {
            case name, type, semantic, nulls, distinct, min, max, quantiles
            case topValues = "top_values"
            case pii, outliers
            case changedCells = "changed_cells"
            case imputedCells = "imputed_cells"
            case imputedWith = "imputed_with"
            case findings
        }
        public init(name: String, type: ColumnType, semantic: SemanticType) {
            self.name = name
            self.type = type
            self.semantic = semantic
            nulls = 0
            distinct = 0
            quantiles = [:]
            topValues = []
            outliers = 0
            changedCells = 0
            imputedCells = 0
            findings = []
        }
    }
    public struct Transformation: Codable, Sendable, Equatable {
        /// Stable id, also in the provenance table: `trim`, `null_token`, `date_iso`, `category_spelling`, ...
        public var id: String
        public var type: String
        public var params: [String: String]
        public var columns: [String]
        public var rowsModified: Int?
        public var rowsRemoved: Int?
        enum CodingKeys: String, CodingKey {
            case id, type, params, columns
            case rowsModified = "rows_modified"
            case rowsRemoved = "rows_removed"
        }
        public init(
            id: String, type: String, params: [String: String], columns: [String], rowsModified: Int? = nil,
            rowsRemoved: Int? = nil
        ) {
            self.id = id
            self.type = type
            self.params = params
            self.columns = columns
            self.rowsModified = rowsModified
            self.rowsRemoved = rowsRemoved
        }
    }
    public struct Matching: Codable, Sendable, Equatable {
        public var tier: NearTier
        public var candidatePairs: Int
        public var verifiedPairs: Int
        /// Pairs above the suggestion level but below the drop level.
        public var suggestedPairs: Int
        /// Buckets that were cut at their cap.
        public var cappedBuckets: Int
        /// How many of the planted near duplicates were found again; nil when near matching is off.
        public var recall: Recall?
        /// What the compared columns said in the near matches, dropped and suggested; empty where none is explained.
        public var evidence: [Evidence]
        public var note: String
        enum CodingKeys: String, CodingKey {
            case tier, recall, evidence
            case candidatePairs = "candidate_pairs"
            case verifiedPairs = "verified_pairs"
            case suggestedPairs = "suggested_pairs"
            case cappedBuckets = "capped_buckets"
            case note
        }
        public init(
            tier: NearTier, candidatePairs: Int = 0, verifiedPairs: Int = 0, suggestedPairs: Int = 0,
            cappedBuckets: Int = 0, recall: Recall? = nil, evidence: [Evidence] = [], note: String = ""
        ) {
            self.tier = tier
            self.candidatePairs = candidatePairs
            self.verifiedPairs = verifiedPairs
            self.suggestedPairs = suggestedPairs
            self.cappedBuckets = cappedBuckets
            self.recall = recall
            self.evidence = evidence
            self.note = note
        }
    }
    /// An estimate of recall: what became of copies of some rows with one to three errors each, which were planted among the
    /// keys and never reach the output.
    public struct Recall: Codable, Sendable, Equatable {
        public var planted: Int
        /// Met the row that they were made from.
        public var compared: Int
        /// Were called duplicates of it: to drop or to suggest.
        public var found: Int
        /// Were sure enough to drop.
        public var dropped: Int
        /// Share of the planted copies that was found.
        public var estimate: Double
        public init(planted: Int, compared: Int, found: Int, dropped: Int) {
            self.planted = planted
            self.compared = compared
            self.found = found
            self.dropped = dropped
            estimate = planted == 0 ? 0 : (Double(found) / Double(planted) * 1000).rounded() / 1000
        }
    }
    /// In how many near matches a column was equal, similar, different or missing on a side, and the mean of the log-odds that
    /// it added.
    public struct Evidence: Codable, Sendable, Equatable {
        public var column: String
        public var equal = 0
        public var similar = 0
        public var different = 0
        public var missing = 0
        public var weight = 0.0
        public init(column: String) { self.column = column }
    }
    /// Rejects and repairs of reading, by kind.
    public struct Reject: Codable, Sendable, Equatable {
        public var code: RowProblem.Code
        public var rejected: Int
        public var repaired: Int
        public init(code: RowProblem.Code, rejected: Int, repaired: Int) {
            self.code = code
            self.rejected = rejected
            self.repaired = repaired
        }
    }
    public struct Part: Codable, Sendable, Equatable {
        public var path: String
        public var rows: Int
        public var bytes: Int64
        public var sha256: String
        public init(path: String, rows: Int, bytes: Int64, sha256: String) {
            self.path = path
            self.rows = rows
            self.bytes = bytes
            self.sha256 = sha256
        }
    }
    public struct Output: Codable, Sendable, Equatable {
        public var format: OutputFormat
        public var parts: [Part]
        /// SHA-256 of the whole output file.
        public var digest: String
        public var bytes: Int64
        /// `xlsx` where the parts were put together as a workbook; nil: the file has the format of its parts.
        public var container: String?
        public init(format: OutputFormat, parts: [Part], digest: String, bytes: Int64) {
            self.format = format
            self.parts = parts
            self.digest = digest
            self.bytes = bytes
        }
    }

    enum CodingKeys: String, CodingKey {
        case jobID = "job_id"
        case engineVersion = "engine_version"
        case recipeDigest = "recipe_digest"
        case recipe, input, summary, conservation
        case qualityMetrics = "quality_metrics"
        case columns
        case transformationsApplied = "transformations_applied"
        case matching, rejects, output
    }

    public init(
        jobID: String, engineVersion: String, recipeDigest: String, recipe: Recipe, input: Input, summary: Summary,
        conservation: Conservation, qualityMetrics: QualityMetrics, columns: [Column],
        transformationsApplied: [Transformation], matching: Matching, rejects: [Reject], output: Output
    ) {
        self.jobID = jobID
        self.engineVersion = engineVersion
        self.recipeDigest = recipeDigest
        self.recipe = recipe
        self.input = input
        self.summary = summary
        self.conservation = conservation
        self.qualityMetrics = qualityMetrics
        self.columns = columns
        self.transformationsApplied = transformationsApplied
        self.matching = matching
        self.rejects = rejects
        self.output = output
    }
}
