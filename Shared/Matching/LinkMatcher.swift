internal import Domain
internal import Tabular

#if canImport(Glibc)
    internal import Glibc
#endif

/// Candidate pairs of one partition from rows that share keys: all pairs of a small bucket, neighbours in a big one.
struct LinkMatcher {
    /// One row under one key.
    private struct Member {
        /// The key above the row's order.
        var keyAndOrder: UInt64
        /// Part of the fingerprint, above the row as ``RowCodes`` has it.
        var hashAndRow: UInt64

        var key: UInt32 { UInt32(truncatingIfNeeded: keyAndOrder >> 32) }
        var hash: UInt32 { UInt32(truncatingIfNeeded: hashAndRow >> 32) }
        var row: UInt32 { UInt32(truncatingIfNeeded: hashAndRow) }
    }
    private struct Planted {
        var keyAndOrder: UInt64
        var hash: UInt32
        var row: UInt64

        var key: UInt32 { UInt32(truncatingIfNeeded: keyAndOrder >> 32) }
    }

    private let rules: CandidateRules
    private let tableRows: Double
    private var rows: RowCodes
    private var row: UInt64 = 0
    /// As they come, with room for one more than there will be; until ``run()``.
    private let unsorted: UnsafeMutablePointer<Member>
    private var unsortedCount = 0
    private var members: [Member] = []
    private var planted: [Planted] = []
    /// Canaries that met their rows.
    private(set) var canaries: [CanaryHit] = []
    private(set) var pairs: [CandidatePair] = []
    private(set) var cappedBuckets = 0
    private(set) var meetings = 0
    private(set) var wasCut = false

    /// Pairs held at a time, 24 bytes each.
    static let maximumPairs = 3_000_000
    /// Units of a pair's rank per nat of evidence.
    static let rankScale = 256.0

    /// - Parameter entries: shared keys that will be taken, at most. ``run()`` has to be called.
    init(rules: CandidateRules, plannedRows: Int, entries: Int, rows codes: RowCodes) {
        self.rules = rules
        rows = codes
        tableRows = Double(max(plannedRows, 2))
        unsorted = .allocate(capacity: entries + 1)
        LargeBlocks.advise(unsorted, bytes: (entries + 1) * MemoryLayout<Member>.stride)
    }

    /// Takes a row of which keys follow; rows come in ascending order.
    @inline(__always)
    mutating func add(row: UInt64) {
        self.row = row
        rows.add(row)
    }

    /// Takes a key of the row that came last, where it is shared. `order`: similar rows have similar numbers, by which rows of a big bucket meet; `hash`: part
    /// of the exact fingerprint, because rows that are equal as a whole are one row here.
    @inline(__always)
    mutating func add(key: UInt32, order: UInt32, hash: UInt32, isShared: Bool) {
        let keyAndOrder = UInt64(key) << 32 | UInt64(order)
        if row & UInt64(Canaries.flag) == 0 {
            // Whether a key is shared is a matter of chance: what is not is written over by the next.
            (unsorted + unsortedCount).initialize(
                to: Member(keyAndOrder: keyAndOrder, hashAndRow: UInt64(hash) << 32 | UInt64(rows.last)))
            unsortedCount &+= isShared ? 1 : 0
        } else if isShared {
            planted.append(Planted(keyAndOrder: keyAndOrder, hash: hash, row: row))
        }
    }

    mutating func run() {
        sortMembers()
        pairs.reserveCapacity(min(mostPairs(), Self.maximumPairs))
        LargeBlocks.advise(&pairs)
        planted.sort { $0.keyAndOrder < $1.keyAndOrder }
        var start = 0
        var canary = 0
        while start < members.count {
            let key = members[start].key
            var end = start + 1
            while end < members.count, members[end].key == key { end += 1 }
            let kept = end - start > 1 ? join(start, end) : end
            while canary < planted.count, planted[canary].key <= key {
                if planted[canary].key == key { meet(planted[canary], start, kept) }
                canary += 1
            }
            start = end
        }
        members = []
        planted = []
        rows.removeAll()
        CanaryHit.unite(&canaries, adds: true)
        if pairs.count > Self.maximumPairs / 2 { merge() }
    }

    /// Pairs that the sorted members make if no two of a bucket are equal.
    private func mostPairs() -> Int {
        var sum = 0
        var start = 0
        while start < members.count {
            var end = start + 1
            while end < members.count, members[end].key == members[start].key { end += 1 }
            let size = end - start
            sum += size > rules.cap ? size * rules.neighbours : size * (size - 1) / 2
            start = end
        }
        return sum
    }

