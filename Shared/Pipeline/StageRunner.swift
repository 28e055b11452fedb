internal import Cleaning
public import Domain
internal import Formats
public import Foundation
internal import Matching
public import ObjectStore
internal import Profiling
internal import Tabular

/// Runs one task of a job against the object store: the engine as the workers see it.
///
/// Blocks and uses the processor: call it on a thread of its own. Everything is written below the job's prefix under keys that
/// carry the attempt's epoch, so that attempts never touch each other's objects. Thread-safe.
public final class StageRunner: Sendable {
    let store: any ObjectStore
    private let hmacMasterKey: [UInt8]
    let memoryBytes: Int
    let threads: Int
    private let contexts: ContextCache

    /// - Parameters:
    ///   - hmacMasterKey: the secret from which the tenants' keys for hashes and tokens are derived.
    ///   - memoryBytes: ceiling of the process.
    public init(
        store: any ObjectStore, hmacMasterKey: [UInt8], memoryBytes: Int,
        threads: Int = ProcessInfo.processInfo.activeProcessorCount
    ) {
        self.store = store
        self.hmacMasterKey = hmacMasterKey
        self.memoryBytes = memoryBytes
        self.threads = threads
        contexts = ContextCache()
    }

    /// The same runner, writing through another view of its store.
    private init(_ runner: StageRunner, store: any ObjectStore) {
        self.store = store
        hmacMasterKey = runner.hmacMasterKey
        memoryBytes = runner.memoryBytes
        threads = runner.threads
        contexts = runner.contexts
    }

    /// What it wrote is durable on return. An attempt that was cancelled takes back what it wrote, see ``discard(_:)``.
    /// - Parameter isCancelled: asked between steps and at the end; when true the task ends with `cancelled`.
    /// - Throws: ``Domain/SanitizerError``; `isRetryable` says whether another attempt may succeed.
    public func run(_ task: StageTask, isCancelled: @Sendable () -> Bool) throws -> StageResult {
        do {
            let result = try store.durableTogether { try StageRunner(self, store: $0).stage(task, isCancelled) }
            try Self.check(task, isCancelled)
            return result
        } catch {
            // What cannot be deleted stays. Nobody waits for an attempt that was given up, and its error tells all there is to tell.
            if isCancelled() { try? discard(task) }
            throw error
        }
    }

    /// Deletes what a given-up attempt wrote. Its keys carry its epoch, which is never committed, and it may have been frozen for
    /// so long that the collector has been there already.
    private func discard(_ task: StageTask) throws {
        try store.deletePrefix(Self.attemptPrefix(task))
        // Epochs count by task: the staged input of this number is the first stage's alone.
        if task.stage == .plan { try store.delete(Self.stagedKey(task)) }
    }

    static func attemptPrefix(_ task: StageTask) -> String {
        "\(task.job.keyPrefix)\(task.stage.rawValue)/\(task.index)/\(task.epoch)-"
    }
    /// The input in a form that can be cut, where it could not be as it came. Written by the first stage.
    static func stagedKey(_ task: StageTask) -> String { "\(task.job.keyPrefix)staged/\(task.epoch)" }

    private static func check(_ task: StageTask, _ isCancelled: () -> Bool) throws {
        if isCancelled() { throw SanitizerError(.cancelled, "job \(task.job.jobID) was cancelled") }
    }

    private func stage(_ task: StageTask, _ isCancelled: @Sendable () -> Bool) throws -> StageResult {
        func check() throws { try Self.check(task, isCancelled) }
        try check()
        switch task.stage {
        case .plan: return try plan(task, check)
        case .scan: return try scan(task)
        case .match: return try match(task)
        case .resolve: return try resolve(task, check)
        case .clean: return try clean(task)
        case .report: return try report(task, check)
        }
    }

    // MARK: - pass 1

