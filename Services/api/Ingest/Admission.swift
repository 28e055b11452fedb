import Foundation
import Domain
import Ledger
import ServiceKit

/// Turns uploads away while more jobs are open, or more messages wait for the broker, than the platform should carry: a client that
/// waits is better off than one that hangs.
///
/// The counts come from the ledger every few seconds. Added are the uploads in work and those that ended since the count began,
/// which it may not have seen: a burst does not slip through.
final class Admission: Sendable {
    private struct State {
        var openJobs = 0
        var outbox = 0
        var working = 0
        /// Uploads that ended, since the start; and how many of them the last count has surely seen.
        var ended = 0
        var seen = 0
    }
    private let openJobsLimit: Int
    private let outboxLimit: Int
    private let state = Locked(State())

    init(openJobs: Int, outbox: Int) {
        openJobsLimit = openJobs
        outboxLimit = outbox
    }

    /// Takes over what the ledger counts.
    func update(_ count: () async throws -> LedgerMetrics) async rethrows -> LedgerMetrics {
        let ended = state.withLock { $0.ended }
        let now = try await count()
        let open = now.jobs.reduce(0) { $1.key.isFinal ? $0 : $0 + $1.value }
        state.withLock {
            $0.openJobs = open
            $0.outbox = now.outboxDepth
            $0.seen = ended
        }
        return now
    }

    /// Lets an upload in; ``end()`` must follow, whatever becomes of it.
    /// - Throws: 503 with `Retry-After`.
    func begin() throws {
        let reason: String? = state.withLock { state in
            if state.openJobs + state.working + state.ended - state.seen >= openJobsLimit {
                return "\(openJobsLimit) jobs are open"
            }
            if state.outbox >= outboxLimit { return "the queues take no more messages" }
            state.working += 1
            return nil
        }
        if let reason { throw Problem(503, "queue_full", "\(reason): try again later", retryAfter: 5) }
    }

    func end() {
        state.withLock {
            $0.working -= 1
            $0.ended += 1
        }
    }
}
