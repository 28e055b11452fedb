internal import CScan
internal import Domain
public import Tabular

/// Makes the exact fingerprints and near-duplicate keys of one chunk. One thread at a time.
///
/// Per row one fingerprint, and `bands` keys of MinHash values for rows with enough text that is not common to the whole table.
public final class KeyBuilder {
    let plan: MatchPlan
    private let partitions: Int
    private let roles: [UInt8]
    private let common: [UInt64]
    private let mult: [UInt32]
    private let seed: [UInt32]
    private let bandSeed: UInt64
    private let sampleLimit: UInt64
    private let canaries: Canaries
    private let hasNear: Bool
    private let rules: CandidateRules?
    private let links: LinkKeys?
    private let bandCount: Int
    private let bandRowCount: Int
    private var hasher = RowHasher()
    private let scratch = GramScratch()
    /// By partition, as they are stored.
    private let exact: PartitionedBytes
    private let near: KeyGroupWriter
    private let keys: PartitionedBytes
    private var sampled: [SampledRow] = []
    private let keyColumns: [Int]
    private var chunk = 0

    /// Rows of the sample that the model learns from, over the whole table.
    static let sampleTarget = 20_000
    /// Sampled rows carry at most this many bytes of text per cell.
    static let sampleCellBytes = 512
    /// Rows with fewer telling grams say too little about themselves.
    static let minimumGrams = 6

    public init(plan: MatchPlan) {
        self.plan = plan
        roles = plan.gramRoles
        let bitmap = Base64.decode(plan.commonGrams)
        var words = [UInt64](repeating: 0, count: 1024)
        for (i, b) in bitmap.prefix(8192).enumerated() { words[i >> 3] |= UInt64(b) << UInt64((i & 7) * 8) }
        common = words
        let s = Hash.h64(plan.salt, seed: 0x6D61_7463_68)
        mult = (0..<32).map { UInt32(truncatingIfNeeded: Hash.mix(s &+ UInt64($0) &* 2 &+ 1)) | 1 }
        seed = (0..<32).map { UInt32(truncatingIfNeeded: Hash.mix(s &+ UInt64($0) &* 2 &+ 2)) }
        bandSeed = Canaries.seed(plan)
        canaries = Canaries(plan: plan)
        hasNear = plan.tier != .off
        partitions = plan.partitions
        exact = PartitionedBytes(partitions: partitions)
        keys = PartitionedBytes(partitions: partitions, capacity: 256)
        keyColumns = plan.keyColumns ?? []
        rules = CandidateRules.of(plan.tier, rows: plan.plannedRows)
        links = rules.map { LinkKeys(plan: plan, rules: $0) }
        near = KeyGroupWriter(rules == nil ? .wholeRows : .links, partitions: partitions)
        bandCount = rules?.bands ?? plan.bands
        bandRowCount = rules?.bandRows ?? plan.bandRows
        let rows = max(plan.plannedRows, 1)
        sampleLimit =
            plan.tier == .off
            ? 0
            : rows <= Self.sampleTarget ? .max : UInt64(Double(UInt64.max) * (Double(Self.sampleTarget) / Double(rows)))
    }

    /// Adds normalised rows of one chunk.
    public func add(_ batch: TextBatch, rows: Range<Int>, chunk: Int) {
        self.chunk = chunk
        roles.withUnsafeBufferPointer { roles in
            common.withUnsafeBufferPointer { common in
                mult.withUnsafeBufferPointer { mult in
                    seed.withUnsafeBufferPointer { seed in
                        guard let roles = roles.baseAddress else { return }
                        addRows(
                            batch, rows, roles: roles, common: common.baseAddress!, mult: mult.baseAddress!,
                            seed: seed.baseAddress!)
                    }
                }
            }
        }
    }

    private func addRows(
        _ batch: TextBatch, _ rows: Range<Int>, roles: UnsafePointer<UInt8>, common: UnsafePointer<UInt64>,
        mult: UnsafePointer<UInt32>, seed: UnsafePointer<UInt32>
    ) {
        let minima = UnsafeMutablePointer<UInt32>.allocate(capacity: 32)
        defer { minima.deallocate() }
        for row in rows {
            let h = hasher.hash(batch, row)
            let ordinal = batch.ordinals[row]
            let partition = Partitioning.of(h.low, partitions)
            let e = exact.reserve(partition, ExactEntry.bytes)
            e.storeBytes(of: h.low, as: UInt64.self)
            e.storeBytes(of: h.high, toByteOffset: 8, as: UInt64.self)
            e.storeBytes(of: ordinal, toByteOffset: 16, as: UInt32.self)
            exact.commit(partition, ExactEntry.bytes)
            addKeys(batch, row, ordinal: ordinal, content: h.low)
            let place = canaries.place(h.low)
            if place < sampleLimit { sample(batch, row, hash: h.low, ordinal: ordinal) }
            if !hasNear { continue }
            addNear(
                batch, row, ordinal: ordinal, hash: h.low, roles: roles, common: common, mult: mult, seed: seed, minima: minima)
            if place < canaries.limit {
                addNear(
                    canaries.twin(of: batch, row, hash: h.low), 0, ordinal: ordinal | Canaries.flag, hash: h.low, roles: roles,
                    common: common, mult: mult, seed: seed, minima: minima)
            }
        }
    }

