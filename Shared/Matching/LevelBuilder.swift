internal import Tabular

#if canImport(Glibc)
    internal import Glibc
#endif

/// Compares two rows column by column. One per thread.
///
/// Levels: -1 missing on a side, 0 (different) ... 5 (almost equal), 6 (equal in normal form); 4 and up count as agreeing.
final class LevelBuilder {
    static let levels = 7
    static let agree = 4
    static let equal: Int8 = 6
    private static let edges = [0.2, 0.4, 0.6, 0.75, 0.88, 0.9999]
    static let establishedTokens = 1.2

    private let table: CompareTable
    private let displaced: Displacements
    /// Whether the signs of each pair, see below, are wanted beside its levels.
    private let tellsSigns: Bool
    private var tokens = TokenMatcher()
    /// The words of the left row's cells, where they were needed: the next pair is likely to be of the same row.
    private let leftWords: [TokenList]
    private var hasLeftWords: UInt64 = 0
    private var leftRow = -1
    private let rightWords = TokenList()
    private let keptLeft = TokenList()
    private let valueWords = TokenList()
    private var movedLeft: [UInt32] = []
    private var movedRight: [UInt32] = []
    private let left: UnsafeMutablePointer<(UnsafePointer<UInt8>, Int)>
    private let right: UnsafeMutablePointer<(UnsafePointer<UInt8>, Int)>
    private let compactLeft = UnsafeMutablePointer<UInt8>.allocate(capacity: 3 * NormalForm.maximumBytes + 16)
    private let compactRight = UnsafeMutablePointer<UInt8>.allocate(capacity: 3 * NormalForm.maximumBytes + 16)
    // Of the last pair, one bit per compared column:
    /// Numbers differ: another amount, date, code, house number.
    private(set) var digitDifferences: UInt64 = 0
    /// The words that matter have all been replaced.
    private(set) var replacements: UInt64 = 0
    /// Numbers stand on one side only: a vintage, a version, a size.
    private(set) var oneSidedDigits: UInt64 = 0
    /// Words have no counterpart on either side: another thing, not another spelling.
    private(set) var substitutions: UInt64 = 0
    /// Words have no counterpart on one side only.
    private(set) var omissions: UInt64 = 0
    /// At most one word is the same, and others have no counterpart.
    private(set) var thinAgreements: UInt64 = 0
    /// Two frequent words were taken for spellings of one.
    private(set) var frequentChanges: UInt64 = 0
    /// The similarity behind the level, of texts of several words that differ; a column's entry is that of the last pair that did.
    private(set) var similarities: [Float]
    /// The difference is explained: exchanged cells, a country code in front of a phone number.
    private(set) var explained: UInt64 = 0
    /// The values are neighbours in a series: successive numbers, days or times.
    private(set) var successive: UInt64 = 0

    init(table: CompareTable, displaced: Displacements, tellsSigns: Bool = true) {
        self.table = table
        self.displaced = displaced
        self.tellsSigns = tellsSigns
        similarities = [Float](repeating: 0, count: table.width)
        leftWords = (0..<table.width).map { _ in TokenList() }
        left = .allocate(capacity: max(table.width, 1))
        right = .allocate(capacity: max(table.width, 1))
    }
    deinit {
        left.deallocate()
        right.deallocate()
        compactLeft.deallocate()
        compactRight.deallocate()
    }

    /// Fills `out` with one level per compared column.
    func compare(_ a: Int, _ b: Int, _ out: UnsafeMutablePointer<Int8>) {
        digitDifferences = 0
        substitutions = 0
        omissions = 0
        oneSidedDigits = 0
        replacements = 0
        thinAgreements = 0
        frequentChanges = 0
        explained = 0
        successive = 0
        var isLocated = false
        for k in 0..<table.width {
            let x = table.code(a, k)
            let y = table.code(b, k)
            if k == table.codePlace {
                out[k] = x == 0 || y == 0 ? -1 : table.codeSets?.level(a, b) ?? -1
            } else if x == 0 || y == 0 {
                out[k] = -1
            } else if x == y {
                out[k] = 6
            } else {
                if !isLocated {
                    locate(a, b)
                    isLocated = true
                }
                if tellsSigns, isElsewhere(x, in: a, but: k) || isElsewhere(y, in: b, but: k) { explained |= 1 << UInt64(k) }
                out[k] = different(k, isEstablished: areEstablished(a, b, k))
            }
        }
        lookForDisplaced(a, b, out)
    }

