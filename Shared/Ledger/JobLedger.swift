public import Domain
internal import JobLifecycle
public import Logging

/// The job state machine and idempotency ledger in PostgreSQL: what is to be done, who holds it, what was done.
///
/// Every operation is one transaction and, on a warm connection, one round trip. Every operation may be repeated: after a
/// lost connection it is sent again, and the ledger recognises what it has already applied.
/// Nothing here blocks a thread of the cooperative pool: each connection has a thread of its own.
public final class JobLedger: Sendable {
    public let configuration: LedgerConfiguration
    let service: ConnectionPool
    let tenant: ConnectionPool
    let watcher: JobWatcher
    let logger: Logger

    /// Opens nothing yet: connections are made when first needed.
    public init(_ configuration: LedgerConfiguration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        service = ConnectionPool()
        tenant = ConnectionPool()
        watcher = JobWatcher()
    }

    /// Closes every connection; later calls throw ``LedgerError/Code/closed``.
    public func close() async {}

    /// One trip to the server and back, for readiness.
    public func ping() async throws { try todo() }

    // MARK: schema
    /// Applies the migrations that are missing, under an advisory lock. Returns the schema's version.
    @discardableResult public func migrate() async throws -> Int { try todo() }
    /// Takes the schema back to `version` (tests only: data goes).
    public func migrateDown(to version: Int) async throws { try todo() }
    public func schemaVersion() async throws -> Int { try todo() }

    // MARK: jobs
    /// Dataset, job, first task, outbox and audit in one transaction.
    public func createJob(_ job: NewJob) async throws -> CreateOutcome { try todo() }
    /// Reserves an idempotency key for a call that is about to upload.
    public func startIdempotency(tenantID: String, key: String) async throws -> IdempotencyStart { try todo() }
    public func abandonIdempotency(tenantID: String, key: String) async throws { try todo() }
    /// nil when there is no such job, or it is another tenant's, or it was erased. A nil tenant sees all (services, operators).
    public func job(_ id: String, tenantID: String?) async throws -> JobRecord? { try todo() }
    public func jobs(tenantID: String, state: JobState? = nil, cursor: String? = nil, limit: Int = 50) async throws -> Page<
        JobRecord
    > {
        try todo()
    }
    /// Returns when the job's revision passes `revision`, when it has ended, or after `timeout`, with the job as it is then.
    public func waitForChange(_ id: String, tenantID: String?, after revision: Int64, timeout: Duration) async throws
        -> JobRecord?
    {
        try todo()
    }
    /// Ends the job now; running attempts are fenced. nil: no such job; a job that has ended is returned as it is.
    public func cancel(_ id: String, tenantID: String, actor: String) async throws -> JobRecord? { try todo() }
    /// Forgets an ended job's tasks, results and names; the erasure is audited. Cancels it first when needed.
    /// - Returns: the key prefix whose objects are to be deleted; nil when there is no such job.
    public func erase(_ id: String, tenantID: String, actor: String) async throws -> String? { try todo() }
    /// Committed results of the given stages, in index order.
    public func results(job id: String, stages: [Stage]) async throws -> [Stage: [[UInt8]]] { try todo() }
    public func cleanedDatasets(tenantID: String, datasetID: String) async throws -> [CleanedDataset] { try todo() }

    // MARK: tasks
    /// - Parameters:
    ///   - worker: unique per process start, for example host, pid and random digits.
    ///   - redelivered: as the broker says; then a holder that announced itself and has vanished loses the task at once.
    public func claim(_ taskID: Int64, worker: String, redelivered: Bool = false) async throws -> ClaimOutcome { try todo() }
    public func renew(_ claim: TaskClaim) async throws -> LeaseOutcome { try todo() }
    /// The one transaction of the commit order: result, counters, next stage's tasks, outbox, audit.
    public func complete(_ claim: TaskClaim, _ result: StageResult) async throws -> CompleteOutcome { try todo() }
    /// Hands a task back uncharged (the worker is told to stop).
    public func release(_ claim: TaskClaim) async throws -> ReleaseOutcome { try todo() }
    public func fail(_ claim: TaskClaim, attempt: Int, _ error: SanitizerError) async throws -> FailOutcome { try todo() }
    /// Says that `worker` lives, for as long as this process has a connection: others see at once when it is gone.
    public func announce(worker: String) async throws { try todo() }
    /// One round of the dispatcher: ended leases, due retries, lost messages, waiting jobs. Safe to run anywhere, any number of times.
    /// - Parameter emptyQueues: queues known to hold no message: what waits for them is dispatched without further delay.
    public func sweep(emptyQueues: Set<TaskQueue> = [], limit: Int = 200) async throws -> SweepOutcome { try todo() }

    // MARK: tenants and keys
    @discardableResult public func createTenant(_ id: String, name: String, limits: TenantLimits = .init(), actor: String)
        async throws -> Bool
    {
        try todo()
    }
    public func tenants() async throws -> [Tenant] { try todo() }
    public func setLimits(_ limits: TenantLimits, tenantID: String, actor: String) async throws -> Bool { try todo() }
    public func createKey(tenantID: String, name: String, role: Role, lifetime: Duration? = nil, actor: String) async throws
        -> IssuedKey
    {
        try todo()
    }
    /// A new key; the old one works for `overlap` longer.
    public func rotateKey(_ keyID: String, overlap: Duration, actor: String) async throws -> IssuedKey? { try todo() }
    public func revokeKey(_ keyID: String, actor: String) async throws -> Bool { try todo() }
    /// nil for an unknown, expired or revoked key: the caller cannot tell which.
    public func authenticate(tenantID: String, secret: String) async throws -> Principal? { try todo() }

    // MARK: audit and metrics
    public func audit(tenantID: String, jobID: String?, actor: String, action: String, detail: String = "{}") async throws {
        try todo()
    }
    public func auditEntries(tenantID: String, filter: AuditFilter = .init(), cursor: String? = nil, limit: Int = 100)
        async throws -> Page<AuditEntry>
    {
        try todo()
    }
    public func verifyAudit(tenantID: String) async throws -> AuditVerdict { try todo() }
    public func metrics() async throws -> LedgerMetrics { try todo() }
}

extension JobLedger: OutboxSource {
    public func takeOutbox(limit: Int) async throws -> [OutboxMessage] { try todo() }
    public func markPublished(_ ids: [Int64]) async throws { try todo() }
    public func returnToOutbox(_ ids: [Int64]) async throws { try todo() }
}

func todo<T>() throws -> T { throw LedgerError(.server, "not there yet") }
struct ConnectionPool: Sendable {}
struct JobWatcher: Sendable {}
func todo() throws { throw LedgerError(.server, "not there yet") }
