internal import Domain
internal import Tabular

/// What one chunk has for one partition: a head, ``ExactEntry`` per row, ``KeyGroups``, sampled rows, ``KeyEntry`` per key.
struct KeySlice {
    let bytes: [UInt8]
    /// Of the rows, without their ordinals.
    let chunk: UInt64
    let exacts: Int
    let nears: Int
    /// Of the rows that have keys.
    let highestOrdinal: UInt32
    private let nearStart: Int
    private let nearEnd: Int

    static let headBytes = 12

    static func writeHead(_ out: UnsafeMutableRawPointer, chunk: Int, exactBytes: Int, nearBytes: Int) {
        out.storeBytes(of: UInt32(truncatingIfNeeded: chunk), as: UInt32.self)
        out.storeBytes(of: UInt32(exactBytes), toByteOffset: 4, as: UInt32.self)
        out.storeBytes(of: UInt32(nearBytes), toByteOffset: 8, as: UInt32.self)
    }

    /// - Throws: `corrupt_intermediate` for a slice that no key builder wrote.
    init(_ bytes: [UInt8], layout: KeyGroups) throws {
        var r = ByteReader(bytes)
        chunk = UInt64(try r.u32()) << 32
        let exactBytes = Int(try r.u32())
        let nearBytes = Int(try r.u32())
        guard exactBytes % ExactEntry.bytes == 0, bytes.count - Self.headBytes >= exactBytes + nearBytes else {
            throw SanitizerError(.corruptIntermediate, "a slice of keys ends early")
        }
        self.bytes = bytes
        exacts = exactBytes / ExactEntry.bytes
        nearStart = Self.headBytes + exactBytes
        nearEnd = nearStart + nearBytes
        (nears, highestOrdinal) = try bytes.withUnsafeBytes { [nearStart, nearEnd] in
            try layout.check(UnsafeRawBufferPointer(rebasing: $0[nearStart..<nearEnd]))
        }
    }

    /// The encoded sampled rows and keys.
    var tail: ArraySlice<UInt8> { bytes[nearEnd...] }

    @inline(__always)
    func forEachExact(_ body: (_ low: UInt64, _ high: UInt64, _ row: UInt64) -> Void) {
        bytes.withUnsafeBytes { raw in
            for k in 0..<exacts {
                let at = Self.headBytes &+ k &* ExactEntry.bytes
                body(
                    raw.loadUnaligned(fromByteOffset: at, as: UInt64.self),
                    raw.loadUnaligned(fromByteOffset: at &+ 8, as: UInt64.self),
                    chunk | UInt64(raw.loadUnaligned(fromByteOffset: at &+ 16, as: UInt32.self)))
            }
        }
    }

    /// Calls `row` with each row that has keys and what is known of it, then `key` with each of its keys.
    @inline(__always)
    func forEachNear(
        _ layout: KeyGroups, row: (UInt64, UnsafeRawPointer) -> Void, key: (_ known: UnsafeRawPointer, UInt32) -> Void
    ) {
        bytes.withUnsafeBytes { raw in
            layout.forEach(UnsafeRawBufferPointer(rebasing: raw[nearStart..<nearEnd])) { ordinal, known, keys, count in
                row(chunk | UInt64(ordinal), known)
                for i in 0..<count {
                    key(known, keys.loadUnaligned(fromByteOffset: i &* KeyGroups.keyBytes, as: UInt32.self))
                }
            }
        }
    }
}

/// How the keys of a chunk's rows are stored in the slice of a partition: in groups, one per row that has keys there, in the rows' order.
///
/// A group: one byte with the number of keys (upper half) and how much the ordinal is above that of the group before (lower half; 15:
/// the ordinal itself follows in four bytes); what the tier knows of the row; the lower four bytes of the keys, whose upper bits decided
/// the partition. Of a million keys in a partition about a hundred pairs are equal by chance: each is one more pair to be looked at.
struct KeyGroups {
    /// Bytes of what is known of a row.
    let rowBytes: Int
    static let keyBytes = 4

