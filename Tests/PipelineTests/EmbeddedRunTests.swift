import Domain
import Foundation
import Generation
import Tabular
import Testing

@testable import Pipeline

@Suite("An embedded run")
struct EmbeddedRunTests {
    private func options(
        _ folder: TemporaryFolder, _ inputs: [String], tag: String, threads: Int = 2, format: OutputFormat = .csv,
        near: NearTier? = nil
    )
        -> EmbeddedRun.Options
    {
        EmbeddedRun.Options(
            inputs: inputs, output: folder.file("\(tag).\(format.rawValue)"), format: format, threads: threads,
            memoryBytes: 1 << 30, reportPath: folder.file("\(tag).report.json"),
            provenancePath: folder.file("\(tag).provenance.parquet"), matchesPath: folder.file("\(tag).matches.csv"),
            rejectsPath: folder.file("\(tag).rejects.csv"), near: near)
    }

    @Test("drops exact duplicates, normalises, imputes and accounts for every record")
    func small() throws {
        let folder = try TemporaryFolder()
        var csv = "id,name,city,amount\n"
        for i in 0..<200 { csv += "\(i + 1000),Person \(i % 37) Name\(i),\(["Berlin", "Paris", "Rome"][i % 3]),\(i % 50)\n" }
        csv += "1003,Person 3 Name3,Berlin,3\n"
        csv += "1004,  Person 4   Name4 ,Paris,4\n"
        csv += "2000,Somebody Else,Rome,N/A\n"
        let report = try EmbeddedRun(options(folder, [try folder.write("in.csv", csv)], tag: "out")).run()
        #expect(report.conservation.input == 203)
        #expect(report.conservation.exactDuplicates == 2)
        #expect(report.conservation.balanced)
        #expect(report.conservation.kept == 201)
        let lines = try folder.text("out.csv").split(separator: "\n")
        #expect(lines.count == 202)
        #expect(lines[0] == "id,name,city,amount")
        #expect(lines.filter { $0.hasPrefix("1004,") } == ["1004,Person 4 Name4,Paris,4"])
        #expect(!lines.contains { $0.hasSuffix("N/A") })
        let matches = try folder.text("out.matches.csv")
        #expect(matches.hasPrefix("row,kept_row,kind,score,weight,evidence\n"))
        #expect(matches.contains("200,3,exact,1.0000,,\n"))
        #expect(matches.contains("201,4,exact,1.0000,,\n"))
    }

    @Test("says which keys come twice, however many there are, unless it is chance", arguments: [2_000, 30_000])
    func repeatedKeys(rows: Int) throws {
        let folder = try TemporaryFolder()
        var codes = (0..<rows).map { "K-" + String(Hash.mix(UInt64($0)) % 2_821_109_907_456, radix: 36).uppercased() }
        for i in 0..<25 { codes[1000 + 7 * i] = codes[100 + 3 * i] }
        // Among so many draws from ten million some are equal.
        let tickets = (0..<rows).map { 1_000_000 + Hash.mix(UInt64(rows + $0)) % 9_000_000 }
        var lines = (0..<rows).map { "\(codes[$0]),\(tickets[$0]),\($0 % 11)" }
        // Equal rows are dropped: their keys are no others'.
        if rows > 10_000 { lines += lines[2000..<2040] }
        let input = try folder.write("in.csv", "code,ticket,amount\n" + lines.joined(separator: "\n") + "\n")
        let found = try [1, 3].map { threads in
            try EmbeddedRun(options(folder, [input], tag: "t\(threads)", threads: threads, near: .off)).run().columns.map {
                $0.findings.filter { $0.kind == "duplicate_key" }
            }
        }
        #expect(found[0] == found[1])
        let code = try #require(found[0][0].first)
        #expect(code.count == 50)
        #expect(code.rows == (0..<10).map { 100 + 3 * $0 })
        #expect(code.severity == .warning)
        #expect(found[0][1].isEmpty && found[0][2].isEmpty)
        var withRecipe = options(folder, [input], tag: "off", near: .off)
        withRecipe.recipePath = try folder.write("recipe.yaml", "columns:\n  - {name: code, rules_off: [duplicate_key]}\n")
        let without = try EmbeddedRun(withRecipe).run()
        #expect(!without.columns[0].findings.contains { $0.kind == "duplicate_key" })
    }

