/// One link of a tenant's audit chain.
public struct AuditEntry: Sendable, Equatable {
    /// From 1, without gaps, per tenant.
    public var sequence: Int64
    public var tenantID: String
    public var jobID: String?
    /// ISO 8601, UTC, microseconds.
    public var at: String
    public var actor: String
    /// For example `job.created`, `job.state`, `job.erased`, `key.created`.
    public var action: String
    /// JSON object; ids, states and counts only, never cell values.
    public var detail: String
    /// SHA-256 over the previous hash and this entry, hexadecimal.
    public var hash: String
}

public struct AuditFilter: Sendable, Equatable {
    public var jobID: String?
    public var action: String?
    /// ISO 8601, inclusive.
    public var since: String?
    /// ISO 8601, exclusive.
    public var until: String?
    public init(jobID: String? = nil, action: String? = nil, since: String? = nil, until: String? = nil) {
        self.jobID = jobID
        self.action = action
        self.since = since
        self.until = until
    }
}

public enum AuditVerdict: Sendable, Equatable {
    /// `head` is the last hash: note it elsewhere to detect a chain that was rewritten as a whole.
    case intact(entries: Int64, head: String)
    /// The first entry that is missing, edited or out of order.
    case broken(at: Int64)
}
