internal import Domain
public import Tabular

/// How often the values of a column that looks like a key come twice. Rows that are equal as a whole count once.
public struct RepeatedKeys: Sendable, Equatable {
    /// Rows with a value, and their different values.
    public internal(set) var rows = 0
    public internal(set) var values = 0
    /// Rows whose value another row has as well, and the first of them.
    public internal(set) var repeating = 0
    public internal(set) var examples: [RowID] = []

    static let maximumExamples = 10

    mutating func add(_ other: RepeatedKeys) {
        rows += other.rows
        values += other.values
        repeating += other.repeating
        examples = Array((examples + other.examples).sorted().prefix(Self.maximumExamples))
    }

    /// Counted exactly, by 61 bits of a hash: of 10^9 keys less than one is taken for another by chance.
    /// - Parameter entries: of every chunk the ``KeyEntry``s of one partition.
    /// - Returns: one per column of `MatchPlan.keyColumns`.
    static func count(_ entries: [(chunk: UInt64, bytes: [UInt8])], columns: Int) -> [RepeatedKeys] {
        var out = [RepeatedKeys](repeating: RepeatedKeys(), count: columns)
        let total = entries.reduce(0) { $0 + $1.bytes.count / KeyEntry.bytes }
        // Nearly all keys are alone: one bit for each, of sixteen times as many, tells most of them from the others.
        var bits = 1024
        while bits < total * 16 { bits *= 2 }
        var isTaken = [UInt64](repeating: 0, count: bits / 64)
        var isTakenTwice = isTaken
        for (_, bytes) in entries {
            bytes.withUnsafeBytes { raw in
                for at in stride(from: 0, to: raw.count, by: KeyEntry.bytes) {
                    let bit = KeyEntry.bit(raw, at, bits)
                    let mask: UInt64 = 1 << UInt64(bit & 63)
                    isTakenTwice[bit >> 6] |= isTaken[bit >> 6] & mask
                    isTaken[bit >> 6] |= mask
                }
            }
        }
        var repeated: [(key: UInt64, content: UInt32, row: UInt64)] = []
        for (chunk, bytes) in entries {
            bytes.withUnsafeBytes { raw in
                for at in stride(from: 0, to: raw.count, by: KeyEntry.bytes) {
                    let bit = KeyEntry.bit(raw, at, bits)
                    if isTakenTwice[bit >> 6] & (1 << UInt64(bit & 63)) == 0 {
                        let column = KeyEntry.column(raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
                        out[column].rows += 1
                        out[column].values += 1
                    } else {
                        let entry = KeyEntry.load(raw, at: at)
                        repeated.append((entry.key, entry.content, chunk | UInt64(entry.ordinal)))
                    }
                }
            }
        }
        repeated.sort { ($0.key, $0.content, $0.row) < ($1.key, $1.content, $1.row) }
        var start = 0
        while start < repeated.count {
            let key = repeated[start].key
            var different: [RowID] = []
            var end = start
            while end < repeated.count, repeated[end].key == key {
                if end == start || repeated[end].content != repeated[end - 1].content {
                    different.append(RowID(raw: repeated[end].row))
                }
                end += 1
            }
            let isOften = different.count > 1
            out[KeyEntry.column(key)].add(
                RepeatedKeys(
                    rows: different.count, values: 1, repeating: isOften ? different.count : 0,
                    examples: isOften ? different : []))
            start = end
        }
        return out
    }
}

/// The value of a column that looks like a key in one row of a chunk, as stored: 16 bytes.
struct KeyEntry {
    /// Hash of the value; its three lowest bits are the place among the columns. Decides the partition by its upper bits.
    var key: UInt64
    /// Part of the exact fingerprint of the row.
    var content: UInt32
    var ordinal: UInt32
    static let bytes = 16
    static let maximumColumns = 8

    @inline(__always)
    static func key(_ value: UnsafeBufferPointer<UInt8>, column: Int) -> UInt64 {
        Hash.mix(Hash.h64(value) &+ UInt64(column)) & ~7 | UInt64(column)
    }
    @inline(__always)
    static func column(_ key: UInt64) -> Int { Int(key & 7) }

    /// One of `bits`, a power of two, for the stored key.
    @inline(__always)
    static func bit(_ raw: UnsafeRawBufferPointer, _ at: Int, _ bits: Int) -> Int {
        Int(truncatingIfNeeded: raw.loadUnaligned(fromByteOffset: at, as: UInt64.self) >> 3) & (bits &- 1)
    }

    static func areValid(_ bytes: [UInt8], columns: Int) -> Bool {
        bytes.count % Self.bytes == 0
            && stride(from: 0, to: bytes.count, by: Self.bytes).allSatisfy { Int(bytes[$0] & 7) < columns }
    }

    func store(_ out: UnsafeMutableRawPointer) {
        out.storeBytes(of: key, as: UInt64.self)
        out.storeBytes(of: content, toByteOffset: 8, as: UInt32.self)
        out.storeBytes(of: ordinal, toByteOffset: 12, as: UInt32.self)
    }
    @inline(__always)
    static func load(_ raw: UnsafeRawBufferPointer, at: Int) -> KeyEntry {
        KeyEntry(
            key: raw.loadUnaligned(fromByteOffset: at, as: UInt64.self),
            content: raw.loadUnaligned(fromByteOffset: at + 8, as: UInt32.self),
            ordinal: raw.loadUnaligned(fromByteOffset: at + 12, as: UInt32.self))
    }
}
