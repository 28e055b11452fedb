internal import Tabular

#if canImport(Glibc)
    internal import Glibc
#endif

/// A word of a cell in normal form.
struct Token {
    var start: Int32
    var length: Int32
    var hash: UInt32
    var weight: Float
    var isUsed: Bool
    var hasDigit: Bool
    /// Which letters and kinds of other bytes occur in it, one bit each.
    var letters: UInt32
}

/// The words of a cell in order of their hashes, each once. One thread at a time.
final class TokenList {
    private let store = UnsafeMutablePointer<Token>.allocate(capacity: maximum)
    private(set) var count = 0
    var tokens: UnsafeMutableBufferPointer<Token> { UnsafeMutableBufferPointer(start: store, count: count) }
    var isEmpty: Bool { count == 0 }

    static let maximum = 60

    deinit { store.deallocate() }

    func removeAll() { count = 0 }

    /// Behind the others.
    @inline(__always)
    func append(_ token: Token) {
        store[count] = token
        count &+= 1
    }

    @inline(__always)
    func removeAll(where isGone: (Token) -> Bool) {
        var kept = 0
        for i in 0..<count where !isGone(store[i]) {
            store[kept] = store[i]
            kept &+= 1
        }
        count = kept
    }

    /// The words of a text in normal form: so many of the first as there is room for.
    func split(_ p: UnsafePointer<UInt8>, _ n: Int, _ column: ColumnStatistics) {
        count = 0
        let bits = Self.letterBits
        var start = 0
        var seen = 0
        while start < n, seen < Self.maximum {
            var end = start
            var letters: UInt32 = 0
            while end < n, p[end] != 32 {
                if end &- start < Self.longestWord { letters |= bits[Int(p[end])] }
                end &+= 1
            }
            if end > start {
                seen &+= 1
                insert(
                    Token(
                        start: Int32(start), length: Int32(min(end - start, Self.longestWord)),
                        hash: ColumnStatistics.hash(p + start, end - start), weight: 0, isUsed: false,
                        hasDigit: Self.hasDigit(p + start, end - start, letters), letters: letters))
            }
            start = end + 1
        }
        for i in 0..<count { store[i].weight = column.tokenWeight(store[i].hash) }
    }
    /// Bytes of a word that are compared.
    private static let longestWord = 32

    /// At its place: there are few. A word counts once per cell.
    @inline(__always)
    private func insert(_ token: Token) {
        var at = count
        while at > 0, store[at &- 1].hash > token.hash { at &-= 1 }
        if at > 0, store[at &- 1].hash == token.hash { return }
        for i in stride(from: count, to: at, by: -1) { store[i] = store[i &- 1] }
        store[at] = token
        count &+= 1
    }

    @inline(__always)
    private static func hasDigit(_ p: UnsafePointer<UInt8>, _ n: Int, _ letters: UInt32) -> Bool {
        // Without anything but letters in what was looked at, nothing is left to look at.
        if n <= longestWord, letters >> 26 == 0 { return false }
        for i in 0..<n where p[i] &- 48 < 10 { return true }
        return false
    }

    /// Per byte: a bit of its own for a letter, one of six for what is none.
    // Never written after it was made.
    private nonisolated(unsafe) static let letterBits: UnsafePointer<UInt32> = {
        let table = UnsafeMutablePointer<UInt32>.allocate(capacity: 256)
        for c in UInt8.min...UInt8.max { table[Int(c)] = 1 << UInt32(c &- 97 < 26 ? c &- 97 : 26 + c % 6) }
        return UnsafePointer(table)
    }()
}

/// The words of two cells, and how much of their weight finds a partner. One thread at a time.
struct TokenMatcher {
    /// What is left over of the two.
    private let left = TokenList()
    private let right = TokenList()
    /// The digits of the left-over words differ: another house number, another model.
    private(set) var digitsDiffer = false
    /// Words with digits are left over on one side only.
    private(set) var digitsOnOneSide = false
    /// The words that carry the meaning have no counterpart at all.
    private(set) var sharesNothing = false
    private static let nothing: Float = 0.1
    /// Both sides have words without a counterpart.
    private(set) var hasSubstitution = false
    /// One side has words that the other lacks: an erratum, a second part, an edition.
    private(set) var hasOmission = false
    /// Words that are the same on both sides.
    private(set) var sharedWords = 0
    /// Two frequent words were taken for spellings of one.
    private(set) var hasFrequentChange = false

    /// Twice the share of the words' weight that finds a partner. The words are those of the two texts.
    /// - Parameter frequent: a word of this weight or less is no typing error.
    mutating func compare(
        _ a: UnsafePointer<UInt8>, _ leftWords: TokenList, _ b: UnsafePointer<UInt8>, _ rightWords: TokenList,
        frequent: Float = 0
    ) -> Double {
        let (ours, theirs) = (leftWords.tokens, rightWords.tokens)
        digitsDiffer = false
        digitsOnOneSide = false
        hasSubstitution = false
        hasOmission = false
        sharesNothing = false
        sharedWords = 0
        hasFrequentChange = false
        var total: Float = 0
        for t in ours { total += t.weight }
        for t in theirs { total += t.weight }
        if total <= 0 || ours.isEmpty || theirs.isEmpty { return 0 }
        left.removeAll()
        right.removeAll()
        var matched: Float = 0
        var i = 0
        var j = 0
        while i < ours.count, j < theirs.count {
            if ours[i].hash == theirs[j].hash {
                matched += ours[i].weight + theirs[j].weight
                sharedWords += 1
                i += 1
                j += 1
            } else if ours[i].hash < theirs[j].hash {
                left.append(ours[i])
                i += 1
            } else {
                right.append(theirs[j])
                j += 1
            }
        }
        for t in ours[i...] { left.append(t) }
        for t in theirs[j...] { right.append(t) }
        return match(a, b, matched: matched, total: total, frequent: frequent)
    }

