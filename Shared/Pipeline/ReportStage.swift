internal import Cleaning
public import Domain
internal import Formats
internal import Matching
internal import Profiling
internal import Tabular

/// Stage 6: reconcile every count and write the proof.
enum ReportStage {
    struct Inputs {
        /// nil for an embedded run: derived from input, recipe and salt.
        var jobID: String?
        var plan: JobPlan
        /// Size and SHA-256 of each input as given.
        var inputDigests: [(bytes: Int64, sha256: String)]
        var salt: String
        var profile: TableProfile
        var resolved: ResolvedHead
        /// In chunk order.
        var summaries: [ChunkSummary]
    }

    /// - Throws: `conservation_violated` when a single record is unaccounted for.
    static func report(_ inputs: Inputs, output: Report.Output) throws -> Report {
        let plan = inputs.plan
        let resolution = inputs.resolved.resolution
        let resolved = inputs.resolved
        var changes = ChangeCounts(columns: plan.columns.count)
        for summary in inputs.summaries { changes.merge(summary.changes) }
        let conservation = try conserve(inputs)
        let quality = ReportPieces.quality(
            profile: inputs.profile, resolution: resolution, counts: changes, keptRows: conservation.kept,
            duplicates: conservation.exactDuplicates + conservation.nearDuplicates)
        let recipe = RecipeFile.json(resolution.recipe)
        let recipeDigest = SHA256.hex(recipe)
        let input = describeInput(inputs)
        return Report(
            jobID: inputs.jobID ?? "local-\(SHA256.hex(input.sha256 + recipeDigest + inputs.salt).prefix(16))",
            engineVersion: Engine.version, recipeDigest: recipeDigest, recipe: resolution.recipe, input: input,
            summary: Report.Summary(
                originalRowCount: conservation.input, cleanedRowCount: conservation.kept,
                rowsDropped: conservation.input - conservation.kept,
                deduplicationRate: conservation.input == 0 ? 1 : Double(conservation.kept) / Double(conservation.input)),
            conservation: conservation,
            qualityMetrics: Report.QualityMetrics(
                duplicatesDetected: conservation.exactDuplicates + conservation.nearDuplicates,
                falsePositiveRate: resolved.falsePositiveRate, falsePositiveRateMethod: resolved.falsePositiveRateMethod,
                imputationRate: quality.imputationRate, confidenceScoreAvg: quality.confidence,
                qualityScoreBefore: quality.before, qualityScoreAfter: quality.after),
            columns: ReportPieces.columns(
                profile: inputs.profile, resolution: resolution, counts: changes,
                firstRecords: inputs.resolved.firstRecords),
            transformationsApplied: ReportPieces.transformations(counts: changes, resolution: resolution)
                + removals(conservation, plan: plan, resolution: resolution),
            matching: resolved.matching, rejects: rejects(inputs.summaries), output: output)
    }

    private static func conserve(_ inputs: Inputs) throws -> Report.Conservation {
        for summary in inputs.summaries where !summary.isBalanced {
            throw SanitizerError(
                .conservationViolated,
                "chunk \(summary.index): \(summary.records) records, but \(summary.kept) kept, \(summary.exactDuplicates) exact and \(summary.nearDuplicates) near duplicates, \(summary.rejected) rejected"
            )
        }
        func sum(_ count: (ChunkSummary) -> Int) -> Int { inputs.summaries.reduce(0) { $0 + count($1) } }
        let conservation = Report.Conservation(
            input: inputs.resolved.firstRecords.last ?? 0, kept: sum(\.kept), exactDuplicates: sum(\.exactDuplicates),
            nearDuplicates: sum(\.nearDuplicates), quarantined: sum(\.quarantined), rejected: sum(\.rejected))
        let decided = inputs.resolved.drops
        guard conservation.balanced, decided == conservation.exactDuplicates + conservation.nearDuplicates,
            inputs.summaries.count == inputs.plan.chunks.count
        else {
            throw SanitizerError(
                .conservationViolated, "records do not add up: \(conservation), \(decided) decided as duplicates")
        }
        return conservation
    }

    private static func describeInput(_ inputs: Inputs) -> Report.Input {
        let first = inputs.plan.sources[0]
        var dialect: [String: String] = [:]
        if let csv = first.detected.csv ?? first.detection.csv { dialect = csv.description(for: first.detection) }
        if first.detected.compression != .none { dialect["compression"] = first.detected.compression.rawValue }
        // Several inputs: the digest of their digests, in order.
        let sha256 =
            inputs.inputDigests.count == 1
            ? inputs.inputDigests[0].sha256 : SHA256.hex(inputs.inputDigests.map(\.sha256).joined(separator: "\n"))
        return Report.Input(
            bytes: inputs.inputDigests.reduce(0) { $0 + $1.bytes }, sha256: sha256, format: first.detected.format,
            dialect: dialect, encoding: first.detected.encoding)
    }

    private static func removals(
        _ c: Report.Conservation, plan: JobPlan, resolution: Resolution
    ) -> [Report.Transformation] {
        var out: [Report.Transformation] = []
        if c.exactDuplicates > 0 {
            out.append(
                Report.Transformation(
                    id: "drop_exact_duplicates", type: "deduplicate", params: ["kept": "first"], columns: plan.columns,
                    rowsRemoved: c.exactDuplicates))
        }
        if c.nearDuplicates > 0 {
            out.append(
                Report.Transformation(
                    id: "drop_near_duplicates", type: "deduplicate",
                    params: ["survivor": (resolution.recipe.deduplicate.survivor ?? .first).rawValue],
                    columns: plan.columns, rowsRemoved: c.nearDuplicates))
        }
        if c.rejected > 0 {
            out.append(
                Report.Transformation(
                    id: "reject_unreadable", type: "reject", params: [:], columns: [], rowsRemoved: c.rejected))
        }
        return out
    }

    private static func rejects(_ summaries: [ChunkSummary]) -> [Report.Reject] {
        RowProblem.Code.allCases.compactMap { code in
            let rejected = summaries.reduce(0) { $0 + ($1.problems[code]?.rejected ?? 0) }
            let repaired = summaries.reduce(0) { $0 + ($1.problems[code]?.repaired ?? 0) }
            return rejected + repaired == 0 ? nil : Report.Reject(code: code, rejected: rejected, repaired: repaired)
        }
    }
}

extension Report {
    /// Pretty-printed JSON with sorted keys and a final line feed: equal reports, equal bytes.
    public func json() throws -> [UInt8] { try StableJSON.encode(self) }
}
