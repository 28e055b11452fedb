internal import Domain
internal import Tabular

/// Makes the keys under which a row meets others: rare values, rare words, pairs of frequent ones. One thread at a time.
final class LinkKeys {
    private let rules: CandidateRules
    private let terms: RowTerms
    private let frequent: FrequentTerms
    private let pairedColumns: Set<Int>
    private(set) var keys: [UInt64] = []
    private var common: [(rank: UInt8, term: UInt64)] = []

    init(plan: MatchPlan, rules: CandidateRules) {
        self.rules = rules
        terms = RowTerms(columns: plan.columns, codeOnly: plan.codeOnlyColumns ?? [])
        frequent = FrequentTerms(encoded: plan.frequentTerms)
        pairedColumns = Set(plan.pairedColumns)
    }

    /// Fills ``keys`` with the keys of a row, without those of MinHash.
    func read(_ batch: TextBatch, _ row: Int) {
        keys.removeAll(keepingCapacity: true)
        terms.read(batch, row)
        common.removeAll(keepingCapacity: true)
        for (column, term) in terms.values {
            if frequent.frequencyClass(term) == 0 {
                keys.append(Hash.mix(term ^ Self.valueSalt))
            } else if pairedColumns.contains(column) {
                common.append((0, term))
            }
        }
        pairUp(Self.valuePairSalt)
        common.removeAll(keepingCapacity: true)
        var rare = 0
        for term in terms.tokens {
            let rank = frequent.frequencyClass(term)
            if rank > 0 {
                addRarest(rank, term)
            } else if rare < rules.tokens {
                keys.append(Hash.mix(term ^ Self.tokenSalt))
                rare += 1
            }
        }
        pairUp(Self.tokenPairSalt)
    }

    /// Keeps as many of the common words as are paired, the rarest first.
    private func addRarest(_ rank: UInt8, _ term: UInt64) {
        func precedes(_ other: (rank: UInt8, term: UInt64)) -> Bool {
            rank != other.rank ? rank < other.rank : term < other.term
        }
        if common.count < rules.pairedTokens {
            common.append((rank, term))
        } else if !precedes(common[common.count - 1]) {
            return
        }
        var at = common.count - 1
        while at > 0, precedes(common[at - 1]) {
            common[at] = common[at - 1]
            at -= 1
        }
        common[at] = (rank, term)
    }

    private func pairUp(_ salt: UInt64) {
        for i in common.indices {
            for j in common.indices where j > i {
                let a = min(common[i].term, common[j].term)
                let b = max(common[i].term, common[j].term)
                keys.append(Hash.mix(Hash.mix(a ^ salt) &+ b))
            }
        }
    }

    private static let valueSalt: UInt64 = 0x63_656C_6C
    private static let valuePairSalt: UInt64 = 0x63_656C_6C32
    private static let tokenSalt: UInt64 = 0x74_6F6B_656E
    private static let tokenPairSalt: UInt64 = 0x746F_6B65_6E32
}

/// Key of one row of a chunk that leads to candidate pairs by shared values, as stored: as long as a ``NearEntry``.
struct LinkEntry {
    /// Upper half of the key at 0, ordinal at 4, lower half at 8.
    var key: UInt64
    var ordinal: UInt32
    /// Similar rows have similar numbers: the order in which rows of a big bucket meet.
    var order: UInt32
    /// Part of the exact fingerprint: rows that are equal as a whole are one row here.
    var row: UInt32

    @inline(__always)
    func store(_ out: UnsafeMutableRawPointer) {
        out.storeBytes(of: UInt32(truncatingIfNeeded: key >> 32), as: UInt32.self)
        out.storeBytes(of: ordinal, toByteOffset: 4, as: UInt32.self)
        out.storeBytes(of: UInt32(truncatingIfNeeded: key), toByteOffset: 8, as: UInt32.self)
        out.storeBytes(of: order, toByteOffset: 12, as: UInt32.self)
        out.storeBytes(of: row, toByteOffset: 16, as: UInt32.self)
    }

    @inline(__always)
    static func load(_ raw: UnsafeRawBufferPointer, at: Int) -> LinkEntry {
        LinkEntry(
            key: UInt64(raw.loadUnaligned(fromByteOffset: at, as: UInt32.self)) << 32
                | UInt64(raw.loadUnaligned(fromByteOffset: at + 8, as: UInt32.self)),
            ordinal: raw.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self),
            order: raw.loadUnaligned(fromByteOffset: at + 12, as: UInt32.self),
            row: raw.loadUnaligned(fromByteOffset: at + 16, as: UInt32.self))
    }
}
