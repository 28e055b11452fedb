internal import Domain
internal import Tabular

/// Finds equal fingerprints and candidate pairs within one partition of the key space. One thread at a time.
///
/// Holds the slices of the partition, 20 bytes per row to find equal ones, then 32 per key while they are sorted; see ``MatchPlan/partitions``.
public final class PartitionMatcher {
    let plan: MatchPlan
    let partition: Int
    private let layout: KeyGroups
    private let rules: CandidateRules?
    private var slices: [KeySlice] = []
    private var sample: [SampledRow] = []
    private var keys: [(chunk: UInt64, bytes: [UInt8])] = []
    private var exactCount = 0
    private var nearCount = 0

    /// Biggest bucket in which every pair is made; in bigger ones a row meets its next neighbours by signature.
    static let bucketCap = 16
    static let neighbours = 2
    /// Least number of equal MinHash values (of 32, by their two bits) of a pair that is worth reading.
    static let minimumAgreement = 19

    public init(plan: MatchPlan, partition: Int) {
        self.plan = plan
        self.partition = partition
        rules = CandidateRules.of(plan.tier, rows: plan.plannedRows)
        layout = rules == nil ? .wholeRows : .links
    }

    /// Takes this partition's slice of one chunk's blob; every chunk once, in any order.
    /// - Throws: `corrupt_intermediate` for a slice that no key builder wrote.
    public func add(_ slice: [UInt8]) throws {
        let slice = try KeySlice(slice, layout: layout)
        var tail = ByteReader(Array(slice.tail))
        for _ in 0..<(try tail.count(itemBytes: 12 + plan.columns.count)) {
            let hash = try tail.u64()
            let id = slice.chunk | UInt64(try tail.u32())
            let columns = plan.columns.count
            sample.append(SampledRow(hash: hash, id: id, columns: columns, packed: try tail.blobs(columns)))
        }
        keys.append((slice.chunk, try tail.blob()))
        guard KeyEntry.areValid(keys[keys.count - 1].bytes, columns: plan.keyColumns?.count ?? 0) else {
            throw SanitizerError(.corruptIntermediate, "key slice holds keys of unknown columns")
        }
        exactCount += slice.exacts
        nearCount += slice.nears
        slices.append(slice)
    }

    /// Everything that was found. Blocks; CPU-bound.
    public func finish() -> PartitionMatches {
        var out = PartitionMatches()
        out.rows = exactCount
        slices.sort { $0.chunk < $1.chunk }
        matchExact(&out)
        if let rules { matchLinks(rules, &out) } else { matchNear(&out) }
        collectSample(&out)
        out.repeatedKeys = RepeatedKeys.count(keys, columns: plan.keyColumns?.count ?? 0)
        slices = []
        keys = []
        return out
    }

    // MARK: Exact

    private func matchExact(_ out: inout PartitionMatches) {
        let n = exactCount
        if n == 0 { return }
        let rows = UnsafeMutablePointer<(low: UInt64, high: UInt64, row: UInt64)>.allocate(capacity: n)
        defer { rows.deallocate() }
        var bits = 4
        while 1 << bits < n * 2 { bits += 1 }
        let mask = 1 << bits - 1
        let table = UnsafeMutablePointer<UInt32>.allocate(capacity: mask + 1)
        table.update(repeating: 0, count: mask + 1)
        defer { table.deallocate() }
        // The group's entry holds its first row; group[i] is the entry of row i's group.
        let group = UnsafeMutablePointer<UInt32>.allocate(capacity: n)
        defer { group.deallocate() }
        var i = 0
        for slice in slices {
            slice.forEachExact { low, high, row in
                rows[i] = (low, high, row)
                var slot = Int(truncatingIfNeeded: high) & mask
                while true {
                    let at = table[slot]
                    if at == 0 {
                        table[slot] = UInt32(i &+ 1)
                        group[i] = UInt32(i)
                        break
                    }
                    let first = Int(at &- 1)
                    if rows[first].low == low, rows[first].high == high {
                        group[i] = UInt32(first)
                        break
                    }
                    slot = (slot &+ 1) & mask
                }
                i &+= 1
            }
        }
        // Chunks come in any order: the first row of a group is found, not assumed.
        let first = UnsafeMutablePointer<UInt64>.allocate(capacity: n)
        defer { first.deallocate() }
        for i in 0..<n { first[i] = .max }
        for i in 0..<n {
            let g = Int(group[i])
            if rows[i].row < first[g] { first[g] = rows[i].row }
        }
        for i in 0..<n {
            let f = first[Int(group[i])]
            if f != rows[i].row { out.exact.append(ExactPair(row: rows[i].row, first: f)) }
        }
        out.exact.sort { $0.row < $1.row }
    }

