internal import Cleaning
public import Domain
internal import Formats
internal import Foundation
internal import Matching
public import ObjectStore
internal import Profiling
internal import Synchronization
internal import Tabular

/// A whole job in this process: the same stages as the services, on threads instead of queues.
public final class EmbeddedRun: Sendable {
    public struct Options: Sendable {
        public var inputs: [String]
        public var output: String
        public var format: OutputFormat
        /// Put the rows into an .xlsx file; `format` is parquet then, that of the parts.
        public var isWorkbook: Bool
        public var recipePath: String?
        /// Hosts that inputs may be fetched from.
        public var policy: SourcePolicy
        /// Changes what the recipe says, or what it leaves open.
        public var adjust: (@Sendable (inout Recipe) throws -> Void)?
        public var threads: Int
        public var memoryBytes: Int
        public var salt: String
        public var reportPath: String?
        public var provenancePath: String?
        public var matchesPath: String?
        public var rejectsPath: String?
        public var repairsPath: String?
        /// Replace existing files.
        public var force: Bool
        /// Matching tier instead of the recipe's.
        public var near: NearTier?

        public init(
            inputs: [String], output: String, format: OutputFormat, isWorkbook: Bool = false, recipePath: String? = nil,
            threads: Int = 1, memoryBytes: Int = 512 << 20, salt: String = "", reportPath: String? = nil,
            provenancePath: String? = nil,
            matchesPath: String? = nil, rejectsPath: String? = nil, repairsPath: String? = nil, force: Bool = false,
            near: NearTier? = nil, policy: SourcePolicy = .environment, adjust: (@Sendable (inout Recipe) throws -> Void)? = nil
        ) {
            self.adjust = adjust
            self.policy = policy
            self.repairsPath = repairsPath
            self.inputs = inputs
            self.output = output
            self.format = format
            self.isWorkbook = isWorkbook
            self.recipePath = recipePath
            self.threads = threads
            self.memoryBytes = memoryBytes
            self.salt = salt
            self.reportPath = reportPath
            self.provenancePath = provenancePath
            self.matchesPath = matchesPath
            self.rejectsPath = rejectsPath
            self.force = force
            self.near = near
        }

        var outputPaths: [String] {
            [output] + [reportPath, provenancePath, matchesPath, rejectsPath, repairsPath].compactMap { $0 }
        }
    }

    private let options: Options
    private let progress: any ProgressObserver

    public init(_ options: Options, progress: any ProgressObserver = SilentProgress()) {
        self.options = options
        self.progress = progress
    }

    /// Runs the job; blocks. Output files appear together at the end, or not at all when it throws.
    ///
    /// - Returns: the report, also written to `reportPath` when set.
    public func run() throws -> Report {
        var overrides = try options.recipePath.map(RecipeFile.load(path:))
        if let adjust = options.adjust {
            var recipe = overrides ?? Recipe()
            try adjust(&recipe)
            overrides = recipe
        }
        if let near = options.near {
            overrides = overrides ?? Recipe()
            overrides?.deduplicate.near = near
        }
        let scratch = Scratch(budget: Scratch.share(of: options.memoryBytes))

        // 1. plan
        progress.begin(.plan, units: 1, rows: 0)
        let inputs = try InputFiles.find(
            options.inputs, options: overrides?.input ?? InputOptions(), policy: options.policy, scratch: scratch)
        try OutputFiles.check(options.outputPaths, inputs: inputs.compactMap(\.path), force: options.force)
        let digests = inputs.map { InputDigest(of: $0.source) }
        var (plan, opened) = try Self.plan(
            inputs, overrides: overrides, salt: options.salt, threads: options.threads, scratch: scratch)
        plan.recipe.output.format = options.format
        let estimate = Preflight.estimate(plan, threads: options.threads, memoryBytes: options.memoryBytes)
        try estimate.refuseIfOver(options.memoryBytes)
        let threads = estimate.threads
        HeapMemory.manage(needed: estimate.streamingBytes, ceiling: options.memoryBytes)
        progress.advance(.plan, rows: 0)

        // 2. scan
        HeapMemory.trim()
        let profile = TableProfile(columns: plan.columns.count, dependencies: plan.dependencies)
        let records = try scan(plan, opened, into: profile, threads: threads, scratch: scratch)

        // 3. match
        HeapMemory.trim()
        try match(plan, threads: threads, scratch: scratch)

        // 4. resolve
        HeapMemory.trim()
        HeapMemory.manage(needed: estimate.resolvingBytes, ceiling: options.memoryBytes)
        progress.begin(.resolve, units: 1, rows: 0)
        let resolved = try ResolveStage.run(
            plan: plan, profile: profile, records: records, threads: threads,
            slice: { [slices = plan.match.matchSlices] in try scratch.slice("matches/\($0)", $1, of: slices) },
            fetch: {
                for partition in 0..<plan.match.partitions { scratch.remove("matches/\(partition)") }
                return try RowFetching.fetch($0, plan: plan, opened: opened, threads: threads)
            })
        progress.advance(.resolve, rows: 0)

        // 5. clean, 6. report
        HeapMemory.trim()
        HeapMemory.manage(needed: estimate.streamingBytes, ceiling: options.memoryBytes)
        let outputs = try OutputFiles(options, resolution: resolved.head.resolution, scratch: scratch)
        do {
            let summaries = try clean(plan, opened, resolved, outputs, threads: threads)
            progress.begin(.report, units: 1, rows: 0)
            let report = try outputs.finish(
                ReportStage.Inputs(
                    jobID: nil, plan: plan, inputDigests: try digests.map { try $0.wait() }, salt: options.salt,
                    profile: profile, resolved: resolved.head, summaries: summaries))
            progress.advance(.report, rows: 0)
            return report
        } catch {
            outputs.abort()
            throw error
        }
    }

