import ArgumentParser
import Domain
import Foundation
import Generation

/// `sanitizer generate`: makes up a dirty table whose every fault is known.
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Make up a dirty table with known faults.",
        discussion: """
            Writes SCENARIO.FORMAT and, beside it, the truth: SCENARIO.truth.json (counts), SCENARIO.duplicates.csv
            (row,of_row,kind; rows are 0-based records) and SCENARIO.cells.csv (row,column,kind,clean_value).
            The same seed gives the same bytes.
            """)

    @Option(help: "Number of rows: 1000, 100k, 10m.", transform: RowCount.parse)
    var rows: Int
    @Option(help: ArgumentHelp("Where the files go; created when missing.", valueName: "dir"))
    var outputDir: String
    @Option(help: "Another seed, another table.")
    var seed: UInt64 = 1
    @Option(help: "csv, jsonl, parquet, or several separated by commas.", transform: FormatList.parse)
    var format = FormatList(formats: [.csv])
    @Option(help: "customers, orders or interactions.")
    var scenario = Scenario.customers
    @Option(help: "What to tell of the truth: full, pairs (no cells) or summary.")
    var truth = TruthDetail.full
    @Option(help: "Threads; the bytes do not depend on it.")
    var threads: Int?
    @Flag(help: "Replace files that are there.")
    var force = false

    func run() throws {
        var options = GenerationOptions(rows: rows, directory: outputDir)
        options.scenario = scenario
        options.seed = seed
        options.formats = format.formats
        options.truth = truth
        options.overwrite = force
        if let threads {
            guard threads >= 1 else { throw ValidationError("--threads must be at least 1") }
            options.threads = threads
        }
        let start = ContinuousClock.now
        let files = try Generator.run(options)
        let seconds = Double((ContinuousClock.now - start) / .milliseconds(1)) / 1000
        for file in files { print("\(file.path)\t\(file.bytes)") }
        let rate = Int(Double(rows * options.formats.count) / max(seconds, 0.001))
        FileHandle.standardError.write(
            Data("generated \(rows) rows of \(scenario.rawValue) in \(seconds) s (\(rate) rows/s)\n".utf8))
    }
}

extension Scenario: ExpressibleByArgument {}
extension TruthDetail: ExpressibleByArgument {}

/// A number of rows with an optional `k` or `m`.
enum RowCount {
    static func parse(_ text: String) throws -> Int {
        let lower = text.lowercased().replacing("_", with: "")
        let factor = lower.hasSuffix("m") ? 1_000_000 : lower.hasSuffix("k") ? 1000 : 1
        let digits = factor == 1 ? lower : String(lower.dropLast())
        // Ids have eight digits.
        guard let number = Int(digits), number >= 0, number <= 80_000_000 / factor else {
            throw ValidationError("'\(text)' is not a number of rows: give for example 1000, 100k or 10m, at most 80m")
        }
        return number * factor
    }
}

/// Formats separated by commas.
struct FormatList {
    var formats: [OutputFormat]

    static func parse(_ text: String) throws -> FormatList {
        let formats = try text.split(separator: ",").map { name in
            guard let format = OutputFormat(rawValue: String(name)) else {
                throw ValidationError("'\(name)' is not a format: give csv, jsonl or parquet, or several separated by commas")
            }
            return format
        }
        guard !formats.isEmpty, Set(formats).count == formats.count else {
            throw ValidationError("--format needs each format at most once, and at least one")
        }
        return FormatList(formats: formats)
    }
}