    // MARK: Shared values

    private func matchLinks(_ rules: CandidateRules, _ out: inout PartitionMatches) {
        let codes = RowCodes(
            highestChunk: (slices.last?.chunk ?? 0) >> 32, highestOrdinal: UInt64(slices.map(\.highestOrdinal).max() ?? 0))
        let filter = sharedKeys()
        var matcher = LinkMatcher(rules: rules, plannedRows: plan.plannedRows, entries: filter.shared, rows: codes)
        for slice in slices {
            slice.forEachNear(
                layout, row: { row, _ in matcher.add(row: row) },
                key: { known, key in
                    matcher.add(
                        key: key, order: known.loadUnaligned(as: UInt32.self),
                        hash: known.loadUnaligned(fromByteOffset: 4, as: UInt32.self), isShared: filter.isShared(UInt64(key)))
                })
        }
        matcher.run()
        out.pairs = matcher.pairs
        out.canaries = matcher.canaries
        out.comparedSignatures = matcher.meetings
        out.cappedBuckets = matcher.cappedBuckets
        out.cappedPairs = matcher.wasCut
    }

    /// A key that one row has alone leads nowhere.
    private func sharedKeys() -> SharedKeyFilter {
        var filter = SharedKeyFilter(keys: nearCount, places: 4)
        for slice in slices { slice.forEachNear(layout, row: { _, _ in }, key: { filter.add(UInt64($1)) }) }
        return filter
    }

    // MARK: Whole rows

    private struct Member {
        var signature: UInt64
        var hash: UInt32
        var row: UInt64
    }

    private func matchNear(_ out: inout PartitionMatches) {
        let filter = sharedKeys()
        let n = filter.shared
        if n < 2 { return }
        // (key, entry number) sorted by key.
        var order = UnsafeMutablePointer<UInt64>.allocate(capacity: n + 1)
        var spare = UnsafeMutablePointer<UInt64>.allocate(capacity: n + 1)
        let entries = UnsafeMutablePointer<Member>.allocate(capacity: n + 1)
        defer {
            order.deallocate()
            spare.deallocate()
            entries.deallocate()
        }
        var i = 0
        for slice in slices {
            var row: UInt64 = 0
            slice.forEachNear(
                layout, row: { number, _ in row = number },
                key: { known, key in
                    // Whether a key is shared is a matter of chance: what is not is written over by the next.
                    order[i] = UInt64(key) << 32 | UInt64(i)
                    entries[i] = Member(
                        signature: known.loadUnaligned(as: UInt64.self),
                        hash: known.loadUnaligned(fromByteOffset: 8, as: UInt32.self), row: row)
                    i &+= filter.isShared(UInt64(key)) ? 1 : 0
                })
        }
        for shift in stride(from: 32, to: 64, by: 11) {
            RadixSort.pass(order, spare, n, shift: shift, subtracting: 0)
            swap(&order, &spare)
        }
        var pairs = PairBudget(limit: max(exactCount / 2, 20_000))
        var bucket: [Member] = []
        var planted: [Member] = []
        var start = 0
        while start < n {
            let key = order[start] >> 32
            var end = start &+ 1
            while end < n, order[end] >> 32 == key { end &+= 1 }
            if end &- start > 1 {
                bucket.removeAll(keepingCapacity: true)
                planted.removeAll(keepingCapacity: true)
                for k in start..<end {
                    let member = entries[Int(order[k] & 0xFFFF_FFFF)]
                    if member.row & UInt64(Canaries.flag) == 0 { bucket.append(member) } else { planted.append(member) }
                }
                if bucket.count > 1 { pairBucket(&bucket, &pairs, &out) }
                for canary in planted { meet(canary, bucket, &out) }
            }
            start = end
        }
        out.pairs = pairs.finish()
        if let cut = pairs.cutRank { out.canaries.removeAll { $0.rank <= cut } }
        CanaryHit.unite(&out.canaries, adds: false)
        out.cappedPairs = pairs.wasCut
    }

