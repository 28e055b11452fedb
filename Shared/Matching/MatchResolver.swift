internal import Domain
public import Tabular

/// Turns the matches of every partition into decisions: first their heads, then the stripes of pairs. One thread, except inside
/// ``resolve(_:threads:)``.
public final class MatchResolver {
    let plan: MatchPlan
    var totalRows = 0
    var exact: [ExactPair] = []
    var pairs: [CandidatePair] = []
    var sample: [SampledRow] = []
    /// Canaries that would have been compared with their rows.
    private(set) var canaries: [CanaryHit] = []
    var comparedSignatures = 0
    var cappedBuckets = 0
    var wasCut = false
    private var isSealed = false
    private var leastRank: UInt32 = 0

    /// Pairs that are verified at most; the most similar ones are.
    private var maximumPairs: Int { rules == nil ? 700_000 : 1_500_000 }
    /// Pairs that are held at most while stripes come in: a cut looks at all of them, so there should be few cuts.
    private var pairsBeforeCut: Int { rules == nil ? maximumPairs * 5 / 4 : maximumPairs * 2 }
    /// Rows whose text is held at most, about 400 bytes each.
    static let maximumRows = 350_000
    static let maximumSample = 40_000

    private let rules: CandidateRules?

    public init(plan: MatchPlan) {
        self.plan = plan
        rules = CandidateRules.of(plan.tier, rows: plan.plannedRows)
    }

    /// Takes the matches of one partition, without its pairs; every partition once, in ascending order.
    public func add(_ m: PartitionMatches) {
        totalRows += m.rows
        exact += m.exact
        sample += m.sample
        canaries += m.canaries
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
            CandidatePair.keepBest(&pairs, partners: rules.partners)
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
        // Candidates among rows that are equal to earlier ones are candidates of those.
        for i in pairs.indices {
            let a = first(of: pairs[i].a)
            let b = first(of: pairs[i].b)
            pairs[i].a = min(a, b)
            pairs[i].b = max(a, b)
        }
        pairs.removeAll { $0.a == $0.b }
        if rules != nil { CandidatePair.addUp(&pairs) }
        cutPairs()
        limitRows()
        CanaryHit.unite(&canaries, adds: rules != nil)
        canaries.removeAll { $0.rank < leastRank }
    }

    /// The first row that is equal to this one: itself, unless it is an exact duplicate.
    func first(of row: UInt64) -> UInt64 {
        var low = 0
        var high = exact.count
        while low < high {
            let mid = (low + high) / 2
            if exact[mid].row < row { low = mid + 1 } else { high = mid }
        }
        return low < exact.count && exact[low].row == row ? exact[low].first : row
    }

    private func limitRows() {
        if pairs.count * 2 <= Self.maximumRows { return }
        let rows = RowNumbers(pairs)
        var isNeeded = [Bool](repeating: false, count: rows.count)
        var needed = 0
        func need(_ row: Int) {
            if !isNeeded[row] { needed += 1 }
            isNeeded[row] = true
        }
        var isKept = [Bool](repeating: false, count: pairs.count)
        for index in CandidatePair.byRank(pairs) {
            let pair = pairs[Int(index)]
            need(rows[pair.a])
            need(rows[pair.b])
            if needed > Self.maximumRows {
                cut(pair.rank)
                break
            }
            isKept[Int(index)] = true
        }
        var kept = 0
        for i in pairs.indices where isKept[i] {
            pairs[kept] = pairs[i]
            kept += 1
        }
        pairs.removeLast(pairs.count - kept)
    }

    /// The rows whose text ``resolve(_:threads:)`` has to see, sorted. Call after the last ``add(_:)``.
    public func neededRows() -> [RowID] {
        seal()
        let rows = RowNumbers(pairs)
        var isNeeded = [Bool](repeating: false, count: rows.count)
        for p in pairs {
            isNeeded[rows[p.a]] = true
            isNeeded[rows[p.b]] = true
        }
        return rows.ids(isNeeded)
    }

    /// Verifies, clusters and decides. Blocks; CPU-bound; the result does not depend on `threads`.
    ///
    /// `rows` holds the rows of ``neededRows()``; a pair with a row that is not there is left alone.
    public func resolve(_ rows: RowStore, threads: Int) -> MatchDecisions {
        seal()
        rows.seal()
        return Resolution(self, rows, threads: threads).decide()
    }
}
