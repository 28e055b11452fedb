internal import Domain
public import Tabular

#if canImport(Glibc)
    internal import Glibc
#endif

/// Turns the matches of every partition into decisions: first their heads, then the stripes of pairs. Called on one thread at a time;
/// works on `threads` of them, on which no result depends.
public final class MatchResolver {
    let plan: MatchPlan
    let threads: Int
    var totalRows = 0
    var exact: [ExactPair] = []
    private var pairs: [CandidatePair] = []
    var sample: [SampledRow] = []
    /// Canaries that would have been compared with their rows.
    private(set) var canaries: [CanaryHit] = []
    /// By column of `MatchPlan.keyColumns`. Call after the last ``add(_:)`` of a partition.
    public private(set) var repeatedKeys: [RepeatedKeys]
    var comparedSignatures = 0
    var cappedBuckets = 0
    var wasCut = false
    private var isSealed = false
    private var leastRank: UInt32 = 0

    /// Pairs that are verified at most; the most similar ones are.
    private let maximumPairs: Int
    private static let mostPairs = 1_500_000
    /// More pairs than two for each row that a round has room for are hardly verified in it.
    private static let pairsPerRoundRow = 2
    /// Two rows of a large table are one thing in about as many cases as it has rows: shared keys that say less than so many times the
    /// logarithm of that, as a single one does, are looked at in a smaller table only, or in a thorough search.
    private static let leastEvidence = 1.6
    /// Above, the tier is ``NearTier/balanced`` only where somebody asked for it.
    private static let manyRows = 500_000
    /// Pairs that are held at most while stripes come in: a cut looks at all of them, so there should be few cuts.
    private var pairsBeforeCut: Int { rules == nil ? maximumPairs * 5 / 4 : maximumPairs * 2 }
    /// Rows whose text is held at a time, about 400 bytes each.
    static let maximumRows = 350_000
    private static let mostRounds = 8
    /// A table of so many times a round's rows gets another round: duplicates are few, and rounds take time.
    private static let tablePerRound = 4
    static let maximumSample = 40_000

    private let rules: CandidateRules?
    private let roundRows: Int
    private var rounds: [MatchRounds.Round] = []

    public convenience init(plan: MatchPlan, threads: Int) {
        self.init(plan: plan, threads: threads, roundRows: Self.maximumRows)
    }

    init(plan: MatchPlan, threads: Int, roundRows: Int) {
        self.plan = plan
        repeatedKeys = (plan.keyColumns ?? []).map { _ in RepeatedKeys() }
        self.threads = threads
        self.roundRows = roundRows
        rules = CandidateRules.of(plan.tier, rows: plan.plannedRows)
        if plan.tier == .balanced, plan.plannedRows > Self.manyRows {
            leastRank = UInt32(Self.leastEvidence * log(Double(plan.plannedRows)) * LinkMatcher.rankScale)
        }
        maximumPairs = Self.maximumPairs(plan, roundRows: roundRows)
    }

    private static func maximumPairs(_ plan: MatchPlan, roundRows: Int) -> Int {
        let perRound = pairsPerRoundRow * roundRows
        if CandidateRules.of(plan.tier, rows: plan.plannedRows) == nil { return perRound }
        if plan.plannedRows <= roundRows { return mostPairs }
        return min(mostPairs, perRound * rounds(of: plan.plannedRows, roundRows: roundRows))
    }

    /// Rows and pairs that are verified at a time, and pairs that are held, at most.
    public static func candidates(of plan: MatchPlan) -> (rows: Int, pairs: Int, held: Int) {
        let most = maximumPairs(plan, roundRows: maximumRows)
        let rounds = rounds(of: plan.plannedRows, roundRows: maximumRows)
        switch plan.tier {
        case .off, .auto: return (0, 0, 0)
        // Few rows of a table share most of their text with another one.
        case .fast:
            let held = min(plan.plannedRows / 4, most)
            return (min(plan.plannedRows / 8, maximumRows), held / rounds, held)
        case .balanced, .thorough:
            let held = min(plan.plannedRows * 30, most)
            return (min(plan.plannedRows, maximumRows), held / rounds, held)
        }
    }