    static func plan(
        _ inputs: [PlanStage.Input], overrides: Recipe?, salt: String, threads: Int, scratch: Scratch
    ) throws -> (JobPlan, [OpenedSource]) {
        let opened = try open(inputs, options: overrides?.input ?? InputOptions(), scratch: scratch)
        return try PlanStage.plan(opened, overrides: overrides, salt: salt, threads: threads)
    }

    /// Inputs that the readers cannot take as they are are rewritten into the scratch folder.
    static func open(_ inputs: [PlanStage.Input], options: InputOptions, scratch: Scratch) throws -> [OpenedSource] {
        try inputs.map { input in
            try PlanStage.open(input, options: options) {
                let path = try scratch.nextFile()
                return (try FileSink(path: path), { (try FileSource(path: path), path) })
            }
        }
    }

    /// Records per chunk. Every thread has its own statistics; merging them does not depend on who did which chunk.
    private func scan(
        _ plan: JobPlan, _ opened: [OpenedSource], into profile: TableProfile, threads: Int, scratch: Scratch
    ) throws -> [Int] {
        progress.begin(.scan, units: plan.chunks.count, rows: plan.plannedRows)
        let records = Mutex([Int](repeating: 0, count: plan.chunks.count))
        let lanes = try (0..<threads).map { _ in
            Guarded(
                (
                    normaliser: try Normaliser(recipe: plan.recipe, names: plan.columns),
                    keys: KeyBuilder(plan: plan.match),
                    profile: TableProfile(columns: plan.columns.count, dependencies: plan.dependencies)
                ))
        }
        try Workers.forEach(plan.chunks.count, threads: threads) { [progress] lane, index in
            let own = lanes[lane].value
            let chunk = plan.chunks[index]
            let output = try ScanStage.run(
                chunk, index: index, plan: plan, source: opened[chunk.source], normaliser: own.normaliser,
                keys: own.keys, into: own.profile)
            try scratch.put("keys/\(index)", output.keys)
            records.withLock { $0[index] = output.records }
            progress.advance(.scan, rows: output.rows)
        }
        for lane in lanes { profile.merge(lane.value.profile) }
        return records.withLock { $0 }
    }

    private func match(_ plan: JobPlan, threads: Int, scratch: Scratch) throws {
        let partitions = plan.match.partitions
        progress.begin(.match, units: partitions, rows: 0)
        try Workers.forEach(partitions, threads: threads) { [progress] _, partition in
            let matcher = PartitionMatcher(plan: plan.match, partition: partition)
            for chunk in plan.chunks.indices {
                try matcher.add(try scratch.slice("keys/\(chunk)", partition, of: partitions))
            }
            try scratch.put("matches/\(partition)", matcher.finish().encode(stripes: plan.match.stripeCount))
            progress.advance(.match, rows: 0)
        }
        for chunk in plan.chunks.indices { scratch.remove("keys/\(chunk)") }
    }

