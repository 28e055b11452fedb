import Domain
import JobLifecycle
@testable import Ledger
import TestSupport
import Testing

/// Random schedules, played against the ledger and against the pure state machine: they must agree after every step.
@Suite("The ledger behaves like the state machine", .timeLimit(.minutes(5)))
struct ModelTests {
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }
    private let lease = LeasePolicy(duration: .seconds(3600))
    private let retry = RetryPolicy(maximumAttempts: 3, firstPause: .zero)

    @Test("Any mixture of claims, stale writes, failures, expiries and cancels", arguments: 1...12)
    func schedule(_ seed: Int) async throws {
        try await TestLedger.withLedger(adjust: {
            $0.lease = lease; $0.retry = retry
        }) { ledger in
            var random = Generator(state: UInt64(seed))
            let (job, _) = try await JobDriver(ledger: ledger).create()
            var model = JobMachine()
            _ = model.promote()
            for step in 0..<120 where !model.isFinal {
                try await play(&model, ledger, job.jobID, &random)
                let record = try #require(try await ledger.job(job.jobID, tenantID: nil))
                #expect(record.state == model.state, "seed \(seed), step \(step)")
                let expected = Stage.allCases.flatMap { stage in
                    (model.tasks[stage] ?? []).enumerated().map {
                        "\(stage.rawValue) \($0.offset) \($0.element.state.rawValue) \($0.element.epoch) \($0.element.attempt)"
                    }
                }
                let actual = try await ledger.column(
                    """
                    SELECT t.stage || ' ' || idx || ' ' || state || ' ' || epoch || ' ' || attempt FROM tasks t
                    JOIN stage_order o ON o.stage = t.stage ORDER BY o.ordinal, idx
                    """)
                #expect(actual == expected, "seed \(seed), step \(step)")
                if actual != expected { return }
            }
            guard case .intact = try await ledger.verifyAudit(tenantID: "acme") else { throw Unexpected("audit broken") }
        }
    }

    private func play(
        _ model: inout JobMachine, _ ledger: JobLedger, _ jobID: String, _ random: inout Generator
    ) async throws {
        // Mostly the current stage, so that jobs get on; sometimes any task.
        let all = Stage.allCases.flatMap { stage in (model.tasks[stage] ?? []).indices.map { (stage, $0) } }
        let current = all.filter { $0.0 == model.stage }
        guard let (stage, index) = (Int.random(in: 0..<8, using: &random) == 0 ? all : current).randomElement(using: &random),
            let task = model.tasks[stage]?[index]
        else { return }
        let id =
            Int64(
                try await ledger.column("SELECT id::text FROM tasks WHERE stage = '\(stage.rawValue)' AND idx = \(index)")[0]
                    ?? "") ?? 0
        let epoch = max(0, task.epoch - (Int.random(in: 0..<5, using: &random) == 0 ? 1 : 0))
        let claim = TaskClaim(taskID: id, epoch: epoch)
        switch Int.random(in: 0..<24, using: &random) {
        case 0..<9:
            let (expected, _) = model.claim(stage, index, now: .zero, lease: lease, retry: retry)
            let outcome = try await ledger.claim(id, worker: "w")
            switch (expected, outcome) {
            case (.granted(let epoch), .claimed(let task)): #expect(task.claim.epoch == epoch && task.task.index == index)
            case (.held, .held), (.notYet, .notYet), (.exhausted, .exhausted): break
            case (.finished(let a), .finished(let b)): #expect(a == b)
            default: Issue.record("model \(expected), ledger \(outcome)")
            }
        case 9..<17:
            let (planned, inlined): ([Stage: Int], [Stage: Int]) =
                stage != .plan
                ? ([:], [:])
                : [
                    ([.scan: 3, .match: 2, .resolve: 1, .clean: 2], [:]), ([.clean: 1], [.scan: 1, .match: 1, .resolve: 1]),
                    ([:], [:]), ([.scan: 2, .clean: 2], [.scan: 1]),
                ].randomElement(using: &random) ?? ([:], [:])
            let (expected, _) = model.complete(stage, index, epoch: epoch, planned: planned, inlined: inlined)
            let outcome = try await ledger.complete(
                claim,
                StageResult(
                    result: JobDriver.json(stage.rawValue, index), planned: planned,
                    inlined: inlined.reduce(into: [:]) { result, entry in
                        result[entry.key] = (0..<entry.value).map { JobDriver.json(entry.key.rawValue, $0) }
                    }))
            switch (expected, outcome) {
            case (.accepted, .committed(let state, _)): #expect(state == model.state)
            case (.fenced, .fenced): break
            default: Issue.record("model \(expected), ledger \(outcome)")
            }
        case 17:
            let expected = model.release(stage, index, epoch: epoch)
            if case .fenced = try await ledger.release(claim) {
                #expect(expected == .fenced)
            } else {
                #expect(expected == .accepted)
            }
        case 18, 19:
            let error = SanitizerError(.internal, "x", isRetryable: Int.random(in: 0..<4, using: &random) > 0)
            let decision = retry.decide(attempt: task.attempt, isRetryable: error.isRetryable)
            let (expected, _) = model.fail(stage, index, epoch: epoch, now: .zero, decision)
            switch try await ledger.fail(claim, attempt: task.attempt, error) {
            case .fenced: #expect(expected == .fenced)
            case .retrying: #expect(expected == .accepted && decision != .quarantine)
            case .quarantined: #expect(expected == .accepted && decision == .quarantine)
            }
        case 20:
            let expected = model.renew(stage, index, epoch: epoch, now: .zero, lease: lease)
            #expect((try await ledger.renew(claim) == .fenced) == (expected == .fenced))
        case 21, 22:
            try await ledger.endLease(id)
            let (expected, _) = model.expire(stage, index, now: .seconds(3600), retry: retry)
            let sweep = try await ledger.sweep()
            #expect(sweep.expired + sweep.quarantined == (expected ? 1 : 0))
        default:
            if Int.random(in: 0..<8, using: &random) == 0 {
                _ = model.cancel()
                _ = try await ledger.cancel(jobID, tenantID: "acme", actor: "test")
            }
        }
    }
}