    /// Takes the matches of one partition, without its pairs; every partition once, in ascending order.
    public func add(_ m: PartitionMatches) {
        totalRows += m.rows
        exact += m.exact
        sample += m.sample
        canaries += m.canaries
        for (k, keys) in m.repeatedKeys.enumerated() { repeatedKeys[k].add(keys) }
        comparedSignatures += m.comparedSignatures
        cappedBuckets += m.cappedBuckets
        wasCut = wasCut || m.cappedPairs
    }

    /// Takes the pairs of one stripe, added up; every stripe once, in ascending order.
    public func add(_ stripe: CandidateStripe) {
        if rules == nil {
            pairs += stripe.pairs
        } else {
            // The ranks of a stripe are whole: what is below a cut of earlier stripes would be cut, too.
            for pair in stripe.pairs where pair.rank >= leastRank { pairs.append(pair) }
        }
        cut(stripe.cutRank)
        // The pairs of different stripes are different.
        if pairs.count > pairsBeforeCut { cutPairs() }
    }

    /// - Precondition: `pairs` holds each pair once, where the tier compares keys.
    private func cutPairs() {
        if let rules {
            CandidatePair.keepBest(&pairs, partners: rules.partners, threads: threads)
            if pairs.count > maximumPairs { cut(CandidatePair.keepHighest(&pairs, limit: maximumPairs)) }
            return
        }
        var budget = PairBudget(limit: maximumPairs)
        for p in pairs { budget.add(p) }
        pairs = budget.finish()
        cut(budget.cutRank)
    }

    private func cut(_ rank: UInt32?) {
        guard let rank else { return }
        wasCut = true
        leastRank = max(leastRank, rank &+ 1)
    }

    private func seal() {
        if isSealed { return }
        isSealed = true
        exact.sort { $0.row < $1.row }
        sample.sort { ($0.hash, $0.id) < ($1.hash, $1.id) }
        if sample.count > Self.maximumSample { sample.removeLast(sample.count - Self.maximumSample) }
        uniteEqualRows()
        // Of equal ranks the first are kept: which ones these are must not depend on the stripes.
        if rules != nil { CandidatePair.sortByRows(&pairs) }
        cutPairs()
        divide()
        CanaryHit.unite(&canaries, adds: rules != nil)
        canaries.removeAll { $0.rank < leastRank }
    }

    /// Candidates among rows that are equal to earlier ones are candidates of those.
    private func uniteEqualRows() {
        if exact.isEmpty { return }
        let count = pairs.count
        let repeats = RowSet(exact.map(\.row))
        var changes = [Int](repeating: 0, count: threads)
        pairs.withUnsafeMutableBufferPointer { pairs in
            changes.withUnsafeMutableBufferPointer { changes in
                guard let base = pairs.baseAddress else { return }
                let (pairs, changes) = (SharedPointer(base: base), SharedPointer(base: changes.baseAddress!))
                // Safe to send: only read.
                nonisolated(unsafe) let resolver = self
                Parallel.slices(count, threads: threads) { worker, range in
                    for i in range {
                        let pair = pairs.base[i]
                        let a = repeats.position(of: pair.a).map { resolver.exact[$0].first } ?? pair.a
                        let b = repeats.position(of: pair.b).map { resolver.exact[$0].first } ?? pair.b
                        if a == pair.a, b == pair.b { continue }
                        changes.base[worker] += 1
                        pairs.base[i].a = min(a, b)
                        pairs.base[i].b = max(a, b)
                    }
                }
            }
        }
        if changes.allSatisfy({ $0 == 0 }) { return }
        pairs.removeAll { $0.a == $0.b }
        if rules != nil { CandidatePair.addUp(&pairs) }
    }

    private static func rounds(of rows: Int, roundRows: Int) -> Int {
        max(1, min(mostRounds, rows / (roundRows * tablePerRound)))
    }

    /// Puts the pairs into rounds: a large table has more duplicates than one has room for.
    private func divide() {
        let divided = MatchRounds(pairs, roundRows: roundRows, most: Self.rounds(of: totalRows, roundRows: roundRows))
        pairs = []
        rounds = divided.rounds
        cut(divided.cutRank)
        wasCut = wasCut || divided.cutsChains
    }

