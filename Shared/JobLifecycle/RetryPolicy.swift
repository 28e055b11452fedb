/// What happens to a task whose attempt ended badly.
///
/// Attempts are counted when a task is claimed, so that a worker killed for its memory is counted too.
/// A clean release (the worker was told to stop) gives its attempt back.
public struct RetryPolicy: Sendable, Equatable {
    public enum Decision: Sendable, Equatable {
        /// Claimable again after the pause.
        case retry(after: Duration)
        /// Never again: the task is set aside and its job fails.
        case quarantine
    }

    /// Attempts that a task may have in all, at least 1.
    public var maximumAttempts: Int
    /// Pause after the first failed attempt; doubled after each further one.
    public var firstPause: Duration
    public var longestPause: Duration

    public init(maximumAttempts: Int = 5, firstPause: Duration = .milliseconds(500), longestPause: Duration = .seconds(60)) {
        self.maximumAttempts = max(1, maximumAttempts)
        self.firstPause = firstPause
        self.longestPause = longestPause
    }

    /// - Parameter attempt: the attempt that failed, from 1.
    public func decide(attempt: Int, isRetryable: Bool) -> Decision {
        guard isRetryable, attempt < maximumAttempts else { return .quarantine }
        return .retry(after: pause(afterAttempt: attempt))
    }

    /// `firstPause * 2^(attempt-1)`, at most `longestPause`.
    public func pause(afterAttempt attempt: Int) -> Duration {
        var pause = firstPause
        for _ in 1..<max(1, min(attempt, 64)) {
            if pause >= longestPause { break }
            pause *= 2
        }
        return min(pause, longestPause)
    }
}