    private func clean(
        _ plan: JobPlan, _ opened: [OpenedSource], _ resolved: ResolveStage.Output, _ outputs: OutputFiles, threads: Int
    ) throws -> [ChunkSummary] {
        progress.begin(.clean, units: plan.chunks.count, rows: plan.plannedRows)
        let cleaning = CleanStage.Options(
            format: options.format, keepProvenance: options.provenancePath != nil, keepRepairs: options.repairsPath != nil,
            hmacKey: EmbeddedKeys.hmac(salt: options.salt))
        let lanes = try (0..<threads).map { _ in
            Guarded(try CleanStage.Tools(plan: plan, resolution: resolved.head.resolution, options: cleaning))
        }
        let slices = DecisionSlices(resolved.decisions, chunks: plan.chunks.count)
        let collected = Guarded([ChunkSummary]())
        let drain = OrderedDrain<CleanStage.Output>(window: threads * 2) { _, output in
            try outputs.append(output)
            collected.value.append(output.summary)
        }
        try Workers.forEach(plan.chunks.count, threads: threads) { [progress] lane, index in
            try drain.waitForTurn(index)
            do {
                let chunk = plan.chunks[index]
                let output = try CleanStage.run(
                    chunk, index: index, plan: plan, source: opened[chunk.source], resolution: resolved.head.resolution,
                    decisions: slices.decisions(index, firstRecords: resolved.head.firstRecords), tools: lanes[lane].value,
                    options: cleaning)
                let rows = output.summary.records
                try drain.finish(index, output)
                progress.advance(.clean, rows: rows)
            } catch {
                drain.fail(error)
                throw error
            }
        }
        return collected.value
    }
}

/// Cuts the job's decisions into those of one chunk.
struct DecisionSlices: Sendable {
    private let decisions: MatchDecisions
    private let dropBounds: [Int]
    private let fillBounds: [Int]
    private let suggestionBounds: [Int]

    init(_ decisions: MatchDecisions, chunks: Int) {
        self.decisions = decisions
        dropBounds = Self.bounds(decisions.drops.map(\.row), chunks)
        fillBounds = Self.bounds(decisions.fills.map(\.row), chunks)
        suggestionBounds = Self.bounds(decisions.suggestions.map(\.row), chunks)
    }

    func decisions(_ chunk: Int, firstRecords: [Int]) -> CleanStage.Decisions {
        CleanStage.Decisions(
            drops: decisions.drops[dropBounds[chunk]..<dropBounds[chunk + 1]],
            fills: decisions.fills[fillBounds[chunk]..<fillBounds[chunk + 1]],
            suggestions: decisions.suggestions[suggestionBounds[chunk]..<suggestionBounds[chunk + 1]], firstRecords: firstRecords)
    }

    private static func bounds(_ rows: [RowID], _ chunks: Int) -> [Int] {
        var bounds = [Int](repeating: rows.count, count: chunks + 1)
        var at = 0
        for chunk in 0...chunks {
            while at < rows.count, rows[at].chunk < chunk { at += 1 }
            bounds[chunk] = at
        }
        return bounds
    }
}

/// SHA-256 of an input, computed on a thread of its own while the stages work; the thread ends with the object.
final class InputDigest: @unchecked Sendable {
    private typealias Digest = (bytes: Int64, sha256: String, blocks: BlockDigests?)

    /// What the thread and its owner share.
    private final class Work: @unchecked Sendable {
        // Written by the thread before `done` is signalled, read after it.
        var result: Result<Digest, any Error> = .success((0, "", nil))
        let done = DispatchSemaphore(value: 0)
        let isAbandoned = Atomic(false)
    }
    private let work = Work()

    /// - Parameter keepsBlocks: also the digests of the blocks, for those who will read it again.
    init(of source: any ByteSource, keepsBlocks: Bool = false) {
        let thread = Thread { [work] in
            work.result = Result {
                let hash = SHA256()
                var blocks = BlockHasher()
                let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
                defer { buffer.deallocate() }
                var at: Int64 = 0
                while at < source.size, !work.isAbandoned.load(ordering: .relaxed) {
                    let n = try source.read(at: at, into: buffer)
                    if n == 0 { break }
                    let piece = UnsafeRawBufferPointer(rebasing: buffer[0..<n])
                    hash.update(piece)
                    if keepsBlocks { blocks.update(piece) }
                    at += Int64(n)
                }
                return (at, hash.finishHex(), keepsBlocks ? blocks.finish() : nil)
            }
            work.done.signal()
        }
        thread.name = "input-digest"
        thread.start()
    }

    deinit {
        work.isAbandoned.store(true, ordering: .relaxed)
        work.done.wait()
    }

    func wait() throws -> (bytes: Int64, sha256: String) {
        let all = try waitForAll()
        return (all.bytes, all.sha256)
    }

    /// Nil when the blocks were not asked for.
    func waitForBlocks() throws -> BlockDigests? { try waitForAll().blocks }

    private func waitForAll() throws -> Digest {
        work.done.wait()
        work.done.signal()
        return try work.result.get()
    }
}

/// The key of hashes and tokens when no service holds one per tenant: derived from the salt alone.
enum EmbeddedKeys {
    static func hmac(salt: String) -> [UInt8] {
        Array("data-sanitizer embedded".utf8).withUnsafeBytes { SHA256.hmac(key: Array(salt.utf8), $0) }
    }
}
