public import Domain

/// The legal moves of a job. Drawn in `docs/job-states.md`, mirrored in the ledger's `job_transitions` table.
///
/// A small input finishes all of pass 1 inside its first task, and a job may be cancelled or fail at any time before its end.
public enum JobTransitions {
    /// The states that may follow `state`; empty for final states.
    public static func targets(from state: JobState) -> [JobState] {
        switch state {
        case .pending: [.queued, .failed, .cancelled]
        case .queued: [.pass1Running, .failed, .cancelled]
        case .pass1Running: [.pass2Running, .failed, .cancelled]
        case .pass2Running: [.reporting, .failed, .cancelled]
        case .reporting: [.success, .failed, .cancelled]
        case .success, .failed, .cancelled: []
        }
    }

    public static func isLegal(from: JobState, to: JobState) -> Bool { targets(from: from).contains(to) }

    /// The state of a job while tasks of `stage` are what it waits for.
    public static func state(during stage: Stage) -> JobState {
        switch stage {
        case .plan, .scan, .match, .resolve: .pass1Running
        case .clean: .pass2Running
        case .report: .reporting
        }
    }
}