    private func pairBucket(_ bucket: inout [Member], _ pairs: inout PairBudget, _ out: inout PartitionMatches) {
        if bucket.count == 2 {
            if bucket[0].hash != bucket[1].hash { pair(bucket[0], bucket[1], &pairs, &out) }
            return
        }
        bucket.sort { ($0.signature, $0.hash, $0.row) < ($1.signature, $1.hash, $1.row) }
        // Equal rows count once, by their first.
        var kept = 1
        for k in 1..<bucket.count
        where bucket[k].hash != bucket[kept - 1].hash || bucket[k].signature != bucket[kept - 1].signature {
            bucket[kept] = bucket[k]
            kept += 1
        }
        bucket.removeLast(bucket.count - kept)
        let reach = kept <= Self.bucketCap ? kept : Self.neighbours
        if kept > Self.bucketCap { out.cappedBuckets += 1 }
        for a in 0..<kept {
            for b in (a + 1)..<max(a + 1, min(kept, a + 1 + reach)) { pair(bucket[a], bucket[b], &pairs, &out) }
        }
    }

    /// Whether a canary, if it were one of the rows of the (sorted) bucket, would be compared with the row it was made from.
    private func meet(_ canary: Member, _ bucket: [Member], _ out: inout PartitionMatches) {
        let reach = bucket.count < Self.bucketCap ? bucket.count : Self.neighbours
        let place = bucket.firstIndex { $0.signature >= canary.signature } ?? bucket.count
        for i in max(0, place - reach)..<min(bucket.count, place + reach) where bucket[i].hash == canary.hash {
            let agreement = Self.agreement(bucket[i].signature, canary.signature)
            if agreement < Self.minimumAgreement { return }
            out.canaries.append(CanaryHit(id: canary.row, rank: Self.rank(agreement, Hash.mix(canary.row))))
            return
        }
    }

    @inline(__always)
    private static func agreement(_ a: UInt64, _ b: UInt64) -> Int {
        let x = a ^ b
        return 32 &- ((x | x >> 1) & 0x5555_5555_5555_5555).nonzeroBitCount
    }

    /// Which pairs stay when there are too many depends on their content alone, of which `mixed` is a hash.
    @inline(__always)
    private static func rank(_ agreement: Int, _ mixed: UInt64) -> UInt32 {
        UInt32(agreement) << 24 | UInt32(truncatingIfNeeded: mixed >> 40)
    }

    @inline(__always)
    private func pair(_ a: Member, _ b: Member, _ pairs: inout PairBudget, _ out: inout PartitionMatches) {
        out.comparedSignatures &+= 1
        let agreement = Self.agreement(a.signature, b.signature)
        if agreement < Self.minimumAgreement { return }
        let mixed = Hash.mix(UInt64(min(a.hash, b.hash)) << 32 | UInt64(max(a.hash, b.hash)))
        pairs.add(CandidatePair(a: min(a.row, b.row), b: max(a.row, b.row), rank: Self.rank(agreement, mixed)))
    }

    // MARK: Sample

    private func collectSample(_ out: inout PartitionMatches) {
        // Equal rows are one row of the sample.
        sample.sort { ($0.hash, $0.id) < ($1.hash, $1.id) }
        for row in sample where row.hash != out.sample.last?.hash { out.sample.append(row) }
        sample = []
    }
}
