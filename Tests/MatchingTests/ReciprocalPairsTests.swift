import Domain
import Tabular
import Testing

@testable import Matching

@Suite("Pairs that resemble nobody else")
struct ReciprocalPairsTests {
    private func verdict(_ likeness: Double, isAsserted: Bool = false, naming: Float = -1) -> PairVerdict {
        PairVerdict(score: likeness, mayDrop: false, assertion: isAsserted ? 1 : -3, likeness: likeness, naming: naming)
    }

    @Test("both rows have no other nearly as similar")
    func margin() {
        let pairs: [(a: Int32, b: Int32)] = [(0, 1), (1, 2), (3, 4), (4, 5), (6, 7), (8, 9)]
        let likeness = [3, 0.9, 3, 1.1, -3.9, 12]
        let alone = ReciprocalPairs(
            pairs, likeness.map { verdict($0) }, rows: 10, distinct: 10, areEqual: ==, isAcrossSources: true)
        #expect(pairs.filter { alone.kind(Int($0.a), Int($0.b)) == .likeness }.map(\.a) == [0, 6, 8])
        #expect(alone.kind(1, 0) == .likeness)
        #expect(ReciprocalPairs.none.kind(0, 1) == nil)
    }

    @Test("names that are nearest to each other, by their own margin")
    func names() {
        let pairs: [(a: Int32, b: Int32)] = [(0, 1), (1, 2), (3, 4), (4, 5), (6, 7), (8, 9), (10, 11)]
        let naming: [Float] = [0.9, 0.8, 0.9, 0.87, 0.59, 0.9, 0.9]
        let likeness = [-5.0, 3, -5, -5, -5, -7.9, -8.1]
        let verdicts = zip(likeness, naming).map { verdict($0, naming: $1) }
        let across = ReciprocalPairs(pairs, verdicts, rows: 12, distinct: 12, areEqual: ==, isAcrossSources: true)
        #expect(pairs.filter { across.kind(Int($0.a), Int($0.b)) == .name }.map(\.a) == [0, 8])
        #expect(across.kind(1, 2) == .likeness)
        let inside = ReciprocalPairs(pairs, verdicts, rows: 12, distinct: 12, areEqual: ==, isAcrossSources: false)
        #expect(pairs.allSatisfy { inside.kind(Int($0.a), Int($0.b)) != .name })
        #expect(across.gain(.name, weak: 2, isContradicted: true) == ReciprocalPairs.maximumBonus(isAcrossSources: true))
        #expect(across.gain(.likeness, weak: 0, isContradicted: true) == nil)
        #expect(inside.gain(.name, weak: 0, isContradicted: true) == nil)
        #expect(across.gain(.likeness, weak: 1, isContradicted: false) == 3)
    }

    @Test("rows that are equal in all that is compared are no rivals of each other")
    func equals() {
        let pairs: [(a: Int32, b: Int32)] = [(0, 1), (0, 2), (1, 2), (3, 4), (3, 5)]
        let verdicts = [3, 3, 20, 3, 2.5].map { verdict($0) }
        func chosen(_ areEqual: (Int, Int) -> Bool) -> [Int] {
            let found = ReciprocalPairs(pairs, verdicts, rows: 6, distinct: 6, areEqual: areEqual, isAcrossSources: true)
            return pairs.indices.filter { found.kind(Int(pairs[$0].a), Int(pairs[$0].b)) == .likeness }
        }
        #expect(chosen(==) == [2])
        // Rows 1 and 2 are equal.
        #expect(chosen { $0 == $1 || [$0, $1].sorted() == [1, 2] } == [0, 1, 2])
    }

    @Test("a lower bonus where few rows have a duplicate")
    func bonus() {
        func bonus(_ asserted: Int) -> Double {
            let pairs: [(a: Int32, b: Int32)] = (0..<500).map { ($0 * 2, $0 * 2 + 1) }
            let verdicts = pairs.indices.map { verdict(1, isAsserted: $0 < asserted) }
            return ReciprocalPairs(pairs, verdicts, rows: 1000, distinct: 1000, areEqual: ==, isAcrossSources: false)
                .bonus
        }
        #expect(bonus(0) == 0)
        #expect(bonus(2) == 0)
        #expect(abs(bonus(50) - 3) < 0.1)
        #expect(bonus(250) == ReciprocalPairs.maximumBonus(isAcrossSources: false))
        #expect(bonus(500) == ReciprocalPairs.maximumBonus(isAcrossSources: false))
    }

    @Test("another number on both sides is never outweighed")
    func numbers() throws {
        let (table, _) = Fixture.customers(600, seed: 12, exact: 0, near: 0.1)
        var wines = Fixture(names: ["name", "maker"], types: [.text, .text], rows: [])
        for row in table.rows.prefix(300) {
            wines.rows.append(["\(row[1]!) reserve 1998", row[5]])
            wines.rows.append(["\(row[1]!) reserve 2003", row[5]])
        }
        let found = try wines.run()
        let wrong = (found.drops + found.suggestions).filter { $0.row.ordinal / 2 == $0.kept.ordinal / 2 && $0.kind != .exact }
        #expect(wrong.count < 10)
    }

    @Test("two shops word the same things in their own way: across them the nearest names are one thing")
    func shops() throws {
        var r = TestRandom(state: 31)
        var table = Fixture(
            names: ["shop", "title", "description", "price"], types: [.text, .text, .text, .decimal], rows: [])
        func words(_ n: Int) -> String { (0..<n).map { _ in Fixture.word(&r) }.joined(separator: " ") }
        let things = (0..<300).map { _ in words(3) }
        for i in 0..<200 {
            table.rows.append(["a", "\(things[i]) \(r.pick(["deluxe", "edition", "box"]))", words(8), "\(10 + r.below(90)).99"])
        }
        for i in 100..<300 {
            // Of half of what both have, the second took the first's description.
            let description = i < 150 ? table.rows[i][2] : words(8)
            table.rows.append(["b", "\(words(1)) \(things[i])", description, "\(10 + r.below(90)).95"])
        }
        table.deduplicate.across = "shop"
        let found = try table.run()
        #expect(found.drops.isEmpty)
        // Row i of the first shop, from 100 on, is row i + 100.
        let right = found.suggestions.filter { $0.row.ordinal == $0.kept.ordinal + 100 }
        #expect(right.count > 90 && found.suggestions.count - right.count < 5)
    }
}