    /// Raises the levels of cells that were exchanged, or of which a text has the words.
    func lookForDisplaced(_ a: Int, _ b: Int, _ out: UnsafeMutablePointer<Int8>) {
        if !displaced.swaps.isEmpty { lookForSwaps(a, b, out) }
        for (j, from) in displaced.moves where out[j] >= 0 && out[j] < Self.equal { lookForMoves(a, b, into: j, from, out) }
    }

    /// The highest level that the pair may have in a column, told from its cells' codes; exchanged cells are left out.
    @inline(__always)
    func highest(_ a: Int, _ b: Int, _ k: Int) -> Int8 {
        let x = table.code(a, k)
        let y = table.code(b, k)
        if k == table.codePlace { return x == 0 || y == 0 ? -1 : table.codeSets?.level(a, b) ?? -1 }
        if x == 0 || y == 0 { return -1 }
        return x == y ? Self.equal : areEstablished(a, b, k) && table.kinds[k] != .code ? 0 : Self.equal - 1
    }

    /// The levels of a pair in columns that differ, without exchanged cells, until `out` has seen enough and returns false.
    func levels(_ a: Int, _ b: Int, of chosen: [Int], _ out: (Int, Int8) -> Bool) {
        locate(a, b)
        for k in chosen where table.code(a, k) != table.code(b, k) && table.code(a, k) != 0 && table.code(b, k) != 0 {
            if !out(k, different(k, isEstablished: areEstablished(a, b, k))) { return }
        }
    }

    /// Similarity of two texts, 0 to 1; -1 where one is missing or it hangs on one word.
    func similarity(_ a: Int, _ b: Int, _ k: Int) -> Float {
        let (x, y) = (table.code(a, k), table.code(b, k))
        if x == 0 || y == 0 { return -1 }
        if x == y { return 1 }
        locate(a, b)
        _ = different(k, isEstablished: areEstablished(a, b, k))
        return similarity(k)
    }
    /// The same of the last pair, whose texts differ.
    func similarity(_ k: Int) -> Float { thinAgreements & (1 << UInt64(k)) != 0 ? -1 : similarities[k] }

    /// One value of the last pair, which differ, is the first letter of the other.
    func isInitial(_ k: Int) -> Bool {
        min(left[k].1, right[k].1) == 1 && left[k].0.pointee == right[k].0.pointee
    }

    private func locate(_ a: Int, _ b: Int) {
        if a != leftRow {
            table.locate(a, left)
            leftRow = a
            hasLeftWords = 0
        }
        table.locate(b, right)
    }

    /// Two common values of a column of single words or numbers are two values, not two spellings.
    @inline(__always)
    private func areEstablished(_ a: Int, _ b: Int, _ k: Int) -> Bool {
        table.columns[k].tokensPerValue <= Self.establishedTokens && table.areEstablished(a, b, k)
    }

    /// The text also stands in another text column of its row: it slipped into the wrong cell.
    private func isElsewhere(_ code: UInt32, in row: Int, but k: Int) -> Bool {
        guard table.kinds[k] == .text else { return false }
        for j in 0..<table.width where j != k && table.kinds[j] == .text && table.code(row, j) == code { return true }
        return false
    }

