public import Domain
public import Formats
public import Cleaning
public import Matching
public import Profiling

/// Everything that the later stages need to know, made by the plan stage from input and recipe alone: never from the
/// number of threads or workers. Small: one entry per source and per chunk.
public struct JobPlan: Codable, Sendable {
    /// One input file of the table.
    public struct Source: Codable, Sendable {
        public var name: String
        /// What the input is.
        public var detected: Detection
        /// What the reader sees: the same, or the detection of the rewritten input.
        public var detection: Detection
        /// For each column of the table the column of this source, -1 where the source lacks it.
        public var columnMap: [Int]
        /// Object key of the rewritten input, when it was compressed or not UTF-8.
        public var stagedKey: String?
        /// Of the object that the readers see; only where tasks read it again (see ``CheckedSource``).
        var blocks: BlockDigests?

        /// True when table and source have the same columns in the same order.
        public var isIdentity: Bool {
            columnMap.count == detection.columns.count && columnMap.indices.allSatisfy { columnMap[$0] == $0 }
        }
    }
    /// One unit of scan and of clean.
    public struct Chunk: Codable, Sendable {
        public var source: Int
        public var descriptor: ChunkDescriptor
    }

    public static let currentVersion = 2
    public var version = JobPlan.currentVersion
    public var sources: [Source]
    /// Unique column names of the table.
    public var columns: [String]
    public var chunks: [Chunk]
    /// Estimated from the sample; decides the number of partitions and the matching tier.
    public var plannedRows: Int
    public var recipe: Recipe
    public var match: MatchPlan
    /// Candidates that the sample shows; the scan counts their pairs of values.
    public var dependencies: [Dependency]
    public var findings: SampleFindings

    public init(
        sources: [Source], columns: [String], chunks: [Chunk], plannedRows: Int, recipe: Recipe, match: MatchPlan,
        dependencies: [Dependency], findings: SampleFindings
    ) {
        self.sources = sources
        self.columns = columns
        self.chunks = chunks
        self.plannedRows = plannedRows
        self.recipe = recipe
        self.match = match
        self.dependencies = dependencies
        self.findings = findings
    }
}

/// The sizes that shape every plan. Part of the output's identity: a change here changes row groups and digests.
public enum Chunking {
    /// Text bytes of a chunk.
    public static let targetBytes = 8 << 20
    /// Rows looked at before the recipe is drafted, over all chunks, and per chunk.
    public static let sampleRows = 32_768
    public static let sampleChunks = 16
}
