import ArgumentParser
import Domain
import Foundation
import Pipeline

struct CleanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clean", abstract: "Clean one table: any number of input files, one output file.",
        discussion: """
            Without a recipe one is derived from the data and returned in the report. The output, report, provenance and \
            matches are identical for any number of threads.
            """)

    @Argument(
        help:
            "Files, folders, patterns or addresses with the same kind of rows: CSV, TSV, JSON, Parquet, xlsx, ods; packed or not."
    )
    var inputs: [String]

    @OptionGroup var input: InputArguments
    @OptionGroup var output: OutputArguments
    @OptionGroup var resources: ResourceArguments

    @Option(help: "Recipe, YAML or JSON: what to do with which column.")
    var recipe: String?

    @Option(help: "off, fast, balanced, thorough or auto: how hard to look for near duplicates; instead of the recipe's.")
    var near: NearTier?

    @Option(help: "JSON report.")
    var report: String?

    @Option(help: "Provenance of every changed cell, Parquet.")
    var provenance: String?

    @Option(help: "Dropped and merged rows: row,kept_row,kind,score (CSV).")
    var matches: String?

    @Option(help: "Unreadable records: line,byte_offset,reason,raw (CSV).")
    var rejects: String?

    @Option(help: "Repaired records, and lines that are no records: line,byte_offset,reason,raw (CSV).")
    var repairs: String?

    @Option(help: "Changes the hash functions: give one to make collisions unpredictable.")
    var salt = ""

    func run() throws {
        let display = ProgressDisplay.make(resources.progress.mode)
        let start = ContinuousClock.now
        let options = EmbeddedRun.Options(
            inputs: inputs, output: output.output, format: try output.resolvedFormat(), isWorkbook: output.isWorkbook,
            recipePath: recipe, threads: resources.threads, memoryBytes: resources.memory.bytes, salt: salt, reportPath: report,
            provenancePath: provenance, matchesPath: matches, rejectsPath: rejects, repairsPath: repairs, force: output.force,
            near: near, policy: input.policy, adjust: { [input] in try input.apply(to: &$0) })
        let outcome = try EmbeddedRun(options, progress: display).run()
        (display as? ProgressDisplay)?.finish()
        if resources.progress.mode != .none {
            Sanitizer.say(Summary.text(outcome, output: output.output, elapsed: (.now - start) / .seconds(1)))
        }
    }
}

/// Where the cleaned table goes.
struct OutputArguments: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: "Output file; the format follows its ending (.parquet, .csv, .jsonl; .xlsx for small tables).")
    var output: String

    @Option(help: "parquet, csv or jsonl: instead of the ending.")
    var format: OutputFormat?

    @Flag(help: "Replace existing output files.")
    var force = false

    /// Small tables fit into a worksheet. The parts that it is put together from are parquet.
    var isWorkbook: Bool { format == nil && output.lowercased().hasSuffix(".xlsx") }

    func resolvedFormat() throws -> OutputFormat {
        if let format { return format }
        let name = output.lowercased()
        if isWorkbook || name.hasSuffix(".parquet") || name.hasSuffix(".pq") { return .parquet }
        if name.hasSuffix(".csv") { return .csv }
        if name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") { return .jsonl }
        throw ValidationError(
            "cannot tell the output format from \"\(output)\": end it in .parquet, .csv, .jsonl or .xlsx, or give --format")
    }
}

/// What a run may use.
struct ResourceArguments: ParsableArguments {
    @Option(help: "Threads; the result does not depend on it.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: "Memory ceiling of the process.")
    var memory = MemorySize(bytes: 512 << 20)

    @Option(help: "auto, plain or none: progress on standard error.")
    var progress = ProgressArgument(mode: .auto)

    func validate() throws {
        guard (1...1024).contains(threads) else { throw ValidationError("--threads must be between 1 and 1024, not \(threads)") }
    }
}

struct ProgressArgument: ExpressibleByArgument {
    var mode: ProgressMode
    init(mode: ProgressMode) { self.mode = mode }
    init?(argument: String) {
        guard let mode = ProgressMode(rawValue: argument) else { return nil }
        self.mode = mode
    }
    static var allValueStrings: [String] { ProgressMode.allCases.map(\.rawValue) }
    var defaultValueDescription: String { mode.rawValue }
}

extension OutputFormat: ExpressibleByArgument {}
extension NearTier: ExpressibleByArgument {}

/// The few lines that a person reads after a run.
enum Summary {
    static func text(_ report: Report, output: String, elapsed: Double) -> String {
        let c = report.conservation
        var lines: [String] = []
        let rate = elapsed > 0 ? Int(Double(c.input) / elapsed) : 0
        lines.append(
            "cleaned \(Quantity.count(c.input)) records into \(Quantity.count(c.kept)) rows in \(Quantity.seconds(elapsed)) (\(Quantity.count(rate)) rows/s)"
        )
        lines.append(
            "  dropped   \(Quantity.count(c.exactDuplicates)) exact duplicates, \(Quantity.count(c.nearDuplicates)) near duplicates (\(report.matching.tier.rawValue) matching)"
        )
        if c.rejected + c.quarantined > 0 {
            lines.append("  rejected  \(Quantity.count(c.rejected)) unreadable, \(Quantity.count(c.quarantined)) quarantined")
        }
        let changed = report.columns.reduce(0) { $0 + $1.changedCells }
        let imputed = report.columns.reduce(0) { $0 + $1.imputedCells }
        lines.append("  changed   \(Quantity.count(changed)) cells, \(Quantity.count(imputed)) of them imputed")
        let flagged = report.columns.flatMap { column in column.findings.map { (column.name, $0) } }
        for (name, finding) in flagged.prefix(8) {
            lines.append("  flagged   \(name): \(Quantity.count(finding.count)) \(finding.kind) (\(finding.note))")
        }
        if flagged.count > 8 { lines.append("  flagged   \(flagged.count - 8) more findings, see the report") }
        let personal = report.columns.compactMap { column in column.pii.map { "\(column.name) (\($0.type.rawValue))" } }
        if !personal.isEmpty { lines.append("  personal  \(personal.joined(separator: ", "))") }
        if report.matching.suggestedPairs > 0 {
            lines.append(
                "  suggested \(Quantity.count(report.matching.suggestedPairs)) pairs look alike but are not certain: kept")
        }
        if let recall = report.matching.recall, recall.planted >= 20 {
            let percent = { (n: Int) in Int((Double(n) * 100 / Double(recall.planted)).rounded()) }
            lines.append(
                "  recall    of \(recall.planted) planted copies with errors \(percent(recall.found)) % were found, \(percent(recall.dropped)) % surely enough to drop"
            )
        }
        lines.append(
            "  quality   \(String(format: "%.3f", report.qualityMetrics.qualityScoreBefore)) before, \(String(format: "%.3f", report.qualityMetrics.qualityScoreAfter)) after"
        )
        lines.append("wrote \(output) (\(Quantity.bytes(report.output.bytes))), sha256 \(report.output.digest)")
        return lines.joined(separator: "\n")
    }
}