    private func different(_ k: Int, isEstablished: Bool) -> Int8 {
        if isEstablished, !tellsSigns, table.kinds[k] != .code { return 0 }
        let column = table.columns[k]
        let (p, n) = left[k]
        let (q, m) = right[k]
        let bit: UInt64 = 1 << UInt64(k)
        var s = 0.0
        switch table.kinds[k] {
        case .text:
            // Of two established values no sign but differing numbers matters.
            if isEstablished, !Self.hasDigit(p, n) || !Self.hasDigit(q, m) { return 0 }
            if !isEstablished {
                let cn = Self.compact(p, n, compactLeft)
                let cm = Self.compact(q, m, compactRight)
                s = Similarity.osa(compactLeft, cn, compactRight, cm)
            }
            if !tellsSigns, column.tokensPerValue <= Self.establishedTokens { break }
            splitLeft(k)
            rightWords.split(q, m, column)
            let soft = tokens.compare(p, leftWords[k], q, rightWords, frequent: table.establishedWeight[k])
            keepSigns(bit)
            if column.tokensPerValue > Self.establishedTokens { s = max(s, min(soft, 0.999)) }
        case .number where column.isDecimal:
            digitDifferences |= bit
            if let v = Self.number(p, n), let w = Self.number(q, m) {
                s = max(0, min(0.99, 1 - 4 * abs(v - w) / max(abs(v), abs(w), 1e-9)))
            }
        case .number, .date, .code:
            if table.kinds[k] == .code, Self.isLongerNumber(p, n, q, m) {
                explained |= bit
                return 5
            }
            digitDifferences |= bit
            let areSuccessive = Self.areSuccessive(p, n, q, m)
            if areSuccessive { successive |= bit }
            // Codes are alike by chance: what is no small typing error is another code.
            s = Similarity.osa(p, n, q, m)
            if s < Self.edges[3] { s = s < Self.edges[1] ? 0 : Self.edges[0] }
            if areSuccessive { s = min(s, Self.edges[0]) }
        }
        similarities[k] = Float(s)
        return isEstablished ? 0 : Self.level(s)
    }

    private static func level(_ similarity: Double) -> Int8 {
        var level: Int8 = 0
        for e in edges where similarity >= e { level += 1 }
        return min(level, 5)
    }

    /// The words of the left row's cell, which stay for the next pair.
    private func splitLeft(_ k: Int) {
        let bit: UInt64 = 1 << UInt64(k)
        if hasLeftWords & bit != 0 { return }
        hasLeftWords |= bit
        leftWords[k].split(left[k].0, left[k].1, table.columns[k])
    }

    /// What the words of the last two texts showed.
    private func keepSigns(_ bit: UInt64) {
        func set(_ signs: inout UInt64, _ isSet: Bool) { signs = isSet ? signs | bit : signs & ~bit }
        set(&digitDifferences, tokens.digitsDiffer)
        set(&substitutions, tokens.hasSubstitution)
        set(&omissions, tokens.hasOmission)
        set(&replacements, tokens.sharesNothing)
        set(&oneSidedDigits, tokens.digitsOnOneSide)
        set(&frequentChanges, tokens.hasFrequentChange)
        set(&thinAgreements, tokens.hasSubstitution && tokens.sharedWords < 2)
    }

    private static func hasDigit(_ p: UnsafePointer<UInt8>, _ n: Int) -> Bool {
        for i in 0..<n where p[i] &- 48 < 10 { return true }
        return false
    }

    /// One number is the other with a country or area code in front.
    private static func isLongerNumber(_ p: UnsafePointer<UInt8>, _ n: Int, _ q: UnsafePointer<UInt8>, _ m: Int) -> Bool {
        let short = min(n, m)
        guard short >= 7, abs(n - m) <= 4 else { return false }
        for i in 1...short where p[n - i] != q[m - i] || p[n - i] &- 48 > 9 { return false }
        return true
    }

    /// The values differ in their last digits by at most 10, as numbers that were given out one after the other do.
    private static func areSuccessive(_ p: UnsafePointer<UInt8>, _ n: Int, _ q: UnsafePointer<UInt8>, _ m: Int) -> Bool {
        // Where the first digits that differ are two apart, what follows cannot make up for it.
        if n == m, let first = (0..<n).first(where: { p[$0] != q[$0] }), n - first > 2,
            abs(Int(p[first]) - Int(q[first])) > 1
        {
            return false
        }
        func tail(_ p: UnsafePointer<UInt8>, _ n: Int) -> (value: Int, start: Int) {
            var start = n
            while start > 0, n - start < 15, p[start - 1] &- 48 < 10 { start -= 1 }
            var v = 0
            for i in start..<n { v = v * 10 + Int(p[i] - 48) }
            return (v, start)
        }
        let (v, i) = tail(p, n)
        let (w, j) = tail(q, m)
        guard i == j, i < n, j < m else { return false }
        for k in 0..<i where p[k] != q[k] { return false }
        return abs(v - w) <= 10
    }

