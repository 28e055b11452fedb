import ArgumentParser
import Domain
import Foundation
import Pipeline

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Pre-flight: rows, chunks, candidate pairs, memory and time; exit 3 when over --memory.")

    @Argument(help: "Input files, folders, patterns or addresses with the same kind of rows.")
    var inputs: [String]

    @OptionGroup var input: InputArguments

    @Option(help: "Recipe, YAML or JSON.")
    var recipe: String?

    @Flag(help: "As JSON.")
    var json = false

    @Option(help: "Threads.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: "Memory ceiling.")
    var memory = MemorySize(bytes: 512 << 20)

    func run() throws {
        let estimate = try EmbeddedRun.preflight(
            inputs: inputs, recipePath: recipe, threads: threads, memoryBytes: memory.bytes, policy: input.policy,
            adjust: input.apply(to:))
        if json {
            print(try estimate.json())
        } else {
            print("rows             about \(Quantity.count(estimate.rows))")
            print("chunks           \(Quantity.count(estimate.chunks))")
            print("matching         \(estimate.tier.rawValue), about \(Quantity.count(estimate.candidatePairs)) candidate pairs")
            print("memory           \(Quantity.bytes(Int64(estimate.memoryBytes))) of \(Quantity.bytes(Int64(memory.bytes)))")
            print("temporary disk   up to \(Quantity.bytes(estimate.scratchBytes))")
            print("time             about \(Quantity.seconds(estimate.seconds))")
        }
        try estimate.refuseIfOver(memory.bytes)
    }
}
