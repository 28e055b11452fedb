public import Domain
internal import Failpoints
internal import JobLifecycle

extension JobLedger {
    /// Takes a task for this worker: new epoch, new lease by the ledger's clock, one attempt charged.
    ///
    /// - Parameters:
    ///   - worker: unique per process start, for example host, pid and random digits.
    ///   - redelivered: as the broker says. The holder's connection to the broker has ended then; when the worker was announced
    ///     and its connection to the ledger is gone too, the task changes hands at once instead of when the lease ends.
    /// - Throws: ``LedgerError``.
    public func claim(_ taskID: Int64, worker: String, redelivered: Bool = false) async throws -> ClaimOutcome {
        var outcome = try await claimOnce(taskID, worker, redelivered)
        // The broker notices a dead worker in 6 ms; the database may need a few more.
        var pauses = redelivered ? [20, 80, 300] : []
        while case .held = outcome, let pause = pauses.first {
            pauses.removeFirst()
            try await Task.sleep(for: .milliseconds(pause))
            outcome = try await claimOnce(taskID, worker, redelivered)
        }
        return outcome
    }

    private func claimOnce(_ taskID: Int64, _ worker: String, _ redelivered: Bool) async throws -> ClaimOutcome {
        let token = Identifier.make()
        let id = Argument.int(taskID)
        let answers = try await run([
            Call(Statements.claimTask, [id, worker, token, Argument.bool(redelivered)]),
            Call(Statements.earlierResults, [id, token]),
        ])
        let rows = answers[0]
        let remaining = Duration.milliseconds(rows.int(0, 4) ?? 0)
        switch rows.text(0, 0) {
        case "claimed":
            guard let stage = rows.text(0, 5).flatMap(Stage.init(rawValue:)), let spec = rows.bytes(0, 7) else {
                throw Self.mismatch("claim_task")
            }
            let epoch = Int(rows.int(0, 2) ?? 0)
            return .claimed(
                ClaimedTask(
                    claim: TaskClaim(taskID: taskID, epoch: epoch),
                    task: StageTask(
                        job: try Self.spec(spec), stage: stage, index: Int(rows.int(0, 6) ?? 0), epoch: epoch,
                        results: try Self.results(answers[1])),
                    attempt: Int(rows.int(0, 3) ?? 0), lease: remaining, trace: rows.text(0, 8),
                    outbox: try OutboxJSON.decode(rows.bytes(0, 9))))
        case "held": return .held(remaining: remaining)
        case "not_yet": return .notYet(remaining: remaining)
        case "finished":
            guard let state = rows.text(0, 1).flatMap(TaskState.init(rawValue:)) else { throw Self.mismatch("claim_task") }
            return .finished(state)
        case "exhausted": return .exhausted(outbox: try OutboxJSON.decode(rows.bytes(0, 9)))
        case "unknown": return .unknown
        default: throw Self.mismatch("claim_task")
        }
    }

    /// Extends the lease. Call it every ``JobLifecycle/LeasePolicy/renewEvery``.
    public func renew(_ claim: TaskClaim) async throws -> LeaseOutcome {
        let rows = try await run(Statements.renewLease, Self.arguments(claim))
        return rows.count == 0 ? .fenced : .renewed(lease: .milliseconds(rows.int(0, 0) ?? 0))
    }

    /// The one transaction of the commit order: result, counters, next stage's tasks, outbox, audit.
    ///
    /// Repeating it after a lost connection finds its own commit; the messages are then left to the relay.
    public func complete(_ claim: TaskClaim, _ result: StageResult) async throws -> CompleteOutcome {
        #if DEBUG
            let claim = Mutation.noEpochCheck.isOn ? try await unfenced(claim) : claim
        #endif
        return try Self.completed(try await run(Statements.completeTask, try Self.completion(claim, result)))
    }

    static func completion(_ claim: TaskClaim, _ result: StageResult) throws -> [String?] {
        var inlined: [UInt8] = [UInt8(ascii: "[")]
        for stage in Stage.allCases {
            for (index, bytes) in (result.inlined[stage] ?? []).enumerated() {
                if inlined.count > 1 { inlined.append(UInt8(ascii: ",")) }
                inlined += Array("{\"stage\":\"\(stage.rawValue)\",\"index\":\(index),\"result\":".utf8) + bytes
                inlined.append(UInt8(ascii: "}"))
            }
        }
        inlined.append(UInt8(ascii: "]"))
        let planned = Dictionary(uniqueKeysWithValues: result.planned.map { ($0.key.rawValue, max(0, $0.value)) })
        let counters = result.counters
        let arguments: [String?] = [
            String(decoding: result.result, as: UTF8.self), try Self.json(planned), String(decoding: inlined, as: UTF8.self),
            Argument.int(counters.rowsProcessed), Argument.int(counters.duplicatesFound),
            Argument.int(counters.imputationsApplied),
        ]
        return Self.arguments(claim) + arguments
    }

