internal import Cleaning
public import Domain
public import Formats
internal import Foundation
public import ObjectStore
internal import Profiling
internal import Tabular

/// What was detected in an input and what a default run would do, from a sample.
public struct Inspection: Codable, Sendable {
    public struct Column: Codable, Sendable {
        public var name: String
        public var type: ColumnType
        public var semantic: SemanticType
        public var missingShare: Double
        public var distinct: Int
        public var topValues: [Report.TopValue]
        public var pii: SemanticType?
        /// What a default run would do, in words.
        public var plan: [String]
        enum CodingKeys: String, CodingKey {
            case name, type, semantic
            case missingShare = "missing_share"
            case distinct
            case topValues = "top_values"
            case pii, plan
        }
    }
    public var format: InputFormat
    public var compression: String?
    public var encoding: String
    public var dialect: [String: String]
    public var confidence: Double
    /// What was detected and why; `--delimiter` and the like override it.
    public var evidence: [Evidence]
    public var notes: [String]
    /// Names of the inputs, in order.
    public var inputs: [String]
    public var plannedRows: Int
    public var sampledRows: Int
    public var columns: [Column]
    public var recipe: Recipe

    enum CodingKeys: String, CodingKey {
        case format, compression, encoding, dialect, confidence, evidence, notes, inputs
        case plannedRows = "planned_rows"
        case sampledRows = "sampled_rows"
        case columns, recipe
    }

    public func json() throws -> String {
        String(decoding: try StableJSON.encode(self), as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    /// Reads the sample only, after one pass that finds the chunks.
    ///
    /// - Parameter recipe: what is set in it is not sniffed.
    public static func run(inputs: [String], recipe: Recipe = Recipe(), policy: SourcePolicy = .environment) throws -> Inspection
    {
        let scratch = Scratch(budget: 64 << 20)
        let found = try InputFiles.find(inputs, options: recipe.input, policy: policy, scratch: scratch)
        let (plan, opened) = try EmbeddedRun.plan(found, overrides: recipe, salt: "", threads: 1, scratch: scratch)
        let sample = try Sample.take(plan.chunks, opened, columns: plan.columns, threads: 1)
        let normaliser = try Normaliser(recipe: plan.recipe, names: plan.columns)
        let profile = TableProfile(columns: plan.columns.count, dependencies: plan.dependencies)
        for (index, batch) in sample.batches.enumerated() {
            normaliser.normalise(batch, rows: 0..<batch.rows, recorder: nil)
            profile.add(batch, rows: 0..<batch.rows, chunk: index)
        }
        let resolution = Decider.decide(draft: plan.recipe, names: plan.columns, profile: profile, findings: plan.findings)
        let described = ReportPieces.columns(
            profile: profile, resolution: resolution, counts: ChangeCounts(columns: plan.columns.count),
            firstRecords: [Int](repeating: 0, count: sample.batches.count + 1))
        let detected = plan.sources[0].detected
        let read = plan.sources[0].detection
        // An input that was rewritten was looked at twice.
        let isRewritten = detected != read
        // Said once, and of a worksheet's text not the dialect: that is ours.
        let known = (detected.evidence ?? []).map(\.what)
        let told = (read.evidence ?? []).filter {
            !known.contains($0.what) && (detected.sheet == nil || ["width", "header"].contains($0.what))
        }
        let evidence: [Evidence] = (detected.evidence ?? []) + (isRewritten ? told : [])
        let notes: [String] = detected.notes + (isRewritten ? read.notes.filter { !detected.notes.contains($0) } : [])
        return Inspection(
            format: detected.format, compression: detected.compression == .none ? nil : detected.compression.rawValue,
            encoding: detected.encoding, dialect: (detected.csv ?? read.csv)?.description(for: read) ?? [:],
            confidence: detected.confidence, evidence: evidence, notes: notes,
            inputs: plan.sources.map(\.name), plannedRows: plan.plannedRows,
            sampledRows: profile.rows,
            columns: described.enumerated().map { index, column in
                Column(
                    name: column.name, type: column.type, semantic: column.semantic,
                    missingShare: profile.rows == 0 ? 0 : Double(column.nulls) / Double(profile.rows),
                    distinct: column.distinct, topValues: column.topValues, pii: column.pii?.type,
                    plan: intentions(resolution.recipe.column(named: column.name), resolution.columns[index]))
            }, recipe: resolution.recipe)
    }

    private static func intentions(_ recipe: ColumnRecipe?, _ resolved: ColumnResolution) -> [String] {
        guard let recipe else { return ["keep as it is"] }
        var out: [String] = []
        if recipe.normaliseText ?? true { out.append("normalise text") }
        if let type = recipe.type, type != .text { out.append("write as \(type.rawValue)") }
        if let impute = recipe.impute, impute != .none {
            out.append("fill missing with the \(impute.rawValue)\(resolved.imputedText.map { " (\($0))" } ?? "")")
        }
        if recipe.unify == true {
            out.append("unify spelling\(resolved.rewrites.isEmpty ? "" : " (\(resolved.rewrites.count) variants)")")
        }
        if let outliers = recipe.outliers, outliers != .ignore, resolved.lowFence != nil {
            out.append("\(outliers.rawValue) outliers")
        }
        if let pii = recipe.pii, recipe.semantic?.isPersonal == true { out.append("personal data: \(pii.rawValue)") }
        return out.isEmpty ? ["keep as it is"] : out
    }
}
