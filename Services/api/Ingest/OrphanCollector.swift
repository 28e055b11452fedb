import Foundation
import Ledger
import Logging
import ObjectStore
import ServiceKit
import ServiceLifecycle

/// Removes uploads whose job was never committed: the API died between storing the object and creating the job.
///
/// A job's id tells its age; only prefixes older than a day without a job in the ledger are removed.
struct OrphanCollector: Service {
    let dependencies: Dependencies
    private static let every: Duration = .seconds(3600)
    static let age: Duration = .seconds(86_400)

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do {
                try await dependencies.ready.wait()
                while !Task.isCancelled {
                    try await Task.sleep(for: Self.every)
                    await collect(olderThan: Self.age)
                }
            } catch is CancellationError {
                return
            }
        }
    }

    /// One round. Returns the number of prefixes removed.
    @discardableResult
    func collect(olderThan age: Duration, now: Date = Date()) async -> Int {
        var removed = 0
        do {
            let store = dependencies.store
            let prefixes = try await BlockingIO.run { Set(try store.list("tenants/").compactMap { Self.prefix(of: $0.key) }) }
            for prefix in prefixes.sorted() {
                guard let id = Self.jobID(of: prefix), let made = JobID.milliseconds(id),
                    now.timeIntervalSince1970 * 1000 - Double(made) > Double(age.components.seconds) * 1000,
                    try await dependencies.ledger.job(id, tenantID: nil) == nil
                else { continue }
                try await BlockingIO.run { try store.deletePrefix(prefix) }
                removed += 1
                dependencies.logger.notice("removed an upload without a job", metadata: ["job_id": .string(id)])
            }
        } catch {
            dependencies.logger.warning(
                "collecting unused uploads failed", metadata: ["reason": .string(Supervisor.reason(error))])
        }
        return removed
    }

    /// `tenants/t/jobs/j/` of a key below it.
    static func prefix(of key: String) -> String? {
        let segments = key.split(separator: "/")
        guard segments.count > 4, segments[0] == "tenants", segments[2] == "jobs" else { return nil }
        return segments.prefix(4).joined(separator: "/") + "/"
    }
    private static func jobID(of prefix: String) -> String? {
        prefix.split(separator: "/").last.flatMap { JobID.canonical(String($0)) }
    }
}