    static func completed(_ rows: Rows) throws -> CompleteOutcome {
        switch rows.text(0, 0) {
        case "committed":
            guard let state = rows.text(0, 1).flatMap(JobState.init(rawValue:)) else { throw Self.mismatch("complete_task") }
            return .committed(state: state, outbox: try OutboxJSON.decode(rows.bytes(0, 2)))
        case "fenced": return .fenced
        default: throw Self.mismatch("complete_task")
        }
    }

    /// Hands a task back uncharged (the worker is told to stop).
    public func release(_ claim: TaskClaim) async throws -> ReleaseOutcome {
        let rows = try await run(Statements.releaseTask, Self.arguments(claim))
        return rows.text(0, 0) == "released" ? .released(outbox: try OutboxJSON.decode(rows.bytes(0, 1))) : .fenced
    }

    /// Ends an attempt badly: another one after a pause, or none, as ``JobLifecycle/RetryPolicy`` decides.
    /// - Parameter attempt: as given by the claim.
    public func fail(_ claim: TaskClaim, attempt: Int, _ error: SanitizerError) async throws -> FailOutcome {
        let pause: Duration? =
            switch configuration.retry.decide(attempt: attempt, isRetryable: error.isRetryable) {
            case .retry(let after): after
            case .quarantine: nil
            }
        // An error that would have been worth another attempt, had there been one left, says so.
        let exhausted = pause == nil && error.isRetryable
        let code = exhausted ? SanitizerError.Code.attemptsExhausted : error.code
        let message = exhausted ? "given up after \(attempt) attempts: \(error.message)" : error.message
        let rows = try await run(
            Statements.failTask,
            Self.arguments(claim) + [code.rawValue, message.replacing("\0", with: " "), pause.map(Argument.milliseconds)])
        switch rows.text(0, 0) {
        case "retrying": return .retrying(after: pause ?? .zero)
        case "quarantined": return .quarantined(outbox: try OutboxJSON.decode(rows.bytes(0, 1)))
        case "fenced": return .fenced
        default: throw Self.mismatch("fail_task")
        }
    }

    private static func arguments(_ claim: TaskClaim) -> [String?] {
        [Argument.int(claim.taskID), Argument.int(claim.epoch)]
    }

    // MARK: dispatcher

    /// Says that `worker` lives, for as long as this process has a connection: others see at once when it is gone.
    ///
    /// After a lost connection the announcement is made again by itself.
    /// - Throws: ``LedgerError`` when there is no connection yet; it is announced as soon as there is one.
    public func announce(worker: String) async throws { try await watcher.announce(worker) }

    /// One round of the dispatcher: ended leases, due retries, lost messages, waiting jobs, old rows. Its messages are in the
    /// outbox afterwards. Safe to run in every service, any number of times.
    ///
    /// - Parameters:
    ///   - emptyQueues: queues known to hold no message: what waits for them is dispatched without further delay.
    ///   - limit: tasks per round and kind.
    public func sweep(emptyQueues: Set<TaskQueue> = [], limit: Int = 200) async throws -> SweepOutcome {
        var outcome = SweepOutcome()
        let expired = try await run(Statements.expiredLeases, [Argument.int(limit)])
        for row in 0..<expired.count {
            // A transaction each: a job's row is never held while waiting for another's.
            switch try await run(Statements.expireTask, [expired.text(row, 0)]).text(0, 0) {
            case "expired": outcome.expired += 1
            case "quarantined": outcome.quarantined += 1
            default: break
            }
        }
        let waiting = try await run(Statements.promotableTenants)
        for row in 0..<waiting.count {
            outcome.promoted += Int(try await run(Statements.promoteJobs, [waiting.text(row, 0)]).int(0, 0) ?? 0)
        }
        let queues = TaskQueue.allCases.filter(emptyQueues.contains).map(\.rawValue)
        outcome.dispatched = Int(
            try await run(Statements.dispatchDue, [Argument.words(queues), Argument.int(limit)]).int(0, 0) ?? 0)
        _ = try await run(Statements.prune)
        return outcome
    }
}
