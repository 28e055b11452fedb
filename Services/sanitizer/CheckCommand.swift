import ArgumentParser
import Domain
import Foundation
import Pipeline

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Read to the end and write nothing: records, repairs, rejects, speed; exit 1 with rejects.")

    @Argument(help: "Input files, folders, patterns or addresses with the same kind of rows.")
    var inputs: [String]

    @OptionGroup var input: InputArguments

    @Option(help: "Threads.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Flag(help: "As JSON.")
    var json = false

    func validate() throws {
        guard (1...1024).contains(threads) else { throw ValidationError("--threads must be between 1 and 1024, not \(threads)") }
    }

    func run() throws {
        var options = InputOptions()
        try input.apply(to: &options)
        let outcome = try CheckRun(inputs: inputs, input: options, threads: threads, policy: input.policy).run()
        if json {
            print(try outcome.json())
        } else {
            let speed = Int64(Double(outcome.bytes) / max(outcome.seconds, 0.000_001))
            print("records   \(Quantity.count(outcome.records)) of \(Quantity.count(outcome.columns)) columns")
            print("repaired  \(Quantity.count(outcome.repaired))")
            print("rejected  \(Quantity.count(outcome.rejected))")
            print("asides    \(Quantity.count(outcome.asides)) lines that are no records")
            print(
                "read      \(Quantity.bytes(outcome.bytes)) in \(Quantity.seconds(outcome.seconds)), \(Quantity.bytes(speed))/s")
        }
        if outcome.rejected > 0 { throw ExitCode(1) }
    }
}
