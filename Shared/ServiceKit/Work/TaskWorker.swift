import Domain
import Failpoints
import Foundation
import JobLifecycle
import Ledger
import Logging
import Messaging
import ServiceLifecycle

/// The work of one stage task. Blocks; looks at `isCancelled` now and then and throws `.cancelled` when it is true.
public typealias StageWork = @Sendable (_ task: StageTask, _ isCancelled: @escaping @Sendable () -> Bool) throws -> StageResult

/// Takes tasks of one queue and carries each through the commit order: claim, run, complete, publish, acknowledge.
///
/// The ledger decides; a message is only a hint. Work runs on a thread of its own while the lease is renewed here.
public final class TaskWorker: Service {
    private let dependencies: Dependencies
    private let queue: TaskQueue
    private let work: StageWork
    private let consumer: TaskConsumer
    private let draining = Locked(false)
    private let outcomes: @Sendable (String) -> Counter
    private let seconds: Histogram

    public init(_ dependencies: Dependencies, queue: TaskQueue, work: @escaping StageWork) {
        self.dependencies = dependencies
        self.queue = queue
        self.work = work
        consumer = TaskConsumer(
            dependencies.endpoint, topology: dependencies.topology, queue: queue, prefetch: 1, logger: dependencies.logger)
        let metrics = dependencies.metrics
        outcomes = {
            metrics.counter("sanitizer_tasks_total", "task deliveries by outcome", ["outcome": $0, "queue": queue.rawValue])
        }
        seconds = metrics.histogram("sanitizer_task_seconds", "time from claim to commit", ["queue": queue.rawValue])
    }

