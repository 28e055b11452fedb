internal import Domain
internal import Tabular

/// Makes the keys under which a row meets others: rare values, rare words, pairs of frequent ones. One thread at a time.
final class LinkKeys {
    private let rules: CandidateRules
    private let terms: RowTerms
    private let frequent: FrequentTerms
    /// Per column.
    private let isPaired: [Bool]
    private let store: UnsafeMutablePointer<UInt64>
    private var count = 0
    /// Of the row that was read last.
    var keys: UnsafeBufferPointer<UInt64> { UnsafeBufferPointer(start: store, count: count) }
    private let common: UnsafeMutablePointer<(rank: UInt8, term: UInt64)>
    private var commonCount = 0

    init(plan: MatchPlan, rules: CandidateRules) {
        self.rules = rules
        terms = RowTerms(columns: plan.columns, codeOnly: plan.codeOnlyColumns ?? [])
        frequent = FrequentTerms(encoded: plan.frequentTerms)
        isPaired = plan.columns.indices.map { plan.pairedColumns.contains($0) }
        let columns = plan.columns.count
        let paired = max(plan.pairedColumns.count, rules.pairedTokens)
        store = .allocate(capacity: columns + rules.tokens + paired * paired)
        common = .allocate(capacity: paired + 1)
    }
    deinit {
        store.deallocate()
        common.deallocate()
    }

    /// Fills ``keys`` with the keys of a row, without those of MinHash.
    func read(_ batch: TextBatch, _ row: Int) {
        count = 0
        terms.read(batch, row)
        commonCount = 0
        for (column, term) in terms.values {
            if frequent.frequencyClass(term) == 0 {
                add(Hash.mix(term ^ Self.valueSalt))
            } else if isPaired[column] {
                common[commonCount] = (0, term)
                commonCount &+= 1
            }
        }
        pairUp(Self.valuePairSalt)
        commonCount = 0
        var rare = 0
        for term in terms.tokens {
            let rank = frequent.frequencyClass(term)
            if rank > 0 {
                addRarest(rank, term)
            } else if rare < rules.tokens {
                add(Hash.mix(term ^ Self.tokenSalt))
                rare &+= 1
            }
        }
        pairUp(Self.tokenPairSalt)
    }

    @inline(__always)
    private func add(_ key: UInt64) {
        store[count] = key
        count &+= 1
    }

    /// Keeps as many of the common words as are paired, the rarest first.
    @inline(__always)
    private func addRarest(_ rank: UInt8, _ term: UInt64) {
        func precedes(_ other: (rank: UInt8, term: UInt64)) -> Bool {
            rank != other.rank ? rank < other.rank : term < other.term
        }
        var at = commonCount
        if commonCount < rules.pairedTokens {
            commonCount &+= 1
        } else {
            at &-= 1
            if at < 0 || !precedes(common[at]) { return }
        }
        while at > 0, precedes(common[at &- 1]) {
            common[at] = common[at &- 1]
            at &-= 1
        }
        common[at] = (rank, term)
    }

    private func pairUp(_ salt: UInt64) {
        for i in 0..<commonCount {
            for j in stride(from: i + 1, to: commonCount, by: 1) {
                let a = min(common[i].term, common[j].term)
                let b = max(common[i].term, common[j].term)
                add(Hash.mix(Hash.mix(a ^ salt) &+ b))
            }
        }
    }

    private static let valueSalt: UInt64 = 0x63_656C_6C
    private static let valuePairSalt: UInt64 = 0x63_656C_6C32
    private static let tokenSalt: UInt64 = 0x74_6F6B_656E
    private static let tokenPairSalt: UInt64 = 0x746F_6B65_6E32
}
