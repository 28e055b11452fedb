public import Domain
internal import Formats
internal import Foundation
internal import Matching
public import ObjectStore
internal import Profiling
internal import Tabular

/// What a run would need, known before it starts.
public struct Preflight: Codable, Sendable {
    public var rows: Int
    public var chunks: Int
    public var columns: Int
    public var tier: NearTier
    public var candidatePairs: Int
    /// Threads that fit under the ceiling; the result does not depend on it.
    public var threads: Int
    /// Peak memory with that many threads, in bytes.
    public var memoryBytes: Int
    /// Of that, what the stages need that work chunk by chunk, and what resolving needs; not part of the JSON.
    var streamingBytes = 0
    var resolvingBytes = 0
    /// Temporary files, in bytes, at most.
    public var scratchBytes: Int64
    public var seconds: Double

    enum CodingKeys: String, CodingKey {
        case rows, chunks, columns, tier
        case candidatePairs = "candidate_pairs"
        case threads
        case memoryBytes = "memory_bytes"
        case scratchBytes = "scratch_bytes"
        case seconds
    }

    public func json() throws -> String {
        String(decoding: try StableJSON.encode(self), as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    /// - Throws: `preflight_refused` when even one thread does not fit.
    public func refuseIfOver(_ ceiling: Int) throws {
        guard memoryBytes > ceiling else { return }
        func mebibytes(_ n: Int) -> Int { (n + (1 << 20) - 1) >> 20 }
        throw SanitizerError(
            .preflightRefused,
            "needs about \(mebibytes(memoryBytes)) MiB for \(rows) rows, the ceiling is \(mebibytes(ceiling)) MiB: raise --memory or choose a cheaper matching tier in the recipe (deduplicate: {near: \"off\"})"
        )
    }

    /// Upper estimates; the constants are measured (see docs/architecture.md, Memory).
    static func estimate(_ plan: JobPlan, threads: Int, memoryBytes: Int) -> Preflight {
        let columns = max(1, plan.columns.count)
        let rows = plan.plannedRows
        let largestChunk = plan.chunks.map { Int($0.descriptor.length) }.max() ?? 0
        let rowsPerChunk = plan.chunks.isEmpty ? 0 : (rows + plan.chunks.count - 1) / plan.chunks.count
        // Chunk bytes, cells, normalised text, keys, encoded part; and the thread's statistics.
        let perChunk = 3 * largestChunk + rowsPerChunk * (8 * columns + 160)
        let perProfile =
            columns * min(4 << 20, 16_384 + rows * 24)
            + plan.dependencies.count * min(rows, PairCounts.limit(of: plan.dependencies.count)) * PairCounts.pairBytes
        let perThread = perChunk + perProfile
        let base = 40 << 20
        // Scan and clean: intermediate results kept in memory, the job's statistics and decisions, and every thread's own.
        let streaming = base + min(Scratch.share(of: memoryBytes), rows * 200) + perProfile + rows / 10 * 40
        // Resolve: statistics, exact pairs, candidate rows with their text and its normal form, candidate pairs.
        let candidates = MatchResolver.candidates(of: plan.match)
        let text = max(plan.match.rowBytes ?? 0, 60) + columns
        let resolving =
            base + perProfile + rows * 10 + candidates.rows * (2 * text + 40 * columns) + candidates.pairs * 110
            + (candidates.held - candidates.pairs) * 24
        let fit = max(1, min(threads, (memoryBytes - streaming) / max(1, perThread)))
        let cells = Double(rows) * Double(columns)
        return Preflight(
            rows: rows, chunks: plan.chunks.count, columns: columns, tier: plan.match.tier,
            candidatePairs: plan.match.tier == .off ? 0 : rows / 8, threads: fit,
            memoryBytes: max(streaming + fit * perThread, resolving), streamingBytes: streaming + fit * perThread,
            resolvingBytes: resolving,
            scratchBytes: Int64(rows) * 200 + Int64(plan.chunks.reduce(0) { $0 + Int($1.descriptor.length) }),
            seconds: 0.05 + cells * 2.2e-7 / Double(fit))
    }
}

extension EmbeddedRun {
    /// Looks at the inputs as a run would, without running.
    public static func preflight(
        inputs: [String], recipePath: String?, threads: Int, memoryBytes: Int, policy: SourcePolicy = .environment,
        adjust: (inout Recipe) throws -> Void = { _ in }
    ) throws -> Preflight {
        var overrides = try recipePath.map(RecipeFile.load(path:)) ?? Recipe()
        try adjust(&overrides)
        let scratch = Scratch(budget: Scratch.share(of: memoryBytes))
        let sources = try InputFiles.find(inputs, options: overrides.input, policy: policy, scratch: scratch)
        let (plan, _) = try plan(sources, overrides: overrides, salt: "", threads: threads, scratch: scratch)
        return Preflight.estimate(plan, threads: threads, memoryBytes: memoryBytes)
    }
}
