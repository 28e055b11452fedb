public import Domain

/// Identifies one attempt at one task: every write of the attempt carries it, and a later claim makes it stale.
public struct TaskClaim: Sendable, Equatable, Hashable {
    public var taskID: Int64
    /// Fencing token, from 1.
    public var epoch: Int
    public init(taskID: Int64, epoch: Int) {
        self.taskID = taskID
        self.epoch = epoch
    }
}

/// A task that this worker holds until its lease ends.
public struct ClaimedTask: Sendable {
    public var claim: TaskClaim
    public var task: StageTask
    /// From 1; equals the attempts charged so far.
    public var attempt: Int
    /// What is left of the lease at the time of the answer.
    public var lease: Duration
    public var trace: String?
    /// Publish it: the job's first claim says that it runs.
    public var outbox: [OutboxMessage]
}

public enum ClaimOutcome: Sendable {
    case claimed(ClaimedTask)
    /// Another worker holds it. Acknowledge the message: the task is dispatched again when the lease ends.
    case held(remaining: Duration)
    /// It waits out the pause after a failed attempt. Acknowledge: it is dispatched again when the pause is over.
    case notYet(remaining: Duration)
    /// Done, cancelled or set aside: nothing to do. Acknowledge.
    case finished(TaskState)
    /// Its attempts were used up by workers that vanished; the job has failed now. Acknowledge and publish `outbox`.
    case exhausted(outbox: [OutboxMessage])
    /// No such task: erased, or a message from another installation. Acknowledge or dead-letter.
    case unknown
}

public enum LeaseOutcome: Sendable, Equatable {
    case renewed(lease: Duration)
    /// Somebody else has the task, or its job was cancelled or failed: stop, write nothing more.
    case fenced
}

public enum CompleteOutcome: Sendable {
    /// Publish `outbox` now and mark what was confirmed, then acknowledge.
    case committed(state: JobState, outbox: [OutboxMessage])
    /// Not accepted: drop the work and acknowledge.
    case fenced
}

public enum ReleaseOutcome: Sendable {
    /// Ready again, and the attempt was not charged.
    case released(outbox: [OutboxMessage])
    case fenced
}

public enum FailOutcome: Sendable {
    /// Claimable again after the pause; the dispatcher publishes it then.
    case retrying(after: Duration)
    /// Set aside for good; the job has failed.
    case quarantined(outbox: [OutboxMessage])
    case fenced
}

/// What one round of the dispatcher did.
public struct SweepOutcome: Sendable, Equatable {
    /// Leases that had ended; their tasks are ready again.
    public var expired = 0
    /// Tasks set aside because their attempts are used up.
    public var quarantined = 0
    /// Tasks put into the outbox (again).
    public var dispatched = 0
    /// Waiting jobs that their tenant's concurrency limit now lets start.
    public var promoted = 0
    public init() {}
}