    func finishPassOne(
        _ task: StageTask, plan: JobPlan, opened: [OpenedSource], planResult: [UInt8], planned: [Stage: Int]
    ) throws -> StageResult {
        let profile = TableProfile(columns: plan.columns.count, dependencies: plan.dependencies)
        let normaliser = try Normaliser(recipe: plan.recipe, names: plan.columns)
        let keys = KeyBuilder(plan: plan.match)
        var scans: [ScanStage.Output] = []
        for (index, chunk) in plan.chunks.enumerated() {
            scans.append(
                try ScanStage.run(
                    chunk, index: index, plan: plan, source: opened[chunk.source], normaliser: normaliser, keys: keys,
                    into: profile))
        }
        let matches = try (0..<plan.match.partitions).map { partition in
            let matcher = PartitionMatcher(plan: plan.match, partition: partition)
            for scan in scans { try matcher.add(Array(scan.keys[try SlicedBlob.range(scan.keys, partition)])) }
            return matcher.finish().encode(stripes: plan.match.stripeCount)
        }
        let resolved = try ResolveStage.run(
            plan: plan, profile: profile, records: scans.map(\.records), threads: 1,
            slice: { Array(matches[$0][try SlicedBlob.range(matches[$0], $1)]) },
            fetch: { try RowFetching.fetch($0, plan: plan, opened: opened, threads: 1) })
        let resolveResult = try storeResolved(task, resolved, profile: profile, chunks: plan.chunks.count)
        return StageResult(
            result: planResult, planned: planned,
            inlined: [
                .scan: try scans.map {
                    try StableJSON.compact(StageResults.Scan(records: $0.records, rows: $0.rows))
                },
                .match: try matches.map { _ in try StableJSON.compact(StageResults.Match(matchesKey: nil)) },
                .resolve: [try StableJSON.compact(resolveResult)],
            ], counters: JobCounters(duplicatesFound: resolved.decisions.drops.count))
    }

    private func scan(_ task: StageTask) throws -> StageResult {
        let context = try contexts.context(task, store)
        let plan = context.plan
        let chunk = try context.chunk(task.index)
        let profile = TableProfile(columns: plan.columns.count, dependencies: plan.dependencies)
        let output = try ScanStage.run(
            chunk, index: task.index, plan: plan, source: context.opened[chunk.source],
            normaliser: try Normaliser(recipe: plan.recipe, names: plan.columns), keys: KeyBuilder(plan: plan.match),
            into: profile)
        return StageResult(
            result: try StableJSON.compact(
                StageResults.Scan(
                    records: output.records, rows: output.rows, keysKey: try put(task, "keys", output.keys),
                    keyDigests: try SlicedObject.digests(of: output.keys, slices: plan.match.partitions),
                    profileKey: try put(task, "profile", profile.encode()))))
    }

    private func match(_ task: StageTask) throws -> StageResult {
        let context = try contexts.context(task, store)
        let plan = context.plan
        let matcher = PartitionMatcher(plan: plan.match, partition: task.index)
        for scan in try task.decoded(.scan, StageResults.Scan.self) {
            guard let key = scan.keysKey else { throw SanitizerError(.corruptIntermediate, "a scan left no keys") }
            let keys = try SlicedObject(store, key: key, slices: plan.match.partitions, digests: scan.keyDigests)
            try matcher.add(try keys.slice(task.index))
        }
        let matches = matcher.finish().encode(stripes: plan.match.stripeCount)
        return StageResult(
            result: try StableJSON.compact(
                StageResults.Match(
                    matchesKey: try put(task, "matches", matches),
                    matchDigests: try SlicedObject.digests(of: matches, slices: plan.match.matchSlices))))
    }

    private func resolve(_ task: StageTask, _ check: () throws -> Void) throws -> StageResult {
        let context = try contexts.context(task, store)
        let plan = context.plan
        let scans = try task.decoded(.scan, StageResults.Scan.self)
        let profile = TableProfile(columns: plan.columns.count, dependencies: plan.dependencies)
        for scan in scans {
            guard let key = scan.profileKey else { throw SanitizerError(.corruptIntermediate, "a scan left no profile") }
            profile.merge(try TableProfile(decoding: try store.verified(key)))
            try check()
        }
        let matches = try task.decoded(.match, StageResults.Match.self).map { match in
            guard let key = match.matchesKey, let digests = match.matchDigests else {
                throw SanitizerError(.corruptIntermediate, "a match left nothing that can be read: submit the file again")
            }
            return try SlicedObject(store, key: key, slices: plan.match.matchSlices, digests: digests)
        }
        guard matches.count == plan.match.partitions else {
            throw SanitizerError(.corruptIntermediate, "\(matches.count) of \(plan.match.partitions) partitions were matched")
        }
        let resolved = try ResolveStage.run(
            plan: plan, profile: profile, records: scans.map(\.records), threads: threads, slice: { try matches[$0].slice($1) },
            fetch: { [threads] in try RowFetching.fetch($0, plan: plan, opened: context.opened, threads: threads) })
        let result = try storeResolved(task, resolved, profile: profile, chunks: plan.chunks.count)
        return StageResult(
            result: try StableJSON.compact(result), counters: JobCounters(duplicatesFound: resolved.decisions.drops.count))
    }

