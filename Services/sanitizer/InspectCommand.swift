import ArgumentParser
import Domain
import Foundation
import Pipeline

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show the detected format, the columns and their profile, personal data, and what a default run would do.")

    @Argument(help: "Input file.")
    var input: String

    @Flag(help: "As JSON.")
    var json = false

    func run() throws {
        let inspection = try Inspection.run(path: input)
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
