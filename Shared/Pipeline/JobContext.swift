internal import Domain
internal import Formats
internal import Foundation
internal import ObjectStore
internal import Tabular

/// Plan and readers of one job, and what was resolved, kept between the tasks of that job in one worker.
final class JobContext: @unchecked Sendable {
    let plan: JobPlan
    let planResult: StageResults.Plan
    let opened: [OpenedSource]
    // Guarded by `lock`.
    private let lock = NSLock()
    private var cached: (result: StageResults.Resolve, head: ResolvedHead)?

    init(_ task: StageTask, _ store: any ObjectStore) throws {
        planResult = try task.decodedOne(.plan, StageResults.Plan.self)
        plan = try StableJSON.decode(JobPlan.self, try store.verified(planResult.planKey), what: "the plan")
        guard plan.version == JobPlan.currentVersion else {
            throw SanitizerError(
                .corruptIntermediate, "plan has version \(plan.version), this engine knows \(JobPlan.currentVersion)")
        }
        opened = try plan.sources.map { source in
            let key = source.stagedKey ?? task.job.inputKey
            var bytes = try store.source(key)
            // Plans of older versions have none.
            if let blocks = source.blocks { bytes = try CheckedSource(bytes, blocks, name: key) }
            return OpenedSource(plan: source, reader: try Readers.open(source.detection, bytes))
        }
    }

    func chunk(_ index: Int) throws -> JobPlan.Chunk {
        guard plan.chunks.indices.contains(index) else {
            throw SanitizerError(.corruptIntermediate, "the plan has \(plan.chunks.count) chunks, asked for number \(index)")
        }
        return plan.chunks[index]
    }

    func resolved(_ task: StageTask, _ store: any ObjectStore) throws -> (result: StageResults.Resolve, head: ResolvedHead) {
        lock.lock()
        defer { lock.unlock() }
        if let cached { return cached }
        let result = try task.decodedOne(.resolve, StageResults.Resolve.self)
        let head = try StableJSON.decode(ResolvedHead.self, try store.verified(result.headKey), what: "the resolution")
        cached = (result, head)
        return (result, head)
    }
}

/// The contexts of the jobs worked on last.
final class ContextCache: @unchecked Sendable {
    private static let capacity = 4
    // Guarded by `lock`; most recently used last.
    private let lock = NSLock()
    private var entries: [(key: String, context: JobContext)] = []

    func context(_ task: StageTask, _ store: any ObjectStore) throws -> JobContext {
        // The plan's result names its object, so another plan of the same job is another entry; what was resolved likewise.
        let stage = task.results[.resolve]?.first ?? []
        let key = SHA256.hex((task.results[.plan]?.first ?? []) + stage)
        lock.lock()
        if let at = entries.firstIndex(where: { $0.key == key }) {
            let entry = entries.remove(at: at)
            entries.append(entry)
            lock.unlock()
            return entry.context
        }
        lock.unlock()
        let context = try JobContext(task, store)
        lock.lock()
        entries.append((key, context))
        if entries.count > Self.capacity { entries.removeFirst() }
        lock.unlock()
        return context
    }
}