    /// Rows that meet by shared values: order (4 bytes) and part of the exact fingerprint (4).
    static let links = KeyGroups(rowBytes: 8)
    /// Rows that meet as a whole: 32 MinHash values of two bits each (8 bytes) and part of the exact fingerprint (4).
    static let wholeRows = KeyGroups(rowBytes: 12)

    static let mostKeys = 15
    fileprivate static let noStep = 15
    /// Of the first byte and the ordinal.
    fileprivate static let mostHeadBytes = 5

    /// Calls `body` with ordinal, what is known of the row, keys and their number, group by group.
    /// - Precondition: ``check(_:)`` took the bytes.
    @inline(__always)
    func forEach(
        _ bytes: UnsafeRawBufferPointer, _ body: (UInt32, UnsafeRawPointer, UnsafeRawPointer, Int) -> Void
    ) {
        guard var at = bytes.baseAddress else { return }
        let end = at + bytes.count
        var ordinal: UInt32 = 0
        while at < end {
            let first = at.load(as: UInt8.self)
            at += 1
            if first & 15 == UInt8(Self.noStep) {
                ordinal = at.loadUnaligned(as: UInt32.self)
                at += 4
            } else {
                ordinal &+= UInt32(first & 15)
            }
            let keys = at + rowBytes
            let count = Int(first >> 4)
            body(ordinal, at, keys, count)
            at = keys + count &* Self.keyBytes
        }
    }

    /// The number of keys in the groups, and the highest ordinal of a row.
    /// - Throws: `corrupt_intermediate` for bytes of another layout.
    func check(_ bytes: UnsafeRawBufferPointer) throws -> (keys: Int, highestOrdinal: UInt32) {
        var at = 0
        var keys = 0
        var ordinal: UInt32 = 0
        var highest: UInt32 = 0
        while at < bytes.count {
            let first = bytes[at]
            at &+= 1
            if first & 15 == UInt8(Self.noStep) {
                if at &+ 4 > bytes.count { break }
                ordinal = bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)
                at &+= 4
            } else {
                ordinal &+= UInt32(first & 15)
            }
            highest = max(highest, ordinal & ~Canaries.flag)
            keys &+= Int(first >> 4)
            at &+= rowBytes &+ Int(first >> 4) &* Self.keyBytes
        }
        guard at == bytes.count else { throw SanitizerError(.corruptIntermediate, "the keys of a slice end early") }
        return (keys, highest)
    }
}

/// Distributes the keys of a chunk's rows to the slices of the partitions. One thread at a time.
final class KeyGroupWriter {
    /// The groups of one partition.
    private struct Lane {
        var start: UnsafeMutableRawPointer
        var end: UnsafeMutableRawPointer
        /// Behind this there is no room for another group.
        var limit: UnsafeMutableRawPointer
        /// The first byte of the open group.
        var head: UnsafeMutableRawPointer
        /// Number of the row whose group is open, from 1 on; 0: none.
        var row: Int
        var ordinal: UInt32
    }
    private let rowBytes: Int
    /// Of a group with one key.
    private let mostBytes: Int
    private let partitions: Int
    private let lanes: UnsafeMutablePointer<Lane>
    private var row = 0
    private var ordinal: UInt32 = 0
    private var known: (UInt64, UInt32) = (0, 0)

    private static let firstCapacity = 4096

    init(_ layout: KeyGroups, partitions: Int) {
        rowBytes = layout.rowBytes
        // What is known is stored as a whole, whatever part of it counts.
        mostBytes = KeyGroups.mostHeadBytes + KeyGroups.wholeRows.rowBytes + KeyGroups.keyBytes
        self.partitions = partitions
        lanes = .allocate(capacity: partitions)
        for p in 0..<partitions {
            let start = UnsafeMutableRawPointer.allocate(byteCount: Self.firstCapacity, alignment: 16)
            (lanes + p).initialize(
                to: Lane(
                    start: start, end: start, limit: start + (Self.firstCapacity - mostBytes), head: start, row: 0, ordinal: 0))
        }
    }
    deinit {
        for p in 0..<partitions { lanes[p].start.deallocate() }
        lanes.deallocate()
    }