    @Test("gives the same bytes for any number of threads", arguments: [OutputFormat.parquet, .csv, .jsonl])
    func determinism(format: OutputFormat) throws {
        let folder = try TemporaryFolder()
        // Several chunks, or the threads would have nothing to race for.
        let input = try folder.write("in.csv", Generator.csv(.customers, rows: 70_000, seed: 7))
        var seen: [String: Set<Data>] = [:]
        for threads in [1, 2, 8] {
            let report = try EmbeddedRun(
                options(folder, [input], tag: "t\(threads)", threads: threads, format: format, near: .fast)
            ).run()
            #expect(report.output.parts.count > 1)
            for name in [format.rawValue, "report.json", "provenance.parquet", "matches.csv", "rejects.csv"] {
                seen[name, default: []].insert(try folder.read("t\(threads).\(name)"))
            }
        }
        for (name, variants) in seen { #expect(variants.count == 1, "\(name) depends on the number of threads") }
    }

    @Test("a reject carries its line and byte offset in the whole input, whatever its chunk")
    func rejectPlaces() throws {
        let folder = try TemporaryFolder()
        let bad = [3, 10_000, 19_999]
        let filler = String(repeating: "long enough for several chunks ", count: 40)
        var text = ""
        var offsets: [Int] = []
        for i in 1...20_000 {
            if bad.contains(i) {
                offsets.append(text.utf8.count)
                text += "[\(i)]\n"
            } else {
                text +=
                    "{\"id\": \(i), \"note\": \"number \(i) \(filler)\"}\n"
            }
        }
        let report = try EmbeddedRun(options(folder, [try folder.write("in.jsonl", text)], tag: "out")).run()
        #expect(report.output.parts.count > 1)
        #expect(report.conservation.rejected == 3)
        let places = try folder.text("out.rejects.csv").split(separator: "\n").dropFirst().map {
            $0.split(separator: ",").prefix(2).map(String.init)
        }
        #expect(places.map { $0[0] } == bad.map(String.init))
        for (place, offset) in zip(places, offsets) { #expect(abs(Int(place[1])! - offset) <= 1) }
    }

    @Test("finds every exact duplicate of a generated table and nothing else")
    func exactTruth() throws {
        let folder = try TemporaryFolder()
        let rows = 6_000
        let input = try folder.write("in.csv", Generator.csv(.customers, rows: rows, seed: 11))
        _ = try EmbeddedRun(options(folder, [input], tag: "out", near: .balanced)).run()
        let truth = Generator.duplicates(.customers, rows: rows, seed: 11)
        let exact = Set(truth.filter { $0.kind == .exact }.map(\.row))
        let planted = Set(truth.map(\.row))
        let lines = try folder.text("out.matches.csv").split(separator: "\n").dropFirst().map { $0.split(separator: ",") }.filter
        { $0[2] != "suggested" }
        let found = Set(lines.map { Int($0[0])! })
        #expect(found.isSuperset(of: exact))
        let false_ = found.subtracting(planted)
        #expect(Double(false_.count) <= 0.01 * Double(found.count))
    }

    @Test("refuses to replace an output, and leaves nothing behind when it fails")
    func refusals() throws {
        let folder = try TemporaryFolder()
        let input = try folder.write("in.csv", "a,b\n1,2\n3,4\n")
        _ = try folder.write("out.csv", "keep me")
        #expect(throws: SanitizerError.self) { try EmbeddedRun(options(folder, [input], tag: "out")).run() }
        #expect(try folder.text("out.csv") == "keep me")
        #expect(throws: SanitizerError.self) {
            try EmbeddedRun(options(folder, [folder.file("absent.csv")], tag: "other")).run()
        }
        #expect(throws: SanitizerError.self) {
            try EmbeddedRun(options(folder, [try folder.write("empty.csv", "")], tag: "other")).run()
        }
        #expect(folder.names == ["empty.csv", "in.csv", "out.csv"])
    }

    @Test("keeps the header of a table without rows")
    func headerOnly() throws {
        let folder = try TemporaryFolder()
        let input = try folder.write("in.csv", "id,name,city\n")
        let report = try EmbeddedRun(options(folder, [input], tag: "out")).run()
        #expect(report.conservation.input == 0)
        #expect(report.conservation.balanced)
        #expect(try folder.text("out.csv") == "id,name,city\n")
    }

    @Test("joins several files by column name")
    func severalInputs() throws {
        let folder = try TemporaryFolder()
        let first = try folder.write("a.csv", "id,name\n1,Anna Alpha\n2,Berta Beta\n")
        let second = try folder.write("b.csv", "name,id,extra\nClara Gamma,3,x\nAnna Alpha,1,\n")
        let report = try EmbeddedRun(options(folder, [first, second], tag: "out")).run()
        #expect(report.conservation.input == 4)
        #expect(report.conservation.exactDuplicates == 1)
        let lines = try folder.text("out.csv").split(separator: "\n")
        #expect(lines[0] == "id,name,extra")
        #expect(lines.contains("3,Clara Gamma,x"))
    }
}
