internal import Domain
internal import Tabular

/// Counts of values by their 64-bit hash, open addressing, value bytes in an arena. Not thread-safe.
///
/// Bounded by keeping the values with the smallest hashes ("bottom k"): a value that belongs to the final bottom k belonged to it
/// at every earlier moment, so its count and first row are exact, whatever the order of additions and merges.
final class ValueTable {
    struct Entry {
        var hash: UInt64
        var count: Int
        var firstRow: UInt64
        var offset: UInt32
        /// Stored bytes; bit 31: the value was longer and is cut.
        var length: UInt32

        var isCut: Bool { length & ValueTable.cutFlag != 0 }
        var byteCount: Int { Int(length & ~ValueTable.cutFlag) }
    }
    static let cutFlag: UInt32 = 1 << 31
    /// Longer values are stored up to here.
    static let maximumValueBytes = 240

    private(set) var hashes: UnsafeMutablePointer<UInt64>
    private(set) var indices: UnsafeMutablePointer<UInt32>
    private(set) var mask: Int
    private(set) var entries: UnsafeMutablePointer<Entry>
    private var entryCapacity: Int
    private(set) var count = 0
    let arena = ByteArena(capacity: 1024)
    /// Values with a larger hash are refused.
    private(set) var threshold = UInt64.max

    init() {
        mask = 63
        hashes = .allocate(capacity: 64)
        hashes.initialize(repeating: 0, count: 64)
        indices = .allocate(capacity: 64)
        entryCapacity = 32
        entries = .allocate(capacity: 32)
    }
    deinit {
        hashes.deallocate()
        indices.deallocate()
        entries.deallocate()
    }

