import Domain
import Foundation
import JobLifecycle
import Ledger
import Logging

/// One attempt at one task: the work on its own thread, the lease renewed beside it, and the reasons to stop early.
final class TaskRun: Sendable {
    enum Ending: Sendable {
        case finished(StageResult)
        case failed(SanitizerError)
        /// Somebody else has the task now, or its job has ended.
        case fenced
        /// The service stops and the work did not end in time.
        case handedBack
    }

    private let claimed: ClaimedTask
    private let work: StageWork
    private let ledger: JobLedger
    private let logger: Logger
    private let isDraining: @Sendable () -> Bool
    private let cancelled = Locked(false)

    init(
        _ claimed: ClaimedTask, work: @escaping StageWork, ledger: JobLedger, logger: Logger,
        isDraining: @escaping @Sendable () -> Bool
    ) {
        self.claimed = claimed
        self.work = work
        self.ledger = ledger
        self.logger = logger
        self.isDraining = isDraining
    }

    /// Returns when the work ended or must be given up; a given-up thread sees its flag and ends on its own, fenced from the ledger.
    ///
    /// - Parameter drain: how long the work may go on after the service was told to stop.
    func finish(drain: Duration) async -> Ending {
        let (endings, report) = AsyncStream<Ending>.makeStream()
        let thread = Thread { [self] in report.yield(attempt()) }
        thread.name = "\(claimed.task.stage.rawValue)-\(claimed.task.index)"
        thread.stackSize = 8 << 20
        thread.start()
        let keeper = Task { report.yield(await keepLease(drain: drain)) }
        defer { keeper.cancel() }
        for await ending in endings {
            cancelled.withLock { $0 = true }
            return ending
        }
        return .handedBack
    }

    private func attempt() -> Ending {
        do {
            return .finished(try work(claimed.task) { [cancelled] in cancelled.withLock { $0 } })
        } catch let error as SanitizerError {
            return .failed(error)
        } catch {
            return .failed(SanitizerError(.internal, "unexpected failure of type \(type(of: error))", isRetryable: true))
        }
    }

    /// Renews until fenced, drained or cancelled. A ledger that is away is no reason to stop: it may be back before anybody
    /// could claim the task, and a stale result is turned away anyway.
    private func keepLease(drain: Duration) async -> Ending {
        let every = ledger.configuration.lease.renewEvery
        let tick = min(every, .milliseconds(200))
        var renewAt = ContinuousClock.now + min(every, claimed.lease / 3)
        var drainUntil: ContinuousClock.Instant?
        while !Task.isCancelled {
            do { try await Task.sleep(for: tick) } catch { break }
            let now = ContinuousClock.now
            if isDraining() {
                let limit = drainUntil ?? now + drain
                drainUntil = limit
                if now >= limit { return .handedBack }
            }
            guard now >= renewAt else { continue }
            do {
                if try await ledger.renew(claimed.claim) == .fenced { return .fenced }
            } catch {
                logger.warning("lease not renewed", metadata: ["reason": .string(Supervisor.reason(error))])
            }
            renewAt = ContinuousClock.now + every
        }
        return .handedBack
    }
}
