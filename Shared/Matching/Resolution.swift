internal import Domain
internal import Tabular

/// The verification of one round of candidate pairs of a table, from text to decisions.
final class Resolution {
    /// What the first round decides for all of them.
    struct Basis {
        /// The compared columns.
        var columns: [Int]
        var model: MatchModel
        var lists: ListBasis?
        /// See ``RecurringRows``: nothing is dropped.
        var rowsRecur: Bool
    }
    /// The lists of a table, and the model of the pairs across them.
    struct ListBasis {
        var division: SourceLists.Division
        var model: MatchModel
    }

    private let plan: MatchPlan
    private let round: MatchRounds.Round
    private let basis: Basis?
    private let resolver: MatchResolver
    private let store: RowStore
    private let threads: Int
    private let columns: [Int]
    private let table: CompareTable
    /// Candidate rows start here in the table; sampled rows come before.
    private let firstCandidate: Int
    /// The sampled rows whose canaries met them, in the order in which the canaries end the table.
    private let canaries: [Int]
    private let plantedCount: Int
    private let displaced: Displacements
    /// Positions in the table.
    private var pairs: [(a: Int32, b: Int32)] = []

    /// - Parameters:
    ///   - store: the rows of the round, sealed.
    ///   - basis: what an earlier round decided; nil in the first, which alone tries the canaries.
    init(_ resolver: MatchResolver, _ round: MatchRounds.Round, _ store: RowStore, basis: Basis?) {
        plan = resolver.plan
        self.round = round
        self.basis = basis
        self.resolver = resolver
        self.store = store
        threads = resolver.threads
        let distinctRows = resolver.totalRows - resolver.exact.count
        let n = resolver.sample.count
        firstCandidate = n
        let planter = Canaries(plan: plan)
        let planted = resolver.sample.indices.filter { planter.place(resolver.sample[$0].hash) < planter.limit }
        let hits = Set(resolver.canaries.map { $0.id ^ UInt64(Canaries.flag) })
        canaries = basis == nil ? planted.filter { hits.contains(resolver.sample[$0].id) } : []
        plantedCount = planted.count
        let isCompared = !round.pairs.isEmpty || !canaries.isEmpty
        columns = basis?.columns ?? Self.comparedColumns(plan, round.pairs, store)
        table = CompareTable(
            plan: resolver.plan, columns: columns,
            scale: n == 0 ? 1 : max(1, Double(distinctRows) / Double(n)), sample: isCompared ? resolver.sample : [],
            candidates: store,
            canaries: canaries.map {
                let row = resolver.sample[$0]
                return SampledRow(hash: row.hash, id: row.id, cells: planter.damaged(row.cells, hash: row.hash))
            },
            threads: threads)
        if !isCompared {
            displaced = .none
            return
        }
        pairs = Self.positions(round.pairs, store, before: n, threads: threads)
        displaced = Displacements(table, pairs: pairs)
    }

