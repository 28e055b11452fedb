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
    /// - Throws: ``LedgerError`` when the URL or the schema's name is not valid.
    public init(_ configuration: LedgerConfiguration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        let patience = configuration.statementTimeout
        service = ConnectionPool(
            try PostgresParameters(configuration, role: nil), size: configuration.poolSize, name: "pg", patience: patience)
        tenant = ConnectionPool(
            try PostgresParameters(configuration, role: "sanitizer_api", suffix: "-tenant"), size: configuration.tenantPoolSize,
            name: "pg-tenant", patience: patience)
        watcher = JobWatcher(
            PostgresConnection(try PostgresParameters(configuration, role: nil, suffix: "-listener"), name: "pg-listener"),
            channel: configuration.schema + "_jobs", logger: logger)
    }

    /// Closes every connection; later calls throw ``LedgerError/Code/closed``.
    public func close() async {
        await watcher.close()
        await service.close()
        await tenant.close()
    }

    /// One trip to the server and back, for readiness. Not tried again.
    public func ping() async throws {
        _ = try await service.withConnection { try await $0.run([Call(Statements.ping)]) }
    }

    // MARK: running statements

    /// Runs the calls as one transaction, again after failures that may pass. Every statement of the ledger can be repeated.
    /// - Throws: ``LedgerError`` with ``LedgerError/Outcome/unknown`` when any of the attempts may have been applied, also when the
    ///   task was cancelled after that attempt; `CancellationError` when none was.
    func run(_ calls: [Call]) async throws -> [Rows] { try await run(calls, on: service) }

    func run(_ statement: Statement, _ arguments: [String?] = []) async throws -> Rows {
        try await run([Call(statement, arguments)])[0]
    }

    /// Reads as the tenant: row-level security lets nothing else through.
    func read(as tenantID: String, _ statement: Statement, _ arguments: [String?]) async throws -> Rows {
        try await run([Call(Statements.setTenant, [tenantID]), Call(statement, arguments)], on: tenant)[1]
    }

    private func run(_ calls: [Call], on pool: ConnectionPool) async throws -> [Rows] {
        let end = ContinuousClock.now + configuration.retryFor
        var backoff = Backoff(first: .milliseconds(10), longest: .seconds(1))
        // Of an attempt that may have been applied: what fails after it does not undo it.
        var doubt: LedgerError?
        while true {
            do {
                do {
                    return try await pool.withConnection { try await $0.run(calls) }
                } catch let error as LedgerError where error.isRetryable && error.code != .poolExhausted && .now < end {
                    if error.outcome == .unknown { doubt = error }
                    logger.debug("ledger call is sent again", metadata: ["error": "\(error)"])
                    try await Task.sleep(for: backoff.next(spread: Double.random(in: 0...1)))
                }
            } catch {
                guard let doubt else { throw error }
                var last = error as? LedgerError ?? doubt
                last.outcome = .unknown
                throw last
            }
        }
    }
}