    /// Bytes of the groups of a partition.
    func count(_ partition: Int) -> Int { lanes[partition].end - lanes[partition].start }

    /// Starts a row. `known`: what is known of it, of which the layout's first bytes are kept.
    @inline(__always)
    func begin(ordinal: UInt32, known: (UInt64, UInt32)) {
        row &+= 1
        self.ordinal = ordinal
        self.known = known
    }

    /// Adds a key of the row that was begun last. Whether it is the first of its row in the partition is a matter of chance, so that nothing
    /// branches on it: what is known of the row is written behind the last key, and counts where a group begins.
    @inline(__always)
    func add(_ key: UInt64) {
        let lane = lanes + Partitioning.of(key, partitions)
        if lane.pointee.end > lane.pointee.limit { grow(lane) }
        let end = lane.pointee.end
        let isNew = lane.pointee.row != row
        let step = ordinal &- lane.pointee.ordinal
        if step >= UInt32(KeyGroups.noStep) { return beginGroup(lane, key) }
        let head = isNew ? end : lane.pointee.head
        let first = (isNew ? UInt8(truncatingIfNeeded: step) : head.load(as: UInt8.self)) &+ 16
        (end + 1).storeBytes(of: known.0, as: UInt64.self)
        (end + 9).storeBytes(of: known.1, as: UInt32.self)
        let place = isNew ? end + (1 + rowBytes) : end
        place.storeBytes(of: UInt32(truncatingIfNeeded: key), as: UInt32.self)
        head.storeBytes(of: first, as: UInt8.self)
        lane.pointee.head = head
        lane.pointee.end = place + KeyGroups.keyBytes
        lane.pointee.ordinal = ordinal
        // A full group is closed: the next key of the row starts another.
        lane.pointee.row = first >> 4 == UInt8(KeyGroups.mostKeys) ? 0 : row
    }

    /// Begins a group with its ordinal, and one key.
    private func beginGroup(_ lane: UnsafeMutablePointer<Lane>, _ key: UInt64) {
        let head = lane.pointee.end
        head.storeBytes(of: UInt8(KeyGroups.noStep + 16), as: UInt8.self)
        (head + 1).storeBytes(of: ordinal, as: UInt32.self)
        (head + 5).storeBytes(of: known.0, as: UInt64.self)
        (head + 13).storeBytes(of: known.1, as: UInt32.self)
        let place = head + (KeyGroups.mostHeadBytes + rowBytes)
        place.storeBytes(of: UInt32(truncatingIfNeeded: key), as: UInt32.self)
        lane.pointee.head = head
        lane.pointee.end = place + KeyGroups.keyBytes
        lane.pointee.ordinal = ordinal
        lane.pointee.row = row
    }

    @inline(never)
    private func grow(_ lane: UnsafeMutablePointer<Lane>) {
        let old = lane.pointee
        let count = old.end - old.start
        let capacity = (old.limit - old.start + mostBytes) * 2
        let start = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        LargeBlocks.advise(start, bytes: capacity)
        start.copyMemory(from: old.start, byteCount: count)
        lane.pointee.start = start
        lane.pointee.end = start + count
        lane.pointee.limit = start + (capacity - mostBytes)
        lane.pointee.head = start + (old.head - old.start)
        old.start.deallocate()
    }

    /// Writes the groups of a partition and forgets them; returns where they end.
    func move(_ partition: Int, to out: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        let count = count(partition)
        let lane = lanes + partition
        out.copyMemory(from: lane.pointee.start, byteCount: count)
        lane.pointee.end = lane.pointee.start
        lane.pointee.row = 0
        lane.pointee.ordinal = 0
        return out + count
    }
}
