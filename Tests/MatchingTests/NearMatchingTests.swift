import Domain
import Tabular
import Testing

@testable import Matching

@Suite struct NearMatchingTests {
    /// Dropped rows whose survivor is someone else, and the share of surplus rows that were found.
    static func judge(_ d: MatchDecisions, _ entity: [Int]) -> (wrong: Int, recall: Double) {
        let wrong = d.drops.filter { entity[$0.row.ordinal] != entity[$0.kept.ordinal] }.count
        let surplus = entity.count - Set(entity).count
        return (wrong, Double(d.drops.count - wrong) / Double(surplus))
    }

    @Test("planted typing errors and gaps are found, and hardly anything else", arguments: [400, 1500], [1, 2])
    func plantedDuplicates(rows: Int, seed: Int) throws {
        let (table, entity) = Fixture.customers(rows, seed: UInt64(seed))
        let d = try table.run()
        let (wrong, recall) = Self.judge(d, entity)
        #expect(wrong == 0)
        #expect(recall > 0.9)
        #expect(d.nearCount > rows / 40)
        #expect(d.falsePositiveRate < 0.05)
    }

    @Test("a clean table of people loses nobody")
    func cleanTable() throws {
        let (table, _) = Fixture.customers(1000, seed: 9, exact: 0, near: 0)
        #expect(try table.run().drops.isEmpty)
    }

    @Test("events that resemble each other all stay", arguments: Fixture.Events.allCases, [200, 1200])
    func eventsStay(kind: Fixture.Events, rows: Int) throws {
        let table = Fixture.events(kind, rows)
        let d = try table.run()
        let near = d.drops.filter { $0.kind == .near }
        #expect(near.isEmpty, "\(kind): \(near.prefix(3).map { (table.rows[$0.row.ordinal], table.rows[$0.kept.ordinal]) })")
    }

    @Test("readings that agree in numbers alone are not even suggested", arguments: [200, 1200])
    func readingsAlone(rows: Int) throws {
        #expect(try Fixture.events(.prices, rows).run().suggestions.isEmpty)
    }

    @Test(
        "what a title has more than another is no spelling error", arguments: ["part I/part II", "erratum/", "1/2", "II/III"])
    func partsStay(endings: String) throws {
        var r = TestRandom(state: 21)
        var table = Fixture(names: ["title", "authors", "venue", "year"], types: [.text, .text, .text, .integer], rows: [])
        let ends = endings.split(separator: "/", omittingEmptySubsequences: false)
        for i in 0..<400 {
            let title = (0..<6).map { _ in Fixture.word(&r) }.joined(separator: " ")
            let authors = "\(Fixture.word(&r)) \(Fixture.word(&r)), \(Fixture.word(&r))"
            let rest: [String?] = [authors, "Venue \(i % 7)", "\(1990 + i % 20)"]
            table.rows.append([i < 40 ? "\(title) \(ends[0])" : title] + rest)
            if i < 40 { table.rows.append(["\(title) \(ends[1])"] + rest) }
            // True misspellings, so that there is something to learn from.
            if i >= 300 { table.rows.append([Fixture.typo(title, &r)] + rest) }
        }
        let found = try table.run()
        #expect(found.drops.allSatisfy { $0.row.ordinal >= 80 })
        #expect(found.drops.count > 50)
    }

    @Test("a description that siblings share does not make them one")
    func siblings() throws {
        var r = TestRandom(state: 41)
        func words(_ n: Int) -> String { (0..<n).map { _ in Fixture.word(&r) }.joined(separator: " ") }
        var table = Fixture(names: ["title", "description", "price"], types: [.text, .text, .decimal], rows: [])
        for i in 0..<300 {
            let title = words(3)
            let description = words(15)
            table.rows.append(["\(title) \(words(1))", description, "\(10 + r.below(90)).50"])
            // Another edition, or the same thing misspelt.
            if i < 60 { table.rows.append(["\(title) \(words(1))", description, "\(10 + r.below(90)).50"]) }
            if i >= 200 {
                table.rows.append(
                    [table.rows[table.rows.count - 1][0].map { Fixture.typo($0, &r) }]
                        + table.rows[table.rows.count - 1].dropFirst())
            }
        }
        let found = try table.run()
        let called = found.drops + found.suggestions
        #expect(called.count { $0.row.ordinal < 120 } < 5)
        #expect(called.count > 90)
    }

