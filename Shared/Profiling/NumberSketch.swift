internal import Domain
internal import Tabular

/// Quantiles of numbers from counts in buckets whose width grows with the magnitude (as in DDSketch): a quantile is off by at most
/// 0.4 % of its value. Merging adds counts, so order does not matter.
/// - Source: Masson, Rim, Lee, "DDSketch" (PVLDB 12, 2019); the logarithm is replaced by exponent and leading bits.
final class NumberSketch {
    /// Leading bits of the fraction that choose the bucket: 128 per power of two.
    private static let fractionBits: UInt64 = 7
    /// Magnitudes below 2^-40 count as zero, from 2^72 on as 2^72.
    private static let lowest = (1023 - 40) << 7
    private static let span = 112 << 7
    private static let zero = span

    private let buckets: UnsafeMutablePointer<Int>
    private static let size = 2 * span + 1
    private(set) var count = 0

    init() {
        buckets = .allocate(capacity: Self.size)
        buckets.initialize(repeating: 0, count: Self.size)
    }
    deinit { buckets.deallocate() }

    @inline(__always)
    func add(_ x: Double, _ n: Int) {
        let bits = x.magnitude.bitPattern
        let key = Int(truncatingIfNeeded: bits >> (52 &- Self.fractionBits)) &- Self.lowest
        let at: Int
        if key < 0 {
            at = Self.zero
        } else {
            let k = min(key, Self.span &- 1)
            at = x < 0 ? Self.zero &- 1 &- k : Self.zero &+ 1 &+ k
        }
        buckets[at] &+= n
        count &+= n
    }

    func merge(_ other: NumberSketch) {
        for i in 0..<Self.size { buckets[i] &+= other.buckets[i] }
        count += other.count
    }

    /// The middle of the bucket at index `i`.
    private static func middle(_ i: Int) -> Double {
        if i == zero { return 0 }
        let k = i > zero ? i - zero - 1 : zero - 1 - i
        let bits = UInt64(k + lowest) << (52 - fractionBits) + UInt64(1) << (51 - fractionBits)
        let x = Double(bitPattern: bits)
        return i > zero ? x : -x
    }

    /// The value at 0-based rank `rank` of the sorted numbers.
    func value(rank: Int) -> Double {
        var left = rank
        for i in 0..<Self.size where buckets[i] > 0 {
            if left < buckets[i] { return Self.middle(i) }
            left -= buckets[i]
        }
        return 0
    }
    /// Sum of values, each taken as the middle of its bucket.
    var approximateSum: Double {
        var sum = 0.0
        for i in 0..<Self.size where buckets[i] > 0 { sum += Double(buckets[i]) * Self.middle(i) }
        return sum
    }
    /// Calls `body` with value and count, ascending.
    func forEach(_ body: (Double, Int) -> Void) {
        for i in 0..<Self.size where buckets[i] > 0 { body(Self.middle(i), buckets[i]) }
    }

    func encode(to w: inout ByteWriter) {
        var used = 0
        for i in 0..<Self.size where buckets[i] != 0 { used += 1 }
        w.varint(UInt64(used))
        var last = 0
        for i in 0..<Self.size where buckets[i] != 0 {
            w.varint(UInt64(i - last))
            w.varint(UInt64(buckets[i]))
            last = i
        }
    }
    convenience init(from r: inout ByteReader) throws {
        self.init()
        var at = 0
        for _ in 0..<(try r.count(itemBytes: 2)) {
            let step = try r.varint()
            let n = Int(truncatingIfNeeded: try r.varint())
            guard step < UInt64(Self.size), at + Int(step) < Self.size, n >= 0 else {
                throw SanitizerError(.corruptIntermediate, "profile holds an impossible number bucket at byte \(r.position)")
            }
            at += Int(step)
            buckets[at] = n
            count &+= n
        }
    }
}
