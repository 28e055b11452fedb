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

    enum Change: CaseIterable { case flag, status, visit, seldom, ofSystem, time, amount, remark }

    /// The value that a row has in a column which says nothing of the person, or not for long.
    private static func value(_ change: Change, row: Int, person: Int, _ r: inout TestRandom) -> String? {
        switch change {
        case .flag: r.pick(["yes", "no"])
        case .status: r.pick(["active", "closed", "gold", "basic", "trial"])
        case .visit: "2025-\(10 + r.below(3))-\(10 + r.below(19))"
        // Two of three rows still have what the person had at first.
        case .seldom: r.chance(0.67) ? "class \(person % 40)" : "class \(r.below(40))"
        // A row of a duplicate is of the other system, which has words of its own.
        case .ofSystem: row == person ? r.pick(["active", "closed"]) : r.pick(["A", "B", "C"])
        case .time: "2025-\(10 + r.below(3))-\(10 + r.below(19)) \(10 + r.below(14)):\(10 + r.below(50)):\(10 + r.below(50))"
        case .amount: "\(r.below(900)).\(10 + r.below(90))"
        // Most rows have none.
        case .remark: r.chance(0.4) ? (0..<4).map { _ in r.pick(remarks) }.joined(separator: " ") : nil
        }
    }

    private static let remarks = "called back twice sent a letter left message prefers mail checked papers open paid later".split(
        separator: " ")
    private static func type(_ change: Change) -> ColumnType {
        switch change {
        case .visit: .date
        case .time: .timestamp
        case .amount: .decimal
        default: .text
        }
    }

    @Test("what changes, or differs from system to system, keeps no duplicates apart", arguments: Change.allCases)
    func changes(change: Change) throws {
        var r = TestRandom(state: 71)
        var (table, entity) = Fixture.customers(1500, seed: 41, exact: 0, near: 0.2)
        let plain = Score(try table.run(), entity)
        #expect(plain.right > 200 && plain.wrong == 0)
        table.names.append("state")
        table.types.append(Self.type(change))
        for i in table.rows.indices { table.rows[i].append(Self.value(change, row: i, person: entity[i], &r)) }
        let found = try table.run()
        let score = Score(found, entity)
        #expect(score.right * 100 > plain.right * 97)
        #expect(score.wrong < 3)
        // What differs in it is dropped where much else is equal, and suggested otherwise; another amount is never dropped.
        let others = found.drops.filter { table.rows[$0.row.ordinal].last != table.rows[$0.kept.ordinal].last }
        #expect(others.allSatisfy { entity[$0.row.ordinal] == entity[$0.kept.ordinal] })
        #expect(change != .amount || others.isEmpty)
    }

    @Test("several of them at once")
    func several() throws {
        var r = TestRandom(state: 72)
        var (table, entity) = Fixture.customers(1500, seed: 41, exact: 0, near: 0.2)
        let plain = Score(try table.run(), entity)
        for change in [Change.flag, .status, .visit, .seldom, .time, .amount] {
            table.names.append("\(change)")
            table.types.append(Self.type(change))
            for i in table.rows.indices { table.rows[i].append(Self.value(change, row: i, person: entity[i], &r)) }
        }
        let score = Score(try table.run(), entity)
        #expect(score.right * 100 > plain.right * 95)
        #expect(score.wrong < 3)
    }

    @Test("a flag keeps no duplicates apart where a work is in many rows, worded anew in most")
    func manyRows() throws {
        var r = TestRandom(state: 73)
        var table = Fixture(names: ["title", "author", "place"], types: [.text, .text, .text], rows: [])
        var entity: [Int] = []
        for work in 0..<60 {
            let title = (0..<5).map { _ in Fixture.word(&r) }.joined(separator: " ")
            let author = "\(Fixture.word(&r)) \(Fixture.word(&r))"
            for _ in 0..<12 {
                entity.append(work)
                table.rows.append([
                    r.chance(0.4) ? Fixture.typo(title, &r) : title, r.chance(0.4) ? Fixture.typo(author, &r) : author,
                    r.chance(0.7) ? author.split(separator: " ").last.map { "\($0) press" } : nil,
                ])
            }
        }
        let plain = Score(try table.run(), entity)
        #expect(plain.right > 500 && plain.wrong < 5)
        table.names.append("flag")
        table.types.append(.text)
        for i in table.rows.indices { table.rows[i].append(r.pick(["yes", "no", "open", "new"])) }
        let found = Score(try table.run(), entity)
        #expect(found.right * 100 > plain.right * 90)
        #expect(found.wrong < 5)
    }

    @Test("the visits of a patient are no duplicates, with whom the name is a copy")
    func visits() throws {
        var r = TestRandom(state: 74)
        var table = Fixture(
            names: ["patient", "born", "ward", "admitted", "charge"], types: [.text, .date, .text, .timestamp, .decimal], rows: []
        )
        for _ in 0..<400 {
            let (name, born) = (
                "\(Fixture.word(&r)) \(Fixture.word(&r))", "19\(30 + r.below(60))-\(10 + r.below(3))-\(10 + r.below(19))"
            )
            for _ in 0...r.below(4) {
                table.rows.append([
                    name, born, r.pick(["surgery", "medicine", "eyes", "skin"]),
                    Self.value(.time, row: 0, person: 0, &r), Self.value(.amount, row: 0, person: 0, &r),
                ])
            }
        }
        let found = try table.run()
        #expect(found.drops.isEmpty)
        // Of some 800 pairs of visits of one patient.
        #expect(found.suggestions.count < 60)
    }

    /// Articles in several sizes, some of which are there twice, misspelt.
    private static func articles(_ n: Int, twice: Double) -> (table: Fixture, entity: [Int]) {
        var r = TestRandom(state: 17)
        var table = Fixture(names: ["title", "brand", "size", "price"], types: [.text, .text, .text, .decimal], rows: [])
        table.semantics = [.personName, .dateOfBirth, .category, .date, .quantity]
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
