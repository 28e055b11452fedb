import Domain
import Tabular
import Testing

@testable import Matching

@Suite("Scores of pairs")
struct PairScorerTests {
    /// All pairs of a small table, with a model that learned from them.
    struct Scored {
        let table: CompareTable
        let model: MatchModel
        let displaced: Displacements
        var scorer: PairScorer { PairScorer(Judgement(table: table, displaced: displaced, model: model)) }

        /// - Parameter sampled: so many rows stand in front of the others once more, as a sample that tells of words.
        init(_ fixture: Fixture, sampled: Int = 0) {
            let batches = fixture.batches(1_000_000)
            let plan = fixture.plan(batches)
            let store = RowStore(columns: fixture.names.count)
            store.append(batches[0], chunk: 0, wanted: fixture.rows.indices.map { RowID(chunk: 0, ordinal: $0) })
            store.seal()
            table = CompareTable(
                plan: plan,
                columns: plan.columns.indices.filter { plan.columns[$0].isCompared && !plan.columns[$0].isPossibleKey },
                scale: 1,
                sample: fixture.rows.prefix(sampled).enumerated().map { i, row in
                    SampledRow(hash: Hash.mix(UInt64(i)), id: UInt64(i), cells: row.map { Array(($0 ?? "").utf8) })
                }, candidates: store, canaries: [], threads: 1)
            displaced = Displacements(table, pairs: Self.pairs(table.rows).map { (a: Int32($0.0), b: Int32($0.1)) })
            var counts = LevelCounts(width: table.width)
            let builder = LevelBuilder(table: table, displaced: displaced, tellsSigns: false)
            var levels = [Int8](repeating: 0, count: table.width)
            for (a, b) in Self.pairs(table.rows) {
                levels.withUnsafeMutableBufferPointer {
                    builder.compare(a, b, $0.baseAddress!)
                    // Near in the table: made-up duplicates mostly are not, so most pairs count as random ones.
                    counts.add($0.baseAddress!, (a + b) % 3 != 0 ? .random : .candidate)
                }
            }
            model = MatchModel(
                counts: counts, rows: table.rows, candidatePairs: table.rows * table.rows / 6, codePlace: table.codePlace,
                traits: table.traits)
        }

        static func pairs(_ n: Int) -> [(Int, Int)] { (0..<n).flatMap { a in ((a + 1)..<max(n, a + 1)).map { (a, $0) } } }
    }

    static let tables: [(name: String, table: Fixture)] = [
        ("customers", Fixture.customers(250, seed: 11).table), ("orders", Fixture.events(.orders, 200)),
        ("invoice lines", Fixture.events(.invoiceLines, 200)), ("log", Fixture.events(.log, 150)),
        ("exchanged names", exchanged), ("household", Fixture.people(200, seed: 7, households: true).table),
    ]
    /// First name and surname stand in each other's column in one of four rows.
    private static let exchanged: Fixture = {
        var people = Fixture.people(240, seed: 4, households: false).table
        for i in stride(from: 0, to: people.rows.count, by: 4) { people.rows[i].swapAt(0, 1) }
        return people
    }()

    @Test("the quick look rules out no pair that could be asserted or dropped", arguments: tables.indices)
    func bound(_ index: Int) {
        let scored = Scored(Self.tables[index].table)
        let (scorer, quick) = (scored.scorer, scored.scorer)
        var excluded = 0
        for (a, b) in Scored.pairs(scored.table.rows) {
            let whole = scorer.verdict(a, b)
            let first = quick.verdictIfPossible(a, b)
            if first.score == whole.score, first.assertion == whole.assertion, first.mayDrop == whole.mayDrop { continue }
            excluded += 1
            #expect(first.score < 0 && !first.mayDrop && first.assertion < 0)
            #expect(whole.score < 0 && whole.assertion < 0, "\(Self.tables[index].name): \(a) and \(b) have \(whole.score)")
            #expect(whole.likeness <= first.likeness)
        }
        #expect(excluded > Scored.pairs(scored.table.rows).count / 2, "\(Self.tables[index].name)")
    }

    @Test(
        "a text of several words that is quite another keeps rows apart; a misspelt one, a missing one and a name of somebody do not"
    )
    func otherTexts() {
        var r = TestRandom(state: 62)
        func word() -> String { String((0..<(4 + r.below(6))).map { _ in r.pick(Array("abdegiklmnoprstuvz")) }) }
        let title = "glazed bowls from the northern kilns of the river valley"
        var works = Fixture(
            names: ["work", "title", "maker"], types: [.text, .text, .text],
            rows: (0..<200).map { ["w\(1000 + $0)", (0..<9).map { _ in word() }.joined(separator: " "), "\(word()) \(word())"] },
            semantics: [.identifier, .other, .personName])
        let maker = "\(word()) \(word())"
        works.rows += [
            ["w7", title, maker], ["w7", "portrait with two dogs and a small red umbrella", maker],
            ["w7", "glazed bowls from the nothern kilns of the river valley", maker], ["w7", nil, maker],
            ["w7", title, "\(word()) \(word())"],
        ]
        let scorer = Scored(works, sampled: 100).scorer
        let verdicts = (301...304).map { scorer.verdict(300, $0) }
        #expect(verdicts.map(\.haveOtherTexts) == [true, false, false, false])
        #expect(verdicts[0].areApart && !verdicts[0].mayDrop)
    }