    private func lookForSwaps(_ a: Int, _ b: Int, _ out: UnsafeMutablePointer<Int8>) {
        for (i, j) in displaced.swaps where out[i] < 4 && out[j] < 4 {
            locate(a, b)
            let s = crossed(i, j)
            let t = crossed(j, i)
            if min(s, t) >= 0.75 {
                out[i] = 4
                out[j] = 4
                explained |= 1 << UInt64(i) | 1 << UInt64(j)
            } else if (s >= 0.75 && t < 0) || (t >= 0.75 && s < 0) {
                let rare = table.columns[j].distinct > table.columns[i].distinct ? j : i
                out[i] = -1
                out[j] = -1
                out[rare] = 4
                explained |= 1 << UInt64(rare)
            }
        }
    }

    /// Words of a text that are a value of another column: where that column's cell is empty they are taken as its value, and they
    /// never make the texts differ.
    private func lookForMoves(_ a: Int, _ b: Int, into j: Int, _ from: [Int], _ out: UnsafeMutablePointer<Int8>) {
        locate(a, b)
        splitLeft(j)
        rightWords.split(right[j].0, right[j].1, table.columns[j])
        movedLeft.removeAll(keepingCapacity: true)
        movedRight.removeAll(keepingCapacity: true)
        for k in from {
            let isInLeft = table.code(a, k) != 0
            let isInRight = table.code(b, k) != 0
            var hasMoved = false
            if isInLeft {
                hasMoved = takeMoved(left[k], k, from: rightWords, but: leftWords[j], isMissing: !isInRight, &movedRight)
            }
            if isInRight {
                let isInText = takeMoved(right[k], k, from: leftWords[j], but: rightWords, isMissing: !isInLeft, &movedLeft)
                hasMoved = hasMoved || isInText
            }
            if hasMoved {
                out[k] = Self.moved
                explained |= 1 << UInt64(k)
            }
        }
        if movedLeft.isEmpty, movedRight.isEmpty { return }
        keptLeft.removeAll()
        for t in leftWords[j].tokens where !movedLeft.contains(t.hash) { keptLeft.append(t) }
        rightWords.removeAll { movedRight.contains($0.hash) }
        if keptLeft.isEmpty || rightWords.isEmpty { return }
        let soft = tokens.compare(left[j].0, keptLeft, right[j].0, rightWords)
        out[j] = max(out[j], Self.level(min(soft, 0.999)))
        similarities[j] = max(similarities[j], Float(min(soft, 0.999)))
        keepSigns(1 << UInt64(j))
    }
    static let moved: Int8 = 5

    /// Collects the words of a value that the other row has in its text and this one has not. True where they stand for that row's
    /// missing cell: only then they have to be all of the value, nearly, and not all of the text.
    private func takeMoved(
        _ cell: (UnsafePointer<UInt8>, Int), _ k: Int, from with: TokenList, but without: TokenList, isMissing: Bool,
        _ moved: inout [UInt32]
    ) -> Bool {
        valueWords.split(cell.0, cell.1, table.columns[k])
        if isMissing {
            if with.count <= valueWords.count { return false }
            if MovedWords.share(of: valueWords, in: with, but: without) < MovedWords.leastShare { return false }
        }
        for t in valueWords.tokens where MovedWords.isIn(with, t) && !MovedWords.isIn(without, t) { moved.append(t.hash) }
        return isMissing
    }

    /// Similarity of the left row's column `i` and the right row's column `j`; -1 when one is missing.
    private func crossed(_ i: Int, _ j: Int) -> Double {
        let (p, n) = left[i]
        let (q, m) = right[j]
        if n == 0 || m == 0 { return -1 }
        return Similarity.osa(compactLeft, Self.compact(p, n, compactLeft), compactRight, Self.compact(q, m, compactRight))
    }

    private static func compact(_ p: UnsafePointer<UInt8>, _ n: Int, _ out: UnsafeMutablePointer<UInt8>) -> Int {
        var k = 0
        for i in 0..<n where p[i] != 32 {
            out[k] = p[i]
            k += 1
        }
        return k
    }

    /// Decimal text to number; nil when it is none.
    static func number(_ p: UnsafePointer<UInt8>, _ n: Int) -> Double? {
        if let canonical = CanonicalText.parseDecimal(p, n) { return canonical }
        guard n > 0, n < 64 else { return nil }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
            for i in 0..<n { text[i] = CChar(bitPattern: p[i]) }
            text[n] = 0
            var end: UnsafeMutablePointer<CChar>?
            let v = strtod(text.baseAddress!, &end)
            return end == text.baseAddress! + n && v.isFinite ? v : nil
        }
    }
}
