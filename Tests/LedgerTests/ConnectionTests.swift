import Domain
@testable import Ledger
import TestSupport
import Testing

@Suite("Connections, errors and waiting", .timeLimit(.minutes(5)))
struct ConnectionTests {
    @Test("A killed backend is replaced without the caller noticing")
    func killedBackend() async throws {
        try await TestLedger.withLedger(adjust: { $0.poolSize = 1 }) { ledger in
            let driver = JobDriver(ledger: ledger)
            let (_, messages) = try await driver.create()
            let other = try TestLedger.peer(of: ledger)
            let pid = try await ledger.column("SELECT pg_backend_pid()::text")[0] ?? ""
            _ = try await other.column("SELECT pg_terminate_backend(\(pid))::text")
            #expect(try await driver.claim(JobDriver.taskIDs(messages)[0]).claim.epoch == 1)
            await other.close()
        }
    }

    @Test("More callers than connections wait for their turn; one that waits too long is told so")
    func pool() async throws {
        try await TestLedger.withLedger(adjust: { $0.poolSize = 2 }) { ledger in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 { group.addTask { try await ledger.ping() } }
                try await group.waitForAll()
            }
            #expect(await ledger.service.count <= 2)

            let parameters = try PostgresParameters(ledger.configuration, role: nil)
            let pool = ConnectionPool(parameters, size: 1, name: "small", patience: .milliseconds(50))
            let error = try await pool.withConnection { _ in
                await #expect(throws: LedgerError.self) { try await pool.withConnection { _ in } }
            }
            #expect(error?.code == .poolExhausted && error?.isRetryable == true)
            try await pool.withConnection { _ = try await $0.run([Call(Statements.ping)]) }
            await pool.close()
            let closed = await #expect(throws: LedgerError.self) { try await pool.withConnection { _ in } }
            #expect(closed?.code == .closed)
        }
    }

    @Test("A statement that takes too long is ended by the server, and the connection still serves")
    func statementTimeout() async throws {
        try await TestLedger.withLedger { ledger in
            var configuration = ledger.configuration
            configuration.statementTimeout = .milliseconds(100)
            configuration.retryFor = .zero
            configuration.poolSize = 1
            let hasty = try JobLedger(configuration, logger: TestLedger.quiet)
            let error = await #expect(throws: LedgerError.self) { try await hasty.column("SELECT pg_sleep(30)::text") }
            #expect(error?.code == .timeout && error?.outcome == .notApplied && error?.sqlState == "57014")
            try await hasty.ping()
            await hasty.close()
        }
    }

    @Test("A server that falls silent is given up in time, and the outcome is unknown")
    func silentServer() async throws {
        try await TestLedger.withLedger { ledger in
            var configuration = ledger.configuration
            configuration.statementTimeout = .milliseconds(100)
            configuration.retryFor = .zero
            configuration.poolSize = 1
            let hasty = try JobLedger(configuration, logger: TestLedger.quiet)
            try await hasty.ping()
            // Lifts the server's own limit: only the client's is left.
            try await hasty.sql("SET statement_timeout = 0")
            let error = await #expect(throws: LedgerError.self) { try await hasty.column("SELECT pg_sleep(5)::text") }
            #expect(error?.code == .timeout && error?.outcome == .unknown)
            try await hasty.ping()
            await hasty.close()
        }
    }

    @Test(
        "With no server the error says so, may pass, and does not hold the password",
        arguments: ["postgres://u:hunter2@127.0.0.1:1/db"])
    func noServer(_ url: String) async throws {
        var configuration = LedgerConfiguration(url: url)
        configuration.retryFor = .zero
        let ledger = try JobLedger(configuration, logger: TestLedger.quiet)
        let error = await #expect(throws: LedgerError.self) { try await ledger.ping() }
        #expect(error?.code == .connectionFailed && error?.outcome == .notApplied && error?.isRetryable == true)
        #expect(error.map { "\($0)" }?.contains("hunter2") == false)
        await ledger.close()
    }

    @Test("A URL that is none, or a schema's name that could be SQL, is refused without being quoted")
    func badConfiguration() {
        for url in ["postgres://u:hunter2@[::1/db", "hunter2", "host=h password='hunter2"] {
            let error = #expect(throws: LedgerError.self) {
                try JobLedger(LedgerConfiguration(url: url), logger: TestLedger.quiet)
            }
            #expect(error?.code == .invalidArgument && error.map { "\($0)" }?.contains("hunter2") == false)
        }
        for schema in ["", "a;b", "A", "a b", "a-b", "a\"", String(repeating: "x", count: 60)] {
            var configuration = LedgerConfiguration(url: "postgres://h/db")
            configuration.schema = schema
            #expect(throws: LedgerError.self) { try JobLedger(configuration, logger: TestLedger.quiet) }
        }
    }

    @Test("No error quotes what the caller passed")
    func quiet() async throws {
        try await TestLedger.withLedger { ledger in
            let canary = "canary-7f3a"
            var spec = TestLedger.spec()
            spec.datasetName = canary + "\0"
            let errors = [
                await #expect(throws: LedgerError.self) {
                    try await ledger.createTenant(canary + "!", name: canary, actor: canary)
                },
                await #expect(throws: LedgerError.self) {
                    try await ledger.audit(tenantID: "acme", jobID: nil, actor: canary, action: canary, detail: canary)
                },
                await #expect(throws: LedgerError.self) {
                    try await ledger.auditEntries(tenantID: "acme", filter: .init(since: canary))
                },
                await #expect(throws: LedgerError.self) {
                    try await ledger.createKey(tenantID: canary, name: canary, role: .admin, actor: canary)
                },
                await #expect(throws: LedgerError.self) {
                    try await ledger.createJob(NewJob(spec: spec, inputBytes: -1, actor: canary))
                },
            ]
            for error in errors {
                #expect(error?.isRetryable == false)
                #expect(error.map { "\($0)" }?.contains(canary) == false)
            }
        }
    }

    @Test(
        "What an SQLSTATE means",
        arguments: [
            ("40001", LedgerError.Code.conflict, true), ("40P01", .conflict, true), ("57P01", .serverUnavailable, true),
            ("53100", .serverUnavailable, true), ("53300", .serverUnavailable, true), ("23505", .constraint, false),
            ("22P02", .invalidArgument, false), ("42501", .server, false), ("08006", .connectionLost, true),
            ("57014", .timeout, true),
        ])
    func sqlStates(_ state: String, _ code: LedgerError.Code, _ retryable: Bool) {
        let error = LedgerError(sqlState: state, statement: "s")
        #expect(error.code == code && error.isRetryable == retryable && error.outcome == .notApplied)
    }

    // MARK: waiting

    @Test("Who waits for a job is woken by its change, and at once when it has changed before")
    func waiting() async throws {
        try await TestLedger.withLedger { ledger in
            let driver = JobDriver(ledger: ledger)
            let (job, messages) = try await driver.create()
            let watcher = try TestLedger.peer(of: ledger)
            async let changed = watcher.waitForChange(job.jobID, tenantID: "acme", after: job.revision, timeout: .seconds(50))
            _ = try await driver.claim(JobDriver.taskIDs(messages)[0])
            let record = try #require(try await changed)
            #expect(record.state == .pass1Running && record.revision > job.revision)
            let again = try await watcher.waitForChange(job.jobID, tenantID: "acme", after: job.revision, timeout: .seconds(50))
            #expect(again?.revision == record.revision)
            let same = try await watcher.waitForChange(
                job.jobID, tenantID: "acme", after: record.revision, timeout: .milliseconds(1))
            #expect(same?.revision == record.revision)
            #expect(try await watcher.waitForChange(job.jobID, tenantID: "globex", after: 0, timeout: .seconds(50)) == nil)
            await watcher.close()
        }
    }

    @Test("A lost listener does not lose a change")
    func lostListener() async throws {
        try await TestLedger.withLedger { ledger in
            let driver = JobDriver(ledger: ledger)
            let (job, messages) = try await driver.create()
            let proxy = try await TCPProxy.toPostgres()
            let watcher = try TestLedger.peer(of: ledger, url: proxy.url)
            _ = try await watcher.waitForChange(job.jobID, tenantID: nil, after: job.revision, timeout: .milliseconds(1))
            async let changed = watcher.waitForChange(job.jobID, tenantID: nil, after: job.revision, timeout: .seconds(50))
            proxy.down()
            _ = try await driver.claim(JobDriver.taskIDs(messages)[0])
            proxy.restore()
            #expect(try await changed?.state == .pass1Running)
            await watcher.close()
            await proxy.stop()
        }
    }

    @Test("A waiter that is cancelled ends")
    func cancelledWaiter() async throws {
        try await TestLedger.withLedger { ledger in
            let (job, _) = try await JobDriver(ledger: ledger).create()
            let waiter = Task {
                try await ledger.waitForChange(job.jobID, tenantID: nil, after: job.revision, timeout: .seconds(600))
            }
            waiter.cancel()
            _ = await waiter.result
        }
    }
}
