import ArgumentParser
import Domain
import Pipeline

struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert", abstract: "Read tolerantly and write faithfully: nothing is cleaned, every cell stays text.")

    @Argument(help: "Input file.")
    var input: String

    @OptionGroup var output: OutputArguments
    @OptionGroup var resources: ResourceArguments

    @Option(help: "Unreadable records: line,byte_offset,reason,raw (CSV).")
    var rejects: String?

    func run() throws {
        let display = ProgressDisplay.make(resources.progress.mode)
        let outcome = try ConvertRun(
            input: input, output: output.output, format: try output.resolvedFormat(), threads: resources.threads,
            memoryBytes: resources.memory.bytes, rejectsPath: rejects, force: output.force, progress: display
        ).run()
        (display as? ProgressDisplay)?.finish()
        if resources.progress.mode != .none {
            Sanitizer.say(
                "converted \(Quantity.count(outcome.rows)) rows, \(Quantity.count(outcome.rejected)) rejected, \(Quantity.count(outcome.repaired)) repaired"
            )
            Sanitizer.say("wrote \(output.output) (\(Quantity.bytes(outcome.bytes))), sha256 \(outcome.sha256)")
        }
    }
}
