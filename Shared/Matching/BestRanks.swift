/// The best ranks of every row that has more pairs than it may keep. Four bytes for each row of the table, and as many for each
/// rank that is held.
final class BestRanks {
    private let rows: RowNumbers
    private let partners: Int
    /// Per row: place of its ranks from 1 on; 0: it keeps all its pairs.
    private var places: [UInt32]
    /// Per place: the ranks, highest first.
    private var ranks: [UInt32]
    /// Per place: how many pairs of the lowest rank may still be kept.
    private var ties: [UInt8]
    private(set) var kept = 0

    /// - Parameter partners: 1...255
    init(_ pairs: [CandidatePair], partners: Int) {
        self.partners = partners
        rows = RowNumbers(pairs)
        places = [UInt32](repeating: 0, count: rows.count)
        for p in pairs {
            places[rows[p.a]] += 1
            places[rows[p.b]] += 1
        }
        var used: UInt32 = 0
        for row in places.indices {
            let isFull = places[row] > partners
            used += isFull ? 1 : 0
            places[row] = isFull ? used : 0
        }
        ranks = [UInt32](repeating: 0, count: Int(used) * partners)
        ties = [UInt8](repeating: 0, count: Int(used))
        ranks.withUnsafeMutableBufferPointer { ranks in
            for p in pairs {
                insert(p.rank, rows[p.a], ranks)
                insert(p.rank, rows[p.b], ranks)
            }
            for place in ties.indices {
                let own = ranks[(place * partners)..<((place + 1) * partners)]
                ties[place] = UInt8(own.reversed().prefix { $0 == own.last }.count)
            }
        }
    }

    @inline(__always)
    private func insert(_ rank: UInt32, _ row: Int, _ ranks: UnsafeMutableBufferPointer<UInt32>) {
        let place = Int(places[row])
        if place == 0 { return }
        let start = (place - 1) * partners
        var at = start + partners - 1
        if rank <= ranks[at] { return }
        while at > start, ranks[at - 1] < rank {
            ranks[at] = ranks[at - 1]
            at -= 1
        }
        ranks[at] = rank
    }

    /// Moves the pairs that stay to the front; ``kept`` is their number.
    func keep(_ pairs: inout UnsafeMutableBufferPointer<CandidatePair>) {
        for i in pairs.indices {
            let pair = pairs[i]
            // Both sides count the pair, whichever keeps it.
            let isBestOfA = admit(pair.rank, rows[pair.a])
            let isBestOfB = admit(pair.rank, rows[pair.b])
            if isBestOfA || isBestOfB {
                pairs[kept] = pair
                kept += 1
            }
        }
    }

    @inline(__always)
    private func admit(_ rank: UInt32, _ row: Int) -> Bool {
        let place = Int(places[row])
        if place == 0 { return true }
        let least = ranks[place * partners - 1]
        if rank != least { return rank > least }
        if ties[place - 1] == 0 { return false }
        ties[place - 1] -= 1
        return true
    }
}
