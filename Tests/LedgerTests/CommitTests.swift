import Domain
@testable import Ledger
import TestSupport
import Testing

@Suite("The commit", .timeLimit(.minutes(5)))
struct CommitTests {
    @Test("The same commit sent twice is applied once")
    func repeated() async throws {
        try await TestLedger.withLedger { ledger in
            let driver = JobDriver(ledger: ledger)
            let (job, messages) = try await driver.create()
            let task = try await driver.claim(JobDriver.taskIDs(messages)[0])
            for _ in 0..<3 {
                guard case .committed(.pass2Running, _) = try await ledger.complete(task.claim, JobDriver.smallPlan()) else {
                    throw Unexpected("fenced")
                }
            }
            #expect(try await ledger.job(job.jobID, tenantID: nil)?.counters.rowsProcessed == 1000)
            #expect(try await ledger.column("SELECT stage FROM tasks WHERE state = 'ready'") == ["clean"])
        }
    }

    @Test("When the last tasks of a stage end at the same time, the next stage begins once")
    func fanIn() async throws {
        try await TestLedger.withLedger(adjust: {
            $0.poolSize = 8; $0.dispatchWindow = 64
        }) { ledger in
            let driver = JobDriver(ledger: ledger)
            let (_, messages) = try await driver.create()
            let (_, scans) = try await driver.run(JobDriver.taskIDs(messages)[0], JobDriver.plan(scan: 24, match: 3))
            let matches = try await withThrowingTaskGroup(of: [Int64].self) { group in
                for id in JobDriver.taskIDs(scans) {
                    group.addTask {
                        let task = try await driver.claim(id)
                        let outcome = try await ledger.complete(task.claim, JobDriver.result(task.task))
                        guard case .committed(_, let outbox) = outcome else { throw Unexpected("fenced") }
                        return JobDriver.taskIDs(outbox)
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(matches.count == 3)
            #expect(try await ledger.column("SELECT count(*)::text FROM tasks WHERE stage = 'match'") == ["3"])
            #expect(try await ledger.column("SELECT open_tasks::text FROM jobs") == ["3"])
        }
    }

    @Test("A result that is no JSON is refused without a trace of it, and the task is still held")
    func badResult() async throws {
        try await TestLedger.withLedger { ledger in
            let driver = JobDriver(ledger: ledger)
            let (_, messages) = try await driver.create()
            let task = try await driver.claim(JobDriver.taskIDs(messages)[0])
            for bytes in [Array("{hunter2".utf8), Array("\"hunter2\0\"".utf8), [0xFF, 0xFE]] {
                let error = await #expect(throws: LedgerError.self) {
                    try await ledger.complete(task.claim, StageResult(result: bytes))
                }
                #expect(error?.code == .invalidArgument && error?.outcome == .notApplied)
                #expect(error.map { "\($0)" }?.contains("hunter2") == false)
            }
            guard case .committed = try await ledger.complete(task.claim, JobDriver.plan()) else { throw Unexpected("fenced") }
        }
    }

    @Test("A commit and a cancel at the same time leave one of two histories, and never a mix")
    func cancelRaces() async throws {
        try await TestLedger.withLedger { ledger in
            let driver = JobDriver(ledger: ledger)
            for _ in 0..<20 {
                let (job, messages) = try await driver.create()
                let task = try await driver.claim(JobDriver.taskIDs(messages)[0])
                async let commit = ledger.complete(task.claim, JobDriver.smallPlan())
                async let cancel = ledger.cancel(job.jobID, tenantID: "acme", actor: "test")
                let (committed, cancelled) = try await (commit, cancel)
                #expect(cancelled?.job.state == .cancelled)
                let open = try await ledger.column(
                    "SELECT stage FROM tasks WHERE job_id = '\(job.jobID)' AND state IN ('ready', 'running')")
                #expect(open.isEmpty)
                let done = try await ledger.column("SELECT stage FROM tasks WHERE job_id = '\(job.jobID)' AND state = 'done'")
                switch committed {
                case .committed: #expect(done.count == 4)
                case .fenced: #expect(done.isEmpty)
                }
                #expect(try await ledger.job(job.jobID, tenantID: nil)?.state == .cancelled)
            }
        }
    }

    @Test("A job that has ended stays as it is: the database itself refuses another state")
    func finalStates() async throws {
        try await TestLedger.withLedger { ledger in
            let driver = JobDriver(ledger: ledger)
            let (job, messages) = try await driver.create()
            #expect(try await driver.finish(messages) == .success)
            #expect(try await ledger.cancel(job.jobID, tenantID: "acme", actor: "test")?.job.state == .success)
            for change in [
                "UPDATE jobs SET state = 'queued', finished_at = NULL", "UPDATE jobs SET state = 'failed', error_code = 'x'",
                "UPDATE tasks SET state = 'ready', result = NULL", "UPDATE tasks SET epoch = epoch - 1 WHERE epoch > 0",
                "UPDATE jobs SET finished_at = NULL",
            ] {
                let error = await #expect(throws: LedgerError.self) { try await ledger.sql(change) }
                #expect(error?.code == .constraint)
            }
        }
    }

    @Test("An answer lost after the commit is asked for again, and the commit is found")
    func lostAnswer() async throws {
        try await TestLedger.withLedger { ledger in
            let driver = JobDriver(ledger: ledger)
            let proxy = try await TCPProxy.toPostgres()
            let peer = try TestLedger.peer(of: ledger, url: proxy.url)
            let (job, messages) = try await driver.create()
            guard case .claimed(let task) = try await peer.claim(JobDriver.taskIDs(messages)[0], worker: "w") else {
                throw Unexpected("not claimed")
            }
            // The statement reaches the server; of its answer not a byte comes back.
            proxy.cutNextAnswer()
            guard case .committed(.pass2Running, _) = try await peer.complete(task.claim, JobDriver.smallPlan()) else {
                throw Unexpected("fenced")
            }
            #expect(proxy.cuts == 1)
            #expect(try await ledger.job(job.jobID, tenantID: nil)?.counters.rowsProcessed == 1000)

            // The same for a claim and for a new job.
            proxy.cutNextAnswer()
            let clean = try await ledger.column("SELECT id::text FROM tasks WHERE state = 'ready'")
            guard case .claimed(let again) = try await peer.claim(Int64(clean[0] ?? "") ?? 0, worker: "w") else {
                throw Unexpected("the lost claim is held by nobody")
            }
            #expect(again.attempt == 1 && again.claim.epoch == 1)
            proxy.cutNextAnswer()
            let spec = TestLedger.spec()
            guard case .created = try await peer.createJob(NewJob(spec: spec, inputBytes: 1, actor: "test")) else {
                throw Unexpected("not created")
            }
            #expect(try await ledger.jobs(tenantID: "acme").items.count == 2)
            #expect(proxy.cuts == 3)
            await peer.close()
            await proxy.stop()
        }
    }

    @Test(
        "A commit whose answer was lost stays in doubt, whatever ends the attempts after it",
        arguments: [Ending.noConnection, .noTime, .cancelled])
    func doubt(_ ending: Ending) async throws {
        try await TestLedger.withLedger { ledger in
            let proxy = try await TCPProxy.toPostgres()
            var configuration = ledger.configuration
            configuration.url = proxy.url
            configuration.poolSize = 1
            configuration.statementTimeout = ending == .noConnection ? .milliseconds(300) : .seconds(10)
            configuration.retryFor = ending == .noTime ? .milliseconds(200) : .seconds(60)
            let peer = try JobLedger(configuration, logger: TestLedger.quiet)
            try await peer.ping()
            proxy.cutNextAnswer(goingDown: true)
            let spec = TestLedger.spec()
            let creating = Task { try await peer.createJob(NewJob(spec: spec, inputBytes: 1, actor: "test")) }
            while proxy.cuts == 0 { try await Task.sleep(for: .milliseconds(5)) }
            var borrower: Task<Void, any Error>?
            switch ending {
            case .noTime: break
            case .cancelled: creating.cancel()
            case .noConnection:
                // The only connection is lent to somebody else for longer than a caller waits.
                borrower = Task { try await peer.service.withConnection { _ in try await Task.sleep(for: .seconds(60)) } }
            }
            let error = await #expect(throws: LedgerError.self) { _ = try await creating.value }
            #expect(error?.outcome == .unknown)
            if ending == .noConnection { #expect(error?.code == .poolExhausted) }
            borrower?.cancel()
            #expect(try await ledger.job(spec.jobID, tenantID: nil) != nil)
            await peer.close()
            await proxy.stop()
        }
    }

    enum Ending: Sendable { case noConnection, noTime, cancelled }
}
