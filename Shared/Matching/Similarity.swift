internal import Tabular

#if canImport(Glibc)
    internal import Glibc
#endif

/// Typo-tolerant comparison of short byte strings.
enum Similarity {
    /// Strings longer than this are compared by their words only.
    static let maximumEditBytes = 192

    /// 1 - optimal-string-alignment distance / longer length. Bytes, not characters: the forms compared are mostly ASCII.
    /// - Source: Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit distances", 2003
    static func osa(_ a: UnsafePointer<UInt8>, _ n: Int, _ b: UnsafePointer<UInt8>, _ m: Int) -> Double {
        let longest = max(n, m)
        if longest == 0 { return 1 }
        // Every edit changes the length by at most one.
        let bound = 1 - Double(abs(n - m)) / Double(longest)
        if bound < 0.2 { return 0 }
        if n > 64, m > 64 {
            if longest > maximumEditBytes { return 0 }
            return 1 - Double(n <= m ? words(a, n, b, m) : words(b, m, a, n)) / Double(longest)
        }
        let distance = n <= 64 ? bits(a, n, b, m) : bits(b, m, a, n)
        return 1 - Double(distance) / Double(longest)
    }

    /// `a` has at most 64 bytes.
    private static func bits(_ a: UnsafePointer<UInt8>, _ n: Int, _ b: UnsafePointer<UInt8>, _ m: Int) -> Int {
        if n == 0 { return m }
        return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 256) { pattern in
            // Only the entries that the two strings use are set and read.
            for j in 0..<m { pattern[Int(b[j])] = 0 }
            for i in 0..<n { pattern[Int(a[i])] = 0 }
            for i in 0..<n { pattern[Int(a[i])] |= 1 << UInt64(i) }
            var vp = n == 64 ? UInt64.max : (1 << UInt64(n)) - 1
            var vn: UInt64 = 0
            var d0: UInt64 = 0
            var previous: UInt64 = 0
            let last: UInt64 = 1 << UInt64(n - 1)
            var distance = n
            for j in 0..<m {
                let pm = pattern[Int(b[j])]
                let tr = ((~d0 & pm) << 1) & previous
                d0 = ((((pm & vp) &+ vp) ^ vp) | pm | vn) | tr
                var hp = vn | ~(d0 | vp)
                let hn = d0 & vp
                if hp & last != 0 { distance += 1 }
                if hn & last != 0 { distance -= 1 }
                hp = hp << 1 | 1
                vp = (hn << 1) | ~(d0 | hp)
                vn = hp & d0
                previous = pm
            }
            return distance
        }
    }

    /// As ``bits(_:_:_:_:)`` with vectors of several words: sums and shifts carry from one to the next.
    private static func words(_ a: UnsafePointer<UInt8>, _ n: Int, _ b: UnsafePointer<UInt8>, _ m: Int) -> Int {
        let count = (n + 63) / 64
        return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: (256 + 4) * count) { room in
            guard let pattern = room.baseAddress else { return 0 }
            for j in 0..<m { (pattern + Int(b[j]) &* count).update(repeating: 0, count: count) }
            for i in 0..<n { (pattern + Int(a[i]) &* count).update(repeating: 0, count: count) }
            for i in 0..<n { pattern[Int(a[i]) &* count &+ i >> 6] |= 1 << UInt64(i & 63) }
            let vp = pattern + 256 * count
            let vn = vp + count
            let d0 = vn + count
            let previous = d0 + count
            vp.update(repeating: .max, count: count)
            vn.update(repeating: 0, count: 3 * count)
            let last: UInt64 = 1 << UInt64((n - 1) & 63)
            var distance = n
            for j in 0..<m {
                let own = pattern + Int(b[j]) &* count
                var carry: UInt64 = 0
                var transposed: UInt64 = 0
                var (up, down): (UInt64, UInt64) = (1, 0)
                for w in 0..<count {
                    let pm = own[w]
                    let (half, first) = (pm & vp[w]).addingReportingOverflow(vp[w])
                    let (sum, second) = half.addingReportingOverflow(carry)
                    carry = first || second ? 1 : 0
                    let swapped = ~d0[w] & pm
                    let tr = (swapped << 1 | transposed) & previous[w]
                    transposed = swapped >> 63
                    let d = (sum ^ vp[w]) | pm | vn[w] | tr
                    let hp = vn[w] | ~(d | vp[w])
                    let hn = d & vp[w]
                    if w == count - 1 {
                        if hp & last != 0 { distance += 1 }
                        if hn & last != 0 { distance -= 1 }
                    }
                    let risen = hp << 1 | up
                    up = hp >> 63
                    vp[w] = (hn << 1 | down) | ~(d | risen)
                    down = hn >> 63
                    vn[w] = risen & d
                    d0[w] = d
                    previous[w] = pm
                }
            }
            return distance
        }
    }
}

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

