public import Domain

/// What the ledger knows of a job; what clients see.
public struct JobRecord: Sendable, Equatable {
    public struct Failure: Sendable, Equatable {
        /// Machine-readable; a `SanitizerError.Code` raw value.
        public var code: String
        public var message: String
        public init(code: String, message: String) {
            self.code = code
            self.message = message
        }
    }
    /// Tasks of one pass; `total` is 0 until the plan is known.
    public struct Progress: Sendable, Equatable {
        public var done: Int
        public var total: Int
        /// 0...1.
        public var fraction: Double { total == 0 ? 0 : Double(done) / Double(total) }
        public init(done: Int, total: Int) {
            self.done = done
            self.total = total
        }
    }

    public var jobID: String
    public var tenantID: String
    public var datasetID: String
    public var datasetName: String
    public var state: JobState
    public var spec: JobSpec
    public var counters: JobCounters
    public var pass1: Progress
    public var pass2: Progress
    public var failure: Failure?
    /// Grows with every change of the row: the ETag.
    public var revision: Int64
    /// ISO 8601, UTC, microseconds.
    public var createdAt: String
    public var updatedAt: String
    public var finishedAt: String?
    /// Since the first task was claimed (until the end, for ended jobs); nil while nobody has started.
    public var elapsed: Duration?
    public var inputBytes: Int64
}

/// One page of a list, newest first.
public struct Page<Element: Sendable>: Sendable {
    public var items: [Element]
    /// Pass it back for the next page; nil on the last one.
    public var nextCursor: String?
    public init(items: [Element], nextCursor: String?) {
        self.items = items
        self.nextCursor = nextCursor
    }
}

/// The end product of a successful job: a version of its dataset.
public struct CleanedDataset: Sendable, Equatable {
    public var datasetID: String
    /// From 1, without gaps, per dataset.
    public var version: Int
    public var jobID: String
    /// SHA-256 of the output.
    public var checksum: String
    public var rows: Int64
    public var bytes: Int64
    public var createdAt: String
}
