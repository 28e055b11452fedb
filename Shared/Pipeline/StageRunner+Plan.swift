internal import Domain
internal import Formats
internal import Matching
internal import ObjectStore
internal import Tabular

extension StageRunner {
    /// Looks at the input, stages it when the readers cannot take it as it is, and cuts it into chunks.
    func plan(_ task: StageTask, _ check: () throws -> Void) throws -> StageResult {
        let source = try store.source(task.job.inputKey)
        let digest = InputDigest(of: source, keepsBlocks: true)
        do {
            return try plan(task, source, digest, check)
        } catch let error as SanitizerError where !error.isRetryable && error.code != .cancelled {
            // What cannot be read may have changed since it was uploaded.
            _ = try Self.uploaded(task.job, digest)
            throw error
        }
    }

    /// What the input is now.
    /// - Throws: `digest_mismatch` when that is not what was uploaded.
    private static func uploaded(_ job: JobSpec, _ digest: InputDigest) throws -> (bytes: Int64, sha256: String) {
        let input = try digest.wait()
        if let uploaded = job.inputSHA256, uploaded != input.sha256 {
            throw SanitizerError(.digestMismatch, "the stored input is not what was uploaded: submit it again")
        }
        return input
    }

    private func plan(
        _ task: StageTask, _ source: any ByteSource, _ digest: InputDigest, _ check: () throws -> Void
    ) throws -> StageResult {
        let job = task.job
        let overrides = try job.recipe.map { try RecipeFile.load(text: $0, name: "recipe") }
        var staged: BlockDigests?
        let opened = try PlanStage.open(
            PlanStage.Input(name: job.inputName, source: source), options: overrides?.input ?? InputOptions()
        ) {
            let key = Self.stagedKey(task)
            let sink = BlockHashingSink(try store.sink(key))
            return (
                sink,
                { [store] in
                    guard let blocks = sink.digests else { throw SanitizerError(.internal, "\(key) was not closed") }
                    staged = blocks
                    return (try CheckedSource(try store.source(key), blocks, name: key), key)
                }
            )
        }
        try check()
        var (plan, sources) = try PlanStage.plan([opened], overrides: overrides, salt: job.salt, threads: threads)
        plan.recipe.output.format = job.outputFormat
        try Preflight.estimate(plan, threads: 1, memoryBytes: memoryBytes).refuseIfOver(memoryBytes)
        let input = try Self.uploaded(job, digest)
        plan.sources[0].blocks = plan.sources[0].stagedKey == nil ? try digest.waitForBlocks() : staged
        let planKey = try put(task, "plan", StableJSON.compact(plan))
        let result = try StableJSON.compact(
            StageResults.Plan(
                planKey: planKey, inputBytes: input.bytes, inputSHA256: input.sha256, chunks: plan.chunks.count,
                partitions: plan.match.partitions))
        let planned: [Stage: Int] = [
            .scan: plan.chunks.count, .match: plan.match.partitions, .resolve: 1, .clean: plan.chunks.count, .report: 1,
        ]
        // A job of one chunk goes on here: three messages instead of six.
        guard plan.chunks.count <= 1 else { return StageResult(result: result, planned: planned) }
        try check()
        return try finishPassOne(task, plan: plan, opened: sources, planResult: result, planned: planned)
    }
}