    @Test("rows of two kinds that share one column each are found by it")
    func oneColumn() throws {
        var r = TestRandom(state: 51)
        func words(_ n: Int) -> String { (0..<n).map { _ in Fixture.word(&r) }.joined(separator: " ") }
        var table = Fixture(
            names: ["title", "name", "episode", "season", "born", "job"],
            types: [.text, .text, .integer, .integer, .integer, .text], rows: [])
        let people = (0..<400).map { _ in words(2) }
        let films = (0..<400).map { _ in words(3) }
        for i in 0..<300 {
            table.rows.append([nil, people[i], nil, nil, "\(1900 + r.below(100))", nil])
            table.rows.append([films[i], nil, "\(1 + i % 20)", "\(1 + i % 7)", nil, nil])
        }
        for i in 200..<400 {
            table.rows.append([nil, people[i], nil, nil, nil, r.pick(["actor", "writer", "director"])])
            table.rows.append([films[i], nil, "\(1 + i % 20)", "\(1 + i % 7)", nil, nil])
        }
        let found = try table.run()
        let called = (found.drops + found.suggestions).filter { $0.kind != .exact }
        #expect(called.count { $0.kept.ordinal + 200 == $0.row.ordinal } > 90)
        #expect(called.count { $0.kept.ordinal + 200 != $0.row.ordinal } < 3)
    }

    @Test("people of common names are found whichever value is wrong, where there are any", arguments: [true, false])
    func commonNames(hasDuplicates: Bool) throws {
        var r = TestRandom(state: 61)
        let (given, family) = ((0..<60).map { _ in Fixture.word(&r) }, (0..<80).map { _ in Fixture.word(&r) })
        var table = Fixture(
            names: ["given", "family", "year", "month", "day"], types: [.text, .text, .integer, .integer, .integer], rows: [])
        func day() -> [String] { ["\(1930 + r.below(80))", "\(1 + r.below(12))", "\(1 + r.below(28))"] }
        for _ in 0..<1600 { table.rows.append([r.pick(given), r.pick(family)] + day()) }
        guard hasDuplicates else {
            let found = try table.run()
            #expect(found.drops.filter { $0.kind != .exact }.isEmpty)
            #expect(found.suggestions.count < 8)
            return
        }
        for i in 0..<200 {
            let (wrong, other) = (i % 5, day())
            table.rows.append(table.rows[i])
            table.rows[1600 + i][wrong] = wrong < 2 ? Fixture.typo(table.rows[i][wrong] ?? "", &r) : other[wrong - 2]
        }
        let found = try table.run()
        let called = (found.drops + found.suggestions).filter { $0.kind != .exact }
        #expect(called.count { $0.kept.ordinal + 1600 == $0.row.ordinal } > 180)
        #expect(called.count { $0.kept.ordinal + 1600 != $0.row.ordinal } < 20)
        #expect(found.drops.allSatisfy { $0.kept.ordinal + 1600 == $0.row.ordinal || $0.kind == .exact })
    }

    @Test("rows that share many rare texts are one in spite of other words, volumes of a series are not")
    func manyTexts() throws {
        var r = TestRandom(state: 71)
        func words(_ n: Int) -> String { (0..<n).map { _ in Fixture.word(&r) }.joined(separator: " ") }
        let genres = ["rock", "pop", "jazz", "folk", "misc"]
        var table = Fixture(
            names: ["artist", "title", "genre"] + (1...10).map { "track\($0)" }, types: [ColumnType](repeating: .text, count: 13),
            rows: [])
        for _ in 0..<300 { table.rows.append([words(2), words(3), r.pick(genres)] + (0..<10).map { _ in words(3) }) }
        for i in 0..<80 {
            // One album, as another listener typed it: another performer, another genre, two tracks in other words.
            table.rows.append(table.rows[i])
            table.rows[300 + i][0] = words(2)
            table.rows[300 + i][2] = genres.first { $0 != table.rows[i][2] }
            for track in 0..<2 { table.rows[300 + i][3 + (i + track) % 10] = words(3) }
        }
        for i in 100..<160 {
            // Another album of the series: the same performer and genre, nearly the same title.
            table.rows.append(
                [table.rows[i][0], "\(table.rows[i][1] ?? "") 2", table.rows[i][2]] + (0..<10).map { _ in words(3) })
        }
        let found = try table.run()
        let called = found.drops + found.suggestions
        #expect(called.count { $0.kept.ordinal + 300 == $0.row.ordinal } > 70)
        #expect(called.count { $0.kept.ordinal + 300 != $0.row.ordinal } < 3)
    }

