import ArgumentParser
import Domain
import Formats
import Foundation
import Pipeline

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show the detected format, the columns and their profile, personal data, and what a default run would do.")

    @Argument(help: "Input files, folders, patterns or addresses with the same kind of rows.")
    var inputs: [String]

    @OptionGroup var input: InputArguments

    @Option(help: "Recipe, YAML or JSON.")
    var recipe: String?

    @Flag(help: "As JSON.")
    var json = false

    func run() throws {
        var recipe = try recipe.map(RecipeFile.load(path:)) ?? Recipe()
        try input.apply(to: &recipe)
        let inspection = try Inspection.run(inputs: inputs, recipe: recipe, policy: input.policy)
        if json {
            print(try inspection.json())
            return
        }
        print("format      \(inspection.format.rawValue)\(inspection.compression.map { ", \($0) compressed" } ?? "")")
        print("encoding    \(inspection.encoding)")
        for (key, value) in inspection.dialect.sorted(by: { $0.key < $1.key }) {
            print("\(key.padding(toLength: 12, withPad: " ", startingAt: 0))\(value)")
        }
        print("confidence  \(String(format: "%.2f", inspection.confidence))")
        for found in inspection.evidence {
            let what = "\(found.what) \(found.value)".padding(toLength: 26, withPad: " ", startingAt: 0)
            print("because     \(what) \(String(format: "%.2f", found.confidence))  \(found.reason)")
        }
        print("rows        about \(Quantity.count(inspection.plannedRows)) (\(Quantity.count(inspection.sampledRows)) looked at)")
        for note in inspection.notes { print("note        \(note)") }
        print("")
        let width = max(6, inspection.columns.map(\.name.count).max() ?? 0)
        for column in inspection.columns {
            let name = column.name.padding(toLength: width, withPad: " ", startingAt: 0)
            let kind = "\(column.type.rawValue)/\(column.semantic.rawValue)".padding(toLength: 24, withPad: " ", startingAt: 0)
            let sample = column.topValues.prefix(3).map(\.value).joined(separator: " | ")
            print(
                "\(name)  \(kind) missing \(Quantity.percent(column.missingShare)), distinct \(Quantity.count(column.distinct))  \(sample)"
            )
            print("\(String(repeating: " ", count: width))  would: \(column.plan.joined(separator: ", "))")
        }
    }
}
