internal import Domain
internal import Tabular

/// An exact duplicate and the first row that is equal to it.
struct ExactPair: Equatable {
    var row: UInt64
    var first: UInt64
}

/// Two rows that may be duplicates, `a < b`; a higher rank promises more.
struct CandidatePair: Equatable {
    var a: UInt64
    var b: UInt64
    var rank: UInt32
}

/// What one partition knows: exact duplicates, candidate pairs, and its share of the hash-chosen sample of rows.
public struct PartitionMatches: Sendable, Equatable {
    /// Rows whose fingerprint belongs to this partition.
    public internal(set) var rows = 0
    var exact: [ExactPair] = []
    var pairs: [CandidatePair] = []
    var sample: [SampledRow] = []
    var canaries: [CanaryHit] = []
    /// By column of `MatchPlan.keyColumns`.
    var repeatedKeys: [RepeatedKeys] = []
    var comparedSignatures = 0
    var cappedBuckets = 0
    var cappedPairs = false

    public init() {}

    /// Exact duplicates of this partition: rows that will go.
    public var exactDuplicates: Int { exact.count }

    /// A ``SlicedBlob``: the head with everything but the pairs, then the pairs of each stripe, see ``CandidateStripe``.
    public func encode(stripes: Int) -> [UInt8] {
        let slices = [head()] + CandidateStripe.slices(pairs, stripes: stripes)
        let base = SlicedBlob.headerLength(slices: slices.count)
        var ends: [Int] = []
        for slice in slices { ends.append((ends.last ?? 0) + slice.count) }
        return [UInt8](unsafeUninitializedCapacity: base + ends[ends.count - 1]) { buffer, used in
            LargeBlocks.advise(buffer.baseAddress, bytes: buffer.count)
            let out = UnsafeMutableRawPointer(buffer.baseAddress!)
            SlicedBlob.writeHeader(out, ends: ends)
            used = base
            for slice in slices where !slice.isEmpty {
                slice.withUnsafeBytes { (out + used).copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
                used += slice.count
            }
        }
    }

    private func head() -> [UInt8] {
        var w = ByteWriter(reserving: 64 + exact.count * 16)
        w.u8(4)
        w.int(rows)
        w.int(comparedSignatures)
        w.int(cappedBuckets)
        w.bool(cappedPairs)
        w.varint(UInt64(exact.count))
        for e in exact {
            w.u64(e.row)
            w.u64(e.first)
        }
        w.varint(UInt64(sample.count))
        for s in sample {
            w.u64(s.hash)
            w.u64(s.id)
            w.varint(UInt64(s.columns))
            w.raw(s.packed)
        }
        w.varint(UInt64(canaries.count))
        for c in canaries {
            w.u64(c.id)
            w.u32(c.rank)
        }
        w.varint(UInt64(repeatedKeys.count))
        for k in repeatedKeys {
            w.int(k.rows)
            w.int(k.values)
            w.int(k.repeating)
            w.varint(UInt64(k.examples.count))
            for row in k.examples { w.u64(row.raw) }
        }
        return w.bytes
    }

    /// Everything but the pairs.
    /// - Parameter bytes: slice 0 of what ``encode(stripes:)`` wrote.
    /// - Throws: ``SanitizerError`` `corrupt_intermediate` for bytes that it did not write.
    public init(head bytes: [UInt8]) throws {
        var r = ByteReader(bytes)
        guard try r.u8() == 4 else { throw SanitizerError(.corruptIntermediate, "partition matches have an unknown layout") }
        rows = try r.int()
        comparedSignatures = try r.int()
        cappedBuckets = try r.int()
        cappedPairs = try r.bool()
        let exacts = try r.count(itemBytes: 16)
        exact.reserveCapacity(exacts)
        for _ in 0..<exacts { exact.append(ExactPair(row: try r.u64(), first: try r.u64())) }
        for _ in 0..<(try r.count(itemBytes: 17)) {
            let (hash, id, columns) = (try r.u64(), try r.u64(), try r.count())
            sample.append(SampledRow(hash: hash, id: id, columns: columns, packed: try r.blobs(columns)))
        }
        for _ in 0..<(try r.count(itemBytes: 12)) { canaries.append(CanaryHit(id: try r.u64(), rank: try r.u32())) }
        for _ in 0..<(try r.count(itemBytes: 25)) {
            let (rows, values, repeating) = (try r.int(), try r.int(), try r.int())
            let examples = try (0..<(try r.count(itemBytes: 8))).map { _ in RowID(raw: try r.u64()) }
            repeatedKeys.append(RepeatedKeys(rows: rows, values: values, repeating: repeating, examples: examples))
        }
    }
}

/// Keeps the best pairs within a limit: highest rank first, so that the choice does not depend on the order of arrival.
struct PairBudget {
    let limit: Int
    private var pairs: [CandidatePair] = []
    /// The highest rank that was cut; nil when all pairs are kept.
    private(set) var cutRank: UInt32?
    var wasCut: Bool { cutRank != nil }

    init(limit: Int) { self.limit = limit }

    @inline(__always)
    mutating func add(_ pair: CandidatePair) {
        pairs.append(pair)
        if pairs.count >= limit * 2 + 64 { cut() }
    }

    /// The pairs, each once, sorted by rows.
    mutating func finish() -> [CandidatePair] {
        cut()
        pairs.sort { ($0.a, $0.b) < ($1.a, $1.b) }
        return pairs
    }

    private mutating func cut() {
        pairs.sort { ($0.rank, $1.a, $1.b) > ($1.rank, $0.a, $0.b) }
        var kept = 0
        for i in pairs.indices where kept == 0 || pairs[i] != pairs[kept - 1] {
            pairs[kept] = pairs[i]
            kept += 1
        }
        if kept > limit { cutRank = max(cutRank ?? 0, pairs[limit].rank) }
        pairs.removeLast(pairs.count - min(kept, limit))
    }
}

enum RadixSort {
    /// One stable pass over 11 bits of `from[i] - base` at `shift`.
    static func pass(
        _ from: UnsafeMutablePointer<UInt64>, _ to: UnsafeMutablePointer<UInt64>, _ n: Int, shift: Int,
        subtracting base: UInt64
    ) {
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 2048) { at in
            at.initialize(repeating: 0)
            for i in 0..<n { at[Int(truncatingIfNeeded: (from[i] &- base) >> UInt64(shift)) & 2047] &+= 1 }
            var sum = 0
            for d in 0..<2048 {
                let count = at[d]
                at[d] = sum
                sum &+= count
            }
            for i in 0..<n {
                let d = Int(truncatingIfNeeded: (from[i] &- base) >> UInt64(shift)) & 2047
                to[at[d]] = from[i]
                at[d] &+= 1
            }
        }
    }
}