    @Test("every kept row is kept: chains end at the final survivor")
    func chainsAreResolved() throws {
        let (table, _) = Fixture.customers(1500, seed: 4, exact: 0.2, near: 0.1)
        let d = try table.run()
        let dropped = Set(d.drops.map(\.row))
        #expect(d.drops.count > 200)
        #expect(dropped.count == d.drops.count)
        #expect(d.drops.allSatisfy { !dropped.contains($0.kept) })
        #expect(d.fills.allSatisfy { !dropped.contains($0.row) && dropped.contains($0.from) })
        #expect(d.suggestions.allSatisfy { !dropped.contains($0.row) && !dropped.contains($0.kept) })
    }

    @Test("the first row survives and takes what it lacks from its duplicate")
    func gapsAreFilled() throws {
        var (table, _) = Fixture.customers(600, seed: 6, exact: 0, near: 0)
        var twin = table.rows[10]
        twin[0] = "99999"
        table.rows[10][3] = nil
        table.rows.append(twin)
        let d = try table.run()
        #expect(d.drops.map(\.row.ordinal) == [600])
        #expect(d.fills.count == 1)
        #expect(d.fills.first?.text == twin[3])
        #expect(d.fills.first?.column == 3)
        #expect(d.fills.first?.row.ordinal == 10)
        table.deduplicate.fill = false
        #expect(try table.run().fills.isEmpty)
    }

    @Test("the most complete row survives when the recipe says so")
    func mostComplete() throws {
        var (table, _) = Fixture.customers(600, seed: 6, exact: 0, near: 0)
        var twin = table.rows[10]
        twin[0] = "99999"
        table.rows[10][3] = nil
        table.rows.append(twin)
        table.deduplicate.survivor = .mostComplete
        let d = try table.run()
        #expect(d.drops.map(\.row.ordinal) == [10])
        #expect(d.drops.first?.kept.ordinal == 600)
        #expect(d.fills.isEmpty)
    }

    @Test("a near match says what agreed and what did not")
    func explanations() throws {
        let (table, _) = Fixture.customers(1000, seed: 3)
        let near = try table.run().drops.filter { $0.kind == .near }
        #expect(!near.isEmpty)
        for d in near {
            #expect(d.explanation.contains { $0.level == 6 && $0.weight > 0 })
            #expect(d.score >= 0.99 && d.score < 1)
            #expect(!d.explanation.contains { $0.column == 0 })
        }
    }

    @Test("a threshold that no posterior reaches drops no near duplicate")
    func threshold() throws {
        var (table, _) = Fixture.customers(1000, seed: 3)
        table.deduplicate.threshold = 1
        let d = try table.run()
        #expect(d.nearCount == 0)
        #expect(d.exactCount > 0)
        #expect(!d.suggestions.isEmpty)
    }

    @Test(
        "the outcome is the same for all chunks, partitions, stripes, threads and orders of arrival",
        arguments: [
            Fixture.Shape(chunkRows: 97, partitions: 1, threads: 1), .init(chunkRows: 300, partitions: 5, stripes: 2, threads: 3),
            .init(chunkRows: 640, partitions: 16, stripes: 7, threads: 8, reversesArrival: true),
        ])
    func shapes(_ shape: Fixture.Shape) throws {
        let (table, _) = Fixture.customers(1000, seed: 8)
        var one = try table.run()
        var other = try table.run(shape)
        // Work done, not outcome: how often the same pair met.
        one.statistics.candidatePairs = 0
        other.statistics.candidatePairs = 0
        #expect(one == other)
    }

    @Test("the groups do not depend on the order of the rows")
    func rowOrder() throws {
        let (table, _) = Fixture.customers(1000, seed: 12)
        var turned = table
        turned.rows.reverse()
        func groups(_ d: MatchDecisions, _ place: (Int) -> Int) -> Set<Set<Int>> {
            var members: [Int: Set<Int>] = [:]
            for x in d.drops { members[x.kept.ordinal, default: [place(x.kept.ordinal)]].insert(place(x.row.ordinal)) }
            return Set(members.values)
        }
        let a = groups(try table.run()) { $0 }
        let b = groups(try turned.run()) { 999 - $0 }
        #expect(a == b)
    }

    @Test("small tables are judged by the prior: equal people merge, different ones stay")
    func smallTable() throws {
        let (table, entity) = Fixture.customers(40, seed: 21, exact: 0, near: 0.1)
        let d = try table.run()
        #expect(d.drops.allSatisfy { entity[$0.row.ordinal] == entity[$0.kept.ordinal] })
    }

