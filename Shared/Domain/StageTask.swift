/// What a job was asked to do; fixed when the job is accepted.
public struct JobSpec: Codable, Sendable, Equatable {
    public var jobID: String
    public var tenantID: String
    public var datasetName: String
    /// Object key of the uploaded input, relative to the store.
    public var inputKey: String
    /// The name that the client gave the file: a hint for format detection, never part of a key.
    public var inputName: String
    /// The recipe as sent by the client (YAML or JSON), nil to derive one.
    public var recipe: String?
    public var salt: String
    public var outputFormat: OutputFormat
    /// Every object of the job is below this prefix, for example `tenants/t/jobs/j/`.
    public var keyPrefix: String
    /// SHA-256 of the input as it was uploaded (hexadecimal); nil in jobs of older versions.
    public var inputSHA256: String?

    public init(
        jobID: String, tenantID: String, datasetName: String, inputKey: String, inputName: String, recipe: String?,
        salt: String, outputFormat: OutputFormat, keyPrefix: String, inputSHA256: String? = nil
    ) {
        self.jobID = jobID
        self.tenantID = tenantID
        self.datasetName = datasetName
        self.inputKey = inputKey
        self.inputName = inputName
        self.recipe = recipe
        self.salt = salt
        self.outputFormat = outputFormat
        self.keyPrefix = keyPrefix
        self.inputSHA256 = inputSHA256
    }
}

/// One claimed unit of work, built from the ledger alone.
public struct StageTask: Sendable {
    public var job: JobSpec
    public var stage: Stage
    /// 0-based: chunk for scan and clean, partition for match, else 0.
    public var index: Int
    /// Fencing token: part of the key of everything that this attempt writes.
    public var epoch: Int
    /// Committed results of the earlier stages of the job: stage, then index order.
    public var results: [Stage: [[UInt8]]]

    public init(job: JobSpec, stage: Stage, index: Int, epoch: Int, results: [Stage: [[UInt8]]]) {
        self.job = job
        self.stage = stage
        self.index = index
        self.epoch = epoch
        self.results = results
    }
}

/// What a finished task hands to the ledger; committed in one transaction.
public struct StageResult: Sendable {
    /// JSON, stored as the task's result.
    public var result: [UInt8]
    /// Set by the plan task only: how many tasks each later stage has.
    public var planned: [Stage: Int]
    /// Stages that this task also finished (small inputs), with their results in index order.
    public var inlined: [Stage: [[UInt8]]]
    public var counters: JobCounters

    public init(
        result: [UInt8], planned: [Stage: Int] = [:], inlined: [Stage: [[UInt8]]] = [:],
        counters: JobCounters = JobCounters()
    ) {
        self.result = result
        self.planned = planned
        self.inlined = inlined
        self.counters = counters
    }
}

/// Counts that a task adds to its job, for progress and metrics.
public struct JobCounters: Codable, Sendable, Equatable {
    public var rowsProcessed = 0
    public var duplicatesFound = 0
    public var imputationsApplied = 0
    public init(rowsProcessed: Int = 0, duplicatesFound: Int = 0, imputationsApplied: Int = 0) {
        self.rowsProcessed = rowsProcessed
        self.duplicatesFound = duplicatesFound
        self.imputationsApplied = imputationsApplied
    }
}
