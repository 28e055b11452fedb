internal import Domain
internal import Tabular

/// The candidate pairs of one stripe of the rows, from every partition, each pair once: what the partitions found about it is added
/// up where the tier compares keys, so that its rank is whole before any pair is given up. One thread at a time.
///
/// Holds 12 bytes per pair (20 in a very big table) until they are merged, then 24.
public final class CandidateStripe {
    private let adds: Bool
    /// Each pair once, by the hash of their rows. Call ``addUp()`` before.
    private(set) var pairs: [CandidatePair] = []
    /// Not yet merged.
    private var slices: [(layout: SliceLayout, bytes: [UInt8])] = []
    private var waiting = 0
    /// The highest rank that was given up; nil when all pairs are there.
    private(set) var cutRank: UInt32?

    /// Pairs that are compared with each other fit into the processor's cache.
    private static let groupBits = 7
    /// Pairs that are held at most: about twice those of an ordinary stripe.
    static let maximumPairs = 4_000_000

    public init(plan: MatchPlan) { adds = CandidateRules.of(plan.tier, rows: plan.plannedRows) != nil }

    /// The stripe of a pair: by its first row.
    @inline(__always)
    static func of(_ pair: CandidatePair, _ stripes: Int) -> Int {
        Int(truncatingIfNeeded: Hash.mix(pair.a).multipliedFullWidth(by: UInt64(stripes)).high)
    }

    /// Takes the slice of this stripe from the matches of one partition; every partition once, in ascending order.
    /// - Throws: `corrupt_intermediate` for a slice that ``PartitionMatches`` did not write.
    public func add(_ slice: [UInt8]) throws {
        if slice.isEmpty { return }
        let layout = try SliceLayout(slice)
        waiting += layout.count
        slices.append((layout, slice))
        if pairs.count + waiting > Self.maximumPairs { limit() }
    }

    /// Call after the last ``add(_:)``: makes one pair of equal ones.
    public func addUp() {
        if !slices.isEmpty { merge() }
    }

    /// What was held first, then the slices in their order: distributed into groups, and added up in each.
    private func merge() {
        var ends = [Int](repeating: 0, count: 1 << Self.groupBits)
        for pair in pairs { ends[Self.group(pair)] += 1 }
        forEachWaiting { ends[Self.group($0)] += 1 }
        var sum = 0
        for group in ends.indices {
            sum += ends[group]
            ends[group] = sum - ends[group]
        }
        var slots: [UInt32] = []
        pairs = [CandidatePair](unsafeUninitializedCapacity: sum) { out, used in
            LargeBlocks.advise(out.baseAddress, bytes: sum * MemoryLayout<CandidatePair>.stride)
            let base = out.baseAddress!
            ends.withUnsafeMutableBufferPointer { ends in
                func place(_ pair: CandidatePair) {
                    let group = Self.group(pair)
                    (base + ends[group]).initialize(to: pair)
                    ends[group] += 1
                }
                for pair in pairs { place(pair) }
                forEachWaiting(place)
                var start = 0
                for end in ends {
                    let kept = addUp(base + start, end - start, &slots)
                    (base + used).update(from: base + start, count: kept)
                    used += kept
                    start = end
                }
            }
        }
        slices = []
        waiting = 0
    }

    @inline(__always)
    private func forEachWaiting(_ body: (CandidatePair) -> Void) {
        for (layout, bytes) in slices {
            bytes.withUnsafeBytes { raw in
                for i in 0..<layout.count { body(layout.pair(raw, i)) }
            }
        }
    }

    @inline(__always)
    private static func group(_ pair: CandidatePair) -> Int {
        Int(truncatingIfNeeded: hash(pair) >> UInt64(64 - groupBits))
    }

    @inline(__always)
    private static func hash(_ pair: CandidatePair) -> UInt64 { Hash.mix(pair.a &* 0x9E37_79B9_7F4A_7C15 ^ pair.b) }

    /// - Parameter slots: places in the group from 1 on, by hash; 0 is free.
    /// - Returns: how many pairs are left, at the front.
    private func addUp(_ pairs: UnsafeMutablePointer<CandidatePair>, _ count: Int, _ slots: inout [UInt32]) -> Int {
        if count < 2 { return count }
        var size = 16
        while size < count * 2 { size *= 2 }
        if slots.count < size { slots = [UInt32](repeating: 0, count: size) }
        return slots.withUnsafeMutableBufferPointer { slots in
            slots[..<size].update(repeating: 0)
            let mask = size - 1
            var kept = 0
            for i in 0..<count {
                let pair = pairs[i]
                var slot = Int(truncatingIfNeeded: Self.hash(pair)) & mask
                while slots[slot] != 0 {
                    let at = Int(slots[slot]) - 1
                    if pairs[at].a == pair.a, pairs[at].b == pair.b, adds || pairs[at].rank == pair.rank {
                        if adds { pairs[at].rank &+= pair.rank }
                        break
                    }
                    slot = (slot + 1) & mask
                }
                if slots[slot] == 0 {
                    pairs[kept] = pair
                    kept += 1
                    slots[slot] = UInt32(kept)
                }
            }
            return kept
        }
    }