    /// Pairs off the words that are left over.
    private mutating func match(
        _ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, matched: Float, total: Float, frequent: Float
    ) -> Double {
        var matched = matched
        let (left, right) = (left.tokens, right.tokens)
        // A part I is no part II; a lone letter is an initial, unless the other side has a Roman number, too.
        let haveRoman = Self.hasRoman(left, a, ofLetters: 2) || Self.hasRoman(right, b, ofLetters: 2)
        let areRoman = haveRoman && Self.hasRoman(left, a, ofLetters: 1) && Self.hasRoman(right, b, ofLetters: 1)
        let x = Self.digits(left, a, withRoman: areRoman)
        let y = Self.digits(right, b, withRoman: areRoman)
        digitsDiffer = x != 0 && y != 0 && x != y
        digitsOnOneSide = (x == 0) != (y == 0)
        var alone = left.count
        if left.count * right.count <= 400 {
            for t in left {
                var best = 0.0
                var partner = -1
                for k in right.indices where !right[k].isUsed {
                    let s = Self.similarity(a, t, b, right[k])
                    if s > best {
                        best = s
                        partner = k
                    }
                }
                if partner >= 0 {
                    matched += Float(best) * (t.weight + right[partner].weight)
                    if max(t.weight, right[partner].weight) <= frequent, min(t.length, right[partner].length) > 2 {
                        hasFrequentChange = true
                    }
                    right[partner].isUsed = true
                    alone -= 1
                }
            }
        }
        let isRightAlone = right.contains { !$0.isUsed }
        hasSubstitution = alone > 0 && isRightAlone
        hasOmission = (alone > 0) != isRightAlone
        sharesNothing = hasSubstitution && matched <= total * Self.nothing
        return Double(matched / total)
    }

    private static let romans: [StaticString] = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"]

    /// I, V and X among the letters of a word.
    private static let romanLetters: UInt32 = 1 << 8 | 1 << 21 | 1 << 23

    /// The number that a word writes in Roman digits, up to 12; 0: none.
    private static func roman(_ t: Token, _ p: UnsafePointer<UInt8>) -> Int {
        if t.length > 4 || t.letters & ~romanLetters != 0 { return 0 }
        let n = Int(t.length)
        let at = romans.firstIndex { $0.utf8CodeUnitCount == n && memcmp($0.utf8Start, p + Int(t.start), n) == 0 }
        return at.map { $0 + 1 } ?? 0
    }

    private static func hasRoman(
        _ tokens: UnsafeMutableBufferPointer<Token>, _ p: UnsafePointer<UInt8>, ofLetters least: Int32
    ) -> Bool {
        tokens.contains { $0.length >= least && roman($0, p) > 0 }
    }

    /// Hash of the digits in the words, whatever their order; 0 without digits.
    private static func digits(
        _ tokens: UnsafeMutableBufferPointer<Token>, _ p: UnsafePointer<UInt8>, withRoman: Bool
    ) -> UInt64 {
        var sum: UInt64 = 0
        if withRoman { for t in tokens { sum &+= UInt64(roman(t, p)) &* 0x9E37_79B9_7F4A_7C15 } }
        for t in tokens where t.hasDigit {
            var v: UInt64 = 1
            for i in Int(t.start)..<Int(t.start + t.length) where p[i] &- 48 < 10 { v = v &* 31 &+ UInt64(p[i]) }
            sum &+= Hash.mix(v)
        }
        return sum
    }

    /// Prefix or initial .8 (two letters .6), small edits from .7 on.
    private static func similarity(_ a: UnsafePointer<UInt8>, _ s: Token, _ b: UnsafePointer<UInt8>, _ t: Token) -> Double {
        let n = Int(s.length)
        let m = Int(t.length)
        let short = min(n, m)
        let x = a + Int(s.start)
        let y = b + Int(t.start)
        var prefix = 0
        while prefix < short, x[prefix] == y[prefix] { prefix += 1 }
        if prefix == short, !s.hasDigit, !t.hasDigit { return short == 2 ? 0.6 : 0.8 }
        if abs(n - m) > 2 || short < 3 { return 0 }
        // An edit changes at most two letters: one goes, one comes.
        let edits = ((s.letters ^ t.letters).nonzeroBitCount + 1) / 2
        if 1 - Double(edits) / Double(max(n, m)) < leastAlike { return 0 }
        let v = Similarity.osa(x, n, y, m)
        return v < leastAlike ? 0 : v
    }
    private static let leastAlike = 0.7
}