    public func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await self.dependencies.ready.wait() }
        } catch is CancellationError {
            return
        }
        await withGracefulShutdownHandler {
            await consumer.run { await self.handle($0) }
        } onGracefulShutdown: {
            self.draining.withLock { $0 = true }
            self.dependencies.health.drain()
            Task { await self.consumer.drain() }
        }
    }

    /// One delivery through the commit order.
    func handle(_ delivery: TaskDelivery) async -> Disposition {
        var logger = dependencies.logger
        logger[metadataKey: "task_id"] = .stringConvertible(Int(delivery.message.taskID))
        logger[metadataKey: "job_id"] = .string(delivery.message.jobID)
        return await process(delivery, logger)
    }

    private func process(_ delivery: TaskDelivery, _ logger: Logger) async -> Disposition {
        CrashPoint.pass(.claimBefore)
        let outcome: ClaimOutcome
        do {
            outcome = try await dependencies.ledger.claim(
                delivery.message.taskID, worker: dependencies.worker, redelivered: delivery.redelivered)
        } catch {
            logger.warning("claim failed, the message goes back", metadata: ["reason": .string(Supervisor.reason(error))])
            count("claim_failed")
            return .tryAgain
        }
        CrashPoint.pass(.claimAfter)
        switch outcome {
        case .claimed(let claimed):
            // The job's new state is news for listeners; the work does not wait for the broker.
            if !claimed.outbox.isEmpty { dependencies.relayLater(claimed.outbox) }
            return await perform(claimed, logger)
        case .exhausted(let outbox):
            logger.error("task set aside: its workers vanished too often", metadata: [:])
            count("exhausted")
            await publish(outbox)
        case .held: count("held")
        case .notYet: count("not_yet")
        case .finished:
            count("finished")
            if delivery.redelivered { await publishForTheDead(delivery.message.jobID, logger) }
        case .unknown: count("unknown")
        }
        return .done
    }

    private func perform(_ claimed: ClaimedTask, _ base: Logger) async -> Disposition {
        var logger = base
        logger[metadataKey: "stage"] = .string(claimed.task.stage.rawValue)
        logger[metadataKey: "index"] = .stringConvertible(claimed.task.index)
        logger[metadataKey: "epoch"] = .stringConvertible(claimed.claim.epoch)
        let started = ContinuousClock.now
        CrashPoint.pass(.runBefore)
        let run = TaskRun(claimed, work: work, ledger: dependencies.ledger, logger: logger) { [draining] in
            draining.withLock { $0 }
        }
        let ending = await run.finish(drain: dependencies.settings.drain * 0.6)
        CrashPoint.pass(.runAfter)
        switch ending {
        case .finished(let result):
            let disposition = await complete(claimed, result, logger)
            seconds.observe(ContinuousClock.now - started)
            return disposition
        case .failed(let error):
            return await fail(claimed, error, logger)
        case .fenced:
            logger.notice("fenced: the work is dropped")
            count("fenced")
            return .done
        case .handedBack:
            return await handBack(claimed, logger)
        }
    }

    private func complete(_ claimed: ClaimedTask, _ result: StageResult, _ logger: Logger) async -> Disposition {
        CrashPoint.pass(.completeBefore)
        let outcome: CompleteOutcome? = await persist(logger) {
            #if DEBUG
                if Mutation.publishBeforeCommit.isOn {
                    return try await $0.complete(claimed.claim, result) { [dependencies] in _ = await dependencies.relay.send($0)
                    }
                }
            #endif
            return try await $0.complete(claimed.claim, result)
        }
        CrashPoint.pass(.completeAfter)
        switch outcome {
        case .committed(let state, let outbox):
            count("done")
            logger.debug("task done", metadata: ["job_state": .string(state.rawValue)])
            await publish(outbox)
            return .done
        case .fenced:
            logger.notice("fenced at the commit: the work is dropped")
            count("fenced")
            return .done
        case nil:
            count("commit_failed")
            return .tryAgain
        }
    }

    private func fail(_ claimed: ClaimedTask, _ error: SanitizerError, _ logger: Logger) async -> Disposition {
        logger.warning(
            "task failed",
            metadata: [
                "code": .string(error.code.rawValue), "attempt": .stringConvertible(claimed.attempt),
                "reason": .string(error.message),
            ])
        CrashPoint.pass(.failBefore)
        let outcome: FailOutcome? = await persist(logger) { try await $0.fail(claimed.claim, attempt: claimed.attempt, error) }
        CrashPoint.pass(.failAfter)
        switch outcome {
        case .retrying: count("failed")
        case .quarantined(let outbox):
            count("quarantined")
            await publish(outbox)
        case .fenced: count("fenced")
        case nil: return .tryAgain
        }
        return .done
    }

    private func handBack(_ claimed: ClaimedTask, _ logger: Logger) async -> Disposition {
        CrashPoint.pass(.releaseBefore)
        let outcome: ReleaseOutcome? = await persist(logger) { try await $0.release(claimed.claim) }
        CrashPoint.pass(.releaseAfter)
        count("handed_back")
        logger.notice("task handed back: the service is stopping")
        guard case .released(let outbox) = outcome else { return outcome == nil ? .tryAgain : .done }
        await publish(outbox)
        return .done
    }

    /// Somebody finished the task and did not acknowledge it: it may have died before it published what comes next.
    private func publishForTheDead(_ jobID: String, _ logger: Logger) async {
        do {
            await publish(try await dependencies.ledger.takeOutbox(job: jobID))
        } catch {
            logger.debug("the outbox of a job was not read", metadata: ["reason": .string(Supervisor.reason(error))])
        }
    }

    private func publish(_ outbox: [OutboxMessage]) async {
        _ = await dependencies.relay.send(outbox)
    }

    /// Tries until the ledger answers: finished work is not thrown away because the database restarts.
    /// Nil when it cannot be written at all, or the service stops first.
    private func persist<Outcome: Sendable>(
        _ logger: Logger, _ body: @Sendable (JobLedger) async throws -> Outcome
    ) async -> Outcome? {
        var backoff = Backoff()
        while true {
            do {
                return try await body(dependencies.ledger)
            } catch {
                logger.warning("the ledger did not take an outcome", metadata: ["reason": .string(Supervisor.reason(error))])
                guard (error as? LedgerError)?.isRetryable ?? false, !draining.withLock({ $0 }), !Task.isCancelled else {
                    return nil
                }
                do { try await Task.sleep(for: backoff.next(spread: .random(in: 0...1))) } catch { return nil }
            }
        }
    }

    private func count(_ outcome: String) { outcomes(outcome).add() }
}
