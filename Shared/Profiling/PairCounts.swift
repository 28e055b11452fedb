internal import Domain
internal import Tabular

/// How often each pair (left value, right value) of a dependency occurs, by hash, with the text of every right value. A missing right value
/// has hash 0 and no text.
///
/// Bounded: when there are too many pairs, the left values with the largest hashes are given up, each with all of its pairs. What is kept is
/// exact and a function of the cells alone, because a left value that survives at the end was never given up before: the pairs of smaller
/// left hashes only grow in number. So additions and merges may come in any order. Not thread-safe.
public final class PairCounts {
    public struct Pair: Sendable {
        public var lhs: UInt64
        public var rhs: UInt64
        public var count: Int
        public init(lhs: UInt64, rhs: UInt64, count: Int) {
            self.lhs = lhs
            self.rhs = rhs
            self.count = count
        }
    }
    /// Bytes of a pair with its share of slots and texts.
    public static let pairBytes = 64
    /// Pairs kept of each dependency of a table with `count` of them: half a million in all.
    public static func limit(of count: Int) -> Int { max(4_096, min(65_536, (1 << 19) / max(count, 1))) }

    private var slots: [UInt32] = Array(repeating: 0, count: 128)
    private var mask = 127
    private var stored: [Pair] = []
    private var texts = ValueTable()
    private var threshold = UInt64.max

    private let limit: Int

    init(limit: Int) { self.limit = limit }

    private static func slotHash(_ lhs: UInt64, _ rhs: UInt64) -> Int {
        Int(truncatingIfNeeded: (lhs ^ (rhs &* 0xC2B2_AE3D_27D4_EB4F)) &* 0x9E37_79B9_7F4A_7C15 >> 20)
    }

    /// Counts one row; the left hash is not 0.
    @inline(__always)
    func add(lhs: UInt64, rhs: UInt64, bytes: UnsafePointer<UInt8>, length: Int) {
        if lhs > threshold { return }
        var slot = Self.slotHash(lhs, rhs) & mask
        while slots[slot] != 0 {
            let at = Int(slots[slot]) &- 1
            if stored[at].lhs == lhs, stored[at].rhs == rhs {
                stored[at].count &+= 1
                return
            }
            slot = (slot &+ 1) & mask
        }
        insert(Pair(lhs: lhs, rhs: rhs, count: 1), slot, bytes, length, isCut: false)
    }

    private func insert(_ pair: Pair, _ slot: Int, _ bytes: UnsafePointer<UInt8>, _ length: Int, isCut: Bool) {
        stored.append(pair)
        slots[slot] = UInt32(stored.count)
        if pair.rhs != 0, texts.find(pair.rhs) < 0 {
            texts.insert(hash: pair.rhs, bytes: bytes, length: length, count: 1, firstRow: 0, isCut: isCut)
        }
        if stored.count * 2 > mask { rehash() }
        if stored.count > 2 * limit { trim() }
    }
    private func rehash() {
        while stored.count * 2 > mask { mask = mask * 2 + 1 }
        slots = Array(repeating: 0, count: mask + 1)
        for (i, pair) in stored.enumerated() {
            var slot = Self.slotHash(pair.lhs, pair.rhs) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(i + 1)
        }
    }

    /// Gives up whole left values, largest hash first, until the limit holds.
    private func trim() {
        guard stored.count > limit else { return }
        stored.sort { ($0.lhs, $0.rhs) < ($1.lhs, $1.rhs) }
        // The first left value that does not fit any more, and all behind it.
        let border = stored[limit].lhs
        threshold = border - 1
        stored.removeAll { $0.lhs > threshold }
        let old = texts
        texts = ValueTable()
        for pair in stored where pair.rhs != 0 && texts.find(pair.rhs) < 0 {
            let e = old.entries[old.find(pair.rhs)]
            texts.insert(
                hash: pair.rhs, bytes: old.arena.base + Int(e.offset), length: e.byteCount, count: 1, firstRow: 0, isCut: e.isCut)
        }
        rehash()
    }

    func merge(_ other: PairCounts) {
        threshold = min(threshold, other.threshold)
        stored.removeAll { $0.lhs > threshold }
        rehash()
        for pair in other.stored where pair.lhs <= threshold {
            var slot = Self.slotHash(pair.lhs, pair.rhs) & mask
            var isNew = true
            while slots[slot] != 0 {
                let at = Int(slots[slot]) - 1
                if stored[at].lhs == pair.lhs, stored[at].rhs == pair.rhs {
                    stored[at].count += pair.count
                    isNew = false
                    break
                }
                slot = (slot + 1) & mask
            }
            guard isNew else { continue }
            let from = other.texts
            let e = pair.rhs == 0 ? nil : from.entries[from.find(pair.rhs)]
            insert(
                pair, slot, UnsafePointer(from.arena.base) + Int(e?.offset ?? 0), e?.byteCount ?? 0, isCut: e?.isCut ?? false)
        }
    }

    /// Every pair that is kept, by left hash, then right hash.
    public var pairs: [Pair] {
        trim()
        return stored.sorted { ($0.lhs, $0.rhs) < ($1.lhs, $1.rhs) }
    }
    /// Left values were given up.
    public var isTrimmed: Bool {
        trim()
        return threshold != .max
    }
    /// The text of a right value; nil when it was too long to keep.
    public func text(of rhs: UInt64) -> String? {
        let at = rhs == 0 ? -1 : texts.find(rhs)
        return at < 0 || texts.entries[at].isCut ? nil : texts.text(texts.entries[at])
    }

    func encode(to w: inout ByteWriter) {
        let all = pairs
        w.u64(threshold)
        w.varint(UInt64(all.count))
        for pair in all {
            w.u64(pair.lhs)
            w.u64(pair.rhs)
            w.varint(UInt64(pair.count))
        }
        let used = Set(all.map(\.rhs))
        let values = texts.sortedByHash().filter { used.contains($0.hash) }
        w.varint(UInt64(values.count))
        for e in values {
            w.u64(e.hash)
            w.bool(e.isCut)
            w.blob(texts.bytes(e))
        }
    }
    /// - Throws: ``SanitizerError`` (`corrupt_intermediate`).
    init(from r: inout ByteReader, limit: Int) throws {
        self.limit = limit
        threshold = try r.u64()
        let n = try r.count(itemBytes: 17)
        stored.reserveCapacity(n)
        for _ in 0..<n {
            stored.append(Pair(lhs: try r.u64(), rhs: try r.u64(), count: Int(truncatingIfNeeded: try r.varint())))
        }
        for _ in 0..<(try r.count(itemBytes: 10)) {
            let hash = try r.u64()
            let isCut = try r.bool()
            let value = try r.blob()
            value.withUnsafeBufferPointer {
                if let p = $0.baseAddress, texts.find(hash) < 0 {
                    texts.insert(hash: hash, bytes: p, length: $0.count, count: 1, firstRow: 0, isCut: isCut)
                }
            }
        }
        guard stored.allSatisfy({ $0.lhs > 0 && $0.count > 0 && ($0.rhs == 0 || texts.find($0.rhs) >= 0) }) else {
            throw SanitizerError(.corruptIntermediate, "profile holds a pair without its value at byte \(r.position)")
        }
        rehash()
    }
}
