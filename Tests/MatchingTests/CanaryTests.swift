import Domain
import Tabular
import Testing

@testable import Matching

@Suite struct CanaryTests {
    private static func plan(_ people: Fixture) -> MatchPlan { people.plan(people.batches(20_000)) }

    @Test("a table without duplicates: most canaries are found again, and no row is called a duplicate", arguments: [1, 2])
    func noDuplicates(seed: UInt64) throws {
        var people = Fixture.customers(3000, seed: seed, exact: 0, near: 0).table
        for tier in [NearTier.fast, .balanced, .thorough] {
            people.deduplicate.near = tier
            let d = try people.run()
            let recall = try #require(d.statistics.recall)
            #expect(d.drops.isEmpty && d.suggestions.isEmpty)
            #expect((200...500).contains(recall.planted))
            #expect(recall.compared >= recall.found && recall.found >= recall.dropped)
            #expect(Double(recall.compared) >= 0.8 * Double(recall.planted), "\(tier): \(recall)")
            #expect(
                recall.found > 0 && recall.estimate == (Double(recall.found) / Double(recall.planted) * 1000).rounded() / 1000)
        }
    }

    @Test("rows that share nothing with their canaries are not found: the estimate is no constant")
    func hopeless() throws {
        var r = TestRandom(state: 9)
        let rows = (0..<2000).map { _ -> [String?] in [String(r.below(10)), String(r.below(10))] }
        var table = Fixture(names: ["a", "b"], types: [.text, .text], rows: rows)
        table.deduplicate.near = .fast
        let recall = try #require(try table.run().statistics.recall)
        #expect(recall.found == 0)
    }

    @Test("without near matching nothing is planted")
    func off() throws {
        var people = Fixture.customers(500, seed: 3).table
        people.deduplicate.near = .off
        #expect(try people.run().statistics.recall == nil)
    }

    @Test(
        "a canary is made from its row and the salt alone, has errors in one to three cells, and is the same from a sampled row")
    func damage() throws {
        let people = Fixture.customers(400, seed: 4).table
        let canaries = Canaries(plan: Self.plan(people))
        var counts = [0, 0, 0, 0]
        for (i, row) in people.rows.enumerated() {
            let long = String(repeating: "word ", count: 300)
            let cells = row.enumerated().map { Array((($0.element ?? "") + ($0.offset == 1 ? " " + long : "")).utf8) }
            let damaged = canaries.damaged(cells, hash: UInt64(i))
            #expect(canaries.damaged(cells, hash: UInt64(i)) == damaged)
            let differing = zip(cells, damaged).reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) }
            counts[min(differing, 3)] += 1
            let sampled = canaries.damaged(cells.map { Array($0.prefix(KeyBuilder.sampleCellBytes)) }, hash: UInt64(i))
            for (whole, prefix) in zip(damaged, sampled) {
                let common = min(KeyBuilder.sampleCellBytes - 40, whole.count, prefix.count)
                #expect(whole.prefix(common) == prefix.prefix(common))
            }
        }
        #expect(counts[0] == 0 && counts[1] > counts[3] && counts[3] > 0)
    }

    @Test("damaged text stays valid UTF-8")
    func utf8() throws {
        let people = Fixture.customers(50, seed: 5).table
        let canaries = Canaries(plan: Self.plan(people))
        for hash in 0..<2000 {
            let cells = people.rows[hash % 50].map { _ in Array("Zo\u{EB} \u{D6}st\u{E9}n \u{1F600}9 \u{6771}\u{4EAC} x".utf8) }
            for cell in canaries.damaged(cells, hash: UInt64(hash)) {
                #expect(String(validating: cell, as: UTF8.self) != nil)
            }
        }
    }

    @Test("the report sums up what the columns said in the near matches")
    func evidence() throws {
        let people = Fixture.customers(1500, seed: 6).table
        let d = try people.run()
        let near = d.drops.filter { $0.kind == .near } + d.suggestions
        let evidence = d.statistics.evidence
        #expect(
            !near.isEmpty
                && evidence.map(\.column)
                    == evidence.map(\.column).sorted { people.names.firstIndex(of: $0)! < people.names.firstIndex(of: $1)! }
        )
        for e in evidence { #expect(e.equal + e.similar + e.different + e.missing == near.count) }
        let name = try #require(evidence.first { $0.column == people.names[1] })
        #expect(name.equal > 0 && name.similar > 0 && name.weight > 0)
    }
}
