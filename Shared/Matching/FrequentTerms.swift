internal import Tabular

/// Values and words that too many rows hold to be keys by themselves, with a class of frequency; from the sample of the plan.
///
/// Stored in the plan as 5 bytes per term, at most ``maximum`` of them.
struct FrequentTerms {
    /// Places of a term start at its lower bits; at most half are taken.
    private var terms: [UInt32]
    /// Per place, 0 where there is no term.
    private var classes: [UInt8]
    private let mask: Int
    /// One bit for all terms with the same ``bit(_:)``: small enough to stay in the nearest cache, and most terms are rare.
    private var known = [UInt64](repeating: 0, count: 1 << (bits - 6))
    private static let bits: UInt32 = 17
    static let maximum = 20_000

    /// From the text in a plan.
    init(encoded: String) {
        let bytes = Base64.decode(encoded)
        var size = 16
        while size < bytes.count / 5 * 2 { size *= 2 }
        mask = size - 1
        terms = [UInt32](repeating: 0, count: size)
        classes = [UInt8](repeating: 0, count: size)
        for i in stride(from: 0, to: bytes.count - 4, by: 5) {
            let h = UInt32(bytes[i]) | UInt32(bytes[i + 1]) << 8 | UInt32(bytes[i + 2]) << 16 | UInt32(bytes[i + 3]) << 24
            let place = place(h)
            terms[place] = h
            classes[place] = bytes[i + 4]
            known[Int(Self.bit(h) >> 6)] |= 1 << UInt64(Self.bit(h) & 63)
        }
    }

    /// Of the term, or the free one where it would be.
    @inline(__always)
    private func place(_ term: UInt32) -> Int {
        var at = Int(term) & mask
        while classes[at] != 0, terms[at] != term { at = (at + 1) & mask }
        return at
    }

    /// 0 for a rare term, else 1 and up: each class is twice as frequent as the one before.
    @inline(__always)
    func frequencyClass(_ term: UInt64) -> UInt8 {
        let term = Self.short(term)
        let bit = Self.bit(term)
        return known[Int(bit >> 6)] >> UInt64(bit & 63) & 1 == 0 ? 0 : classes[place(term)]
    }

    @inline(__always)
    private static func bit(_ term: UInt32) -> UInt32 { term >> (32 - bits) }

    @inline(__always)
    private static func short(_ term: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: term >> 32) }

    /// - Parameters:
    ///   - counts: rows of the sample per term.
    ///   - scale: rows of the table per row of the sample.
    ///   - cap: estimated rows of the table up to which a term is rare.
    static func encode(_ counts: HashedMap<UInt64, Int32>, scale: Double, cap: Int) -> String {
        var frequent: [(count: Int, term: UInt32)] = []
        counts.forEach { term, count in
            if count >= 2, Double(count) * scale > Double(cap) { frequent.append((Int(count), short(term))) }
        }
        frequent.sort { ($0.count, $1.term) > ($1.count, $0.term) }
        var bytes: [UInt8] = []
        for f in frequent.prefix(maximum) {
            for k in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: f.term >> UInt32(8 * k))) }
            let times = Int(Double(f.count) * scale) / max(cap, 1)
            bytes.append(UInt8(min(Int.bitWidth - max(times, 1).leadingZeroBitCount, 60)))
        }
        return Base64.encode(bytes)
    }
}
