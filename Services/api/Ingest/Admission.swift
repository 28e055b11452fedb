import Foundation
import Domain
import Ledger
import ServiceKit

/// Turns uploads away while more jobs are open, or more messages wait for the broker, than the platform should carry: a client that
/// waits is better off than one that hangs.
///
/// The counts come from the ledger every few seconds; what was admitted since is added, so that a burst does not slip through.
final class Admission: Sendable {
    private struct State {
        var openJobs = 0
        var outbox = 0
        var admitted = 0
    }
    private let openJobsLimit: Int
    private let outboxLimit: Int
    private let state = Locked(State())

    init(openJobs: Int, outbox: Int) {
        openJobsLimit = openJobs
        outboxLimit = outbox
    }

    /// What the ledger counts now.
    func update(_ now: LedgerMetrics) {
        let open = now.jobs.reduce(0) { $1.key.isFinal ? $0 : $0 + $1.value }
        state.withLock { $0 = State(openJobs: open, outbox: now.outboxDepth) }
    }

    /// - Throws: 503 with `Retry-After`.
    func admit() throws {
        let reason: String? = state.withLock { state in
            if state.openJobs + state.admitted >= openJobsLimit { return "\(openJobsLimit) jobs are open" }
            if state.outbox >= outboxLimit { return "the queues take no more messages" }
            state.admitted += 1
            return nil
        }
        if let reason { throw Problem(503, "queue_full", "\(reason): try again later", retryAfter: 5) }
    }
}
