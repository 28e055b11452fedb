internal import Cleaning
internal import Domain
internal import Formats
internal import ObjectStore
internal import Profiling
internal import Tabular

extension StageRunner {
    /// Assembles the output, reconciles every count, writes report and manifest.
    func report(_ task: StageTask, _ check: () throws -> Void) throws -> StageResult {
        let job = task.job
        let context = try context(task)
        let plan = context.plan
        let (resolve, head) = try context.resolved(task, store)
        let cleaned = try task.decoded(.clean, CleanResult.self)
        guard cleaned.count == plan.chunks.count else {
            throw SanitizerError(.corruptIntermediate, "\(cleaned.count) of \(plan.chunks.count) chunks are cleaned")
        }
        let summaries = try cleaned.enumerated().map { try $1.summary(index: $0, columns: plan.columns.count) }
        let parts = zip(summaries, cleaned).map {
            OutputMetadata.part($0, bytes: Int($1.partBytes), sha256: $1.partSHA256, format: job.outputFormat)
        }

        let base = Self.attemptPrefix(task)
        let outputKey = "\(base)output.\(job.outputFormat.rawValue)"
        let (bytes, digest) = try assemble(
            cleaned.map(\.partKey), into: outputKey, format: job.outputFormat, schema: head.resolution.schema,
            metadata: OutputMetadata.table(head.resolution), options: head.resolution.recipe.output, check)
        let provenanceKey = "\(base)provenance.parquet"
        let provenance = try assemble(
            cleaned.map(\.provenanceKey), into: provenanceKey, format: .parquet, schema: ProvenancePart.schema,
            metadata: OutputMetadata.provenance, options: OutputOptions(), check)
        let rejectsKey = "\(base)rejects.csv"
        let rejects = try concatenate(Listings.rejectsHeader, cleaned.map(\.rejectsKey), into: rejectsKey)
        let matchesKey = "\(base)matches.csv"
        let matches = try concatenate(Listings.matchesHeader, cleaned.map(\.matchesKey), into: matchesKey)

        let report = try ReportStage.report(
            ReportStage.Inputs(
                jobID: job.jobID, plan: plan,
                inputDigests: [(context.planResult.inputBytes, context.planResult.inputSHA256)], salt: job.salt,
                profile: try TableProfile(decoding: try store.verified(resolve.profileKey)), resolved: head, summaries: summaries),
            output: Report.Output(format: job.outputFormat, parts: parts, digest: digest, bytes: bytes))
        let reportKey = try put(task, "report", report.json())
        let manifest = Manifest(
            jobID: job.jobID, tenantID: job.tenantID, datasetName: job.datasetName, reportKey: reportKey,
            outputKey: outputKey, outputSHA256: digest, provenanceKey: provenanceKey, rejectsKey: rejectsKey,
            matchesKey: matchesKey, partKeys: cleaned.compactMap(\.partKey))
        let result = ReportResult(
            manifest: manifest, manifestKey: try put(task, "manifest", StableJSON.encode(manifest)),
            provenanceSHA256: provenance.sha256, rejectsSHA256: rejects, matchesSHA256: matches, bytes: bytes,
            rows: report.conservation.kept)
        return StageResult(result: try StableJSON.compact(result))
    }

    private func assemble(
        _ keys: [String?], into key: String, format: OutputFormat, schema: TableSchema, metadata: [(String, String)],
        options: OutputOptions, _ check: () throws -> Void
    ) throws -> (bytes: Int64, sha256: String) {
        let assembler = try OutputAssembler(
            format: format, schema: schema, sink: try store.sink(key), metadata: metadata, options: options)
        do {
            for part in keys.compactMap({ $0 }) {
                try check()
                try assembler.append(part: MemorySource(try store.verified(part)))
            }
            return try assembler.finish()
        } catch {
            assembler.abort()
            throw error
        }
    }

    /// Returns the SHA-256 of the whole.
    private func concatenate(_ header: String, _ keys: [String?], into key: String) throws -> String {
        let sink = try store.sink(key)
        let digest = SHA256()
        do {
            try sink.write(header)
            digest.update(Array(header.utf8))
            for part in keys.compactMap({ $0 }) {
                let bytes = try store.verified(part)
                try sink.write(bytes)
                digest.update(bytes)
            }
            try sink.close()
            return digest.finishHex()
        } catch {
            sink.abort()
            throw error
        }
    }
}

/// Every object that belongs to a finished job; what is not listed may be collected.
struct Manifest: Codable {
    var version = 1
    var jobID: String
    var tenantID: String
    var datasetName: String
    var reportKey: String
    var outputKey: String
    var outputSHA256: String
    var provenanceKey: String
    var rejectsKey: String
    var matchesKey: String
    var partKeys: [String]

    enum CodingKeys: String, CodingKey {
        case version
        case jobID = "job_id"
        case tenantID = "tenant_id"
        case datasetName = "dataset_name"
        case reportKey = "report_key"
        case outputKey = "output_key"
        case outputSHA256 = "output_sha256"
        case provenanceKey = "provenance_key"
        case rejectsKey = "rejects_key"
        case matchesKey = "matches_key"
        case partKeys = "part_keys"
    }
}
