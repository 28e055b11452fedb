internal import CScan
internal import Domain
public import Tabular

/// Makes the exact fingerprints and near-duplicate keys of one chunk. One thread at a time.
///
/// Per row one fingerprint, and `bands` keys of MinHash values for rows with enough text that is not common to the whole table.
public final class KeyBuilder {
    let plan: MatchPlan
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
    private let exact = ByteArena(capacity: 1 << 16)
    private let near = ByteArena(capacity: 1 << 16)
    private var exactCount = 0
    private var nearCount = 0
    private var sampled: [SampledRow] = []
    private let keyColumns: [Int]
    private let keys = ByteArena(capacity: 1 << 12)
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
        keyColumns = plan.keyColumns ?? []
        rules = CandidateRules.of(plan.tier, rows: plan.plannedRows)
        links = rules.map { LinkKeys(plan: plan, rules: $0) }
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
            let e = UnsafeMutableRawPointer(exact.reserve(ExactEntry.bytes))
            e.storeBytes(of: h.low, as: UInt64.self)
            e.storeBytes(of: h.high, toByteOffset: 8, as: UInt64.self)
            e.storeBytes(of: ordinal, toByteOffset: 16, as: UInt32.self)
            exact.commit(ExactEntry.bytes)
            exactCount &+= 1
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
            entry.store(keys.reserve(KeyEntry.bytes))
            keys.commit(KeyEntry.bytes)
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
        let bands = bandCount
        let bandRows = bandRowCount
        let out = UnsafeMutableRawPointer(near.reserve(NearEntry.bytes &* bands))
        var m = 0
        for b in 0..<bands {
            let key = bandKey(b, bandRows, minima, &m)
            let o = out + NearEntry.bytes &* b
            o.storeBytes(of: UInt32(truncatingIfNeeded: Hash.mix(key)), as: UInt32.self)
            o.storeBytes(of: ordinal, toByteOffset: 4, as: UInt32.self)
            o.storeBytes(of: signature, toByteOffset: 8, as: UInt64.self)
            o.storeBytes(of: UInt32(truncatingIfNeeded: hash), toByteOffset: 16, as: UInt32.self)
        }
        near.commit(NearEntry.bytes &* bands)
        nearCount &+= bands
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
        let count = links.keys.count + bands
        let out = UnsafeMutableRawPointer(near.reserve(NearEntry.bytes * count))
        var entry = LinkEntry(
            key: 0, ordinal: ordinal, order: order, row: UInt32(truncatingIfNeeded: hash))
        var at = 0
        for key in links.keys {
            entry.key = key
            entry.store(out + at)
            at += NearEntry.bytes
        }
        var m = 0
        for b in 0..<bands {
            entry.key = Hash.mix(bandKey(b, bandRowCount, minima, &m))
            entry.store(out + at)
            at += NearEntry.bytes
        }
        near.commit(at)
        nearCount += count
    }

    private func sample(_ batch: TextBatch, _ row: Int, hash: UInt64, ordinal: UInt32) {
        let cells = (0..<batch.columns).map { c -> [UInt8] in
            plan.columns[c].isCompared ? Array(batch.bytes(batch.cell(row, c)).prefix(Self.sampleCellBytes)) : []
        }
        sampled.append(SampledRow(hash: hash, id: UInt64(ordinal), cells: cells))
    }

    /// The blob of what was added since the last call: a header index, then one slice per partition.
    public func finish() -> [UInt8] {
        let partitions = plan.partitions
        let e = UnsafeRawPointer(exact.base)
        let n = UnsafeRawPointer(near.base)
        var exacts = [Int](repeating: 0, count: partitions)
        var nears = [Int](repeating: 0, count: partitions)
        for i in 0..<exactCount {
            let low = e.loadUnaligned(fromByteOffset: i * ExactEntry.bytes, as: UInt64.self)
            exacts[Partitioning.of(low, partitions)] += 1
        }
        for i in 0..<nearCount {
            let key = n.loadUnaligned(fromByteOffset: i * NearEntry.bytes, as: UInt32.self)
            nears[Partitioning.of(key, partitions)] += 1
        }
        var samples = [[UInt8]](repeating: [], count: partitions)
        let k = UnsafeRawPointer(keys.base)
        let keyStarts = stride(from: 0, to: keys.count, by: KeyEntry.bytes)
        var keyBytes = [Int](repeating: 0, count: partitions)
        for at in keyStarts {
            let key = k.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            keyBytes[Partitioning.of(key, partitions)] += KeyEntry.bytes
        }
        for p in 0..<partitions {
            var w = ByteWriter()
            let own = sampled.filter { Partitioning.of($0.hash, partitions) == p }
            w.varint(UInt64(own.count))
            for row in own {
                w.u64(row.hash)
                w.u32(UInt32(truncatingIfNeeded: row.id))
                for cell in row.cells { w.blob(cell) }
            }
            // The bytes themselves follow.
            w.varint(UInt64(keyBytes[p]))
            samples[p] = w.bytes
        }
        let header = SlicedBlob.headerLength(slices: partitions)
        var starts = [Int](repeating: 0, count: partitions + 1)
        for p in 0..<partitions {
            starts[p + 1] =
                starts[p] + 12 + exacts[p] * ExactEntry.bytes + nears[p] * NearEntry.bytes + samples[p].count + keyBytes[p]
        }
        let total = header + starts[partitions]
        let blob = [UInt8](unsafeUninitializedCapacity: total) { buffer, used in
            let out = UnsafeMutableRawPointer(buffer.baseAddress!)
            LargeBlocks.advise(out, bytes: total)
            SlicedBlob.writeHeader(out, ends: starts.dropFirst())
            var exactAt: [UnsafeMutableRawPointer] = []
            var nearAt: [UnsafeMutableRawPointer] = []
            var keyAt: [UnsafeMutableRawPointer] = []
            for p in 0..<partitions {
                let s = out + header + starts[p]
                s.storeBytes(of: UInt32(truncatingIfNeeded: chunk), as: UInt32.self)
                s.storeBytes(of: UInt32(exacts[p]), toByteOffset: 4, as: UInt32.self)
                s.storeBytes(of: UInt32(nears[p]), toByteOffset: 8, as: UInt32.self)
                exactAt.append(s + 12)
                nearAt.append(s + 12 + exacts[p] * ExactEntry.bytes)
                let sampleAt = nearAt[p] + nears[p] * NearEntry.bytes
                samples[p].withUnsafeBytes { sampleAt.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
                keyAt.append(sampleAt + samples[p].count)
            }
            exactAt.withUnsafeMutableBufferPointer { at in
                for i in 0..<exactCount {
                    let from = e + i &* ExactEntry.bytes
                    let p = Partitioning.of(from.loadUnaligned(as: UInt64.self), partitions)
                    at[p].copyMemory(from: from, byteCount: ExactEntry.bytes)
                    at[p] += ExactEntry.bytes
                }
            }
            nearAt.withUnsafeMutableBufferPointer { at in
                for i in 0..<nearCount {
                    let from = n + i &* NearEntry.bytes
                    let p = Partitioning.of(from.loadUnaligned(as: UInt32.self), partitions)
                    at[p].copyMemory(from: from, byteCount: NearEntry.bytes)
                    at[p] += NearEntry.bytes
                }
            }
            for at in keyStarts {
                let p = Partitioning.of(k.loadUnaligned(fromByteOffset: at, as: UInt64.self), partitions)
                keyAt[p].copyMemory(from: k + at, byteCount: KeyEntry.bytes)
                keyAt[p] += KeyEntry.bytes
            }
            used = total
        }
        exact.removeAll()
        near.removeAll()
        keys.removeAll()
        exactCount = 0
        nearCount = 0
        sampled = []
        return blob
    }
}
