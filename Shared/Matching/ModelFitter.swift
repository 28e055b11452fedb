internal import Tabular

/// Learns the model of a round's pairs from what they and pairs drawn by content look like.
struct ModelFitter {
    let table: CompareTable
    let displaced: Displacements
    /// Sampled rows, which come first in the table, in content order.
    let sample: [SampledRow]
    /// The rows of the round, which come next.
    let store: RowStore
    /// All candidate pairs of the round, by positions in the table.
    let candidates: [(a: Int32, b: Int32)]
    /// Rows of the whole table, equal ones counted once.
    let distinct: Int
    /// The round's part of all candidate pairs.
    let share: Double
    let threads: Int

    /// Pairs that the model learns from at most, chosen by content.
    private static let maximumFitted = 50_000
    private static let randomPairs = 40_000
    private static let leastRandomPairs = 4_000

    /// The model of pairs across sources: it starts from those that are named alike.
    func fitNamed(_ pairs: [(a: Int32, b: Int32)]) -> MatchModel { fit(pairs, named: named(pairs)) }

    /// - Parameter named: which pairs are named alike; empty where that is not asked.
    func fit(_ pairs: [(a: Int32, b: Int32)], named: [Bool] = []) -> MatchModel {
        let fitted = Double(Self.maximumFitted) / Double(max(pairs.count, 1))
        let limit: UInt64 = fitted >= 1 ? .max : UInt64(Double(UInt64.max) * fitted)
        let contents = limit < .max ? table.contents(threads: threads) : []
        var counts = count(pairs.count) {
            let (a, b) = (Int(pairs[$0].a), Int(pairs[$0].b))
            if limit < .max, contents[a] ^ contents[b] >= limit { return nil }
            return (a, b, named.isEmpty || !named[$0] ? .candidate : .named)
        }
        // The sample is in content order, so neighbours at fixed distances are pairs drawn by content.
        let n = sample.count
        // A small table needs fewer: its values repeat in them.
        let wanted = min(Self.randomPairs, max(Self.leastRandomPairs, n * 4))
        let distances = n < 2 ? 0 : min(max(1, wanted / n), (n - 1) / 2)
        let random = randomPairs(n, distances)
        counts.add(count(random.count) { (random[$0].0, random[$0].1, .random) })
        return MatchModel(
            counts: counts, rows: max(distinct, 2),
            candidatePairs: Int(Double(pairs.count) / share),
            codePlace: table.codePlace, traits: table.traits)
    }

    /// Compares and counts slice by slice, each on a thread of its own. `pair`: rows of the pair of a number below `n`, nil to leave it out.
    private func count(_ n: Int, _ pair: (Int) -> (Int, Int, LevelCounts.Kind)?) -> LevelCounts {
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
                        guard let (a, b, kind) = pair(i) else { continue }
                        builder.compare(a, b, levels)
                        target.base[worker].add(levels, kind)
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
        var chosen: [(Int, Int)] = []
        chosen.reserveCapacity(n * distances)
        for i in 0..<n {
            for j in (0..<distances).map({ (i + 1 + $0) % n }).sorted() { chosen.append((i, j)) }
        }
        let keys = Set(chosen.map { key(sample[$0.0].id, sample[$0.1].id) })
        var found = [[UInt64]](repeating: [], count: max(threads, 1))
        found.withUnsafeMutableBufferPointer { found in
            let target = SharedPointer(base: found.baseAddress!)
            // Safe to send: only read.
            nonisolated(unsafe) let fitter = self
            Parallel.slices(candidates.count, threads: threads) { worker, range in
                for i in range {
                    let (a, b) = fitter.candidates[i]
                    let key = key(fitter.id(a), fitter.id(b))
                    if keys.contains(key) { target.base[worker].append(key) }
                }
            }
        }
        let taken = Set(found.joined())
        return chosen.filter { !taken.contains(key(sample[$0.0].id, sample[$0.1].id)) }
    }

    /// The pairs whose names are alike, and like no other's; all false where nothing names the rows.
    func named(_ pairs: [(a: Int32, b: Int32)]) -> [Bool] {
        guard let column = table.titleColumn else { return [Bool](repeating: false, count: pairs.count) }
        var similarities = [Float](repeating: 0, count: pairs.count)
        similarities.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            let target = SharedPointer(base: base)
            let (table, displaced) = (table, displaced)
            Parallel.slices(pairs.count, threads: threads) { _, range in
                let builder = LevelBuilder(table: table, displaced: displaced)
                for i in range { target.base[i] = builder.similarity(Int(pairs[i].a), Int(pairs[i].b), column) }
            }
        }
        return ReciprocalPairs.named(pairs, similarities, rows: table.rows, areEqual: { table.areEqual($0, $1) })
    }

    private func id(_ position: Int32) -> UInt64 { store.index[Int(position) - sample.count].id }
}