    /// More pairs than there should be: the highest ranks so far are kept.
    private func limit() {
        merge()
        if pairs.count <= Self.maximumPairs * 3 / 4 { return }
        if let rank = CandidatePair.keepHighest(&pairs, limit: Self.maximumPairs / 2) { cutRank = max(cutRank ?? 0, rank) }
    }

    // MARK: Slices

    /// Bits of an ordinal in a packed id, bytes of a packed id.
    fileprivate static let headBytes = 2

    /// The slices of all stripes: pairs of rows as packed numbers of chunk and ordinal, four bytes each where they fit, and the rank.
    static func slices(_ pairs: [CandidatePair], stripes: Int) -> [[UInt8]] {
        var ordinals: UInt64 = 0
        var chunks: UInt64 = 0
        var counts = [Int](repeating: 0, count: stripes)
        for p in pairs {
            ordinals |= (p.a | p.b) & 0xFFFF_FFFF
            chunks |= (p.a | p.b) >> 32
            counts[of(p, stripes)] += 1
        }
        let packing = RowPacking(highestChunk: chunks, highestOrdinal: ordinals)
        let idBytes = packing.bits <= 32 ? 4 : 8
        let stride = idBytes * 2 + 4
        let buffers = counts.map { UnsafeMutableRawPointer.allocate(byteCount: headBytes + $0 * stride, alignment: 8) }
        defer { for buffer in buffers { buffer.deallocate() } }
        var next = buffers
        next.withUnsafeMutableBufferPointer { next in
            for stripe in next.indices {
                next[stripe].storeBytes(of: UInt8(packing.ordinalBits), as: UInt8.self)
                next[stripe].storeBytes(of: UInt8(idBytes), toByteOffset: 1, as: UInt8.self)
                next[stripe] += headBytes
            }
            for p in pairs {
                let stripe = of(p, stripes)
                let out = next[stripe]
                let a = packing.pack(p.a)
                let b = packing.pack(p.b)
                if idBytes == 4 {
                    out.storeBytes(of: UInt32(a), as: UInt32.self)
                    out.storeBytes(of: UInt32(b), toByteOffset: 4, as: UInt32.self)
                } else {
                    out.storeBytes(of: a, as: UInt64.self)
                    out.storeBytes(of: b, toByteOffset: 8, as: UInt64.self)
                }
                out.storeBytes(of: p.rank, toByteOffset: 2 * idBytes, as: UInt32.self)
                next[stripe] = out + stride
            }
        }
        return zip(buffers, counts).map { buffer, count in
            count == 0 ? [] : Array(UnsafeRawBufferPointer(start: buffer, count: headBytes + count * stride))
        }
    }
}

/// How the pairs of a slice are stored.
private struct SliceLayout {
    let count: Int
    private let ordinalBits: UInt64
    private let idBytes: Int

    /// - Throws: `corrupt_intermediate`
    init(_ slice: [UInt8]) throws {
        guard slice.count >= CandidateStripe.headBytes else {
            throw SanitizerError(.corruptIntermediate, "a slice of pairs ends early")
        }
        ordinalBits = UInt64(slice[0])
        idBytes = Int(slice[1])
        let stride = idBytes * 2 + 4
        let body = slice.count - CandidateStripe.headBytes
        guard idBytes == 4 || idBytes == 8, ordinalBits <= 32, body % stride == 0 else {
            throw SanitizerError(.corruptIntermediate, "a slice of pairs has an unknown layout")
        }
        count = body / stride
    }

    @inline(__always)
    func pair(_ raw: UnsafeRawBufferPointer, _ index: Int) -> CandidatePair {
        let at = CandidateStripe.headBytes + index &* (2 &* idBytes &+ 4)
        return CandidatePair(
            a: id(raw, at), b: id(raw, at &+ idBytes),
            rank: raw.loadUnaligned(fromByteOffset: at &+ 2 &* idBytes, as: UInt32.self))
    }

    @inline(__always)
    private func id(_ raw: UnsafeRawBufferPointer, _ at: Int) -> UInt64 {
        let packed =
            idBytes == 4
            ? UInt64(raw.loadUnaligned(fromByteOffset: at, as: UInt32.self))
            : raw.loadUnaligned(fromByteOffset: at, as: UInt64.self)
        return RowPacking.row(packed, ordinalBits: ordinalBits)
    }
}
