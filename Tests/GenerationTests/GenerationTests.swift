import Domain
import Foundation
import Tabular
import Testing

@testable import Generation

@Suite("The generator")
struct GenerationTests {
    @Test("gives the same bytes for the same seed and others for another", arguments: Scenario.allCases)
    func seed(scenario: Scenario) {
        let first = Generator.csv(scenario, rows: 2000, seed: 5)
        #expect(first == Generator.csv(scenario, rows: 2000, seed: 5))
        #expect(first != Generator.csv(scenario, rows: 2000, seed: 6))
    }

    @Test("writes the same row whether the table is short or long", arguments: Scenario.allCases)
    func prefix(scenario: Scenario) {
        let short = Generator.csv(scenario, rows: 300, seed: 9)
        #expect(Generator.csv(scenario, rows: 3000, seed: 9).starts(with: short))
    }

    @Test("writes the same files with one thread and with three, over several blocks")
    func threads() throws {
        try withFolder { folder in
            var digests: [[String: String]] = []
            for threads in [1, 3] {
                var options = GenerationOptions(rows: Generator.blockRows + 17, directory: "\(folder)/\(threads)")
                options.formats = [.csv, .jsonl]
                options.threads = threads
                let files = try Generator.run(options)
                digests.append(
                    try Dictionary(
                        uniqueKeysWithValues: files.map { file in
                            (
                                (file.path as NSString).lastPathComponent,
                                SHA256.hex(Array(try Data(contentsOf: URL(filePath: file.path))))
                            )
                        }))
            }
            #expect(digests[0] == digests[1])
            #expect(
                digests[0].keys.sorted() == [
                    "customers.cells.csv", "customers.csv", "customers.duplicates.csv", "customers.jsonl", "customers.truth.json",
                ])
        }
    }

    @Test("plants as many faults as it promises", arguments: Scenario.allCases)
    func rates(scenario: Scenario) {
        let rows = 40_000
        let counts = Self.counts(scenario, rows: rows)
        let cells = Double(rows * scenario.columns.count)
        let numeric = Double(rows * scenario.model.columns.count { $0.role.isNumeric })
        let missing = counts.cells[Int(Corruption.missing.rawValue)] + counts.cells[Int(Corruption.nullToken.rawValue)]
        #expect((0.05...0.10).contains(Double(counts.exact) / Double(rows)))
        #expect((0.02...0.05).contains(Double(counts.near) / Double(rows)))
        #expect((0.05...0.15).contains(Double(missing) / cells))
        #expect(counts.cells[Int(Corruption.nullToken.rawValue)] > missing / 4)
        #expect((0.01...0.02).contains(Double(counts.cells[Int(Corruption.outlier.rawValue)]) / numeric))
        #expect(counts.cells[Int(Corruption.whitespace.rawValue)] > rows / 10)
        #expect(counts.cells[Int(Corruption.letterCase.rawValue)] > rows / 50)
    }

    @Test("writes customers at about 146 bytes per row")
    func width() {
        let bytes = Generator.csv(.customers, rows: 20_000, seed: 1).count
        #expect((140...152).contains(bytes / 20_000))
    }

    @Test("draws duplicates from far away as well as from nearby")
    func distance() {
        let duplicates = Generator.duplicates(.customers, rows: 50_000, seed: 2)
        let distances = duplicates.map { $0.row - $0.of }
        #expect(distances.allSatisfy { $0 > 0 })
        #expect(distances.count { $0 > 10_000 } > duplicates.count / 5)
        #expect(distances.count { $0 <= 1000 } > duplicates.count / 5)
    }

    @Test("points duplicates to originals, never to other duplicates", arguments: Scenario.allCases)
    func stars(scenario: Scenario) {
        let duplicates = Generator.duplicates(scenario, rows: 20_000, seed: 3)
        let rows = Set(duplicates.map(\.row))
        #expect(duplicates.allSatisfy { !rows.contains($0.of) })
    }

    @Test(
        "makes exact duplicates equal once white space and null words are normalised, and nothing else equal",
        arguments: Scenario.allCases)
    func exactTruth(scenario: Scenario) {
        let maker = RowMaker(scenario: scenario, seed: 4)
        var first: [[String]: Int] = [:]
        var byteForByte = 0
        for row in 0..<20_000 {
            maker.make(row)
            let cells = Self.cells(maker.buffer)
            let key = cells.map(Self.normalised)
            if maker.buffer.kind == .exact {
                #expect(first[key] == maker.buffer.source, "row \(row)")
                maker.make(maker.buffer.source)
                if Self.cells(maker.buffer) == cells { byteForByte += 1 }
            } else {
                #expect(first.updateValue(row, forKey: key) == nil, "row \(row) equals an earlier row, but is no exact duplicate")
            }
        }
        #expect(byteForByte > 300)
    }

    @Test("gives customers that registered again an id of their own, and keeps the id of events delivered again")
    func identifiers() {
        for scenario in Scenario.allCases {
            let maker = RowMaker(scenario: scenario, seed: 8)
            for duplicate in Generator.duplicates(scenario, rows: 5000, seed: 8) {
                maker.make(duplicate.row)
                let id = Self.cells(maker.buffer)[0]
                maker.make(duplicate.of)
                let isSame = id == Self.cells(maker.buffer)[0]
                #expect(isSame == (duplicate.kind == .exact || scenario != .customers))
            }
        }
    }

    @Test("tells the clean value of every corrupted cell, and of no other", arguments: Scenario.allCases)
    func cellTruth(scenario: Scenario) {
        let dirty = RowMaker(scenario: scenario, seed: 6)
        let clean = RowMaker(scenario: scenario, seed: 6)
        for row in 0..<5000 {
            dirty.make(row)
            let origin = dirty.buffer.kind == .original ? row : dirty.buffer.source
            clean.buffer.markClean()
            clean.model.write(row: origin, layout: clean.layout, into: clean.buffer)
            if dirty.buffer.kind == .near, dirty.model.nearDuplicatesGetNewIDs {
                clean.model.writeID(row: row, into: clean.buffer)
            }
            for column in 0..<dirty.columns.count {
                let truth = String(decoding: dirty.buffer.cleanCell(column), as: UTF8.self)
                let written = String(decoding: clean.buffer.cell(column), as: UTF8.self)
                if truth != written { Issue.record("row \(row) column \(column): truth \(truth), written \(written)") }
            }
        }
    }

    @Test("writes JSON Lines whose keys drift")
    func drift() throws {
        try withFolder { folder in
            var options = GenerationOptions(rows: 2000, directory: folder)
            options.formats = [.jsonl]
            try Generator.run(options)
            let text = try String(contentsOfFile: folder + "/customers.jsonl", encoding: .utf8)
            let records = try text.split(separator: "\n").map { line in
                try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            }
            #expect(records.count == 2000)
            #expect(Set(records.map { Set($0.keys) }).count > 10)
            #expect(records.contains { $0["schema_version"] != nil })
            #expect(records.contains { $0["balance"] is String } && records.contains { $0["balance"] is Double })
        }
    }

    @Test("quotes cells with commas and quotes, of any length")
    func quoting() {
        for length in 0...40 {
            for special in [",", "\"", "\n", "x"] {
                let text = String(repeating: "a", count: length) + special
                let cell = HeapBytes(capacity: 160)
                for (i, b) in text.utf8.enumerated() { cell.pointer[i] = b }
                // Rubbish behind the cell must not matter.
                for i in text.utf8.count..<text.utf8.count + 8 { cell.pointer[i] = 0x2C }
                let out = HeapBytes(capacity: 400)
                let n = CSVText.write(UnsafeBufferPointer(start: cell.pointer, count: text.utf8.count), to: out.pointer)
                let written = String(decoding: UnsafeBufferPointer(start: out.pointer, count: n), as: UTF8.self)
                #expect(written == (special == "x" ? text : "\"" + text.replacing("\"", with: "\"\"") + "\""))
            }
        }
    }

    @Test("refuses to replace files unless told to, and leaves nothing half written")
    func existing() throws {
        try withFolder { folder in
            var options = GenerationOptions(rows: 10, directory: folder)
            try Generator.run(options)
            let before = try Data(contentsOf: URL(filePath: folder + "/customers.csv"))
            options.seed = 2
            let error = #expect(throws: SanitizerError.self) { try Generator.run(options) }
            #expect(error?.code == .outputExists)
            #expect(try Data(contentsOf: URL(filePath: folder + "/customers.csv")) == before)
            options.overwrite = true
            try Generator.run(options)
            #expect(try Data(contentsOf: URL(filePath: folder + "/customers.csv")) != before)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).allSatisfy { !$0.contains(".part-") })
        }
    }

    @Test("writes an empty table for no rows")
    func none() throws {
        #expect(
            Generator.csv(.customers, rows: 0, seed: 1) == Array((Scenario.customers.columns.joined(separator: ",") + "\n").utf8))
    }

    @Test("counts days as the calendar does")
    func calendar() {
        for (days, expected) in [(0, "1970-01-01"), (-10_958, "1940-01-01"), (11_016, "2000-02-29"), (20_778, "2026-11-21")] {
            let buffer = RowBuffer(columns: 1)
            var writer = buffer.writer(0)
            writer.day(days)
            buffer.finish(0, writer)
            #expect(Self.cells(buffer) == [expected])
        }
    }

    private static func cells(_ buffer: RowBuffer) -> [String] {
        (0..<buffer.columns).map { String(decoding: buffer.cell($0), as: UTF8.self) }
    }
    private static func normalised(_ text: String) -> String {
        let folded = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return ["NA", "N/A", "n/a", "null", "NULL", "-"].contains(folded) ? "" : folded
    }
    private static func counts(_ scenario: Scenario, rows: Int) -> TruthCounts {
        let maker = RowMaker(scenario: scenario, seed: 1)
        var truth = TruthBlock(columns: maker.columns, detail: .summary)
        for row in 0..<rows {
            maker.make(row)
            truth.append(row: row, maker.buffer)
        }
        return truth.counts
    }
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "generation-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: folder) } }
        try body(folder)
    }
}