/// The words of two cells, and how much of their weight finds a partner. One thread at a time.
struct TokenMatcher {
    private var left: [Token] = []
    private var right: [Token] = []
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

    static let maximumTokens = 60
    /// Bytes of a word that are compared.
    private static let longestWord = 32

    /// Twice the share of the words' weight that finds a partner. The words are those of ``split(_:_:into:_:)``.
    /// - Parameter frequent: a word of this weight or less is no typing error.
    mutating func compare(
        _ a: UnsafePointer<UInt8>, _ leftWords: [Token], _ b: UnsafePointer<UInt8>, _ rightWords: [Token],
        frequent: Float = 0
    ) -> Double {
        left.removeAll(keepingCapacity: true)
        left += leftWords
        right.removeAll(keepingCapacity: true)
        right += rightWords
        digitsDiffer = false
        digitsOnOneSide = false
        hasSubstitution = false
        hasOmission = false
        sharesNothing = false
        sharedWords = 0
        hasFrequentChange = false
        var total: Float = 0
        for t in left { total += t.weight }
        for t in right { total += t.weight }
        if total <= 0 || left.isEmpty || right.isEmpty { return 0 }
        var matched: Float = 0
        var i = 0
        var j = 0
        while i < left.count, j < right.count {
            if left[i].hash == right[j].hash {
                matched += left[i].weight + right[j].weight
                sharedWords += 1
                left[i].isUsed = true
                right[j].isUsed = true
                i += 1
                j += 1
            } else if left[i].hash < right[j].hash {
                i += 1
            } else {
                j += 1
            }
        }
        left.removeAll { $0.isUsed }
        right.removeAll { $0.isUsed }
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

    private static func hasRoman(_ tokens: [Token], _ p: UnsafePointer<UInt8>, ofLetters least: Int32) -> Bool {
        tokens.contains { $0.length >= least && roman($0, p) > 0 }
    }

    /// Hash of the digits in the words, whatever their order; 0 without digits.
    private static func digits(_ tokens: [Token], _ p: UnsafePointer<UInt8>, withRoman: Bool) -> UInt64 {
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

    /// The words of a cell in order of their hashes, each once.
    static func split(_ p: UnsafePointer<UInt8>, _ n: Int, into out: inout [Token], _ column: ColumnStatistics) {
        out.removeAll(keepingCapacity: true)
        var start = 0
        while start < n, out.count < maximumTokens {
            var end = start
            var hasDigit = false
            var letters: UInt32 = 0
            while end < n, p[end] != 32 {
                let c = p[end]
                hasDigit = hasDigit || c &- 48 < 10
                if end - start < longestWord { letters |= 1 << UInt32(c &- 97 < 26 ? c &- 97 : 26 + c % 6) }
                end += 1
            }
            if end > start {
                let hash = ColumnStatistics.hash(p + start, end - start)
                out.append(
                    Token(
                        start: Int32(start), length: Int32(min(end - start, longestWord)), hash: hash,
                        weight: column.tokenWeight(hash), isUsed: false, hasDigit: hasDigit, letters: letters))
                // Few words: by insertion.
                var at = out.count - 1
                while at > 0, out[at].hash < out[at - 1].hash {
                    out.swapAt(at, at - 1)
                    at -= 1
                }
            }
            start = end + 1
        }
        // A word counts once per cell.
        var kept = 0
        for t in out.indices where kept == 0 || out[t].hash != out[kept - 1].hash {
            out[kept] = out[t]
            kept += 1
        }
        out.removeLast(out.count - kept)
    }
}
