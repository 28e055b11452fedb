internal import Domain
internal import Tabular

/// The candidate pairs of one stripe of the rows, from every partition: what each found about a pair is added up, so that the
/// rank of a pair is whole before any pair is given up. One thread at a time.
///
/// Holds 24 bytes per pair and 4 to 8 for finding it again.
public final class CandidateStripe {
    private let adds: Bool
    private(set) var pairs: [CandidatePair] = []
    /// The highest rank that was given up; nil when all pairs are there.
    private(set) var cutRank: UInt32?
    /// Places of pairs, from 1 on, by the hash of their rows; 0 is free.
    private var slots: [UInt32] = []

    /// Pairs that are held at most: about three times those of an ordinary stripe.
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
        guard slice.count >= Self.headBytes else { throw SanitizerError(.corruptIntermediate, "a slice of pairs ends early") }
        try slice.withUnsafeBytes { raw in
            let ordinalBits = UInt64(raw[0])
            let idBytes = Int(raw[1])
            let stride = idBytes * 2 + 4
            let body = raw.count - Self.headBytes
            guard idBytes == 4 || idBytes == 8, ordinalBits <= 32, body % stride == 0 else {
                throw SanitizerError(.corruptIntermediate, "a slice of pairs has an unknown layout")
            }
            if adds { reserve(pairs.count + body / stride) } else { pairs.reserveCapacity(pairs.count + body / stride) }
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
                if adds { sum(pair) } else { pairs.append(pair) }
            }
        }
        if pairs.count > Self.maximumPairs {
            if let rank = CandidatePair.keepHighest(&pairs, limit: Self.maximumPairs / 2) { cutRank = max(cutRank ?? 0, rank) }
            slots = []
        }
    }

    private func sum(_ pair: CandidatePair) {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: Self.hash(pair)) & mask
        while slots[slot] != 0 {
            let at = Int(slots[slot]) - 1
            if pairs[at].a == pair.a, pairs[at].b == pair.b {
                pairs[at].rank &+= pair.rank
                return
            }
            slot = (slot + 1) & mask
        }
        pairs.append(pair)
        slots[slot] = UInt32(pairs.count)
    }

    /// Makes room to find `count` pairs.
    private func reserve(_ count: Int) {
        if !slots.isEmpty, slots.count * 2 >= count * 3 { return }
        var size = 1 << 12
        while size * 2 < count * 3 { size *= 2 }
        if slots.count > 0 { size *= 2 }
        slots = [UInt32](repeating: 0, count: size)
        for (at, pair) in pairs.enumerated() {
            var slot = Int(truncatingIfNeeded: Self.hash(pair)) & (size - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = UInt32(at + 1)
        }
    }

    @inline(__always)
    private static func hash(_ pair: CandidatePair) -> UInt64 { Hash.mix(pair.a &* 0x9E37_79B9_7F4A_7C15 ^ pair.b) }

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
        var out = counts.map { count -> [UInt8] in
            if count == 0 { return [] }
            var slice: [UInt8] = [UInt8(ordinalBits), UInt8(idBytes)]
            slice.reserveCapacity(headBytes + count * (idBytes * 2 + 4))
            return slice
        }
        func put(_ id: UInt64, _ slice: inout [UInt8]) {
            let packed = (id >> 32) << UInt64(ordinalBits) | id & 0xFFFF_FFFF
            if idBytes == 4 {
                withUnsafeBytes(of: UInt32(packed).littleEndian) { slice.append(contentsOf: $0) }
            } else {
                withUnsafeBytes(of: packed.littleEndian) { slice.append(contentsOf: $0) }
            }
        }
        for p in pairs {
            let stripe = of(p, stripes)
            put(p.a, &out[stripe])
            put(p.b, &out[stripe])
            withUnsafeBytes(of: p.rank.littleEndian) { out[stripe].append(contentsOf: $0) }
        }
        return out
    }
}
