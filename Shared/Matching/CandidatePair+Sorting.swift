extension CandidatePair {
    /// Sorts by rows: distributed by the first row, then each row's few by the second.
    static func sortByRows(_ pairs: inout [CandidatePair]) {
        guard pairs.count > 1 else { return }
        let rows = RowNumbers(pairs)
        var starts = [Int](repeating: 0, count: rows.count + 1)
        for p in pairs { starts[rows[p.a] + 1] += 1 }
        for n in 1...rows.count { starts[n] += starts[n - 1] }
        var next = starts
        var out = [CandidatePair](repeating: pairs[0], count: pairs.count)
        for p in pairs {
            let n = rows[p.a]
            out[next[n]] = p
            next[n] += 1
        }
        out.withUnsafeMutableBufferPointer { out in
            for n in 0..<rows.count where starts[n + 1] - starts[n] > 1 {
                if starts[n + 1] - starts[n] > fewPairs {
                    var own = out[starts[n]..<starts[n + 1]]
                    own.sort { $0.b < $1.b }
                    continue
                }
                for i in (starts[n] + 1)..<starts[n + 1] {
                    let pair = out[i]
                    var at = i
                    while at > starts[n], out[at - 1].b > pair.b {
                        out[at] = out[at - 1]
                        at -= 1
                    }
                    out[at] = pair
                }
            }
        }
        pairs = out
    }

    /// Sorted by insertion up to this number.
    private static let fewPairs = 32

    /// Sorts by rows and makes one pair of equal ones, with the sum of their ranks.
    static func addUp(_ pairs: inout [CandidatePair]) {
        sortByRows(&pairs)
        var kept = 0
        for i in pairs.indices {
            if kept > 0, pairs[kept - 1].a == pairs[i].a, pairs[kept - 1].b == pairs[i].b {
                pairs[kept - 1].rank &+= pairs[i].rank
            } else {
                pairs[kept] = pairs[i]
                kept += 1
            }
        }
        pairs.removeLast(pairs.count - kept)
    }

    /// Keeps the pairs that are among the `partners` best of either row. `pairs`: each once; the order stays.
    ///
    /// Of equal ranks the first are kept.
    static func keepBest(_ pairs: inout [CandidatePair], partners: Int, threads: Int) {
        let kept = pairs.withUnsafeMutableBufferPointer { pairs in
            BestRanks(pairs, partners: partners, threads: threads).keep(pairs)
        }
        pairs.removeLast(pairs.count - kept)
    }

    /// Places of the pairs, those of the highest rank first; of equal ranks in their order.
    static func byRank(_ pairs: [CandidatePair]) -> [UInt32] {
        var places = [UInt32](repeating: 0, count: pairs.count)
        for i in places.indices { places[i] = UInt32(i) }
        var next = places
        for shift in [UInt32(0), 16] {
            var ends = [Int](repeating: 0, count: 1 << 16)
            for pair in pairs { ends[Int(~pair.rank >> shift & 0xFFFF)] += 1 }
            var sum = 0
            for digit in ends.indices {
                sum += ends[digit]
                ends[digit] = sum - ends[digit]
            }
            for place in places {
                let digit = Int(~pairs[Int(place)].rank >> shift & 0xFFFF)
                next[ends[digit]] = place
                ends[digit] += 1
            }
            swap(&places, &next)
        }
        return places
    }

    /// Keeps the `limit` pairs of the highest ranks, in their order; of equal ranks the first.
    /// - Returns: the highest rank that was cut.
    static func keepHighest(_ pairs: inout [CandidatePair], limit: Int) -> UInt32? {
        if pairs.count <= limit { return nil }
        // The least rank that is kept, its upper half first.
        var low: UInt32 = 0
        var above = 0
        for shift in [UInt32(16), 0] {
            var counts = [Int](repeating: 0, count: 1 << 16)
            for p in pairs where shift == 16 || p.rank >> 16 == low >> 16 { counts[Int(p.rank >> shift & 0xFFFF)] += 1 }
            var digit = counts.count - 1
            while above + counts[digit] < limit {
                above += counts[digit]
                digit -= 1
            }
            low |= UInt32(digit) << shift
        }
        var ties = limit - above
        var cut: UInt32 = 0
        var kept = 0
        for i in pairs.indices {
            let rank = pairs[i].rank
            let isTie = rank == low
            if rank > low || (isTie && ties > 0) {
                if isTie { ties -= 1 }
                pairs[kept] = pairs[i]
                kept += 1
            } else {
                cut = max(cut, rank)
            }
        }
        pairs.removeLast(pairs.count - kept)
        return cut
    }
}
