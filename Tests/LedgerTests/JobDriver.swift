import Domain
import Foundation
import Ledger
import Testing
import TestSupport

/// Plays the workers of a job against the ledger, with made-up results.
struct JobDriver {
    let ledger: JobLedger

    func create(_ spec: JobSpec = TestLedger.spec()) async throws -> (JobRecord, [OutboxMessage]) {
        let outcome = try await ledger.createJob(NewJob(spec: spec, inputBytes: 100, actor: "test"))
        guard case .created(let job, let outbox) = outcome else { throw Unexpected("\(outcome)") }
        return (job, outbox)
    }

    func claim(_ id: Int64, worker: String = "w", redelivered: Bool = false) async throws -> ClaimedTask {
        let outcome = try await ledger.claim(id, worker: worker, redelivered: redelivered)
        guard case .claimed(let task) = outcome else { throw Unexpected("\(outcome)") }
        return task
    }

    /// Claims and commits one task; the messages that follow from it.
    func run(_ id: Int64, _ result: StageResult? = nil) async throws -> (JobState, [OutboxMessage]) {
        let task = try await claim(id)
        let outcome = try await ledger.complete(task.claim, result ?? Self.result(task.task))
        guard case .committed(let state, let outbox) = outcome else { throw Unexpected("\(outcome)") }
        return (state, outbox)
    }

    /// Takes a whole job to its end, by the messages that the ledger hands out.
    func finish(_ messages: [OutboxMessage], _ result: (StageTask) -> StageResult = Self.result) async throws -> JobState {
        var queue = Self.taskIDs(messages)
        var state = JobState.queued
        while !queue.isEmpty && !state.isFinal {
            let task = try await claim(queue.removeFirst())
            let outcome = try await ledger.complete(task.claim, result(task.task))
            guard case .committed(let now, let outbox) = outcome else { throw Unexpected("\(outcome)") }
            state = now
            queue += Self.taskIDs(outbox)
        }
        return state
    }

    /// The plan of a job with several chunks.
    static func plan(scan: Int = 3, match: Int = 2, clean: Int = 3) -> StageResult {
        StageResult(result: json("plan", 0), planned: [.scan: scan, .match: match, .resolve: 1, .clean: clean, .report: 1])
    }
    /// The plan of a small input: all of pass 1 in one task.
    static func smallPlan() -> StageResult {
        StageResult(
            result: json("plan", 0), planned: [.scan: 1, .match: 1, .resolve: 1, .clean: 1, .report: 1],
            inlined: [.scan: [json("scan", 0)], .match: [json("match", 0)], .resolve: [json("resolve", 0)]],
            counters: JobCounters(rowsProcessed: 1000))
    }
    static func result(_ task: StageTask) -> StageResult {
        switch task.stage {
        case .plan: plan()
        case .report:
            StageResult(
                result: Array(
                    #"{"output_key":"k","digest":"d","bytes":10,"rows":7,"imputations":[{"column":"a","strategy":"median","cells":3}]}"#
                        .utf8))
        default:
            StageResult(
                result: json(task.stage.rawValue, task.index),
                counters: JobCounters(rowsProcessed: 10, duplicatesFound: 2, imputationsApplied: 1))
        }
    }
    static func json(_ stage: String, _ index: Int) -> [UInt8] { Array("{ \"stage\":\"\(stage)\",  \"index\":\(index) }".utf8) }

    static func taskIDs(_ messages: [OutboxMessage]) -> [Int64] {
        messages.filter { $0.exchange == "sanitizer.tasks" }.map(taskID)
    }
    static func taskID(_ message: OutboxMessage) -> Int64 {
        struct Body: Decodable { var task_id: Int64 }
        do { return try JSONDecoder().decode(Body.self, from: Data(message.body)).task_id } catch { return -1 }
    }
}

struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
