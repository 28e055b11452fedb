internal import Tabular

/// Columns between which cells of a table change places: a first name stands where the surname should be, or an author's name
/// at the end of the title while the author's column is empty.
struct Displacements {
    /// Two text columns that share so many values that cells may have been exchanged.
    private(set) var swaps: [(Int, Int)] = []
    /// Per column of texts that took in values of other columns: these others.
    private(set) var moves: [(into: Int, from: [Int])] = []
    static let none = Displacements()

    private init() {}

    /// - Parameter pairs: candidate pairs by their rows in the table.
    init(_ table: CompareTable, pairs: [(a: Int32, b: Int32)]) {
        for i in 0..<table.width where table.kinds[i] == .text {
            for j in (i + 1)..<max(table.width, i + 1) where table.kinds[j] == .text {
                let a = table.columns[i]
                let b = table.columns[j]
                if a.overlap(b) >= max(3, min(a.distinct, b.distinct) / 20) { swaps.append((i, j)) }
            }
        }
        findMoves(table, pairs)
    }

    /// A value has moved when the pair's other row has it and not this one, where its words stand in another text instead. By
    /// chance that is seen in pairs of any rows, too. Where rows that have the value repeat it in that text, as an address for mail
    /// repeats a name, nothing moved.
    private mutating func findMoves(_ table: CompareTable, _ pairs: [(a: Int32, b: Int32)]) {
        let targets = (0..<table.width).filter {
            table.kinds[$0] == .text && !table.hasForm[$0] && table.isOfSeveralWords($0)
        }
        if targets.isEmpty { return }
        // Wide tables look at fewer pairs.
        let looks = max(Self.leastPairs, min(Self.maximumPairs, Self.maximumLooks / (targets.count * table.width)))
        let step = max(1, pairs.count / looks)
        let looked = stride(from: 0, to: pairs.count, by: step).map { (Int(pairs[$0].a), Int(pairs[$0].b)) }
        let words = MovedWords(table)
        for j in targets {
            let from = (0..<table.width).filter { k in
                if k == j || k == table.codePlace { return false }
                let found = looked.count { words.haveMoved($0.0, $0.1, from: k, into: j) }
                if found < Self.leastMoved { return false }
                let byChance = looked.indices.count {
                    words.haveMoved(looked[$0].0, looked[($0 + looked.count / 2) % looked.count].1, from: k, into: j)
                }
                if found < byChance * Self.overChance { return false }
                let rows = looked.lazy.map(\.0).filter { table.code($0, k) != 0 && table.code($0, j) != 0 }
                return rows.count { words.areRepeated($0, from: k, into: j) } * Self.mostRepeated <= rows.count
            }
            if !from.isEmpty { moves.append((j, from)) }
        }
    }
    private static let maximumPairs = 10_000
    private static let leastPairs = 500
    private static let maximumLooks = 300_000
    private static let leastMoved = 5
    private static let overChance = 2
    /// One row in so many may repeat the value.
    private static let mostRepeated = 5
}

/// Looks for the words of one column's cells in another column's. One thread at a time.
final class MovedWords {
    private let table: CompareTable
    private let left: UnsafeMutablePointer<(UnsafePointer<UInt8>, Int)>
    private let right: UnsafeMutablePointer<(UnsafePointer<UInt8>, Int)>
    private let value = TokenList()
    private let with = TokenList()
    private let without = TokenList()

    init(_ table: CompareTable) {
        self.table = table
        left = .allocate(capacity: max(table.width, 1))
        right = .allocate(capacity: max(table.width, 1))
    }
    deinit {
        left.deallocate()
        right.deallocate()
    }

    /// Whether the row's own text has the words of its value.
    func areRepeated(_ row: Int, from k: Int, into j: Int) -> Bool {
        table.locate(row, left)
        value.split(left[k].0, left[k].1, table.columns[k])
        with.split(left[j].0, left[j].1, table.columns[j])
        return Self.share(of: value, in: with, but: nil) >= Self.leastShare
    }

    /// Whether one row alone has a value in column `from`, and its words stand in the other row's column `into`, which the two
    /// rows do not share.
    func haveMoved(_ a: Int, _ b: Int, from k: Int, into j: Int) -> Bool {
        if (table.code(a, k) == 0) == (table.code(b, k) == 0) { return false }
        let (owner, other) = table.code(b, k) == 0 ? (a, b) : (b, a)
        if table.code(other, j) == 0 || table.code(owner, j) == table.code(other, j) { return false }
        table.locate(owner, left)
        table.locate(other, right)
        value.split(left[k].0, left[k].1, table.columns[k])
        with.split(right[j].0, right[j].1, table.columns[j])
        if value.isEmpty || with.count <= value.count { return false }
        without.split(left[j].0, left[j].1, table.columns[j])
        return Self.share(of: value, in: with, but: without) >= Self.leastShare
    }
    /// Of a value's words by weight.
    static let leastShare = 0.8

    /// Share of the value's weight whose words are in one list and not in the other.
    static func share(of value: TokenList, in with: TokenList, but without: TokenList?) -> Double {
        var total: Float = 0
        var there: Float = 0
        for t in value.tokens {
            total += t.weight
            if isIn(with, t), !(without.map { isIn($0, t) } ?? false) { there += t.weight }
        }
        return total > 0 ? Double(there / total) : 0
    }

    @inline(__always) static func isIn(_ words: TokenList, _ word: Token) -> Bool {
        words.tokens.contains { $0.hash == word.hash }
    }
}