    @Test("the signs of a pair change nothing about its levels", arguments: tables.indices)
    func signs(_ index: Int) {
        let scored = Scored(Self.tables[index].table)
        let width = scored.table.width
        let builders = [true, false].map { LevelBuilder(table: scored.table, displaced: scored.displaced, tellsSigns: $0) }
        for (a, b) in Scored.pairs(scored.table.rows) {
            let levels = builders.map { builder in
                [Int8](unsafeUninitializedCapacity: width) { out, count in
                    builder.compare(a, b, out.baseAddress!)
                    count = width
                }
            }
            #expect(levels[0] == levels[1])
        }
    }

    /// Every name twice; of what else is known, each of the two rows has the half that the other lacks.
    @Test("a column of days with some that nobody can read is no column of times", arguments: [0, 40, 80])
    func unreadDays(_ unread: Int) {
        let rows: [[String?]] = (0..<100).map { i in
            [
                Fixture.customers(1, seed: UInt64(i)).table.rows[0][1],
                i < unread ? "1\(i % 10) Octobr of 2021" : "2021-10-\(10 + i % 20)",
            ]
        }
        let table = Scored(Fixture(names: ["name", "joined"], types: [.text, .date], rows: rows)).table
        #expect(table.isTime == [false, unread > 50])
    }

    @Test("one column alone drops nothing, unless there is no other", arguments: [3, 1])
    func oneAgreement(_ columns: Int) {
        var random = TestRandom(state: 5)
        let words = (0..<80).map { _ in Fixture.word(&random) }
        let rows: [[String?]] = (0..<120).flatMap { i -> [[String?]] in
            let name = "\(Fixture.word(&random)) \(Fixture.word(&random))"
            return [[name, words[i % 40], nil], [name, nil, words[40 + i % 40]]].map { Array($0.prefix(columns)) }
        }
        let scored = Scored(
            Fixture(
                names: Array(["name", "place", "work"].prefix(columns)), types: [ColumnType](repeating: .text, count: columns),
                rows: rows))
        #expect(scored.scorer.verdict(0, 1).mayDrop == (columns == 1))
    }
}

@Suite("Columns that repeat others")
struct RepeatedColumnsTests {
    private func people(_ n: Int) -> [[String?]] {
        var random = TestRandom(state: 3)
        return (0..<n).map { _ in
            let (first, middle, last) = (Fixture.word(&random), Fixture.word(&random), Fixture.word(&random))
            return ["\(first) \(middle) \(last)", first, last, "\(last), \(first)", Fixture.word(&random)]
        }
    }

    private func repeated(_ rows: [[String?]], _ names: [String] = ["full", "first", "last", "both", "city"]) -> [String] {
        let table = Fixture(names: names, types: names.map { _ in .text }, rows: rows)
        let plan = table.plan(table.batches(1000))
        return (plan.repeatedColumns ?? []).map { names[$0] }
    }

    @Test("the parts of a full name are not compared beside it")
    func parts() { #expect(repeated(people(200)) == ["first", "last", "both"]) }

    @Test("of two columns with the same words the first is compared")
    func twins() {
        let rows: [[String?]] = people(200).map { [$0[0], $0[0], $0[4]] }
        #expect(repeated(rows, ["name", "title", "city"]) == ["title"])
    }

    @Test("parts that the whole often lacks are compared")
    func gaps() {
        var rows = people(200)
        for i in stride(from: 0, to: 200, by: 8) { rows[i][0] = nil }
        #expect(repeated(rows) == ["both"])
    }

    @Test("a name that is made of two columns gives way to them, in whatever order it has their words")
    func composed() {
        let rows: [[String?]] = people(200).map { [$0[1], $0[2], $0[3], $0[4]] }
        #expect(repeated(rows, ["first", "last", "both", "city"]) == ["both"])
        // It has words of its own in every eighth row.
        var others = rows
        for i in stride(from: 0, to: 200, by: 8) { others[i][2] = "Dr. \(others[i][2] ?? "")" }
        #expect(repeated(others, ["first", "last", "both", "city"]) == ["first", "last"])
    }

    @Test("a column that the user wants compared is compared")
    func wanted() {
        let rows = people(200)
        let names = ["full", "first", "last", "both", "city"]
        var recipe = Recipe()
        recipe.columns = names.map {
            var column = ColumnRecipe(name: $0)
            column.type = .text
            return column
        }
        var overrides = Recipe()
        overrides.columns = [ColumnRecipe(name: "last")]
        overrides.columns[0].compare = true
        let batch = TextBatch.of(columns: 5, rows)
        let plan = MatchPlan.make(
            recipe: recipe, overrides: overrides, names: names, sampleBatches: [batch], plannedRows: 200, salt: "test")
        #expect(plan.repeatedColumns == [1, 3])
        #expect(plan.columns[2].isCompared)
    }
}

@Suite("Candidate pairs")
struct CandidatePairTests {
    private func pairs(_ n: Int, seed: UInt64, ranks: Int) -> [CandidatePair] {
        var random = TestRandom(state: seed)
        return (0..<n).map { _ in
            let a = UInt64(random.below(60)) | UInt64(random.below(2)) << 32
            return CandidatePair(a: a, b: a + 1 + UInt64(random.below(100)), rank: UInt32(random.below(ranks)) * 977)
        }
    }

