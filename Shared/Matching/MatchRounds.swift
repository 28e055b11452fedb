internal import Tabular

/// The candidate pairs in rounds that share no row and no chain of pairs: only the text of one round's rows has to be held at a time.
struct MatchRounds {
    struct Round {
        var pairs: [CandidatePair] = []
        /// Share of all pairs.
        var share = 1.0
    }

    private(set) var rounds: [Round] = []
    /// The highest rank that was left out, because the rounds have room for so many rows.
    private(set) var cutRank: UInt32?
    /// Pairs were left out that would have made a chain of more rows than a round has room for.
    private(set) var cutsChains = false

    /// Pairs of higher ranks come first where there is not room for all.
    ///
    /// - Parameters:
    ///   - pairs: each once. They keep their order within a round.
    ///   - roundRows: rows of one round at most, 2 or more.
    ///   - most: rounds at most; chains that do not fill a round may take some more.
    init(_ pairs: [CandidatePair], roundRows: Int, most: Int) {
        if pairs.count * 2 <= roundRows {
            rounds = [Round(pairs: pairs)]
            return
        }
        let order = CandidatePair.byRank(pairs)
        let numbers = RowNumbers(pairs)
        var isNeeded = [Bool](repeating: false, count: numbers.count)
        var needed = 0
        var kept = 0
        for index in order {
            let pair = pairs[Int(index)]
            let new = [numbers[pair.a], numbers[pair.b]].filter { !isNeeded[$0] }
            if needed + new.count > roundRows * most {
                cutRank = pair.rank
                break
            }
            for row in new { isNeeded[row] = true }
            needed += new.count
            kept += 1
        }
        if needed <= roundRows {
            rounds = [Round(pairs: order[..<kept].sorted().map { pairs[Int($0)] })]
            return
        }
        let rows = numbers.ids(isNeeded)
        isNeeded = []
        var chains = Chains(rows: rows, most: roundRows)
        var isKept = [Bool](repeating: false, count: pairs.count)
        for index in order[..<kept] {
            let pair = pairs[Int(index)]
            if chains.join(pair) { isKept[Int(index)] = true } else { cutsChains = true }
        }
        var roundOf = [Int32](repeating: -1, count: rows.count)
        var room = 0
        for (pair, _) in zip(pairs, isKept).lazy.filter(\.1) {
            let chain = chains.find(pair.a)
            if roundOf[chain] < 0 {
                let size = chains.size(chain)
                if size > room {
                    rounds.append(Round())
                    room = roundRows
                }
                room -= size
                roundOf[chain] = Int32(rounds.count - 1)
            }
            rounds[Int(roundOf[chain])].pairs.append(pair)
        }
        let all = Double(rounds.reduce(0) { $0 + $1.pairs.count })
        for i in rounds.indices { rounds[i].share = Double(rounds[i].pairs.count) / all }
    }

    /// Rows that pairs connect, directly or through others.
    private struct Chains {
        private let rows: [RowID]
        private let most: Int
        private var sets: UnionFind
        /// Rows of the chain, by its first row.
        private var sizes: [Int32]

        /// - Parameter rows: sorted.
        init(rows: [RowID], most: Int) {
            self.rows = rows
            self.most = most
            sets = UnionFind(rows.count)
            sizes = [Int32](repeating: 1, count: rows.count)
        }

        /// False, and nothing changed, where the chain would have too many rows.
        mutating func join(_ pair: CandidatePair) -> Bool {
            let (a, b) = (find(pair.a), find(pair.b))
            if a == b { return true }
            if Int(sizes[a]) + Int(sizes[b]) > most { return false }
            sets.join(a, b)
            sizes[min(a, b)] = sizes[a] + sizes[b]
            return true
        }

        mutating func find(_ row: UInt64) -> Int {
            var low = 0
            var high = rows.count
            while low < high {
                let middle = (low + high) / 2
                if rows[middle].raw < row { low = middle + 1 } else { high = middle }
            }
            return sets.find(low)
        }

        func size(_ chain: Int) -> Int { Int(sizes[chain]) }
    }
}
