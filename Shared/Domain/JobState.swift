/// The life of a job as clients see it.
///
/// `pending -> queued -> pass1_running -> pass2_running -> reporting -> success | failed | cancelled`
public enum JobState: String, Codable, Sendable, CaseIterable {
    case pending
    case queued
    case pass1Running = "pass1_running"
    case pass2Running = "pass2_running"
    case reporting
    case success
    case failed
    case cancelled

    /// Final states never change.
    public var isFinal: Bool { self == .success || self == .failed || self == .cancelled }
}

/// One step of the data's path; a task is one unit of one stage.
public enum Stage: String, Codable, Sendable, CaseIterable {
    case plan
    case scan
    case match
    case resolve
    case clean
    case report
}

/// The state of one task in the ledger.
public enum TaskState: String, Codable, Sendable, CaseIterable {
    case ready
    case running
    case done
    case quarantined
    case cancelled
}