    /// Where the rows of the pairs stand in the table.
    private static func positions(
        _ pairs: [CandidatePair], _ store: RowStore, before n: Int, threads: Int
    ) -> [(a: Int32, b: Int32)] {
        var out = [(a: Int32, b: Int32)](repeating: (-1, -1), count: pairs.count)
        out.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            let target = SharedPointer(base: base)
            // Safe to send: sealed, so only read.
            nonisolated(unsafe) let store = store
            Parallel.slices(pairs.count, threads: threads) { _, range in
                for i in range {
                    guard let a = store.position(of: RowID(raw: pairs[i].a)), let b = store.position(of: RowID(raw: pairs[i].b))
                    else { continue }
                    target.base[i] = (Int32(n + a), Int32(n + b))
                }
            }
        }
        out.removeAll { $0.a < 0 }
        return out
    }

    /// The compared columns. One that looks like a row number takes part only when candidates share its values, and not when most rows
    /// that agree in nearly everything else differ in it: then it is an identifier of the thing, else it would make all rows different.
    private static func comparedColumns(_ plan: MatchPlan, _ pairs: [CandidatePair], _ store: RowStore) -> [Int] {
        let columns = plan.columns
        let compared = columns.indices.filter { columns[$0].isCompared }
        let keys = compared.filter { columns[$0].isPossibleKey }
        if keys.isEmpty { return compared }
        var equal = [Int](repeating: 0, count: columns.count)
        var both = [Int](repeating: 0, count: columns.count)
        var differs = [Int](repeating: 0, count: columns.count)
        var left = [UInt64](repeating: 0, count: columns.count)
        var right = left
        for p in pairs.prefix(keySample) {
            guard let a = store.position(of: RowID(raw: p.a)), let b = store.position(of: RowID(raw: p.b)) else { continue }
            store.forEachCell(at: store.index[a].offset) { c, bytes in left[c] = bytes.isEmpty ? 0 : Hash.h64(bytes) | 1 }
            store.forEachCell(at: store.index[b].offset) { c, bytes in right[c] = bytes.isEmpty ? 0 : Hash.h64(bytes) | 1 }
            let others = compared.filter { !columns[$0].isPossibleKey && left[$0] != 0 && right[$0] != 0 }
            let agreeing = others.reduce(0) { $0 + (left[$1] == right[$1] ? 1 : 0) }
            let isAlike = others.count >= 3 && agreeing * 4 >= others.count * 3
            for c in keys where left[c] != 0 && right[c] != 0 {
                both[c] += 1
                if left[c] == right[c] { equal[c] += 1 } else if isAlike { differs[c] += 1 }
            }
        }
        return compared.filter { c in
            !columns[c].isPossibleKey
                || (equal[c] >= 3 && equal[c] * (plan.tier == .fast ? 20 : 2000) >= both[c]
                    && equal[c] * 3 >= differs[c])
        }
    }
    private static let keySample = 20_000

    /// What the recipe, or a column that is named for it, says of the sources of the rows.
    private func sources() -> Judgement.Sources {
        if plan.sourceColumn >= 0 { return .across(ofTable(SourceLists.numbers(.column(plan.sourceColumn), plan, store))) }
        if !plan.chunkSources.isEmpty { return .across(ofTable(SourceLists.numbers(.inputs, plan, store))) }
        return plan.lists?.column.map { .doubt(ofTable(SourceLists.numbers(.column($0), plan, store))) } ?? .none
    }

    /// By row of the table what is given by row of the store. Sampled rows are compared for what pairs look like, never matched: their
    /// source does not matter. A canary is of no source that its row is of.
    private func ofTable(_ sources: [UInt64]) -> [UInt64] {
        [UInt64](repeating: 0, count: firstCandidate) + sources + [UInt64](repeating: .max, count: canaries.count)
    }

    /// An explanation takes some 30 bytes per column: very many matches are told without.
    private var explains = true
    private static let maximumExplained = 100_000

    private func id(_ position: Int) -> UInt64 { store.index[position - firstCandidate].id }

    /// The outcome of the round: near duplicates, what their survivors gain, suggestions; recall where it tried the canaries.
    func decide() -> (decisions: MatchDecisions, basis: Basis?) {
        var decisions = MatchDecisions()
        let sources = sources()
        if case .across(let own) = sources { pairs.removeAll { own[Int($0.a)] == own[Int($0.b)] } }
        decisions.statistics.verifiedPairs = pairs.count
        if basis == nil, plan.tier != .off {
            decisions.statistics.recall = Report.Recall(planted: plantedCount, compared: 0, found: 0, dropped: 0)
        }
        if pairs.isEmpty, canaries.isEmpty { return (decisions, basis) }
        var judged = judge(pairs, basis?.model ?? (sources.isAcross ? fitter.fitNamed(pairs) : fitter.fit(pairs)), sources)
        let dropping = judged.judgement
        let threshold = MatchModel.score(posterior: plan.threshold)
        let lists = basis == nil ? newLists(judged, threshold) : basis?.lists
        let rowsRecur = basis?.rowsRecur ?? rowsRecur(judged, threshold)
        let groups: (drops: [[Int]], suggestions: [[Int]])
        if let lists {
            groups.drops = rowsRecur ? [] : cluster(judged, PairScorer(dropping), isDrop: true, threshold)
            // Makes room for as many verdicts.
            judged.verdicts = []
            judged = judgeAcross(lists)
            groups.suggestions = cluster(judged, PairScorer(judged.judgement), isDrop: false, threshold)
        } else {
            let both = map([true, false], dropping) { isDrop, scorer in
                isDrop && rowsRecur ? [] : self.cluster(judged, scorer, isDrop: isDrop, threshold)
            }
            groups = (both[0], both[1])
        }
        if basis == nil {
            decisions.statistics.recall = estimate(dropping: rowsRecur ? nil : dropping, asserting: judged.judgement)
        }
        explains = Double(judged.verdicts.count { $0.score > 0 }) <= Double(Self.maximumExplained) * round.share
        var survivors: [UInt64: UInt64] = [:]
        for group in map(groups.drops, dropping, { self.judge($0, threshold, $1) }) {
            for d in group.dropped {
                survivors[id(d.row)] = id(group.survivor)
                decisions.drops.append(
                    RowDecision(
                        row: RowID(raw: id(d.row)), kept: RowID(raw: id(group.survivor)), kind: .near, score: d.score,
                        explanation: d.explanation))
            }
            decisions.fills += group.fills
        }
        let kept = survivors
        decisions.suggestions = map(groups.suggestions, judged.judgement) { self.suggest($0, kept, $1) }.flatMap { $0 }
        return (decisions, Basis(columns: columns, model: dropping.model, lists: lists, rowsRecur: rowsRecur))
    }

    private func rowsRecur(_ judged: Judged, _ threshold: Double) -> Bool {
        let dropped = zip(judged.pairs, judged.verdicts).lazy.filter { $1.mayDrop && $1.score > threshold }.map(\.0)
        return RecurringRows(table, changing: judged.judgement.model.mayChange)
            .areFound(firstCandidate..<(table.rows - canaries.count), dropped: dropped)
    }

    // MARK: Lists

    /// The lists that the table turns out to be made of.
    private func newLists(_ judged: Judged, _ threshold: Double) -> ListBasis? {
        if plan.tier == .fast { return nil }
        let n = firstCandidate
        let candidates = SourceLists.candidates(plan, store)
        if candidates.isEmpty { return nil }
        for lists in candidates where lists.areLists(found(judged), threshold: threshold) {
            return ListBasis(division: lists.division, model: fitter.fitNamed(pairs(across: ofTable(lists.numbers))))
        }
        // Columns in which each list has values of its own make all pairs unlike; names do not.
        let together = zip(pairs, fitter.named(pairs)).lazy.filter(\.1).map { (a: Int($0.0.a) - n, b: Int($0.0.b) - n) }
        for lists in candidates where lists.share(together) {
            let model = fitter.fitNamed(pairs(across: ofTable(lists.numbers)))
            if lists.areLists(found(judge(pairs, model, .none)), threshold: threshold) {
                return ListBasis(division: lists.division, model: model)
            }
        }
        return nil
    }

    /// What is asserted. Rows that are equal in all that is compared are as good as one, or in all but what changes.
    private func found(_ judged: Judged) -> some Sequence<(a: Int, b: Int, verdict: PairVerdict)> {
        let n = firstCandidate
        let changing = judged.judgement.model.mayChange
        return zip(judged.pairs, judged.verdicts).lazy
            .filter { $1.assertion > 0 && !self.table.areEqual(Int($0.a), Int($0.b), but: changing) }
            .map { (a: Int($0.a) - n, b: Int($0.b) - n, verdict: $1) }
    }

    private func pairs(across sources: [UInt64]) -> [(a: Int32, b: Int32)] {
        pairs.filter { sources[Int($0.a)] != sources[Int($0.b)] }
    }

    private func judgeAcross(_ lists: ListBasis) -> Judged {
        let sources = ofTable(SourceLists.numbers(lists.division, plan, store))
        return judge(pairs(across: sources), lists.model, .across(sources))
    }

    // MARK: Verdicts

    private var fitter: ModelFitter {
        ModelFitter(
            table: table, displaced: displaced, sample: resolver.sample, store: store, candidates: pairs,
            distinct: resolver.totalRows - resolver.exact.count, share: round.share, threads: threads)
    }

    /// Pairs with their verdicts.
    private struct Judged {
        let pairs: [(a: Int32, b: Int32)]
        var judgement: Judgement
        var verdicts: [PairVerdict]
    }

    private func judge(_ pairs: [(a: Int32, b: Int32)], _ model: MatchModel, _ sources: Judgement.Sources) -> Judged {
        var judgement = Judgement(table: table, displaced: displaced, model: model, sources: sources)
        var out = [PairVerdict](repeating: PairVerdict(score: 0, mayDrop: false, assertion: 0, likeness: 0), count: pairs.count)
        out.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            let target = SharedPointer(base: base)
            let judgement = judgement
            Parallel.slices(pairs.count, threads: threads) { _, range in
                let scorer = PairScorer(judgement)
                for i in range { target.base[i] = scorer.verdictIfPossible(Int(pairs[i].a), Int(pairs[i].b)) }
            }
        }
        // The fast tier's candidates are too few to tell what else a row resembles.
        if plan.tier != .fast {
            let changing = model.mayChange
            judgement.reciprocal = ReciprocalPairs(
                pairs, out, rows: table.rows, distinct: Int(Double(resolver.totalRows - resolver.exact.count) * round.share),
                areEqual: { self.table.areEqual($0, $1, but: changing) }, isAcrossSources: sources.isAcross)
        }
        judgement.toleratesCombinations = out.count { Self.isCombination($0) } <= 2 * out.count { $0.assertion > 0 }
        judgement.households = Households(out)
        var chosen: [Int] = []
        for i in pairs.indices {
            let (a, b) = (Int(pairs[i].a), Int(pairs[i].b))
            let isNearest = judgement.reciprocal.kind(a, b) != nil
            if (judgement.toleratesCombinations && Self.isCombination(out[i])) || judgement.households.tellApart(out[i].persons)
                || (isNearest && (out[i].isBound || out[i].isCombination))
            {
                chosen.append(i)
            } else if isNearest {
                out[i] = judgement.reciprocal.raised(out[i], a, b)
            }
        }
        let again = map(chosen, judgement) { $1.verdict(Int(pairs[$0].a), Int(pairs[$0].b)) }
        for (i, verdict) in zip(chosen, again) { out[i] = verdict }
        return Judged(pairs: pairs, judgement: judgement, verdicts: out)
    }

    private static func isCombination(_ v: PairVerdict) -> Bool { v.isCombination && v.likeness > 0 }

    /// What becomes of the canaries.
    private func estimate(dropping: Judgement?, asserting: Judgement) -> Report.Recall {
        let threshold = MatchModel.score(posterior: plan.threshold)
        let first = table.rows - canaries.count
        func count(_ judgement: Judgement?, _ holds: (PairVerdict) -> Bool) -> Int {
            guard let judgement else { return 0 }
            return map(Array(canaries.indices), judgement) { $1.verdict(canaries[$0], first + $0) }.count(where: holds)
        }
        return Report.Recall(
            planted: plantedCount, compared: canaries.count, found: count(asserting) { $0.assertion > 0 },
            dropped: count(dropping) { $0.mayDrop && $0.score > threshold })
    }

    // MARK: Clusters

    private static let doubtful = -2.0
    /// Assertions lean on the best link of two large groups as much as on the mean; drops on the mean alone.
    private static let bestShare = 0.5

    private func margin(_ v: PairVerdict, _ threshold: Double) -> Double {
        if v.mayDrop { return v.score - threshold }
        return v.areApart ? -ClusterBuilder.clip : min(v.score - threshold, Self.doubtful)
    }

    /// The clusters of rows to drop, or those of rows that are asserted to be duplicates.
    private func cluster(_ judged: Judged, _ scorer: PairScorer, isDrop: Bool, _ threshold: Double) -> [[Int]] {
        isDrop
            ? cluster(judged, scorer, bestShare: 0) { self.margin($0, threshold) }
            : cluster(judged, scorer, bestShare: Self.bestShare) { $0.assertion }
    }

    private func cluster(
        _ judged: Judged, _ scorer: PairScorer, bestShare: Double, margin: (PairVerdict) -> Double
    ) -> [[Int]] {
        var edges: [ClusterBuilder.Edge] = []
        for (pair, v) in zip(judged.pairs, judged.verdicts) where margin(v) > 0 {
            edges.append(ClusterBuilder.Edge(a: Int(pair.a), b: Int(pair.b), margin: margin(v)))
        }
        if bestShare == 0 { leaveAmbiguous(&edges, scorer) }
        let builder = ClusterBuilder(rows: table.rows, bestShare: bestShare) { a, b in
            let x = self.table.content(a)
            let y = self.table.content(b)
            return x != y ? x < y : a < b
        }
        return builder.clusters(edges) { a, b in margin(scorer.verdict(a, b)) }
    }

    /// Takes out the edges of a row that may be either of two others: one without its first name in a household, without its text in a list.
    private func leaveAmbiguous(_ edges: inout [ClusterBuilder.Edge], _ scorer: PairScorer) {
        var links = [Int32](repeating: 0, count: table.rows)
        for e in edges {
            links[e.a] += 1
            links[e.b] += 1
        }
        // Most rows have one.
        var partners: [Int: [Int]] = [:]
        for e in edges {
            if links[e.a] > 1 { partners[e.a, default: []].append(e.b) }
            if links[e.b] > 1 { partners[e.b, default: []].append(e.a) }
        }
        let ambiguous = Set(
            partners.keys.filter { row in
                let own = partners[row]!.sorted().prefix(Self.linksLookedAt)
                return own.indices.contains { i in
                    own[(i + 1)...].contains { scorer.verdict(own[i], $0).areApart }
                }
            })
        edges.removeAll { ambiguous.contains($0.a) || ambiguous.contains($0.b) }
    }

    /// `body` of every item, on all threads, in order; every thread has a scorer of its own.
    private func map<Item, Result>(
        _ items: [Item], _ judgement: Judgement, _ body: (Item, PairScorer) -> Result
    ) -> [Result] {
        var out = [Result?](repeating: nil, count: items.count)
        withoutActuallyEscaping(body) { body in
            out.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                let target = SharedPointer(base: base)
                // Safe to send: what `body` looks at is not changed until all threads are done.
                nonisolated(unsafe) let body = body
                nonisolated(unsafe) let items = items
                Parallel.slices(items.count, threads: threads, least: 1) { _, range in
                    let scorer = PairScorer(judgement)
                    for i in range { target.base[i] = body(items[i], scorer) }
                }
            }
        }
        return out.compactMap { $0 }
    }

    private struct Group {
        var survivor: Int
        var dropped: [(row: Int, score: Double, explanation: [RowDecision.Evidence])] = []
        var fills: [GapFill] = []
    }

    /// Which row of a cluster stays, what the others are worth, and what they give to it.
    private func judge(_ members: [Int], _ threshold: Double, _ scorer: PairScorer) -> Group {
        let rows = members.sorted { id($0) < id($1) }
        var group = Group(survivor: rows[0])
        if plan.survivor == .mostComplete {
            for r in rows where filled(r) > filled(group.survivor) { group.survivor = r }
        }
        for r in rows where r != group.survivor {
            // A row may resemble the survivor through other members: its best link counts, by what the cluster's check allows.
            var best = scorer.verdict(group.survivor, r).score
            for other in rows where other != r && other != group.survivor && members.count <= 12 {
                best = max(best, scorer.verdict(min(other, r), max(other, r)).score)
            }
            let explanation = explains ? scorer.explain(group.survivor, r) : []
            group.dropped.append((r, MatchModel.posterior(max(best, threshold)), explanation))
        }
        if plan.fill { group.fills = fills(group) }
        return group
    }

    private func cells(_ row: Int) -> [UnsafeBufferPointer<UInt8>] {
        var out: [UnsafeBufferPointer<UInt8>] = []
        store.forEachCell(at: store.index[row - firstCandidate].offset) { _, bytes in out.append(bytes) }
        return out
    }

    private func filled(_ row: Int) -> Int {
        var n = 0
        store.forEachCell(at: store.index[row - firstCandidate].offset) { _, bytes in n += bytes.isEmpty ? 0 : 1 }
        return n
    }

    /// Every empty cell of the survivor takes the text of its surest duplicate that has one.
    private func fills(_ group: Group) -> [GapFill] {
        var fills: [GapFill] = []
        var open = cells(group.survivor).enumerated().filter { $0.element.isEmpty }.map(\.offset)
        for d in group.dropped.sorted(by: { ($0.score, id($1.row)) > ($1.score, id($0.row)) }) where !open.isEmpty {
            let theirs = cells(d.row)
            open.removeAll { c in
                if theirs[c].isEmpty { return false }
                fills.append(
                    GapFill(
                        row: RowID(raw: id(group.survivor)), column: c, text: String(decoding: theirs[c], as: UTF8.self),
                        from: RowID(raw: id(d.row)), score: d.score))
                return true
            }
        }
        return fills
    }

    // MARK: Suggestions and words

    /// Names the rows of a cluster of likely duplicates that stay apart: each against the first of them.
    private func suggest(_ members: [Int], _ survivors: [UInt64: UInt64], _ scorer: PairScorer) -> [RowDecision] {
        var groups: [UInt64: [Int]] = [:]
        for m in members { groups[survivors[id(m)] ?? id(m), default: []].append(m) }
        let kept = groups.keys.sorted()
        return kept.dropFirst().map { row in
            let others = members.filter { !groups[row]!.contains($0) }.sorted().prefix(Self.linksLookedAt)
            var best = -Double.infinity
            var link = (0, 0)
            for m in groups[row]!.sorted() {
                for other in others {
                    let s = scorer.verdict(min(m, other), max(m, other)).assertion
                    if s > best { (best, link) = (s, (min(m, other), max(m, other))) }
                }
            }
            return RowDecision(
                row: RowID(raw: row), kept: RowID(raw: kept[0]), kind: .suggested,
                score: MatchModel.posterior(ofSuggestion: best),
                explanation: explains ? scorer.explain(link.0, link.1) : [])
        }
    }
    private static let linksLookedAt = 12
}