    @Test("sorting by rows agrees with a plain sort, and equal pairs are added up", arguments: [2, 50, 3000])
    func sorted(_ n: Int) {
        let all = pairs(n, seed: UInt64(n), ranks: 300)
        var got = all
        CandidatePair.sortByRows(&got)
        #expect(got.map { [$0.a, $0.b] } == all.map { [$0.a, $0.b] }.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) })
        CandidatePair.addUp(&got)
        let sums = Dictionary(all.map { ([$0.a, $0.b], $0.rank) }, uniquingKeysWith: +)
        #expect(got.count == sums.count && got.allSatisfy { sums[[$0.a, $0.b]] == $0.rank })
    }

    @Test(
        "a stripe adds up what all partitions found, wherever the rows are",
        arguments: [(1, 0), (3, 0), (3, 40)] as [(Int, UInt64)])
    func stripes(_ count: Int, _ far: UInt64) throws {
        let (table, _) = Fixture.customers(50, seed: 3)
        let plan = table.plan(table.batches(50))
        // Rows of far chunks and with high numbers need eight bytes each.
        let partitions = (0..<5).map { p in
            pairs(700, seed: UInt64(p), ranks: 300).map { pair in
                CandidatePair(a: pair.a << far, b: pair.b << far, rank: pair.rank)
            }
        }
        var got: [CandidatePair] = []
        for s in 0..<count {
            let stripe = CandidateStripe(plan: plan)
            for own in partitions { try stripe.add(CandidateStripe.slices(own, stripes: count)[s]) }
            stripe.addUp()
            got += stripe.pairs
        }
        got.sort { ($0.a, $0.b) < ($1.a, $1.b) }
        var expected = partitions.flatMap { $0 }
        let sums = Dictionary(expected.map { ([$0.a, $0.b], $0.rank) }, uniquingKeysWith: +)
        expected = sums.map { CandidatePair(a: $0.key[0], b: $0.key[1], rank: $0.value) }
        expected.sort { ($0.a, $0.b) < ($1.a, $1.b) }
        #expect(got == expected)
        let whole = CandidateStripe.slices(partitions[0], stripes: 1)[0]
        for cut in [1, 3, whole.count - 1] {
            #expect(throws: SanitizerError.self) { try CandidateStripe(plan: plan).add(Array(whole.prefix(cut))) }
        }
        #expect(throws: SanitizerError.self) { try CandidateStripe(plan: plan).add([0, 5] + whole.dropFirst(2)) }
    }

    @Test("the pairs of the highest ranks are kept, of equal ones the first", arguments: [3, 400, 200_000])
    func highest(_ ranks: Int) {
        var all = pairs(2000, seed: 9, ranks: ranks)
        CandidatePair.sortByRows(&all)
        for limit in [1, 7, 1000, 1999] {
            var got = all
            let cut = CandidatePair.keepHighest(&got, limit: limit)
            let order = all.indices.sorted { (all[$1].rank, $0) < (all[$0].rank, $1) }
            #expect(got == order.prefix(limit).sorted().map { all[$0] })
            #expect(cut == all[order[limit]].rank)
        }
        var got = all
        #expect(CandidatePair.keepHighest(&got, limit: 2000) == nil && got == all)
    }

    @Test("a row keeps its best partners, of equal ranks the first", arguments: [1, 3, 12], [3, 200_000])
    func best(_ partners: Int, _ ranks: Int) {
        var all = pairs(2000, seed: 11, ranks: ranks)
        CandidatePair.addUp(&all)
        var got = all
        CandidatePair.keepBest(&got, partners: partners, threads: 1)
        let order = all.indices.sorted { (all[$1].rank, $0) < (all[$0].rank, $1) }
        #expect(CandidatePair.byRank(all).map(Int.init) == order)
        var kept = Set<Int>()
        for row in Set(all.flatMap { [$0.a, $0.b] }) {
            kept.formUnion(order.lazy.filter { all[$0].a == row || all[$0].b == row }.prefix(partners))
        }
        #expect(got == kept.sorted().map { all[$0] })
        #expect(kept.count < all.count)
    }
}
