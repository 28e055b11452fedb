import Domain
import Failpoints
import Ledger
import Logging
import Messaging
import ServiceLifecycle

/// The safety net, in every service: ends leases, sends tasks again that were lost, and drains the outbox.
///
/// The happy path never waits for it: whoever commits a task publishes it at once.
public struct Dispatcher: Service {
    private let dependencies: Dependencies
    private let swept: [String: Counter]
    private let relayed: Counter

    public init(_ dependencies: Dependencies) {
        self.dependencies = dependencies
        let metrics = dependencies.metrics
        relayed = metrics.counter("sanitizer_outbox_relayed_total", "messages sent by the dispatcher, not by who committed them")
        swept = Dictionary(
            uniqueKeysWithValues: ["expired", "quarantined", "dispatched", "promoted"].map {
                ($0, metrics.counter("sanitizer_dispatcher_tasks_total", "tasks and jobs moved by the dispatcher", ["what": $0]))
            })
    }

    public func run() async throws {
        try await cancelWhenGracefulShutdown {
            do {
                try await dependencies.ready.wait()
                while !Task.isCancelled {
                    await round()
                    try await Task.sleep(for: dependencies.settings.dispatchEvery * Double.random(in: 0.7...1.3))
                }
            } catch is CancellationError {
                return
            }
        }
    }

    /// One round; a server that is away is somebody else's news (``Supervisor``), the next round tries again.
    func round() async {
        do {
            CrashPoint.pass(.sweepBefore)
            let outcome = try await dependencies.ledger.sweep(emptyQueues: emptyQueues())
            CrashPoint.pass(.sweepAfter)
            swept["expired"]?.add(outcome.expired)
            swept["quarantined"]?.add(outcome.quarantined)
            swept["dispatched"]?.add(outcome.dispatched)
            swept["promoted"]?.add(outcome.promoted)
            relayed.add(try await dependencies.relay.drainOnce())
        } catch {
            dependencies.logger.debug("dispatcher round failed", metadata: ["reason": .string(Supervisor.reason(error))])
        }
    }

    private func emptyQueues() async -> Set<TaskQueue> {
        var empty: Set<TaskQueue> = []
        for queue in TaskQueue.allCases {
            do {
                if try await dependencies.publisher.depth(of: queue).messages == 0 { empty.insert(queue) }
            } catch {
                return []
            }
        }
        return empty
    }
}