    private func storeResolved(
        _ task: StageTask, _ resolved: ResolveStage.Output, profile: TableProfile, chunks: Int
    ) throws -> StageResults.Resolve {
        let slices = DecisionSlices(resolved.decisions, chunks: chunks)
        var offsets = [0]
        var digests: [String] = []
        var bytes: [UInt8] = []
        for chunk in 0..<chunks {
            let own = slices.decisions(chunk, firstRecords: [])
            let start = bytes.count
            if !(own.drops.isEmpty && own.fills.isEmpty && own.suggestions.isEmpty) {
                var part = MatchDecisions()
                part.drops = Array(own.drops)
                part.fills = Array(own.fills)
                part.suggestions = Array(own.suggestions)
                bytes += part.encode()
            }
            offsets.append(bytes.count)
            digests.append(Digest.short(bytes[start...]))
        }
        return StageResults.Resolve(
            headKey: try put(task, "head", StableJSON.compact(resolved.head)),
            profileKey: try put(task, "profile", profile.encode()),
            decisionsKey: bytes.isEmpty ? nil : try put(task, "decisions", bytes), decisionOffsets: offsets,
            decisionDigests: digests)
    }

    // MARK: - pass 2

    private func clean(_ task: StageTask) throws -> StageResult {
        let context = try contexts.context(task, store)
        let plan = context.plan
        let chunk = try context.chunk(task.index)
        let resolved = try context.resolved(task, store)
        var own = MatchDecisions()
        if let key = resolved.result.decisionsKey {
            guard resolved.result.decisionOffsets.count > task.index + 1 else {
                throw SanitizerError(.corruptIntermediate, "no decisions for chunk \(task.index)")
            }
            let range = resolved.result.decisionOffsets[task.index]..<resolved.result.decisionOffsets[task.index + 1]
            if !range.isEmpty {
                let bytes = try store.source(key).read(at: Int64(range.lowerBound), count: range.count)
                if let digests = resolved.result.decisionDigests, Digest.short(bytes[...]) != digests[task.index] {
                    throw Digest.mismatch(key)
                }
                own = try MatchDecisions(decoding: bytes)
            }
        }
        let options = CleanStage.Options(
            format: task.job.outputFormat, keepProvenance: true, hmacKey: tenantKey(task.job.tenantID))
        let output = try CleanStage.run(
            chunk, index: task.index, plan: plan, source: context.opened[chunk.source],
            resolution: resolved.head.resolution,
            decisions: CleanStage.Decisions(
                drops: own.drops[...], fills: own.fills[...], suggestions: own.suggestions[...],
                firstRecords: resolved.head.firstRecords),
            tools: try CleanStage.Tools(plan: plan, resolution: resolved.head.resolution, options: options),
            options: options)
        var result = CleanResult(output.summary, partBytes: Int64(output.part.count), partSHA256: output.partSHA256)
        if output.summary.kept > 0 { result.partKey = try put(task, "part", output.part) }
        if let bytes = output.provenance, output.summary.changes.total + output.summary.changes.totalSuggested > 0 {
            result.provenanceKey = try put(task, "provenance", bytes)
        }
        if !output.rejects.isEmpty { result.rejectsKey = try put(task, "rejects", output.rejects) }
        if !output.matches.isEmpty { result.matchesKey = try put(task, "matches", output.matches) }
        return StageResult(
            result: try StableJSON.compact(result),
            counters: JobCounters(
                rowsProcessed: output.summary.records,
                imputationsApplied: output.summary.changes.imputed)
        )
    }

    // MARK: - helpers

    /// Writes an object of this attempt; equal content of one attempt has one key.
    func put(_ task: StageTask, _ name: String, _ bytes: [UInt8]) throws -> String {
        let key = "\(Self.attemptPrefix(task))\(name)-\(SHA256.hex(bytes))"
        try store.put(key, bytes)
        return key
    }

    func context(_ task: StageTask) throws -> JobContext { try contexts.context(task, store) }

    private func tenantKey(_ tenantID: String) -> [UInt8] {
        Array(tenantID.utf8).withUnsafeBytes { SHA256.hmac(key: hmacMasterKey, $0) }
    }
}

extension StageTask {
    func decoded<Value: Decodable>(_ stage: Stage, _: Value.Type) throws -> [Value] {
        try (results[stage] ?? []).map { try StableJSON.decode(Value.self, $0, what: "a result of stage \(stage.rawValue)") }
    }
    func decodedOne<Value: Decodable>(_ stage: Stage, _ type: Value.Type) throws -> Value {
        guard let first = try decoded(stage, type).first else {
            throw SanitizerError(.corruptIntermediate, "job \(job.jobID) has no result of stage \(stage.rawValue)")
        }
        return first
    }
}
