import Domain
@testable import Ledger
import TestSupport
import Testing

@Suite("What the dead leave behind")
struct RecoveryTests {
    @Test("A key in flight is free as soon as the process that held it is gone, not before")
    func deadHolder() async throws {
        try await TestLedger.withLedger { ledger in
            let holder = try TestLedger.peer(of: ledger)
            try await holder.announce(worker: "api@first")
            #expect(try await holder.startIdempotency(tenantID: "acme", key: "k", holder: "api@first") == .started)
            #expect(try await ledger.startIdempotency(tenantID: "acme", key: "k", holder: "api@second") == .inFlight)
            await holder.close()
            // The server learns of the closed connection a moment later.
            while try await ledger.startIdempotency(tenantID: "acme", key: "k", holder: "api@second") == .inFlight {
                try await Task.sleep(for: .milliseconds(10))
            }
            // Its answer may have been lost: the same holder may ask again.
            #expect(try await ledger.startIdempotency(tenantID: "acme", key: "k", holder: "api@second") == .started)
        }
    }

    @Test("Whoever finds a finished task's message again can publish what its committer did not")
    func deadCommitter() async throws {
        try await TestLedger.withLedger(adjust: { $0.outboxHold = .seconds(60) }) { ledger in
            let driver = JobDriver(ledger: ledger)
            let (job, messages) = try await driver.create()
            let (_, next) = try await driver.run(JobDriver.taskIDs(messages)[0])
            #expect(try await ledger.takeOutbox(limit: 100).isEmpty)
            let taken = try await ledger.takeOutbox(job: job.jobID)
            #expect(Set(taken.map(\.id)).isSuperset(of: next.map(\.id)))
            try await ledger.markPublished(taken.map(\.id))
            #expect(try await ledger.takeOutbox(job: job.jobID).isEmpty)
        }
    }

    @Test("Ids without a job, or with an erased one, are told apart from the others, many at a time")
    func unknownJobs() async throws {
        try await TestLedger.withLedger { ledger in
            let driver = JobDriver(ledger: ledger)
            let (open, _) = try await driver.create()
            let (erased, messages) = try await driver.create()
            #expect(try await driver.finish(messages) == .success)
            _ = try await ledger.erase(erased.jobID, tenantID: "acme", actor: "retention")
            let stranger = "00000000-0000-7000-8000-000000000001"
            let unknown = try await ledger.unknownJobs(of: [open.jobID, erased.jobID, stranger, "no id', NULL"])
            #expect(Set(unknown) == [erased.jobID, stranger])
            #expect(try await ledger.unknownJobs(of: []).isEmpty)
        }
    }

    @Test("An ended job is collected once, and erased when it is past its retention")
    func retention() async throws {
        try await TestLedger.withLedger { ledger in
            let driver = JobDriver(ledger: ledger)
            let (job, messages) = try await driver.create()
            _ = try await driver.create()
            #expect(try await driver.finish(messages) == .success)
            #expect(try await ledger.collectableJobs(endedFor: .seconds(3600)).isEmpty)
            let ended = EndedJob(jobID: job.jobID, tenantID: "acme", keyPrefix: job.spec.keyPrefix)
            #expect(try await ledger.collectableJobs(endedFor: .zero) == [ended])
            try await ledger.markCollected(job.jobID)
            #expect(try await ledger.collectableJobs(endedFor: .zero).isEmpty)
            #expect(try await ledger.expiredJobs(endedFor: .zero).map(\.jobID) == [job.jobID])
            _ = try await ledger.erase(job.jobID, tenantID: "acme", actor: "retention")
            #expect(try await ledger.expiredJobs(endedFor: .zero).isEmpty)
        }
    }

    @Test("A quarantined task is listed until an operator deals with it, once, and the audit trail says so")
    func settling() async throws {
        try await TestLedger.withLedger { ledger in
            let driver = JobDriver(ledger: ledger)
            let (job, messages) = try await driver.create()
            let task = try await driver.claim(JobDriver.taskIDs(messages)[0])
            _ = try await ledger.fail(task.claim, attempt: 1, SanitizerError(.formatUnknown, "no table"))
            let listed = try await ledger.quarantinedTasks()
            #expect(listed.map(\.taskID) == [task.claim.taskID])
            #expect(listed.first?.jobID == job.jobID && listed.first?.code == "format_unknown" && listed.first?.queue == .pass1)
            #expect(try await ledger.settle(task: task.claim.taskID, actor: "operator", action: "dead_letter.discarded"))
            #expect(try await !ledger.settle(task: task.claim.taskID, actor: "operator", action: "dead_letter.discarded"))
            #expect(try await ledger.quarantinedTasks().isEmpty)
            let audited = try await ledger.column("SELECT count(*)::text FROM audit_logs WHERE action = 'dead_letter.discarded'")
            #expect(audited == ["1"])
        }
    }

    @Test("The work of a later stage does not read the results of every chunk before it")
    func readsWhatItNeeds() async throws {
        try await TestLedger.withLedger { ledger in
            let driver = JobDriver(ledger: ledger)
            var (_, messages) = try await driver.create()
            var seen: [Stage: Set<Stage>] = [:]
            var queue = JobDriver.taskIDs(messages)
            while !queue.isEmpty {
                let task = try await driver.claim(queue.removeFirst())
                seen[task.task.stage] = Set(task.task.results.keys)
                guard case .committed(_, let outbox) = try await ledger.complete(task.claim, JobDriver.result(task.task)) else {
                    throw Unexpected("not committed")
                }
                messages = outbox
                queue += JobDriver.taskIDs(messages)
            }
            #expect(seen[.scan] == [.plan])
            #expect(seen[.match] == [.plan, .scan])
            #expect(seen[.resolve] == [.plan, .scan, .match])
            #expect(seen[.clean] == [.plan, .resolve])
            #expect(seen[.report] == [.plan, .resolve, .clean])
        }
    }
}
