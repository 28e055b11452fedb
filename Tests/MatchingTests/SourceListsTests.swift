import Domain
import Tabular
import Testing

@testable import Matching

@Suite("Lists of the same things in one table")
struct SourceListsTests {
    /// Two shops' offers of `n` things each, half of which both have, one shop below the other, each thing worded in two ways. Row i of the
    /// first shop, from n / 2 on, is row i + n / 2.
    private static func shops(_ n: Int = 200) -> Fixture {
        var r = TestRandom(state: 31)
        var table = Fixture(names: ["title", "description", "price"], types: [.text, .text, .decimal], rows: [])
        func words(_ n: Int) -> String { (0..<n).map { _ in Fixture.word(&r) }.joined(separator: " ") }
        let things = (0..<n * 3 / 2).map { _ in words(3) }
        for i in 0..<n {
            table.rows.append(["\(things[i]) \(r.pick(["deluxe", "edition", "box"]))", words(8), "\(10 + r.below(90)).99"])
        }
        for i in n / 2..<n * 3 / 2 {
            // The second has a description of every other thing, the first's where both have the thing.
            let description = i % 2 == 0 ? nil : i < n ? table.rows[i][1] : words(8)
            table.rows.append(["\(words(1)) \(things[i])", description, "\(10 + r.below(90)).95"])
        }
        return table
    }

    private static func right(_ d: MatchDecisions) -> Int { d.suggestions.count { $0.row.ordinal == $0.kept.ordinal + 100 } }

    private static func isTold(_ d: MatchDecisions) -> Bool { d.statistics.note.contains("are lists of the same things") }

    enum Way: CaseIterable { case forms, inputs, column, serial, prefix }

    private static func table(_ way: Way) -> (table: Fixture, shape: Fixture.Shape) {
        var table = shops()
        switch way {
        case .forms: break
        case .inputs: table.chunkInputs = [0, 1]
        case .column:
            table.names.append("source")
            table.types.append(.text)
            for i in table.rows.indices { table.rows[i].append(i < 200 ? "east" : "west") }
        case .serial:
            table.names.insert("id", at: 0)
            table.types.insert(.integer, at: 0)
            for i in table.rows.indices { table.rows[i].insert(String(i % 200 + 1), at: 0) }
        case .prefix:
            table.names.insert("id", at: 0)
            table.types.insert(.text, at: 0)
            for i in table.rows.indices {
                table.rows[i].insert("\(i < 200 ? "east" : "west")-\(i * 7919 % 90_000 + 10_000)", at: 0)
            }
        }
        return (table, Fixture.Shape(chunkRows: way == .inputs ? 200 : 1_000_000))
    }

    @Test(
        "two shops are told by their inputs, by a column, by letters in front of numbers, by numbers that start again, by their form",
        arguments: Way.allCases)
    func shops(way: Way) throws {
        let (table, shape) = Self.table(way)
        let found = try table.run(shape)
        #expect(Self.isTold(found))
        #expect(found.drops.isEmpty)
        #expect(Self.right(found) > 85)
        #expect(found.suggestions.count - Self.right(found) < 6)
        // Without lists, less is sure.
        var plain = table
        plain.deduplicate.lists = false
        let without = try plain.run(shape)
        #expect(!Self.isTold(without))
        #expect(Self.right(without) < Self.right(found))
    }

    @Test("three shops that a column tells")
    func three() throws {
        var table = Self.table(.column).table
        var r = TestRandom(state: 8)
        // The third has things of both: row i of the first, from 100 on, is row i + 100 and row i + 300.
        for i in 100..<200 {
            let title = "\(table.rows[i + 100][0]!) \(r.pick(["new", "boxed"]))"
            table.rows.append([title, i % 3 == 0 ? table.rows[i][1] : nil, "\(10 + r.below(90)).97", "north"])
        }
        let found = try table.run()
        #expect(Self.isTold(found))
        let right = found.suggestions.filter { [100, 200, 300].contains($0.row.ordinal - $0.kept.ordinal) }
        #expect(right.count > 150)
        #expect(found.suggestions.count - right.count < 10)
    }

    @Test("the same lists whatever the chunks, threads, stripes and order of arrival")
    func order() throws {
        let table = Self.shops()
        let first = try table.run()
        #expect(Self.isTold(first))
        for shape in [
            Fixture.Shape(chunkRows: 37, threads: 3), Fixture.Shape(partitions: 3, stripes: 2, reversesArrival: true),
        ] {
            let found = try table.run(shape)
            #expect(found.suggestions == first.suggestions)
            #expect(found.drops == first.drops)
        }
    }

