import Domain
import Tabular
import Testing

@testable import Cleaning

@Suite("Dependencies")
struct DependencyTests {
    @Test("a gap is filled with what the other columns determine", arguments: [8, 9] as [UInt64])
    func fills(seed: UInt64) throws {
        let table = Made.facilities(seed, 1000)
        let dirty = table.rows.enumerated().map { r, row -> [String?] in
            row.enumerated().map { c, text in c == 3 && r % 13 == 0 ? nil : text }
        }
        let run = try clean(table.names, dirty)
        for r in stride(from: 0, to: 1000, by: 13) { #expect(run.batch.string(r, 3) == table.rows[r][3]) }
        #expect(run.recorder.counts.count(.dependencyFill, column: 3) == 77)
        #expect(run.recorder.changes.allSatisfy { $0.source == .impute })
    }

    @Test("one witness against a value gives a suggestion; the value stays")
    func suggestion() throws {
        var table = Made.facilities(11, 1000)
        let other = table.rows.first { $0[3] != table.rows[40][3] }
        table.rows[40][3] = try #require(other)[3]
        let run = try clean(table.names, table.rows) {
            var column = ColumnRecipe(name: "region")
            column.repairThreshold = 0.99
            $0.columns = [column]
        }
        #expect(run.batch.string(40, 3) == table.rows[40][3])
        #expect(run.recorder.counts.total == 0)
        let own = run.recorder.changes.filter { $0.row == 140 && $0.column == 3 }
        #expect(own.map(\.isSuggestion) == [true])
        #expect(own.map(\.source) == [.suggestion])
    }

    @Test("the name of another place may be true where other exceptions are new names")
    func strays() throws {
        var table = Made.facilities(12, 1000)
        let other = table.rows.first { $0[1] != table.rows[40][1] }
        table.rows[40][1] = try #require(other)[1]
        table.rows[222][1] = "new house"
        table.rows[701][1] = "other clinic"
        let run = try clean(table.names, table.rows)
        #expect(table.rows.indices.allSatisfy { run.batch.string($0, 1) == table.rows[$0][1] })
        let told = run.recorder.changes.filter { $0.column == 1 }
        #expect(Set(told.map(\.row)) == [140, 322, 801])
        #expect(told.allSatisfy { $0.isSuggestion })
    }

    /// Rows of things that `width` columns name, each in its own words.
    private func things(_ seed: UInt64, _ rows: Int, width: Int) -> [[String]] {
        var dice = Dice(seed)
        let kinds = ["hall", "tower", "gate", "yard", "quay", "mill"]
        let things = (0..<25).map { _ in (0..<width).map { "\(dice.word()) \(kinds[$0]) \(dice.word())" } }
        return (0..<rows).map { _ in dice.pick(things) }
    }

    private func misspelt(_ text: String, _ r: Int) -> String {
        let place = 1 + r / 31 % 4
        return "\(text.prefix(place))q\(text.dropFirst(place))"
    }

    @Test(
        "columns that mostly follow each other have true exceptions, misspellings or not", arguments: [2, 3, 4], [false, true])
    func trueExceptions(width: Int, hasMisspellings: Bool) throws {
        var rows = things(5, 2000, width: width)
        let plain = rows
        for r in stride(from: 3, to: rows.count, by: 31) { rows[r][r % width] = plain[(r * 7) % rows.count][r % width] }
        var truth = rows
        if hasMisspellings {
            for r in stride(from: 10, to: rows.count, by: 31) {
                truth[r] = plain[r]
                rows[r][r % width] = misspelt(plain[r][r % width], r)
            }
        }
        let run = try clean((0..<width).map { "c\($0)" }, rows)
        for r in rows.indices { #expect((0..<width).map { run.batch.string(r, $0) } == truth[r], "row \(r): \(rows[r])") }
        #expect(run.recorder.changes.contains { $0.isSuggestion })
    }

    @Test("what five other columns contradict is replaced in a column of misspellings, and only there")
    func exchanged() throws {
        let truth = things(6, 2000, width: 6)
        var rows = truth
        for r in stride(from: 3, to: rows.count, by: 61) {
            rows[r][1] = truth[(r * 7) % rows.count][1]
            rows[r + 1][4] = truth[(r * 11) % rows.count][4]
            rows[r + 2][1] = misspelt(truth[r + 2][1], r)
        }
        let run = try clean((0..<6).map { "c\($0)" }, rows)
        #expect(rows.indices.allSatisfy { run.batch.string($0, 1) == truth[$0][1] })
        #expect(rows.indices.allSatisfy { run.batch.string($0, 4) == rows[$0][4] })
        #expect(run.recorder.changes.contains { $0.column == 4 && $0.isSuggestion })
    }

    @Test("the same other value again and again is no misspelling, and a country is none either")
    func alikeNames() throws {
        let codes = ["DT", "OR", "KN"]
        var rows = (0..<120).map { i in [codes[i % 3], ["Darton", "Orland", "Kenwick"][i % 3], "\(i % 7)"] }
        // Four of forty: a word of five rows would be known anyway.
        for r in stride(from: 0, to: 36, by: 9) { rows[r][1] = "Dartan" }
        for r in stride(from: 1, to: rows.count, by: 3) { rows[r] = ["IR", r == 4 ? "Iraq" : "Iran", "\(r % 7)"] }
        let run = try clean(["code", "place", "day"], rows)
        #expect(rows.indices.allSatisfy { run.batch.string($0, 1) == rows[$0][1] })
    }

    @Test("where many rows rightly hold another value than most of their group, none is mended")
    func alternatives() throws {
        var dice = Dice(21)
        let married = Array(repeating: "husband", count: 12) + ["wife", "other"]
        let single = Array(repeating: "none", count: 8) + Array(repeating: "child", count: 6) + ["parent", "other"]
        var rows = (0..<1100).map { i -> [String] in
            let isMarried = i % 2 == 0
            let state = isMarried ? "married" : dice.pick(["never married", "never married", "divorced", "widowed"])
            return [
                state, dice.pick(isMarried ? married : state == "never married" ? single : ["none", "parent", "none"]),
                dice.word(),
            ]
        }
        for i in [40, 80, 120, 160] { rows[i][1] = "child" }
        let run = try clean(["state", "relation", "remark"], rows)
        #expect(rows.indices.allSatisfy { run.batch.string($0, 1) == rows[$0][1] })
        #expect(run.recorder.changes.filter { $0.transformation == .dependencyRepair }.isEmpty)
    }

    @Test("what several sources say of one thing is put to the vote; where they mostly disagree it is only said")
    func claims() throws {
        var dice = Dice(11)
        var rows: [[String]] = []
        var truth: [[String]] = []
        for thing in 0..<30 {
            let right = ["T\(thing)", "\(6 + dice.roll(15)):\(10 + dice.roll(49)) h", dice.word() + " " + dice.word()]
            for source in 0..<9 {
                truth.append(["site\(source)"] + right)
                var row = truth[truth.count - 1]
                // One of ten times a source has another hour; every second time another gate.
                if dice.roll(10) == 0 { row[2] = "\(6 + dice.roll(15)):\(10 + dice.roll(49)) h" }
                if dice.roll(2) == 0 { row[3] = dice.word() + " " + dice.word() }
                rows.append(row)
            }
        }
        let run = try Run(["source", "flight", "departs", "gate"], rows, findsRelations: true)
        let departs = run.column(2)
        #expect(zip(departs, truth).allSatisfy { $0 == $1[2] })
        #expect(run.column(3) == rows.map { $0[3] })
    }

    @Test("a row that was given the name of another thing keeps what it says")
    func elsewhere() throws {
        let gates = ["north hall", "south hall", "east wing", "west wing", "upper deck", "lower deck"]
        let desks = ["one by the door", "two by the door", "three by the lift"]
        // Thing and source of a row, and the thing that it names; the source has nothing else to say of that one.
        let moved = [[2, 2]: 7, [12, 3]: 20, [22, 4]: 27]
        var rows: [[String]] = []
        var truth: [Int: [String]] = [:]
        for thing in 0..<30 {
            for source in 0..<9 where !moved.contains(where: { $0.value == thing && $0.key[1] == source }) {
                let own = ["\(6 + thing % 7):10 h", gates[thing % 6], "crew of \(thing / 2)", desks[thing % 3]]
                let name = moved[[thing, source]] ?? thing
                if name != thing { truth[rows.count] = own }
                rows.append(["site\(source)", "T\(name)"] + own)
            }
        }
        // One of thirteen times a source has another hour, and is overruled.
        for r in stride(from: 4, to: rows.count, by: 13) where truth[r] == nil { rows[r][2] = "\(6 + r * 5 % 7):40 h" }
        let run = try Run(["source", "flight", "departs", "gate", "crew", "desk"], rows, findsRelations: true)
        for (r, own) in truth { #expect((2...5).map { run.column($0)[r] } == own) }
        #expect(!run.column(2).contains { $0?.hasSuffix(":40 h") == true })
    }

    @Test("slips in short codes that another column decides are mended; true exceptions are said only")
    func shortCodes() throws {
        var rows = (0..<1200).map { i in ["K\(i % 40)", ["NJ", "GA", "FL", "TX"][i % 4], "\(i % 7)"] }
        let truth = rows
        for (r, slip) in [(101, "AG"), (212, "JNJ"), (333, "A"), (454, "L")] { rows[r][1] = slip }
        rows[575][1] = "GA"
        let run = try Run(["shop", "state", "day"], rows, findsRelations: true)
        var expected = truth.map { $0[1] }
        expected[575] = "GA"
        #expect(run.column(1) == expected)
    }
}
