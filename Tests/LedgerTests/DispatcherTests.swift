import Domain
import JobLifecycle
@testable import Ledger
import TestSupport
import Testing

@Suite("The dispatcher and the outbox", .timeLimit(.minutes(5)))
struct DispatcherTests {
    @Test("A lease that ended makes its task ready and puts it into the outbox")
    func expired() async throws {
        try await TestLedger.withLedger { ledger in
            let driver = JobDriver(ledger: ledger)
            let (_, messages) = try await driver.create()
            let task = try await driver.claim(JobDriver.taskIDs(messages)[0])
            #expect(try await ledger.sweep().expired == 0)
            try await ledger.endLease(task.claim.taskID)
            #expect(try await ledger.sweep().expired == 1)
            #expect(JobDriver.taskIDs(try await ledger.takeOutbox(limit: 10)) == [task.claim.taskID])
            #expect(try await driver.claim(task.claim.taskID).claim.epoch == 2)
        }
    }

    @Test("Sweeps at the same time expire a task once, and give up one without attempts left")
    func concurrentSweeps() async throws {
        try await TestLedger.withLedger(adjust: { $0.retry = RetryPolicy(maximumAttempts: 1) }) { ledger in
            let driver = JobDriver(ledger: ledger)
            let (job, messages) = try await driver.create()
            let task = try await driver.claim(JobDriver.taskIDs(messages)[0])
            try await ledger.endLease(task.claim.taskID)
            let outcomes = try await withThrowingTaskGroup(of: SweepOutcome.self) { group in
                for _ in 0..<4 { group.addTask { try await ledger.sweep() } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.map(\.quarantined).reduce(0, +) == 1)
            #expect(try await ledger.job(job.jobID, tenantID: nil)?.failure?.code == "attempts_exhausted")
            #expect(try await ledger.takeOutbox(limit: 10).filter { $0.exchange == "sanitizer.dead" }.isEmpty)  // held
            #expect(try await ledger.column("SELECT routing_key FROM outbox WHERE exchange = 'sanitizer.dead'") == ["pass1"])
        }
    }

    @Test("A message that was lost with its queue is sent again as soon as the queue is seen empty")
    func lostMessage() async throws {
        try await TestLedger.withLedger(adjust: { $0.lostAfter = .zero }) { ledger in
            let driver = JobDriver(ledger: ledger)
            let (_, messages) = try await driver.create()
            // Not yet published: the outbox has it, and a second copy would only fill the outbox.
            #expect(try await ledger.sweep(emptyQueues: [.pass1]).dispatched == 0)
            try await ledger.markPublished(messages.map(\.id))
            #expect(try await ledger.sweep().dispatched == 0)
            #expect(try await ledger.sweep(emptyQueues: [.pass2, .report]).dispatched == 0)
            #expect(try await ledger.sweep(emptyQueues: [.pass1]).dispatched == 1)
            #expect(JobDriver.taskIDs(try await ledger.takeOutbox(limit: 10)) == JobDriver.taskIDs(messages))
        }
    }

    @Test("A task that nobody claims is sent again, ever more rarely")
    func redispatch() async throws {
        try await TestLedger.withLedger(adjust: { $0.redispatchAfter = .zero }) { ledger in
            let (_, messages) = try await JobDriver(ledger: ledger).create()
            try await ledger.markPublished(messages.map(\.id))
            #expect(try await ledger.sweep().dispatched == 1)
        }
        try await TestLedger.withLedger { ledger in
            let (_, messages) = try await JobDriver(ledger: ledger).create()
            try await ledger.markPublished(messages.map(\.id))
            #expect(try await ledger.sweep().dispatched == 0)
            try await ledger.sql("UPDATE tasks SET dispatches = 100; SELECT dispatch_tasks(ARRAY(SELECT id FROM tasks), false)")
            let pause = try await ledger.column(
                "SELECT round(extract(epoch FROM next_dispatch_at - dispatched_at))::text FROM tasks")
            #expect(pause == ["640"])
        }
    }

    @Test("A tenant's jobs beyond its limit wait, start in order when others end, and do not overtake each other")
    func concurrencyLimit() async throws {
        try await TestLedger.withLedger { ledger in
            var limits = TenantLimits()
            limits.runningJobs = 1
            #expect(try await ledger.setLimits(limits, tenantID: "acme", actor: "test"))
            let driver = JobDriver(ledger: ledger)
            let (first, messages) = try await driver.create()
            let (second, none) = try await driver.create()
            let (third, _) = try await driver.create()
            #expect(first.state == .queued && second.state == .pending && third.state == .pending && none.isEmpty)
            #expect(try await ledger.sweep().promoted == 0)
            let foreign = try await driver.create(TestLedger.spec(tenant: "globex"))
            #expect(foreign.0.state == .queued)

            #expect(try await driver.finish(messages) == .success)
            #expect(try await ledger.job(second.jobID, tenantID: nil)?.state == .queued)
            _ = try await ledger.cancel(second.jobID, tenantID: "acme", actor: "test")
            #expect(try await ledger.job(third.jobID, tenantID: nil)?.state == .queued)

            let (fourth, _) = try await driver.create()
            limits.runningJobs = 5
            _ = try await ledger.setLimits(limits, tenantID: "acme", actor: "test")
            #expect(try await ledger.sweep().promoted == 1)
            #expect(try await ledger.job(fourth.jobID, tenantID: nil)?.state == .queued)
        }
    }

    @Test("Takers at the same time never get the same message; a hold that ended frees it")
    func outboxTakers() async throws {
        try await TestLedger.withLedger(adjust: { $0.poolSize = 8 }) { ledger in
            let driver = JobDriver(ledger: ledger)
            for _ in 0..<8 { _ = try await driver.create() }
            #expect(try await ledger.takeOutbox(limit: 100).isEmpty)  // held by those who committed them
            try await ledger.sql("UPDATE outbox SET taken_until = NULL")
            let ids = try await withThrowingTaskGroup(of: [Int64].self) { group in
                for _ in 0..<8 { group.addTask { try await ledger.takeOutbox(limit: 4).map(\.id) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(Set(ids).count == ids.count && ids.count == 16)
            try await ledger.markPublished(Array(ids.prefix(11)))
            try await ledger.sql("UPDATE outbox SET taken_until = now() - interval '1 s'")
            #expect(try await ledger.takeOutbox(limit: 100).count == 5)
            #expect(try await ledger.metrics().outboxDepth == 5)
        }
    }
}
