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
actor Collector: Service {
    private let dependencies: Dependencies
    private let settings: ApiSettings
    /// Prefixes that belonged to no job when they were last looked at, and since when.
    private var suspects: [String: ContinuousClock.Instant] = [:]

    init(dependencies: Dependencies, settings: ApiSettings) {
        self.dependencies = dependencies
        self.settings = settings
    }

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do {
                try await self.dependencies.ready.wait()
                while !Task.isCancelled {
                    try await Task.sleep(for: self.settings.collectEvery * Double.random(in: 0.8...1.2))
                    await self.round()
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
    ///
    /// A job that fails keeps none of the others waiting.
    func collectEnded(for age: Duration) async throws -> Int {
        var removed = 0
        while true {
            let jobs = try await dependencies.ledger.collectableJobs(endedFor: age)
            var failure: (any Error)?
            for job in jobs where !job.keyPrefix.isEmpty {
                do { removed += try await collect(job) } catch { failure = error }
            }
            if let failure { throw failure }
            if jobs.count < 200 { return removed }
        }
    }

    private func collect(_ job: EndedJob) async throws -> Int {
        let results = try await dependencies.ledger.results(job: job.jobID, stages: [.clean, .report])
        var kept: Set<String> = [job.keyPrefix + "input"]
        for json in results[.clean] ?? [] { kept.formUnion(try CleanResult(json: json).keys) }
        for json in results[.report] ?? [] { kept.formUnion(try ReportResult(json: json).keys) }
        let removed = try await BlockingIO.run { [store = dependencies.store, kept] in
            let unused = try store.list(job.keyPrefix).map(\.key).filter { !kept.contains($0) }
            for key in unused { try store.delete(key) }
            return unused.count
        }
        try await dependencies.ledger.markCollected(job.jobID)
        return removed
    }

    /// Prefixes that had no job in the ledger for `age` while this process watched.
    ///
    /// An id tells no age: it is made by the clock of the server that took the upload, which may be days off, before an upload that
    /// may take long, and its job may be committed late.
    func collectOrphans(olderThan age: Duration) async throws -> Int {
        var removed = 0
        var seen: [String: ContinuousClock.Instant] = [:]
        let store = dependencies.store
        let began = ContinuousClock.now
        for tenant in try await BlockingIO.run({ try store.folders("tenants/") }) {
            let jobs = "tenants/\(tenant)/jobs/"
            let ids = try await BlockingIO.run { try store.folders(jobs) }.filter { JobID.canonical($0) == $0 }
            // The ledger is asked for many at a time: nearly all of them have their job.
            for start in stride(from: 0, to: ids.count, by: Self.batch) {
                let asked = Array(ids[start..<min(start + Self.batch, ids.count)])
                for id in try await dependencies.ledger.unknownJobs(of: asked) {
                    let prefix = "\(jobs)\(id)/"
                    guard let since = suspects[prefix], began - since >= age else {
                        seen[prefix] = suspects[prefix] ?? began
                        continue
                    }
                    removed += try await BlockingIO.run {
                        if try store.list(prefix).isEmpty { return 0 }
                        try store.deletePrefix(prefix)
                        return 1
                    }
                }
            }
        }
        suspects = seen
        return removed
    }

    private static let batch = 1000
}