    @Test("in rounds, later ones go by the lists of the first")
    func rounds() throws {
        let n = 1000
        var table = Self.shops(n)
        table.chunkInputs = [0, 1]
        // Two rounds, each of 125 pairs.
        let shape = Fixture.Shape(chunkRows: n, roundRows: 250)
        let found = try table.run(shape)
        #expect(Self.isTold(found))
        #expect(found.suggestions.count > 240 && found.suggestions.allSatisfy { $0.row.ordinal == $0.kept.ordinal + n / 2 })
    }

    enum Own: CaseIterable { case stock, rating, category, price, description }

    @Test("columns of which each list has values of its own hide nothing", arguments: Own.allCases)
    func own(own: Own) throws {
        var r = TestRandom(state: 91)
        let n = 300
        var table = Self.shops(n)
        // A title and the column are all there is.
        table.names = ["title", "own"]
        table.types = [.text, own == .price || own == .rating ? .decimal : own == .stock ? .integer : .text]
        for i in table.rows.indices {
            let value =
                switch own {
                case .stock: String(r.below(50))
                case .rating: r.pick(["3.0", "3.5", "4.0", "4.5", "5.0"])
                case .category: r.pick(i < n ? ["Audio", "Video", "Garden", "Toys"] : ["Things", "Sound and vision", "Outdoor"])
                case .price: i < n ? "\(10 + r.below(90)).99" : "\(10 + r.below(90)).95"
                case .description: (0..<8).map { _ in Fixture.word(&r) }.joined(separator: " ")
                }
            table.rows[i] = [table.rows[i][0], value]
        }
        table.chunkInputs = [0, 1]
        let found = try table.run(Fixture.Shape(chunkRows: n))
        #expect(Self.isTold(found))
        #expect(found.drops.isEmpty)
        let right = found.suggestions.count { $0.row.ordinal == $0.kept.ordinal + n / 2 }
        #expect(right > 140 && found.suggestions.count - right < 5)
        table.chunkInputs = []
        table.deduplicate.lists = false
        #expect(try table.run().suggestions.count < 100)
    }

    @Test(
        "what has duplicates of its own is no such list, though the second half looks otherwise", arguments: [Way.forms, .inputs])
    func duplicates(way: Way) throws {
        var (table, entity) = Fixture.customers(1200, seed: 7, exact: 0, near: 0.2)
        for i in 600..<1200 {
            table.rows[i][1] = table.rows[i][1]?.uppercased()
            table.rows[i][7] = nil
        }
        if way == .inputs { table.chunkInputs = [0, 1] }
        let shape = Fixture.Shape(chunkRows: 600)
        let found = try table.run(shape)
        #expect(!Self.isTold(found))
        var plain = table
        plain.deduplicate.lists = false
        let without = try plain.run(shape)
        #expect(found.suggestions == without.suggestions && found.drops == without.drops)
        let inOne = (found.drops + found.suggestions).filter { ($0.row.ordinal < 600) == ($0.kept.ordinal < 600) }
        #expect(inOne.count > 50 && inOne.allSatisfy { entity[$0.row.ordinal] == entity[$0.kept.ordinal] })
    }

    @Test("where nearly all is sure, nothing is asked of lists")
    func sure() throws {
        var r = TestRandom(state: 3)
        var (table, _) = Fixture.customers(900, seed: 23, exact: 0, near: 0)
        for i in 0..<300 {
            var row = table.rows[i * 3]
            row[0] = String(5_000 + i)
            row[1] = row[1].map { Fixture.typo($0, &r) }
            table.rows.append(row)
        }
        table.chunkInputs = [0, 1]
        let found = try table.run(Fixture.Shape(chunkRows: 900))
        #expect(found.nearCount > 270)
        #expect(!Self.isTold(found))
    }

    @Test("drops do not depend on lists")
    func drops() throws {
        var table = Self.shops()
        // Rows of the first shop that are there twice but for their number.
        table.names.insert("number", at: 0)
        table.types.insert(.integer, at: 0)
        for i in table.rows.indices { table.rows[i].insert(String(90_001 + i * 7), at: 0) }
        for i in [3, 50] {
            var copy = table.rows[i]
            copy[0] = String(10_000 + i)
            table.rows.append(copy)
        }
        let found = try table.run()
        #expect(Self.isTold(found))
        #expect(found.drops.count == 2)
        var plain = table
        plain.deduplicate.lists = false
        #expect(found.drops == (try plain.run()).drops)
    }

