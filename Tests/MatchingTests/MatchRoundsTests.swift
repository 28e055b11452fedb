import Domain
import Tabular
import Testing

@testable import Matching

@Suite("Rounds of matching")
struct MatchRoundsTests {
    private func pair(_ a: Int, _ b: Int, _ rank: Int) -> CandidatePair {
        CandidatePair(
            a: RowID(chunk: a / 100, ordinal: a % 100).raw, b: RowID(chunk: b / 100, ordinal: b % 100).raw, rank: UInt32(rank))
    }

    private func rows(_ round: MatchRounds.Round) -> Set<UInt64> { Set(round.pairs.flatMap { [$0.a, $0.b] }) }

    @Test("no row is in two rounds, and every round has room for its rows", arguments: [8, 30, 200, 1000])
    func disjoint(roundRows: Int) {
        var random = TestRandom(state: 3)
        // Chains of two to five rows.
        var pairs: [CandidatePair] = []
        for group in 0..<200 {
            for row in 1..<(2 + random.below(4)) {
                pairs.append(pair(group * 5 + row - 1, group * 5 + row, random.below(1000)))
            }
        }
        let divided = MatchRounds(pairs, roundRows: roundRows, most: 1000)
        #expect(divided.cutRank == nil && !divided.cutsChains)
        #expect(divided.rounds.flatMap(\.pairs).sorted { $0.a < $1.a } == pairs)
        #expect(divided.rounds.allSatisfy { rows($0).count <= roundRows && $0.pairs == $0.pairs.sorted { $0.a < $1.a } })
        #expect(divided.rounds.reduce(Set()) { $0.union(rows($1)) }.count == divided.rounds.reduce(0) { $0 + rows($1).count })
        #expect(abs(divided.rounds.reduce(0) { $0 + $1.share } - 1) < 1e-9)
    }

    @Test("where there is not room for all, the pairs of the highest ranks stay", arguments: [1, 3])
    func cut(most: Int) {
        let pairs = (0..<100).map { pair($0 * 2, $0 * 2 + 1, $0) }
        let divided = MatchRounds(pairs, roundRows: 20, most: most)
        #expect(divided.rounds.count == most)
        #expect(divided.rounds.flatMap(\.pairs).map(\.rank) == ((100 - 10 * most)..<100).map { UInt32($0) })
        #expect(divided.cutRank == UInt32(99 - 10 * most))
    }

    @Test("a chain that no round has room for is cut at its lowest ranks")
    func chain() {
        let pairs = (0..<60).map { pair($0, $0 + 1, $0 % 20 == 10 ? 1 : 50) }
        let divided = MatchRounds(pairs, roundRows: 25, most: 10)
        #expect(divided.cutsChains && divided.cutRank == nil)
        #expect(divided.rounds.flatMap(\.pairs).map(\.rank) == [UInt32](repeating: 50, count: 57))
        #expect(divided.rounds.map { rows($0).count } == [11, 20, 20, 10])
    }

    @Test("people are found in many rounds as in one, wherever the input is cut", arguments: [NearTier.fast, .thorough])
    func people(tier: NearTier) throws {
        var (table, entity) = Fixture.customers(1200, seed: 91)
        table.deduplicate.near = tier
        let whole = try table.run()
        let divided = try table.run(Fixture.Shape(roundRows: 60))
        #expect(divided == (try table.run(Fixture.Shape(chunkRows: 97, partitions: 5, threads: 2, roundRows: 60))))
        #expect(divided.statistics.verifiedPairs <= whole.statistics.verifiedPairs)
        #expect(divided.drops.allSatisfy { entity[$0.row.ordinal] == entity[$0.kept.ordinal] })
        #expect(divided.exactCount == whole.exactCount)
        let dropped = Set(divided.drops.map(\.row))
        #expect(divided.drops.allSatisfy { !dropped.contains($0.kept) })
        let (all, found) = (
            Set((whole.drops + whole.suggestions).map(\.row)), Set((divided.drops + divided.suggestions).map(\.row))
        )
        #expect(Double(all.symmetricDifference(found).count) < 0.1 * Double(all.count))
    }
}
