public import Domain

/// Counts for metrics and readiness, taken in one statement.
public struct LedgerMetrics: Sendable {
    public struct TaskCount: Sendable, Equatable {
        public var stage: Stage
        public var state: TaskState
        public var count: Int
    }
    public var jobs: [JobState: Int] = [:]
    /// Of jobs that have not ended.
    public var tasks: [TaskCount] = []
    public var outboxDepth = 0
    /// Age of the oldest message that has not reached the broker.
    public var outboxOldest: Duration = .zero
    /// Stale attempts that were turned away since the beginning.
    public var fencedAttempts = 0
    public init() {}
}