    @Test("wide, long and odd cells neither crash nor match", arguments: [1, 3, 80])
    func oddCells(columns: Int) throws {
        var r = TestRandom(state: 3)
        let odd: [String] = ["", " ", "\u{0}", "é", "日本語テキスト", String(repeating: "x", count: 70000), "'", "...", "-", "🙂🙂", "Ǆ"]
        let rows = (0..<200).map { _ in (0..<columns).map { _ in r.chance(0.2) ? nil : r.pick(odd) as String? } }
        let table = Fixture(
            names: (0..<columns).map { "c\($0)" }, types: Array(repeating: .text, count: columns), rows: rows)
        let d = try table.run(.init(chunkRows: 33, partitions: 3))
        #expect(Set(d.drops.map(\.row)).count == d.drops.count)
    }
}

@Suite("Large tables")
struct LargeTableTests {
    /// A table of `first_name`s of which every sampled row stands for `scale` rows.
    private func compared(_ sample: [String], _ candidates: [String], scale: Double) -> CompareTable {
        let fixture = Fixture(names: ["first_name", "note"], types: [.text, .text], rows: candidates.map { [$0, "x"] })
        let batches = fixture.batches(1_000_000)
        let store = RowStore(columns: 2)
        store.append(batches[0], chunk: 0, wanted: fixture.rows.indices.map { RowID(chunk: 0, ordinal: $0) })
        store.seal()
        let rows = sample.enumerated().map { SampledRow(hash: UInt64($0), id: UInt64($0), cells: [Array($1.utf8), [120]]) }
        return CompareTable(
            plan: fixture.plan(batches), columns: [0], scale: scale, sample: rows, candidates: store, canaries: [], threads: 1)
    }

    @Test("a typing error that happens to many in a large table is no name of its own; in a small table as many are")
    func commonErrors() {
        let names = (0..<400).map { ["James", "Robert", "Linda", "Karen"][$0 % 4] }
        let candidates = ["James", "Robert"] + [String](repeating: "Jmaes", count: 6)
        let small = compared(names, candidates, scale: 1)
        #expect(small.areEstablished(400, 401, 0))
        #expect(small.areEstablished(400, 402, 0))
        let large = compared(names, candidates, scale: 500)
        #expect(large.areEstablished(400, 401, 0))
        #expect(!large.areEstablished(400, 402, 0))
    }

    @Test("a row number that a few copies share is no identifier where most duplicates have another")
    func copiedNumbers() throws {
        func table(copies: Double) -> (Fixture, [Int]) {
            var (table, entity) = Fixture.customers(900, seed: 31, exact: 0, near: 0.12)
            var r = TestRandom(state: 5)
            for i in table.rows.indices where entity[i] != i && r.chance(copies) { table.rows[i][0] = table.rows[entity[i]][0] }
            return (table, entity)
        }
        func found(_ copies: Double) throws -> (drops: Int, usesNumber: Bool) {
            let d = try table(copies: copies).0.run()
            return (d.nearCount, d.drops.contains { $0.explanation.contains { $0.column == 0 } })
        }
        let few = try found(0.08)
        let most = try found(0.9)
        #expect(!few.usesNumber && few.drops > 50)
        #expect(most.usesNumber)
    }

    @Test(
        "a thing that is listed three times is one, whether all of it is equal but its number or now and then a common value differs",
        arguments: [true, false])
    func threefold(isEqual: Bool) throws {
        var r = TestRandom(state: 91)
        let makers = (0..<6).map { _ in Fixture.word(&r) }
        var table = Fixture(names: ["number", "title", "maker", "year"], types: [.integer, .text, .text, .integer], rows: [])
        for i in 0..<400 {
            let title = (0..<4).map { _ in Fixture.word(&r) }.joined(separator: " ")
            let year = String(1990 + r.below(20))
            let first = r.below(6)
            for k in 0..<(i % 8 == 0 ? 3 : 1) {
                table.rows.append([
                    String(70_000 + table.rows.count * 7919 % 20_011), title,
                    makers[isEqual || k < 2 || i % 24 > 0 ? first : (first + 1) % 6], year,
                ])
            }
        }
        let found = try table.run()
        let named = (found.drops + found.suggestions).filter { table.rows[$0.row.ordinal][1] == table.rows[$0.kept.ordinal][1] }
        #expect(named.count >= 95)
        #expect(found.drops.count + found.suggestions.count - named.count < 3)
    }
}