    @inline(__always)
    private func addKeys(_ batch: TextBatch, _ row: Int, ordinal: UInt32, content: UInt64) {
        for (place, column) in keyColumns.enumerated() {
            let cell = batch.cell(row, column)
            if cell.isEmpty { continue }
            let entry = KeyEntry(
                key: KeyEntry.key(batch.bytes(cell), column: place), content: UInt32(truncatingIfNeeded: content),
                ordinal: ordinal)
            let partition = Partitioning.of(entry.key, partitions)
            entry.store(keys.reserve(partition, KeyEntry.bytes))
            keys.commit(partition, KeyEntry.bytes)
        }
    }

    /// Adds the keys under which a row meets similar ones. `hash`: of the row, or of the row that a canary was made from.
    @inline(__always)
    private func addNear(
        _ batch: TextBatch, _ row: Int, ordinal: UInt32, hash: UInt64, roles: UnsafePointer<UInt8>,
        common: UnsafePointer<UInt64>, mult: UnsafePointer<UInt32>, seed: UnsafePointer<UInt32>,
        minima: UnsafeMutablePointer<UInt32>
    ) {
        let n = scratch.grams(batch, row, roles: roles, common: common)
        if let links {
            addLinks(links, batch, row, ordinal: ordinal, grams: n, hash: hash, mult: mult, seed: seed, minima: minima)
            return
        }
        if n < Self.minimumGrams { return }
        cscan_minhash(scratch.output, n, mult, seed, minima)
        var signature: UInt64 = 0
        for k in 0..<32 { signature |= UInt64(minima[k] >> 7 & 3) << UInt64(2 &* k) }
        near.begin(ordinal: ordinal, known: (signature, UInt32(truncatingIfNeeded: hash)))
        var m = 0
        for b in 0..<bandCount { near.add(Hash.mix(bandKey(b, bandRowCount, minima, &m))) }
    }

    @inline(__always)
    private func bandKey(_ band: Int, _ rows: Int, _ minima: UnsafeMutablePointer<UInt32>, _ m: inout Int) -> UInt64 {
        var key = bandSeed &+ UInt64(truncatingIfNeeded: band) &* 0x9E37_79B9_7F4A_7C15
        for _ in 0..<rows {
            key = (key ^ UInt64(minima[m])) &* 0xFF51_AFD7_ED55_8CCD
            key ^= key >> 32
            m = m &+ 1 & 31
        }
        return key
    }

    /// Keys of shared values and words, and of MinHash where the row has enough text.
    private func addLinks(
        _ links: LinkKeys, _ batch: TextBatch, _ row: Int, ordinal: UInt32, grams: Int, hash: UInt64,
        mult: UnsafePointer<UInt32>, seed: UnsafePointer<UInt32>, minima: UnsafeMutablePointer<UInt32>
    ) {
        links.read(batch, row)
        var order: UInt32 = 0
        let bands = grams < Self.minimumGrams ? 0 : bandCount
        if grams > 0 {
            cscan_minhash(scratch.output, grams, mult, seed, minima)
            for k in 0..<4 { order = order << 8 | minima[k] >> 7 & 0xFF }
        }
        near.begin(ordinal: ordinal, known: (UInt64(order) | hash << 32, 0))
        for key in links.keys { near.add(key) }
        var m = 0
        for b in 0..<bands { near.add(Hash.mix(bandKey(b, bandRowCount, minima, &m))) }
    }

    private func sample(_ batch: TextBatch, _ row: Int, hash: UInt64, ordinal: UInt32) {
        var cells = ByteWriter()
        for c in 0..<batch.columns {
            let bytes = batch.bytes(batch.cell(row, c))
            cells.blob(bytes.prefix(plan.columns[c].isCompared ? Self.sampleCellBytes : 0))
        }
        sampled.append(SampledRow(hash: hash, id: UInt64(ordinal), columns: batch.columns, packed: cells.bytes))
    }

    /// The blob of what was added since the last call: a header index, then one slice per partition.
    public func finish() -> [UInt8] {
        let samples = (0..<partitions).map { encodeSample($0) }
        var ends: [Int] = []
        for p in 0..<partitions {
            ends.append(
                (ends.last ?? 0) + KeySlice.headBytes + exact.count(p) + near.count(p) + samples[p].count + keys.count(p))
        }
        let header = SlicedBlob.headerLength(slices: partitions)
        let total = header + ends[partitions - 1]
        let blob = [UInt8](unsafeUninitializedCapacity: total) { buffer, used in
            var out = UnsafeMutableRawPointer(buffer.baseAddress!)
            LargeBlocks.advise(out, bytes: total)
            SlicedBlob.writeHeader(out, ends: ends)
            out += header
            for p in 0..<partitions {
                KeySlice.writeHead(out, chunk: chunk, exactBytes: exact.count(p), nearBytes: near.count(p))
                out += KeySlice.headBytes
                out = exact.move(p, to: out)
                out = near.move(p, to: out)
                out.copyMemory(from: samples[p], byteCount: samples[p].count)
                out = keys.move(p, to: out + samples[p].count)
            }
            used = total
        }
        sampled = []
        return blob
    }

    /// The sampled rows of a partition, and the number of bytes of the keys that follow.
    private func encodeSample(_ partition: Int) -> [UInt8] {
        var w = ByteWriter()
        let own = sampled.filter { Partitioning.of($0.hash, partitions) == partition }
        w.varint(UInt64(own.count))
        for row in own {
            w.u64(row.hash)
            w.u32(UInt32(truncatingIfNeeded: row.id))
            w.raw(row.packed)
        }
        w.varint(UInt64(keys.count(partition)))
        return w.bytes
    }
}