    /// Distributed by the upper bits of the key into groups of about eight, which are then sorted.
    private mutating func sortMembers() {
        func precedes(_ x: Member, _ y: Member) -> Bool {
            x.keyAndOrder != y.keyAndOrder ? x.keyAndOrder < y.keyAndOrder : x.hashAndRow < y.hashAndRow
        }
        let unsorted = UnsafeBufferPointer(start: unsorted, count: unsortedCount)
        defer { unsorted.deallocate() }
        let bits = unsorted.count.bitWidth - unsorted.count.leadingZeroBitCount - 3
        if bits < 4 {
            members = unsorted.sorted(by: precedes)
            return
        }
        let shift = UInt64(64 - bits)
        var ends = [Int](repeating: 0, count: 1 << bits)
        for m in unsorted { ends[Int(m.keyAndOrder >> shift)] += 1 }
        var sum = 0
        for group in ends.indices {
            sum += ends[group]
            ends[group] = sum - ends[group]
        }
        members = [Member](unsafeUninitializedCapacity: unsorted.count) { sorted, used in
            LargeBlocks.advise(sorted.baseAddress, bytes: unsorted.count * MemoryLayout<Member>.stride)
            used = unsorted.count
            ends.withUnsafeMutableBufferPointer { ends in
                for m in unsorted {
                    let group = Int(m.keyAndOrder >> shift)
                    (sorted.baseAddress! + ends[group]).initialize(to: m)
                    ends[group] += 1
                }
            }
            var start = 0
            for end in ends {
                if end - start > Self.fewMembers {
                    var group = sorted[start..<end]
                    group.sort(by: precedes)
                } else {
                    for i in Swift.stride(from: start + 1, to: end, by: 1) {
                        let m = sorted[i]
                        var at = i
                        while at > start, precedes(m, sorted[at - 1]) {
                            sorted[at] = sorted[at - 1]
                            at -= 1
                        }
                        sorted[at] = m
                    }
                }
                start = end
            }
        }
    }

    /// Sorted by insertion up to this number.
    private static let fewMembers = 24

    /// Returns where the rows of the bucket end that are not equal to others.
    private mutating func join(_ start: Int, _ end: Int) -> Int {
        // Equal rows count once, by their first.
        var kept = start + 1
        for i in (start + 1)..<end
        where members[i].hash != members[kept - 1].hash || members[i].keyAndOrder != members[kept - 1].keyAndOrder {
            members[kept] = members[i]
            kept += 1
        }
        let size = kept - start
        if size < 2 { return kept }
        let isBig = size > rules.cap
        if isBig { cappedBuckets += 1 }
        let reach = isBig ? rules.neighbours : size
        let rank = rank(size)
        for i in start..<kept {
            for j in (i + 1)..<max(i + 1, min(kept, i + 1 + reach)) {
                let a = rows[members[i].row]
                let b = rows[members[j].row]
                pairs.append(CandidatePair(a: min(a, b), b: max(a, b), rank: rank))
                meetings += 1
            }
        }
        if pairs.count >= Self.maximumPairs { merge() }
        return kept
    }

    private func rank(_ size: Int) -> UInt32 { UInt32(max(1, log(1 + tableRows / Double(size)) * Self.rankScale)) }

    /// Whether a canary, if it were one of the rows of the bucket, would be compared with the row it was made from.
    private mutating func meet(_ canary: Planted, _ start: Int, _ end: Int) {
        let size = end - start + 1
        let reach = size > rules.cap ? rules.neighbours : size
        let place = (start..<end).first { members[$0].keyAndOrder >= canary.keyAndOrder } ?? end
        for i in max(start, place - reach)..<min(end, place + reach) where members[i].hash == canary.hash {
            canaries.append(CanaryHit(id: canary.row, rank: rank(size)))
            return
        }
    }

    /// Adds up what was found about the same pair; cuts the weakest pairs when there are too many.
    private mutating func merge() {
        CandidatePair.addUp(&pairs)
        if let cut = CandidatePair.keepHighest(&pairs, limit: Self.maximumPairs / 2) {
            wasCut = true
            canaries.removeAll { $0.rank <= cut }
        }
    }
}

/// Rows in 32 bits, in their order: chunk and ordinal side by side where both fit, as they do in any usual table; else the place of the
/// row among those that came.
struct RowCodes {
    /// Nil where they do not fit.
    private let packing: RowPacking?
    private var rows: [UInt64] = []
    /// The code of the row that came last.
    private(set) var last: UInt32 = 0

    init(highestChunk: UInt64, highestOrdinal: UInt64) {
        let packing = RowPacking(highestChunk: highestChunk, highestOrdinal: highestOrdinal)
        self.packing = packing.bits <= 32 ? packing : nil
    }

    /// - Precondition: rows come in ascending order.
    @inline(__always)
    mutating func add(_ row: UInt64) {
        if let packing {
            last = UInt32(truncatingIfNeeded: packing.pack(row))
        } else {
            last = UInt32(rows.count)
            rows.append(row)
        }
    }

    @inline(__always)
    subscript(code: UInt32) -> UInt64 {
        packing?.row(UInt64(code)) ?? rows[Int(code)]
    }

    mutating func removeAll() { rows = [] }
}
