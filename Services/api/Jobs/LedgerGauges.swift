import Domain
import Ledger
import Logging
import Messaging
import ServiceKit
import ServiceLifecycle

/// Keeps the counts of jobs, tasks, outbox and queues in the metrics: one look every few seconds, whoever scrapes.
struct LedgerGauges: Service {
    let dependencies: Dependencies
    let admission: Admission
    private static let every: Duration = .seconds(2)

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do {
                try await dependencies.ready.wait()
                while !Task.isCancelled {
                    await update()
                    try await Task.sleep(for: Self.every)
                }
            } catch is CancellationError {
                return
            }
        }
    }

    private func update() async {
        let registry = dependencies.metrics
        do {
            let now = try await admission.update { try await dependencies.ledger.metrics() }
            for state in JobState.allCases {
                registry.gauge("sanitizer_jobs", "jobs by state", ["state": state.rawValue]).set(Double(now.jobs[state] ?? 0))
            }
            for stage in Stage.allCases {
                for state in TaskState.allCases {
                    let count = now.tasks.first { $0.stage == stage && $0.state == state }?.count ?? 0
                    registry.gauge(
                        "sanitizer_tasks_open", "tasks of jobs that have not ended",
                        ["stage": stage.rawValue, "state": state.rawValue]
                    ).set(Double(count))
                }
            }
            registry.gauge("sanitizer_outbox_depth", "messages that have not reached the broker").set(Double(now.outboxDepth))
            let age = now.outboxOldest.components
            registry.gauge("sanitizer_outbox_oldest_seconds", "age of the oldest of them")
                .set(Double(age.seconds) + Double(age.attoseconds) * 1e-18)
            registry.gauge("sanitizer_fenced_attempts", "stale attempts turned away since the beginning").set(
                Double(now.fencedAttempts))
            for queue in TaskQueue.allCases {
                let depth = try await dependencies.publisher.depth(of: queue)
                let labels = ["queue": queue.rawValue]
                registry.gauge("sanitizer_queue_messages", "messages ready in a queue", labels).set(Double(depth.messages))
                registry.gauge("sanitizer_queue_consumers", "consumers of a queue", labels).set(Double(depth.consumers))
            }
        } catch {
            // The supervisor reports what is down; the gauges keep their last values.
            dependencies.logger.debug("gauges not updated", metadata: ["reason": .string(Supervisor.reason(error))])
        }
    }
}
