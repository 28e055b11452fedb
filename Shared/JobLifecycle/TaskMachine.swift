public import Domain

/// One task's life: who may have it, and whose writes count. Pure: time comes in as an argument.
///
/// The ledger does the same in SQL, in one statement each; a test plays random schedules against both and compares.
public struct TaskMachine: Sendable, Equatable {
    public enum Claim: Sendable, Equatable {
        case granted(epoch: Int)
        /// Another worker's lease lasts.
        case held
        /// The pause after a failed attempt lasts.
        case notYet
        case finished(TaskState)
        /// The attempts are used up: it was set aside by this claim.
        case exhausted
    }
    public enum Write: Sendable, Equatable {
        case accepted
        /// From a stale epoch, or for a task that nobody holds.
        case fenced
    }

    public private(set) var state: TaskState = .ready
    /// Fencing token: grows with every claim, never shrinks.
    public private(set) var epoch = 0
    /// Attempts charged.
    public private(set) var attempt = 0
    public private(set) var leaseUntil: Duration?
    public private(set) var notBefore: Duration?

    public init() {}

    /// - Parameters:
    ///   - isHolderGone: the holder is known to have vanished, so its lease need not be waited for.
    ///   - now: time since any fixed moment.
    public mutating func claim(now: Duration, isHolderGone: Bool, lease: LeasePolicy, retry: RetryPolicy) -> Claim {
        switch state {
        case .done, .quarantined, .cancelled: return .finished(state)
        case .ready: if let notBefore, notBefore > now { return .notYet }
        case .running: if let leaseUntil, leaseUntil > now, !isHolderGone { return .held }
        }
        guard attempt < retry.maximumAttempts else {
            quarantine()
            return .exhausted
        }
        state = .running
        epoch += 1
        attempt += 1
        leaseUntil = now + lease.duration
        notBefore = nil
        return .granted(epoch: epoch)
    }

    public mutating func renew(epoch: Int, now: Duration, lease: LeasePolicy) -> Write {
        guard holds(epoch) else { return .fenced }
        leaseUntil = now + lease.duration
        return .accepted
    }

    /// Accepted even after the lease ended, as long as nobody else has claimed the task.
    public mutating func complete(epoch: Int) -> Write {
        // The same commit sent again.
        if state == .done && epoch == self.epoch { return .accepted }
        guard holds(epoch) else { return .fenced }
        end(.done)
        return .accepted
    }

    /// A clean hand-back: the attempt is not charged.
    public mutating func release(epoch: Int) -> Write {
        guard holds(epoch) else { return .fenced }
        end(.ready)
        attempt -= 1
        return .accepted
    }

    public mutating func fail(epoch: Int, now: Duration, _ decision: RetryPolicy.Decision) -> Write {
        guard holds(epoch) else { return .fenced }
        switch decision {
        case .retry(let after):
            end(.ready)
            notBefore = now + after
        case .quarantine: quarantine()
        }
        return .accepted
    }

    /// The dispatcher's look at a lease. True when it had ended: the task is ready again or set aside.
    public mutating func expire(now: Duration, retry: RetryPolicy) -> Bool {
        guard state == .running, let leaseUntil, leaseUntil <= now else { return false }
        if attempt >= retry.maximumAttempts { quarantine() } else { end(.ready) }
        return true
    }

    public mutating func cancel() {
        if state == .ready || state == .running { end(.cancelled) }
    }

    /// Done inside another task.
    public mutating func inline(epoch: Int) {
        self.epoch = epoch
        end(.done)
    }

    private func holds(_ epoch: Int) -> Bool { state == .running && epoch == self.epoch }
    private mutating func quarantine() { end(.quarantined) }
    private mutating func end(_ state: TaskState) {
        self.state = state
        leaseUntil = nil
    }
}

/// The legal moves of a task, mirrored in the ledger's `task_transitions` table.
public enum TaskTransitions {
    public static func targets(from state: TaskState) -> [TaskState] {
        switch state {
        case .ready: [.running, .quarantined, .cancelled]
        case .running: [.ready, .done, .quarantined, .cancelled]
        case .done, .quarantined, .cancelled: []
        }
    }
}
