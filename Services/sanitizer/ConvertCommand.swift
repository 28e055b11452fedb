import ArgumentParser
import Domain
import Pipeline

struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert", abstract: "Read tolerantly and write faithfully: nothing is cleaned, every cell stays text.")

    @Argument(help: "Input files, folders, patterns or addresses with the same kind of rows.")
    var inputs: [String]

    @OptionGroup var input: InputArguments
    @OptionGroup var output: OutputArguments
    @OptionGroup var resources: ResourceArguments

    @Option(help: "unique, or original: the header line as it stands, or none where there is none (csv output).")
    var names = ConvertRun.Names.unique

    @Option(help: "Unreadable records: line,byte_offset,reason,raw (CSV).")
    var rejects: String?

    @Option(help: "Repaired records, and lines that are no records: line,byte_offset,reason,raw (CSV).")
    var repairs: String?

    func validate() throws {
        guard input.types.isEmpty else {
            throw ValidationError("--types belongs to clean: convert leaves every cell as it stands")
        }
    }

    func run() throws {
        let display = ProgressDisplay.make(resources.progress.mode)
        var options = InputOptions()
        try input.apply(to: &options)
        if output.isWorkbook {
            guard names == .unique, rejects == nil, repairs == nil else {
                throw ValidationError("--names, --rejects and --repairs do not go with an .xlsx output")
            }
            let outcome = try WorkbookExport(
                inputs: inputs, output: output.output, input: options, force: output.force, policy: input.policy
            ).run()
            (display as? ProgressDisplay)?.finish()
            return say(outcome)
        }
        let outcome = try ConvertRun(
            inputs: inputs, output: output.output, format: try output.resolvedFormat(), input: options, names: names,
            threads: resources.threads, memoryBytes: resources.memory.bytes, rejectsPath: rejects, repairsPath: repairs,
            force: output.force, policy: input.policy, progress: display
        ).run()
        (display as? ProgressDisplay)?.finish()
        say(outcome)
    }

    private func say(_ outcome: ConvertRun.Outcome) {
        if resources.progress.mode != .none {
            Sanitizer.say(
                "converted \(Quantity.count(outcome.rows)) rows, \(Quantity.count(outcome.rejected)) rejected, \(Quantity.count(outcome.repaired)) repaired"
            )
            Sanitizer.say("wrote \(output.output) (\(Quantity.bytes(outcome.bytes))), sha256 \(outcome.sha256)")
        }
    }
}

extension ConvertRun.Names: ExpressibleByArgument {}
