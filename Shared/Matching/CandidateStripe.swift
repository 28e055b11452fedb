internal import Domain
internal import Tabular

/// The candidate pairs of one stripe of the rows, from every partition, each pair once: what the partitions found about it is added
/// up where the tier compares keys, so that its rank is whole before any pair is given up. One thread at a time.
///
/// Holds 24 bytes per pair.
public final class CandidateStripe {
    private let adds: Bool
    /// By the hash of their rows, so that what is compared with each other fits into the processor's cache.
    private(set) var groups: [[CandidatePair]]
    private var count = 0
    /// The highest rank that was given up; nil when all pairs are there.
    private(set) var cutRank: UInt32?
    /// Places in a group from 1 on, by hash; 0 is free.
    private var slots: [UInt32] = []

    private static let groupBits = 7
    /// Pairs that are held at most: about twice those of an ordinary stripe.
    static let maximumPairs = 4_000_000

    public init(plan: MatchPlan) {
        adds = CandidateRules.of(plan.tier, rows: plan.plannedRows) != nil
        groups = [[CandidatePair]](repeating: [], count: 1 << Self.groupBits)
    }

    /// The stripe of a pair: by its first row.
    @inline(__always)
    static func of(_ pair: CandidatePair, _ stripes: Int) -> Int {
        Int(truncatingIfNeeded: Hash.mix(pair.a).multipliedFullWidth(by: UInt64(stripes)).high)
    }

    /// Takes the slice of this stripe from the matches of one partition; every partition once, in ascending order.
    /// - Throws: `corrupt_intermediate` for a slice that ``PartitionMatches`` did not write.
    public func add(_ slice: [UInt8]) throws {
        if slice.isEmpty { return }
        guard slice.count >= Self.headBytes else { throw SanitizerError(.corruptIntermediate, "a slice of pairs ends early") }
        try slice.withUnsafeBytes { raw in
            let ordinalBits = UInt64(raw[0])
            let idBytes = Int(raw[1])
            let stride = idBytes * 2 + 4
            let body = raw.count - Self.headBytes
            guard idBytes == 4 || idBytes == 8, ordinalBits <= 32, body % stride == 0 else {
                throw SanitizerError(.corruptIntermediate, "a slice of pairs has an unknown layout")
            }
            let mask = UInt64(1) << ordinalBits - 1
            func id(_ at: Int) -> UInt64 {
                let packed =
                    idBytes == 4
                    ? UInt64(raw.loadUnaligned(fromByteOffset: at, as: UInt32.self))
                    : raw.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                return (packed >> ordinalBits) << 32 | packed & mask
            }
            for at in Swift.stride(from: Self.headBytes, to: raw.count, by: stride) {
                let pair = CandidatePair(
                    a: id(at), b: id(at + idBytes), rank: raw.loadUnaligned(fromByteOffset: at + 2 * idBytes, as: UInt32.self))
                groups[Self.group(pair)].append(pair)
            }
            count += body / stride
        }
        if count > Self.maximumPairs { limit() }
    }

    @inline(__always)
    private static func group(_ pair: CandidatePair) -> Int {
        Int(truncatingIfNeeded: hash(pair) >> UInt64(64 - groupBits))
    }

    @inline(__always)
    private static func hash(_ pair: CandidatePair) -> UInt64 { Hash.mix(pair.a &* 0x9E37_79B9_7F4A_7C15 ^ pair.b) }

    /// Call after the last ``add(_:)``: makes one pair of equal ones.
    public func addUp() {
        count = 0
        for at in groups.indices {
            addUp(&groups[at])
            count += groups[at].count
        }
    }

    private func addUp(_ pairs: inout [CandidatePair]) {
        if pairs.count < 2 { return }
        var size = 16
        while size < pairs.count * 2 { size *= 2 }
        if slots.count < size { slots = [UInt32](repeating: 0, count: size) }
        let kept = slots.withUnsafeMutableBufferPointer { slots in
            slots[..<size].update(repeating: 0)
            return pairs.withUnsafeMutableBufferPointer { pairs in
                let mask = size - 1
                var kept = 0
                for pair in pairs {
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
        pairs.removeLast(pairs.count - kept)
    }

    /// More pairs than there should be: the highest ranks so far are kept.
    private func limit() {
        addUp()
        if count <= Self.maximumPairs * 3 / 4 { return }
        var all = groups.flatMap { $0 }
        if let rank = CandidatePair.keepHighest(&all, limit: Self.maximumPairs / 2) { cutRank = max(cutRank ?? 0, rank) }
        for at in groups.indices { groups[at].removeAll(keepingCapacity: true) }
        for pair in all { groups[Self.group(pair)].append(pair) }
        count = all.count
    }

    // MARK: Slices

    /// Bits of an ordinal in a packed id, bytes of a packed id.
    private static let headBytes = 2

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
        let ordinalBits = 64 - ordinals.leadingZeroBitCount
        let idBytes = 64 - chunks.leadingZeroBitCount + ordinalBits <= 32 ? 4 : 8
        let stride = idBytes * 2 + 4
        let buffers = counts.map { UnsafeMutableRawPointer.allocate(byteCount: headBytes + $0 * stride, alignment: 8) }
        defer { for buffer in buffers { buffer.deallocate() } }
        var next = buffers
        next.withUnsafeMutableBufferPointer { next in
            for stripe in next.indices {
                next[stripe].storeBytes(of: UInt8(ordinalBits), as: UInt8.self)
                next[stripe].storeBytes(of: UInt8(idBytes), toByteOffset: 1, as: UInt8.self)
                next[stripe] += headBytes
            }
            for p in pairs {
                let stripe = of(p, stripes)
                let out = next[stripe]
                let a = (p.a >> 32) << UInt64(ordinalBits) | p.a & 0xFFFF_FFFF
                let b = (p.b >> 32) << UInt64(ordinalBits) | p.b & 0xFFFF_FFFF
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