    /// Where the form of the rows changes, as seen from all of them.
    private static func change(_ table: Fixture) -> Int? {
        let batches = table.batches(1_000_000)
        let store = RowStore(columns: table.names.count)
        for row in 0..<table.rows.count { store.append(batches[0], row: row, id: RowID(chunk: 0, ordinal: row)) }
        store.seal()
        return ListForms(table.plan(batches), store).change()
    }

    @Test("the form changes where the second list starts, and in no table that is sorted or of one piece")
    func changes() {
        #expect(Self.change(Self.shops()) == 200)
        var (table, _) = Fixture.customers(900, seed: 19, exact: 0, near: 0)
        #expect(Self.change(table) == nil)
        for i in table.rows.indices { table.rows[i][5] = ["Aachen", "Bonn", "Celle", "Diez"][i % 4] }
        table.rows.sort { ($0[5] ?? "") < ($1[5] ?? "") }
        #expect(Self.change(table) == nil)
    }

    @Test("what differs in its source alone is suggested, not dropped")
    func doubt() throws {
        var r = TestRandom(state: 44)
        var table = Fixture(names: ["title", "place", "source"], types: [.text, .text, .text], rows: [])
        let places = (0..<9).map { _ in Fixture.word(&r) }
        for i in 0..<300 {
            let title = (0..<4).map { _ in Fixture.word(&r) }.joined(separator: " ")
            let place = r.pick(places)
            table.rows.append([title, place, i % 2 == 0 ? "crm" : "shop"])
            if i % 5 == 0 { table.rows.append([title, place, i % 2 == 0 ? "shop" : "crm"]) }
        }
        let found = try table.run()
        #expect(found.drops.isEmpty)
        #expect(found.suggestions.count > 55)
    }

    @Test("numbers that start again are not compared")
    func serial() {
        var table = Self.table(.serial).table
        let plan = table.plan(table.batches(1000))
        #expect(plan.lists?.serial == 0)
        #expect(!plan.columns[0].isCompared && plan.lists?.notCompared == [0])
        // Line numbers of an invoice are no such numbers.
        for i in table.rows.indices { table.rows[i][0] = String(i % 5 + 1) }
        #expect(table.plan(table.batches(1000)).lists?.serial == nil)
        table.deduplicate.across = "title"
        #expect(table.plan(table.batches(1000)).lists == nil)
    }

    @Test("row numbers that get longer are no second list, and what was entered twice is found")
    func enteredTwice() throws {
        var r = TestRandom(state: 33)
        var (table, entity) = Fixture.customers(1500, seed: 42, exact: 0, near: 0.2)
        table.rows = entity.map { table.rows[$0] }
        table.names = ["number"] + table.names + ["entered"]
        table.types = [.integer] + table.types + [.timestamp]
        for i in table.rows.indices {
            let time = "2025-\(10 + i * 3 / table.rows.count)-\(10 + r.below(19)) \(10 + r.below(14)):\(10 + r.below(50)):00"
            table.rows[i] = [String(i + 1)] + table.rows[i] + [time]
        }
        let found = try table.run()
        #expect(!Self.isTold(found))
        let right = (found.drops + found.suggestions).count { entity[$0.row.ordinal] == entity[$0.kept.ordinal] }
        #expect(right * 100 >= entity.indices.count { entity[$0] != $0 } * 98)
        #expect((found.drops + found.suggestions).count == right)
    }

    @Test("keys and remarks of rows do not name the things")
    func keysAndRemarks() throws {
        var r = TestRandom(state: 34)
        var table = Self.shops()
        let before = Self.right(try table.run())
        table.names += ["key", "file", "remark"]
        table.types += [.text, .text, .text]
        let words = "called back twice sent letter left message prefers mail checked papers".split(separator: " ").map(
            String.init)
        for i in table.rows.indices {
            let remark: String? = r.chance(0.4) ? (0..<4).map { _ in r.pick(words) }.joined(separator: " ") : nil
            let key = String(r.next(), radix: 16) + "-" + String(r.next(), radix: 16)
            table.rows[i] += [key, "C-\(10_000 + i)", remark]
        }
        let found = try table.run()
        #expect(Self.isTold(found))
        #expect(Self.right(found) * 100 >= before * 95)
    }
}
