internal import Tabular

/// The best ranks of every row that has more pairs than it may keep. Four bytes for each row of the table, and as many for each
/// rank that is held.
///
/// Every worker looks at all pairs and cares for the rows of its own range, so that the result does not depend on their number.
final class BestRanks {
    private let rows: RowNumbers
    private let partners: Int
    private let workers: Int
    /// Per row: place of its ranks from 1 on; 0: it keeps all its pairs.
    private let places: UnsafeMutableBufferPointer<UInt32>
    /// Per place: the ranks, highest first.
    private let ranks: UnsafeMutableBufferPointer<UInt32>
    /// Per place: how many pairs of the lowest rank may still be kept.
    private let ties: UnsafeMutableBufferPointer<UInt8>

    /// - Parameter partners: 1...255
    init(_ pairs: UnsafeMutableBufferPointer<CandidatePair>, partners: Int, threads: Int) {
        self.partners = partners
        workers = pairs.count < 100_000 ? 1 : threads
        rows = RowNumbers(UnsafeBufferPointer(pairs))
        let (rows, workers) = (rows, workers)
        let places = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: rows.count)
        places.initialize(repeating: 0)
        Self.forEachWorker(workers, rows.count) { own in
            for p in pairs {
                let (a, b) = (rows[p.a], rows[p.b])
                if own.contains(a) { places[a] &+= 1 }
                if own.contains(b) { places[b] &+= 1 }
            }
        }
        var used: UInt32 = 0
        for row in places.indices {
            let isFull = places[row] > partners
            used += isFull ? 1 : 0
            places[row] = isFull ? used : 0
        }
        self.places = places
        ranks = .allocate(capacity: Int(used) * partners)
        ranks.initialize(repeating: 0)
        ties = .allocate(capacity: Int(used))
        Self.forEachWorker(workers, rows.count) { own in
            for p in pairs {
                let (a, b) = (rows[p.a], rows[p.b])
                if own.contains(a) { self.insert(p.rank, a) }
                if own.contains(b) { self.insert(p.rank, b) }
            }
        }
        for place in ties.indices {
            let last = (place + 1) * partners - 1
            var first = last
            while first > place * partners, ranks[first - 1] == ranks[last] { first -= 1 }
            ties[place] = UInt8(last - first + 1)
        }
    }
    deinit {
        places.deallocate()
        ranks.deallocate()
        ties.deallocate()
    }

    @inline(__always)
    private func insert(_ rank: UInt32, _ row: Int) {
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

    /// Moves the pairs that stay to the front.
    /// - Returns: their number.
    func keep(_ pairs: UnsafeMutableBufferPointer<CandidatePair>) -> Int {
        // Both sides count a pair, whichever keeps it.
        let isBest = UnsafeMutableBufferPointer<Bool>.allocate(capacity: 2 * pairs.count)
        defer { isBest.deallocate() }
        Self.forEachWorker(workers, rows.count) { own in
            for i in pairs.indices {
                let pair = pairs[i]
                let (a, b) = (rows[pair.a], rows[pair.b])
                if own.contains(a) { isBest[2 &* i] = admit(pair.rank, a) }
                if own.contains(b) { isBest[2 &* i &+ 1] = admit(pair.rank, b) }
            }
        }
        var kept = 0
        for i in pairs.indices where isBest[2 &* i] || isBest[2 &* i &+ 1] {
            pairs[kept] = pairs[i]
            kept += 1
        }
        return kept
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

    /// `body` with each worker's rows.
    private static func forEachWorker(_ workers: Int, _ rows: Int, _ body: (Range<Int>) -> Void) {
        withoutActuallyEscaping(body) { body in
            // Safe to send: every worker writes to its own rows.
            nonisolated(unsafe) let body = body
            Parallel.slices(workers, threads: workers, least: 1) { worker, _ in
                body(rows * worker / workers..<rows * (worker + 1) / workers)
            }
        }
    }
}