    func bytes(_ e: Entry) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: arena.base + Int(e.offset), count: e.byteCount)
    }
    func text(_ e: Entry) -> String { String(decoding: bytes(e), as: UTF8.self) }

    /// The entry of a hash, -1 when there is none.
    @inline(__always)
    func find(_ hash: UInt64) -> Int {
        var slot = Int(truncatingIfNeeded: hash) & mask
        while true {
            let h = hashes[slot]
            if h == hash { return Int(indices[slot]) }
            if h == 0 { return -1 }
            slot = (slot &+ 1) & mask
        }
    }

    /// Adds `n` occurrences. Refused values (above the threshold) are ignored.
    @inline(__always)
    func add(hash: UInt64, bytes p: UnsafePointer<UInt8>, length: Int, count n: Int, firstRow: UInt64, isCut: Bool = false) {
        if hash > threshold { return }
        let at = find(hash)
        if at >= 0 {
            entries[at].count &+= n
            if firstRow < entries[at].firstRow { entries[at].firstRow = firstRow }
        } else {
            insert(hash: hash, bytes: p, length: length, count: n, firstRow: firstRow, isCut: isCut)
        }
    }

    @inline(never)
    func insert(hash: UInt64, bytes p: UnsafePointer<UInt8>, length: Int, count n: Int, firstRow: UInt64, isCut: Bool) {
        if count == entryCapacity { growEntries() }
        if (count &+ 1) &* 2 > mask { rehash(capacity: (mask &+ 1) &* 4) }
        let stored = min(length, Self.maximumValueBytes)
        let offset = arena.append(UnsafeBufferPointer(start: p, count: stored))
        let cut = isCut || stored < length
        entries[count] = Entry(
            hash: hash, count: n, firstRow: firstRow, offset: UInt32(truncatingIfNeeded: offset),
            length: UInt32(truncatingIfNeeded: stored) | (cut ? Self.cutFlag : 0))
        place(hash, count)
        count &+= 1
    }

    private func place(_ hash: UInt64, _ index: Int) {
        var slot = Int(truncatingIfNeeded: hash) & mask
        while hashes[slot] != 0 { slot = (slot &+ 1) & mask }
        hashes[slot] = hash
        indices[slot] = UInt32(truncatingIfNeeded: index)
    }
    private func growEntries() {
        let next = UnsafeMutablePointer<Entry>.allocate(capacity: entryCapacity * 2)
        next.update(from: entries, count: count)
        entries.deallocate()
        entries = next
        entryCapacity *= 2
    }
    private func rehash(capacity: Int) {
        hashes.deallocate()
        indices.deallocate()
        mask = capacity - 1
        hashes = .allocate(capacity: capacity)
        hashes.initialize(repeating: 0, count: capacity)
        indices = .allocate(capacity: capacity)
        for i in 0..<count { place(entries[i].hash, i) }
    }

    /// The hash with `rank` smaller ones: quickselect, as a full sort would cost more than the counting.
    private func hash(rank: Int) -> UInt64 {
        var order = (0..<count).map { entries[$0].hash }
        return order.withUnsafeMutableBufferPointer { h in
            var low = 0
            var high = h.count - 1
            while low < high {
                let pivot = h[(low + high) / 2]
                var i = low
                var j = high
                while i <= j {
                    while h[i] < pivot { i += 1 }
                    while h[j] > pivot { j -= 1 }
                    if i <= j {
                        h.swapAt(i, j)
                        i += 1
                        j -= 1
                    }
                }
                if rank <= j { high = j } else if rank >= i { low = i } else { break }
            }
            return h[rank]
        }
    }

    /// Keeps the `k` smallest hashes and refuses larger ones from now on. Values are copied, so the arena shrinks too.
    func keepSmallest(_ k: Int) {
        guard count > k else { return }
        threshold = hash(rank: k - 1)
        let kept = (0..<count).map { entries[$0] }.filter { $0.hash <= threshold }
        let old = UnsafeMutablePointer<UInt8>.allocate(capacity: max(arena.count, 1))
        old.update(from: arena.base, count: arena.count)
        defer { old.deallocate() }
        arena.removeAll()
        count = 0
        for e in kept {
            var next = e
            next.offset = UInt32(
                truncatingIfNeeded: arena.append(UnsafeBufferPointer(start: old + Int(e.offset), count: e.byteCount)))
            entries[count] = next
            count += 1
        }
        var capacity = 64
        while capacity < k * 4 { capacity *= 2 }
        rehash(capacity: capacity)
    }

    func removeAll() {
        count = 0
        arena.removeAll()
        threshold = .max
        hashes.update(repeating: 0, count: mask + 1)
    }

    /// Entries by first row; within one chunk they were added in this order.
    func inRowOrder() -> [Entry] {
        let all = (0..<count).map { entries[$0] }
        for i in 1..<max(count, 1) where all[i].firstRow < all[i - 1].firstRow { return all.sorted { $0.firstRow < $1.firstRow } }
        return all
    }
    func sortedByHash() -> [Entry] { (0..<count).map { entries[$0] }.sorted { $0.hash < $1.hash } }

    func merge(_ other: ValueTable) {
        for i in 0..<other.count {
            let e = other.entries[i]
            add(
                hash: e.hash, bytes: other.arena.base + Int(e.offset), length: e.byteCount, count: e.count, firstRow: e.firstRow,
                isCut: e.isCut)
        }
    }

    func encode(to w: inout ByteWriter) {
        w.varint(UInt64(count))
        for e in sortedByHash() {
            w.u64(e.hash)
            w.varint(UInt64(e.count))
            w.varint(e.firstRow)
            w.u8(e.isCut ? 1 : 0)
            w.blob(bytes(e))
        }
    }
    init(from r: inout ByteReader) throws {
        let n = try r.count(itemBytes: 12)
        var capacity = 64
        while capacity < n * 3 { capacity *= 2 }
        mask = capacity - 1
        hashes = .allocate(capacity: capacity)
        hashes.initialize(repeating: 0, count: capacity)
        indices = .allocate(capacity: capacity)
        entryCapacity = max(n, 32)
        entries = .allocate(capacity: entryCapacity)
        for _ in 0..<n {
            let hash = try r.u64()
            let occurrences = Int(truncatingIfNeeded: try r.varint())
            let firstRow = try r.varint()
            let cut = try r.u8() != 0
            let value = try r.blob()
            guard hash != 0, value.count <= Self.maximumValueBytes else {
                throw SanitizerError(.corruptIntermediate, "profile holds an impossible value at byte \(r.position)")
            }
            value.withUnsafeBufferPointer {
                // An empty array has no address; empty values are never stored.
                if let p = $0.baseAddress {
                    add(hash: hash, bytes: p, length: $0.count, count: occurrences, firstRow: firstRow, isCut: cut)
                }
            }
        }
    }
}
