internal import Domain
internal import Tabular

/// The verification of one round of candidate pairs of a table, from text to decisions.
final class Resolution {
    /// What the first round decides for all of them.
    struct Basis {
        /// The compared columns.
        var columns: [Int]
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
    /// The source of every row of the table, where duplicates are looked for across sources only; else empty.
    private let sources: [UInt64]
    private var reciprocal = ReciprocalPairs.none
    /// Pairs that combine common values in two ways mostly are two events, and there are very many of them then. Where pairs with a
    /// misspelt or missing value are half as many, they are what the same errors make of common values.
    private var toleratesCombinations = false
    private var households = Households.none
    /// Positions in the table.
    private var pairs: [(a: Int32, b: Int32)] = []

    /// Pairs that the model learns from at most, chosen by content.
    static let maximumFitted = 100_000
    static let randomPairs = 40_000
    static let leastRandomPairs = 4_000

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
            canaries: canaries.map { planter.damaged(resolver.sample[$0].cells, hash: resolver.sample[$0].hash) },
            threads: threads)
        if !isCompared {
            displaced = .none
            sources = []
            return
        }
        sources = Self.sources(plan, store, before: n, canaries: canaries.count)
        pairs = Self.positions(round.pairs, store, before: n, sources, threads: threads)
        displaced = Displacements(table, pairs: pairs)
    }

    /// Where the rows of the pairs stand in the table, without those of one source.
    private static func positions(
        _ pairs: [CandidatePair], _ store: RowStore, before n: Int, _ sources: [UInt64], threads: Int
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
                    if !sources.isEmpty, sources[n + a] == sources[n + b] { continue }
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

    private static func sources(_ plan: MatchPlan, _ store: RowStore, before n: Int, canaries: Int) -> [UInt64] {
        if plan.chunkSources.isEmpty, plan.sourceColumn < 0 { return [] }
        // Sampled rows are compared for what pairs look like, never matched: their source does not matter.
        var out = [UInt64](repeating: 0, count: n)
        for (id, offset) in store.index {
            var source = UInt64(plan.chunkSources.isEmpty ? 0 : plan.chunkSources[RowID(raw: id).chunk])
            if plan.sourceColumn >= 0 {
                store.forEachCell(at: offset) { c, bytes in if c == plan.sourceColumn { source = Hash.h64(bytes) } }
            }
            out.append(source)
        }
        // A canary is of no source that its row is of.
        return out + [UInt64](repeating: .max, count: canaries)
    }

    /// An explanation takes some 30 bytes per column: very many matches are told without.
    private var explains = true
    private static let maximumExplained = 100_000

    private func id(_ position: Int) -> UInt64 { store.index[position - firstCandidate].id }

    /// The outcome of the round: near duplicates, what their survivors gain, suggestions; recall where it tried the canaries.
    func decide() -> (decisions: MatchDecisions, basis: Basis?) {
        var decisions = MatchDecisions()
        decisions.statistics.verifiedPairs = pairs.count
        if basis == nil, plan.tier != .off {
            decisions.statistics.recall = Report.Recall(planted: plantedCount, compared: 0, found: 0, dropped: 0)
        }
        if pairs.isEmpty, canaries.isEmpty { return (decisions, basis) }
        let model = basis?.model ?? fit()
        let verdicts = score(model)
        if basis == nil { decisions.statistics.recall = estimate(model) }
        explains = Double(verdicts.count { $0.score > 0 }) <= Double(Self.maximumExplained) * round.share
        let threshold = MatchModel.score(posterior: plan.threshold)
        let groups = clusters(verdicts, threshold, model)
        var survivors: [UInt64: UInt64] = [:]
        for group in map(groups.drops, model, { self.judge($0, threshold, $1) }) {
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
        decisions.suggestions = map(groups.suggestions, model) { self.suggest($0, kept, $1) }.flatMap { $0 }
        return (decisions, Basis(columns: columns, model: model))
    }

    // MARK: Model

    private func fit() -> MatchModel {
        let share = Double(Self.maximumFitted) / Double(max(pairs.count, 1))
        let limit: UInt64 = share >= 1 ? .max : UInt64(Double(UInt64.max) * share)
        var counts = count(pairs.count, isRandom: false) { [self] in
            let (a, b) = (Int(pairs[$0].a), Int(pairs[$0].b))
            return limit == .max || content(a) ^ content(b) < limit ? (a, b) : nil
        }
        // The sample is in content order, so neighbours at fixed distances are pairs drawn by content.
        let n = firstCandidate
        // A small table needs fewer: its values repeat in them.
        let wanted = min(Self.randomPairs, max(Self.leastRandomPairs, n * 4))
        let distances = n < 2 ? 0 : min(max(1, wanted / n), (n - 1) / 2)
        let random = randomPairs(n, distances)
        counts.add(count(random.count, isRandom: true) { random[$0] })
        return MatchModel(
            counts: counts, rows: max(resolver.totalRows - resolver.exact.count, 2),
            candidatePairs: Int(Double(pairs.count) / round.share),
            codePlace: table.codePlace, traits: table.traits)
    }

    /// Compares and counts slice by slice, each on a thread of its own. `pair`: rows of the pair of a number below `n`, nil to leave it out.
    private func count(_ n: Int, isRandom: Bool, _ pair: (Int) -> (Int, Int)?) -> LevelCounts {
        let (table, displaced) = (table, displaced)
        var slices = [LevelCounts](repeating: LevelCounts(width: table.width), count: max(threads, 1))
        withoutActuallyEscaping(pair) { pair in
            slices.withUnsafeMutableBufferPointer { slices in
                let target = SharedPointer(base: slices.baseAddress!)
                // Safe to send: what `pair` looks at is not changed.
                nonisolated(unsafe) let pair = pair
                Parallel.slices(n, threads: threads) { worker, range in
                    let builder = LevelBuilder(table: table, displaced: displaced, tellsSigns: false)
                    let levels = UnsafeMutablePointer<Int8>.allocate(capacity: max(table.width, 1))
                    defer { levels.deallocate() }
                    for i in range {
                        guard let (a, b) = pair(i) else { continue }
                        builder.compare(a, b, levels)
                        target.base[worker].add(levels, isRandom: isRandom)
                    }
                }
            }
        }
        var all = slices[0]
        for slice in slices.dropFirst() { all.add(slice) }
        return all
    }

    /// Pairs of sampled rows at fixed distances in content order, without those that are candidates.
    private func randomPairs(_ n: Int, _ distances: Int) -> [(Int, Int)] {
        @Sendable func key(_ x: UInt64, _ y: UInt64) -> UInt64 { Hash.mix(min(x, y)) ^ max(x, y) }
        let sample = resolver.sample
        var chosen: [(Int, Int)] = []
        chosen.reserveCapacity(n * distances)
        for i in 0..<n {
            for j in (0..<distances).map({ (i + 1 + $0) % n }).sorted() { chosen.append((i, j)) }
        }
        let keys = Set(chosen.map { key(sample[$0.0].id, sample[$0.1].id) })
        var candidates = [[UInt64]](repeating: [], count: max(threads, 1))
        candidates.withUnsafeMutableBufferPointer { candidates in
            let target = SharedPointer(base: candidates.baseAddress!)
            // Safe to send: only read.
            nonisolated(unsafe) let resolution = self
            Parallel.slices(pairs.count, threads: threads) { worker, range in
                for i in range {
                    let (a, b) = resolution.pairs[i]
                    let key = key(resolution.id(Int(a)), resolution.id(Int(b)))
                    if keys.contains(key) { target.base[worker].append(key) }
                }
            }
        }
        let taken = Set(candidates.joined())
        return chosen.filter { !taken.contains(key(sample[$0.0].id, sample[$0.1].id)) }
    }

    /// Hash of a row's normal forms: the same wherever the row stands.
    private func content(_ row: Int) -> UInt64 {
        var h: UInt64 = 0
        for k in 0..<table.width { h = Hash.mix(h ^ UInt64(table.code(row, k)) &+ 0x9E37_79B9_7F4A_7C15) }
        return h
    }

    private func score(_ model: MatchModel) -> [PairVerdict] {
        var out = [PairVerdict](repeating: PairVerdict(score: 0, mayDrop: false, assertion: 0, likeness: 0), count: pairs.count)
        let pairs = pairs
        let table = table
        let displaced = displaced
        let sources = sources
        out.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            let target = SharedPointer(base: base)
            Parallel.slices(pairs.count, threads: threads) { _, range in
                let scorer = PairScorer(table: table, model: model, displaced: displaced, sources: sources)
                for i in range { target.base[i] = scorer.verdictIfPossible(Int(pairs[i].a), Int(pairs[i].b)) }
            }
        }
        // The fast tier's candidates are too few to tell what else a row resembles.
        if plan.tier != .fast {
            reciprocal = ReciprocalPairs(
                pairs, out, rows: table.rows, distinct: Int(Double(resolver.totalRows - resolver.exact.count) * round.share),
                isAcrossSources: !sources.isEmpty)
        }
        toleratesCombinations = out.count { Self.isCombination($0) } <= 2 * out.count { $0.assertion > 0 }
        households = Households(out)
        let chosen = pairs.indices.filter {
            reciprocal.kind(Int(pairs[$0].a), Int(pairs[$0].b)) != nil || (toleratesCombinations && Self.isCombination(out[$0]))
                || households.tellApart(out[$0].persons)
        }
        let again = map(chosen, model) { $1.verdict(Int(pairs[$0].a), Int(pairs[$0].b)) }
        for (i, verdict) in zip(chosen, again) { out[i] = verdict }
        return out
    }

    private static func isCombination(_ v: PairVerdict) -> Bool { v.isCombination && v.likeness > 0 }

    /// What becomes of the canaries.
    private func estimate(_ model: MatchModel) -> Report.Recall {
        let threshold = MatchModel.score(posterior: plan.threshold)
        let first = table.rows - canaries.count
        let verdicts = map(Array(canaries.indices), model) { $1.verdict(canaries[$0], first + $0) }
        return Report.Recall(
            planted: plantedCount, compared: canaries.count, found: verdicts.count { $0.assertion > 0 },
            dropped: verdicts.count { $0.mayDrop && $0.score > threshold })
    }

    // MARK: Clusters

    private static let doubtful = -2.0
    /// Assertions lean on the best link of two large groups as much as on the mean; drops on the mean alone.
    private static let bestShare = 0.5

    private func margin(_ v: PairVerdict, _ threshold: Double) -> Double {
        if v.mayDrop { return v.score - threshold }
        return v.areApart ? -ClusterBuilder.clip : min(v.score - threshold, Self.doubtful)
    }

    /// The clusters of rows to drop, and those of rows that are asserted to be duplicates.
    private func clusters(
        _ verdicts: [PairVerdict], _ threshold: Double, _ model: MatchModel
    ) -> (drops: [[Int]], suggestions: [[Int]]) {
        let both = map([true, false], model) { isDrop, scorer in
            isDrop
                ? self.cluster(verdicts, scorer, bestShare: 0) { self.margin($0, threshold) }
                : self.cluster(verdicts, scorer, bestShare: Self.bestShare) { $0.assertion }
        }
        return (both[0], both[1])
    }

    private func cluster(
        _ verdicts: [PairVerdict], _ scorer: PairScorer, bestShare: Double, margin: (PairVerdict) -> Double
    ) -> [[Int]] {
        var edges: [ClusterBuilder.Edge] = []
        for (i, v) in verdicts.enumerated() where margin(v) > 0 {
            edges.append(ClusterBuilder.Edge(a: Int(pairs[i].a), b: Int(pairs[i].b), margin: margin(v)))
        }
        if bestShare == 0 { leaveAmbiguous(&edges, scorer) }
        let builder = ClusterBuilder(rows: table.rows, bestShare: bestShare) { a, b in
            let x = self.content(a)
            let y = self.content(b)
            return x != y ? x < y : a < b
        }
        return builder.clusters(edges) { a, b in margin(scorer.verdict(a, b)) }
    }

    /// Takes out the edges of a row that may be either of two others: one without its first name in a household, without its text in a list.
    private func leaveAmbiguous(_ edges: inout [ClusterBuilder.Edge], _ scorer: PairScorer) {
        var partners: [Int: [Int]] = [:]
        for e in edges {
            partners[e.a, default: []].append(e.b)
            partners[e.b, default: []].append(e.a)
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
        _ items: [Item], _ model: MatchModel, _ body: (Item, PairScorer) -> Result
    ) -> [Result] {
        var out = [Result?](repeating: nil, count: items.count)
        withoutActuallyEscaping(body) { body in
            out.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                let target = SharedPointer(base: base)
                // Safe to send: what `body` looks at is not changed until all threads are done.
                nonisolated(unsafe) let body = body
                nonisolated(unsafe) let items = items
                let (table, displaced, sources) = (table, displaced, sources)
                let (reciprocal, toleratesCombinations, households) = (reciprocal, toleratesCombinations, households)
                Parallel.slices(items.count, threads: threads, least: 1) { _, range in
                    let scorer = PairScorer(
                        table: table, model: model, displaced: displaced, sources: sources, reciprocal: reciprocal,
                        toleratesCombinations: toleratesCombinations, households: households)
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

    private func filled(_ row: Int) -> Int { cells(row).reduce(0) { $0 + ($1.isEmpty ? 0 : 1) } }

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
