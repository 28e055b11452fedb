import Domain
import Ledger
import TestSupport
import Testing

@Suite("A job's way through the ledger", .timeLimit(.minutes(5)))
struct JobFlowTests {
    @Test("A job of several chunks goes through every stage and ends in success")
    func wholeJob() async throws {
        try await TestLedger.withLedger { ledger in
            let driver = JobDriver(ledger: ledger)
            let (job, messages) = try await driver.create()
            #expect(job.state == .queued)
            #expect(messages.map(\.routingKey) == ["job.acme.queued", "pass1"])
            #expect(try await driver.finish(messages) == .success)

            let done = try #require(try await ledger.job(job.jobID, tenantID: "acme"))
            #expect(done.state == .success)
            #expect(done.counters == JobCounters(rowsProcessed: 90, duplicatesFound: 18, imputationsApplied: 9))
            #expect(done.pass1 == .init(done: 7, total: 7))
            #expect(done.pass2 == .init(done: 3, total: 3))
            #expect(done.finishedAt != nil && done.failure == nil)
            let versions = try await ledger.cleanedDatasets(tenantID: "acme", datasetID: job.datasetID)
            #expect(versions.map(\.version) == [1] && versions[0].checksum == "d" && versions[0].rows == 7)
        }
    }

    @Test("A small job is three tasks, and each sees what the earlier ones committed, byte for byte")
    func smallJob() async throws {
        try await TestLedger.withLedger { ledger in
            let driver = JobDriver(ledger: ledger)
            let (job, messages) = try await driver.create()
            let (state, afterPlan) = try await driver.run(JobDriver.taskIDs(messages)[0], JobDriver.smallPlan())
            #expect(state == .pass2Running)
            let clean = JobDriver.taskIDs(afterPlan)
            #expect(clean.count == 1)
            let task = try await driver.claim(clean[0])
            #expect(task.task.stage == .clean && task.task.index == 0 && task.task.job == job.spec)
            #expect(task.task.results[.resolve] == [JobDriver.json("resolve", 0)])
            #expect(Set(task.task.results.keys) == [.plan, .resolve])
            guard case .committed(.reporting, let outbox) = try await ledger.complete(task.claim, JobDriver.result(task.task))
            else { throw Unexpected("clean was not committed") }
            let (end, events) = try await driver.run(JobDriver.taskIDs(outbox)[0])
            #expect(end == .success)
            #expect(events.map(\.routingKey) == ["job.acme.success", "dataset.acme.ready"])
            let record = try #require(try await ledger.job(job.jobID, tenantID: nil))
            #expect(record.pass1 == .init(done: 4, total: 4))
        }
    }

    @Test("Large stages are dispatched a window at a time, in index order, and every task once")
    func dispatchWindow() async throws {
        try await TestLedger.withLedger(adjust: { $0.dispatchWindow = 4 }) { ledger in
            let driver = JobDriver(ledger: ledger)
            let (_, messages) = try await driver.create()
            let (_, scans) = try await driver.run(
                JobDriver.taskIDs(messages)[0], StageResult(result: JobDriver.json("plan", 0), planned: [.scan: 10, .clean: 1]))
            var waiting = JobDriver.taskIDs(scans)
            #expect(waiting.count == 4)
            var order: [Int] = []
            while order.count < 10 {
                let task = try await driver.claim(waiting.removeFirst())
                order.append(task.task.index)
                guard case .committed(_, let outbox) = try await ledger.complete(task.claim, JobDriver.result(task.task)) else {
                    throw Unexpected("fenced")
                }
                waiting += JobDriver.taskIDs(outbox)
            }
            #expect(order == Array(0..<10))
            #expect(waiting.count == 1)  // the clean task: stages without work are passed over
        }
    }
}
