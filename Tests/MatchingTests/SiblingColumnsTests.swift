import Domain
import Tabular
import Testing

@testable import Matching

@Suite("Columns that tell siblings apart, and those that change")
struct SiblingColumnsTests {
    private struct Score {
        var right = 0
        var wrong = 0
        init(_ d: MatchDecisions, _ entity: [Int]) {
            for x in d.drops + d.suggestions {
                if entity[x.row.ordinal] == entity[x.kept.ordinal] { right += 1 } else { wrong += 1 }
            }
        }
    }

    enum Change: CaseIterable { case flag, status, visit, seldom, ofSystem }

    /// The value that a row has in a column which says nothing of the person, or not for long.
    private static func value(_ change: Change, row: Int, person: Int, _ r: inout TestRandom) -> String {
        switch change {
        case .flag: r.pick(["yes", "no"])
        case .status: r.pick(["active", "closed", "gold", "basic", "trial"])
        case .visit: "2025-\(10 + r.below(3))-\(10 + r.below(19))"
        // Two of three rows still have what the person had at first.
        case .seldom: r.chance(0.67) ? "class \(person % 40)" : "class \(r.below(40))"
        // A row of a duplicate is of the other system, which has words of its own.
        case .ofSystem: row == person ? r.pick(["active", "closed"]) : r.pick(["A", "B", "C"])
        }
    }

    @Test("what changes, or differs from system to system, keeps no duplicates apart", arguments: Change.allCases)
    func changes(change: Change) throws {
        var r = TestRandom(state: 71)
        var (table, entity) = Fixture.customers(1500, seed: 41, exact: 0, near: 0.2)
        let plain = Score(try table.run(), entity)
        #expect(plain.right > 200 && plain.wrong == 0)
        table.names.append("state")
        table.types.append(change == .visit ? .date : .text)
        for i in table.rows.indices { table.rows[i].append(Self.value(change, row: i, person: entity[i], &r)) }
        let found = try table.run()
        let score = Score(found, entity)
        #expect(score.right * 100 > plain.right * 97)
        #expect(score.wrong < 3)
        // What differs in it is suggested, no more.
        #expect(found.drops.allSatisfy { table.rows[$0.row.ordinal].last == table.rows[$0.kept.ordinal].last })
    }

    @Test("several of them at once")
    func several() throws {
        var r = TestRandom(state: 72)
        var (table, entity) = Fixture.customers(1500, seed: 41, exact: 0, near: 0.2)
        let plain = Score(try table.run(), entity)
        for change in [Change.flag, .status, .visit, .seldom] {
            table.names.append("\(change)")
            table.types.append(change == .visit ? .date : .text)
            for i in table.rows.indices { table.rows[i].append(Self.value(change, row: i, person: entity[i], &r)) }
        }
        let score = Score(try table.run(), entity)
        #expect(score.right * 100 > plain.right * 95)
        #expect(score.wrong < 3)
    }

    /// Articles in several sizes, some of which are there twice, misspelt.
    private static func articles(_ n: Int, twice: Double) -> (table: Fixture, entity: [Int]) {
        var r = TestRandom(state: 17)
        var table = Fixture(names: ["title", "brand", "size", "price"], types: [.text, .text, .text, .decimal], rows: [])
        let brands = (0..<20).map { _ in Fixture.word(&r) }
        var entity: [Int] = []
        for _ in 0..<n {
            let title = (0..<3).map { _ in Fixture.word(&r) }.joined(separator: " ")
            let (brand, price) = (r.pick(brands), "\(5 + r.below(90)).\(10 + r.below(90))")
            for size in ["XS", "S", "M", "L", "XL"].shuffled(using: &r).prefix(1 + r.below(4)) {
                entity.append(table.rows.count)
                table.rows.append([title, brand, size, price])
                if r.chance(twice) {
                    entity.append(table.rows.count - 1)
                    table.rows.append([Fixture.typo(title, &r), brand, size, price])
                }
            }
        }
        return (table, entity)
    }

    @Test("sizes tell articles apart, however many are there twice", arguments: [0, 0.1, 0.4])
    func sizes(twice: Double) throws {
        let (table, entity) = Self.articles(500, twice: twice)
        let found = Score(try table.run(), entity)
        #expect(found.wrong < 5)
        let pairs = entity.indices.count { entity[$0] != $0 }
        #expect(Double(found.right) >= 0.9 * Double(pairs))
    }

    @Test("a stock changes where sizes tell apart")
    func stock() throws {
        var r = TestRandom(state: 18)
        var (table, entity) = Self.articles(500, twice: 0.3)
        table.names.append("stock")
        table.types.append(.integer)
        for i in table.rows.indices { table.rows[i].append(String(r.below(60))) }
        let found = Score(try table.run(), entity)
        #expect(found.wrong < 5)
        #expect(Double(found.right) >= 0.75 * Double(entity.indices.count { entity[$0] != $0 }))
    }

    @Test("the years of a person are no duplicates")
    func years() throws {
        var r = TestRandom(state: 19)
        var table = Fixture(
            names: ["name", "city", "job", "year", "income"], types: [.text, .text, .text, .integer, .integer], rows: [])
        let cities = (0..<30).map { _ in Fixture.word(&r) + "ton" }
        for _ in 0..<150 {
            let name = "\(Fixture.word(&r)) \(Fixture.word(&r))"
            var city = r.pick(cities)
            for year in 2010..<2018 {
                if r.chance(0.1) { city = r.pick(cities) }
                table.rows.append([
                    name, city, r.pick(["clerk", "smith", "nurse"]), String(year), String(20_000 + r.below(900) * 50),
                ])
            }
        }
        let found = try table.run()
        #expect(found.drops.isEmpty && found.suggestions.count < 5)
    }
}