    private func rows(of round: MatchRounds.Round) -> [RowID] {
        let rows = RowNumbers(round.pairs)
        var isNeeded = [Bool](repeating: false, count: rows.count)
        for p in round.pairs {
            isNeeded[rows[p.a]] = true
            isNeeded[rows[p.b]] = true
        }
        return rows.ids(isNeeded)
    }

    /// Verifies, clusters and decides. Call after the last ``add(_:)``. Blocks; CPU-bound.
    ///
    /// - Parameter fetch: the text of the rows with the given ids, which are sorted; a pair with a row that is not there is left alone.
    ///   Asked for once per round: what it gave for one is not held during the next.
    public func resolve(fetch: ([RowID]) throws -> RowStore) rethrows -> MatchDecisions {
        seal()
        var all = MatchDecisions()
        var basis: Resolution.Basis?
        for round in rounds {
            let store = try fetch(rows(of: round))
            store.seal()
            let decided = Resolution(self, round, store, basis: basis).decide()
            basis = decided.basis
            all.add(decided.decisions)
        }
        finish(&all, basis)
        return all
    }

    /// Adds the equal rows, and what the report says of all rounds.
    private func finish(_ all: inout MatchDecisions, _ basis: Resolution.Basis?) {
        let near = all.drops.count
        let doubt = all.drops.reduce(0) { $0 + (1 - $1.score) }
        if plan.exact {
            let survivors = Dictionary(all.drops.map { ($0.row.raw, $0.kept) }, uniquingKeysWith: { $1 })
            for e in exact {
                let kept = survivors[e.first] ?? RowID(raw: e.first)
                all.drops.append(RowDecision(row: RowID(raw: e.row), kept: kept, kind: .exact, score: 1))
            }
        }
        all.sort()
        all.statistics = Report.Matching(
            tier: plan.tier, candidatePairs: comparedSignatures, verifiedPairs: all.statistics.verifiedPairs,
            suggestedPairs: all.suggestions.count, cappedBuckets: cappedBuckets, recall: all.statistics.recall,
            evidence: all.evidence(plan.columns.map(\.name)), note: note(basis))
        all.falsePositiveRate = all.drops.isEmpty ? 0 : doubt / Double(all.drops.count)
        all.falsePositiveRateMethod = method(near: near)
    }

    private func note(_ basis: Resolution.Basis?) -> String {
        var parts: [String] = []
        switch plan.tier {
        case .off: parts.append("near-duplicate matching is off")
        default:
            let search =
                plan.tier == .fast
                ? "rows that share most of their text, found by MinHash" : "rows that share rare values or words"
            parts.append(
                "tier \(plan.tier.rawValue) (asked for: \(plan.requestedTier.rawValue)): \(search), verified cell by cell")
        }
        if let repeated = plan.repeatedColumns, !repeated.isEmpty {
            let names = repeated.map { plan.columns[$0].name }.joined(separator: ", ")
            parts.append("not compared because other columns have their words: \(names)")
        }
        if let lists = basis?.lists?.division {
            parts.append(
                "\(lists.description(plan)) are lists of the same things, each without duplicates of its own: likely duplicates were looked for across them only (`lists: false` in the recipe looks everywhere)"
            )
        }
        if basis?.rowsRecur == true {
            parts.append(
                "rows recur in this table as the lines of orders do, equal but for their number: duplicates are suggested only, none is dropped"
            )
        }
        if cappedBuckets > 0 {
            parts.append(
                "\(cappedBuckets) buckets of very similar rows were compared with their nearest neighbours only")
        }
        if wasCut { parts.append("more candidate pairs than the limit: the least similar ones were not verified") }
        return parts.joined(separator: "; ")
    }

    private func method(near: Int) -> String {
        if near == 0 {
            return "equal 128-bit fingerprints of all cells: chance of a wrong drop below 1e-18"
        }
        return
            "mean of (1 - posterior) over dropped rows; posterior of the match model for near duplicates (no labels used, so an estimate), 0 for equal rows (128-bit fingerprints)"
    }
}
