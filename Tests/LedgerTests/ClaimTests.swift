import Domain
import JobLifecycle
@testable import Ledger
import TestSupport
import Testing

@Suite("Claims and fencing", .timeLimit(.minutes(5)))
struct ClaimTests {
    /// A job whose plan task waits to be claimed.
    private func withTask(
        adjust: (inout LedgerConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (JobLedger, JobDriver, JobRecord, Int64) async throws -> Void
    ) async throws {
        try await TestLedger.withLedger(adjust: adjust) { ledger in
            let driver = JobDriver(ledger: ledger)
            let (job, messages) = try await driver.create()
            try await body(ledger, driver, job, JobDriver.taskIDs(messages)[0])
        }
    }

    @Test("Of sixteen workers that claim one task at the same time, one gets it")
    func race() async throws {
        try await withTask(adjust: { $0.poolSize = 8 }) { ledger, _, _, task in
            let granted = try await withThrowingTaskGroup(of: Bool.self) { group in
                for worker in 0..<16 {
                    group.addTask {
                        switch try await ledger.claim(task, worker: "w\(worker)") {
                        case .claimed: true
                        case .held: false
                        case let other: throw Unexpected("\(other)")
                        }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(granted == 1)
            #expect(try await ledger.column("SELECT epoch || ' ' || attempt FROM tasks") == ["1 1"])
        }
    }

    @Test("Whatever a stale attempt tries is turned away, and counted")
    func fenced() async throws {
        try await withTask { ledger, driver, job, task in
            let stale = try await driver.claim(task, worker: "zombie")
            try await ledger.endLease(task)
            let fresh = try await driver.claim(task, worker: "heir")
            #expect(fresh.claim.epoch == stale.claim.epoch + 1 && fresh.attempt == 2)

            let result = StageResult(result: JobDriver.json("plan", 0))
            guard case .fenced = try await ledger.complete(stale.claim, result) else { throw Unexpected("zombie committed") }
            guard case .fenced = try await ledger.fail(stale.claim, attempt: 1, SanitizerError(.internal, "x")) else {
                throw Unexpected("zombie failed the task")
            }
            guard case .fenced = try await ledger.release(stale.claim) else { throw Unexpected("zombie released the task") }
            #expect(try await ledger.renew(stale.claim) == .fenced)
            #expect(try await ledger.metrics().fencedAttempts == 2)
            guard case .committed = try await ledger.complete(fresh.claim, result) else { throw Unexpected("heir was fenced") }
            #expect(try await ledger.job(job.jobID, tenantID: nil)?.state == .reporting)
        }
    }

    @Test("A late commit counts as long as nobody else has claimed the task")
    func lateCommit() async throws {
        try await withTask { ledger, driver, _, task in
            let slow = try await driver.claim(task)
            try await ledger.endLease(task)
            guard case .committed = try await ledger.complete(slow.claim, JobDriver.plan()) else { throw Unexpected("fenced") }
        }
    }

    @Test("A renewed lease lasts; a worker may ask for its task but once")
    func renewal() async throws {
        try await withTask { ledger, driver, _, task in
            let held = try await driver.claim(task, worker: "w")
            #expect(held.lease > .seconds(14) && held.lease <= .seconds(15))
            try await ledger.endLease(task)
            guard case .renewed(let lease) = try await ledger.renew(held.claim) else { throw Unexpected("fenced") }
            #expect(lease > .seconds(14))
            guard case .held = try await ledger.claim(task, worker: "w", redelivered: true) else { throw Unexpected("stolen") }
        }
    }

    @Test("A redelivered task of a worker that has vanished changes hands at once; of a living one it does not")
    func vanishedWorker() async throws {
        try await withTask { ledger, driver, _, task in
            let other = try TestLedger.peer(of: ledger)
            try await other.announce(worker: "other")
            guard case .claimed = try await other.claim(task, worker: "other") else { throw Unexpected("not claimed") }
            guard case .held(let remaining) = try await ledger.claim(task, worker: "me", redelivered: true) else {
                throw Unexpected("taken from a living worker")
            }
            #expect(remaining > .seconds(10))
            await other.close()  // as when its process is killed: its connections end
            let heir = try await driver.claim(task, worker: "me", redelivered: true)
            #expect(heir.claim.epoch == 2)
        }
    }

    @Test("The attempt of a killed worker is charged; after the last one the job fails with a reason and one dead letter")
    func exhausted() async throws {
        try await withTask(adjust: { $0.retry = RetryPolicy(maximumAttempts: 3) }) { ledger, driver, job, task in
            for attempt in 1...3 {
                #expect(try await driver.claim(task).attempt == attempt)
                try await ledger.endLease(task)
            }
            guard case .exhausted(let outbox) = try await ledger.claim(task, worker: "w") else { throw Unexpected("again") }
            #expect(outbox.filter { $0.exchange == "sanitizer.dead" }.map(\.routingKey) == ["pass1"])
            let record = try #require(try await ledger.job(job.jobID, tenantID: "acme"))
            #expect(record.state == .failed && record.failure?.code == "attempts_exhausted")
            guard case .finished(.quarantined) = try await ledger.claim(task, worker: "w") else { throw Unexpected("alive") }
        }
    }

    @Test("A clean hand-back is not charged and is dispatched at once")
    func released() async throws {
        try await withTask(adjust: { $0.retry = RetryPolicy(maximumAttempts: 2) }) { ledger, driver, _, task in
            for round in 1...5 {
                let held = try await driver.claim(task)
                #expect(held.attempt == 1 && held.claim.epoch == round)
                guard case .released(let outbox) = try await ledger.release(held.claim) else { throw Unexpected("fenced") }
                #expect(JobDriver.taskIDs(outbox) == [task])
            }
        }
    }

    @Test("An error that may pass leaves the task waiting; the last one sets it aside")
    func retried() async throws {
        let policy = RetryPolicy(maximumAttempts: 2, firstPause: .seconds(30))
        try await withTask(adjust: { $0.retry = policy }) { ledger, driver, job, task in
            let error = SanitizerError(.dependencyUnavailable, "store away", isRetryable: true)
            try await ledger.markPublished(
                try await ledger.column("SELECT id::text FROM outbox").compactMap { $0.flatMap(Int64.init) })
            let first = try await driver.claim(task)
            guard case .retrying(.seconds(30)) = try await ledger.fail(first.claim, attempt: first.attempt, error) else {
                throw Unexpected("no retry")
            }
            guard case .notYet(let remaining) = try await ledger.claim(task, worker: "w") else { throw Unexpected("too early") }
            #expect(remaining > .seconds(25))
            try await ledger.sql(
                "UPDATE tasks SET not_before = now() - interval '1 s', next_dispatch_at = now() - interval '1 s'")
            #expect(try await ledger.sweep().dispatched == 1)
            let second = try await driver.claim(task)
            guard case .quarantined = try await ledger.fail(second.claim, attempt: second.attempt, error) else {
                throw Unexpected("a third attempt")
            }
            let failure = try #require(try await ledger.job(job.jobID, tenantID: nil)?.failure)
            #expect(failure.code == "attempts_exhausted" && failure.message.contains("store away"))
        }
    }

    @Test("An error that will not pass fails the job at the first attempt, with its own code")
    func hopeless() async throws {
        try await withTask { ledger, driver, job, task in
            let held = try await driver.claim(task)
            let error = SanitizerError(.formatUnknown, "not a table\0")
            guard case .quarantined = try await ledger.fail(held.claim, attempt: 1, error) else { throw Unexpected("retry") }
            let record = try #require(try await ledger.job(job.jobID, tenantID: nil))
            #expect(record.failure == .init(code: "format_unknown", message: "not a table\\0"))
        }
    }

    @Test("A message for a task that never was finds nothing")
    func unknown() async throws {
        try await withTask { ledger, _, _, _ in
            guard case .unknown = try await ledger.claim(987_654_321, worker: "w") else { throw Unexpected("found") }
            guard
                case .fenced = try await ledger.complete(
                    TaskClaim(taskID: 987_654_321, epoch: 1), StageResult(result: JobDriver.json("x", 0)))
            else { throw Unexpected("committed") }
        }
    }
}
