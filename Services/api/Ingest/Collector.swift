import Domain
import Foundation
import Ledger
import Logging
import ObjectStore
import Pipeline
import ServiceKit
import ServiceLifecycle

/// Removes what nobody refers to: uploads whose job was never committed, attempts that came to nothing, intermediates of ended
/// jobs, files of writers that died, and jobs past their retention.
///
/// Any number may run at a time. Each removal may be repeated.
struct Collector: Service {
    let dependencies: Dependencies
    let settings: ApiSettings

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do {
                try await dependencies.ready.wait()
                while !Task.isCancelled {
                    try await Task.sleep(for: settings.collectEvery * Double.random(in: 0.8...1.2))
                    await round()
                }
            } catch is CancellationError {
                return
            }
        }
    }

    /// One round; what fails is tried again in the next.
    func round() async {
        await attempt("jobs past their retention") { try await eraseExpired() }
        await attempt("leftovers of ended jobs") { try await collectEnded(for: settings.collectAfter) }
        await attempt("uploads without a job") { try await collectOrphans(olderThan: settings.collectAfter) }
        await attempt("unfinished files") { [store = dependencies.store, age = settings.collectAfter] in
            try await BlockingIO.run { try store.removeUnfinished(olderThan: Int(age.components.seconds)) }
        }
    }

    private func attempt(_ what: String, _ body: () async throws -> Int) async {
        do {
            let removed = try await body()
            if removed > 0 {
                dependencies.logger.notice(
                    "collected", metadata: ["what": .string(what), "count": .stringConvertible(removed)])
            }
        } catch {
            dependencies.logger.warning(
                "collecting failed", metadata: ["what": .string(what), "reason": .string(Supervisor.reason(error))])
        }
    }

    /// Jobs that ended longer ago than the retention, with all their data.
    func eraseExpired() async throws -> Int {
        guard let retention = settings.retention else { return 0 }
        let expired = try await dependencies.ledger.expiredJobs(endedFor: retention)
        for (id, tenant) in expired {
            guard let (prefix, outbox) = try await dependencies.ledger.erase(id, tenantID: tenant, actor: "retention") else {
                continue
            }
            dependencies.relayLater(outbox)
            try await BlockingIO.run { [store = dependencies.store] in try store.deletePrefix(prefix) }
        }
        return expired.count
    }

    /// Objects of ended jobs that neither a committed result of the last two stages nor the manifest names. The input stays.
    func collectEnded(for age: Duration) async throws -> Int {
        var removed = 0
        while true {
            let jobs = try await dependencies.ledger.collectableJobs(endedFor: age)
            for job in jobs where !job.keyPrefix.isEmpty {
                let results = try await dependencies.ledger.results(job: job.jobID, stages: [.clean, .report])
                var kept: Set<String> = [job.keyPrefix + "input"]
                for json in results[.clean] ?? [] { kept.formUnion(try CleanResult(json: json).keys) }
                for json in results[.report] ?? [] { kept.formUnion(try ReportResult(json: json).keys) }
                removed += try await BlockingIO.run { [store = dependencies.store, kept] in
                    let unused = try store.list(job.keyPrefix).map(\.key).filter { !kept.contains($0) }
                    for key in unused { try store.delete(key) }
                    return unused.count
                }
                try await dependencies.ledger.markCollected(job.jobID)
            }
            if jobs.count < 200 { return removed }
        }
    }

    /// A job's id tells its age: prefixes of that age without a job in the ledger.
    func collectOrphans(olderThan age: Duration, now: Date = Date()) async throws -> Int {
        var removed = 0
        let store = dependencies.store
        for tenant in try await BlockingIO.run({ try store.folders("tenants/") }) {
            let jobs = "tenants/\(tenant)/jobs/"
            let old = try await BlockingIO.run { try store.folders(jobs) }.filter { Self.isOlder($0, than: age, now: now) }
            // The ledger is asked for many at a time: nearly all of them have their job.
            for start in stride(from: 0, to: old.count, by: Self.batch) {
                let asked = Array(old[start..<min(start + Self.batch, old.count)])
                for id in try await dependencies.ledger.unknownJobs(of: asked) {
                    removed += try await BlockingIO.run {
                        if try store.list("\(jobs)\(id)/").isEmpty { return 0 }
                        try store.deletePrefix("\(jobs)\(id)/")
                        return 1
                    }
                }
            }
        }
        return removed
    }

    private static let batch = 1000

    /// False for what is no id of a job: nobody knows what it is, so it stays.
    static func isOlder(_ id: String, than age: Duration, now: Date) -> Bool {
        guard JobID.canonical(id) == id, let made = JobID.milliseconds(id) else { return false }
        return now.timeIntervalSince1970 * 1000 - Double(made) > Double(age.components.seconds) * 1000
    }
}
