internal import Tabular

/// Whether one value can be a misspelling of another. Texts are compared as Unicode scalars, folded to lower case where said.
enum Similarity {
    typealias Scalars = [Unicode.Scalar]

    static func folded(_ s: String) -> Scalars { Array(s.lowercased().unicodeScalars) }
    static func isDigit(_ c: Unicode.Scalar) -> Bool { c.value &- 0x30 < 10 }
    static func isWordPart(_ c: Unicode.Scalar) -> Bool { c.properties.isAlphabetic || isDigit(c) }
    static func digits(_ s: Scalars) -> Scalars { s.filter(isDigit) }

    /// Hashes of the words (runs of letters and digits) of a text, folded.
    static func words(_ s: String) -> [UInt64] {
        var out: [UInt64] = []
        var word = ""
        for c in s.lowercased().unicodeScalars {
            if isWordPart(c) {
                word.unicodeScalars.append(c)
            } else if !word.isEmpty {
                out.append(Hash.h64(word))
                word = ""
            }
        }
        if !word.isEmpty { out.append(Hash.h64(word)) }
        return out
    }

    /// Damerau-Levenshtein distance with adjacent transpositions, `limit + 1` when larger.
    static func distance(_ a: Scalars, _ b: Scalars, limit: Int) -> Int {
        if abs(a.count - b.count) > limit { return limit + 1 }
        if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
        var before: [Int] = []
        var previous = Array(0...b.count)
        for i in 1...a.count {
            var row = [i] + Array(repeating: 0, count: b.count)
            var least = i
            for j in 1...b.count {
                var d = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { d = min(d, before[j - 2] + 1) }
                row[j] = d
                least = min(least, d)
            }
            if least > limit { return limit + 1 }
            before = previous
            previous = row
        }
        return min(previous[b.count], limit + 1)
    }

    /// Differences that are inflections, other numbers, short code parts or another initial are not typing errors.
    static func isPlausible(_ a: Scalars, _ b: Scalars) -> Bool {
        guard a != b, digits(a) == digits(b) else { return false }
        var i = 0
        while i < min(a.count, b.count), a[i] == b[i] { i += 1 }
        var j = 0
        while j < min(a.count, b.count) - i, a[a.count - 1 - j] == b[b.count - 1 - j] { j += 1 }
        var x = i
        var y = b.count - j
        while x > 0, isWordPart(b[x - 1]) { x -= 1 }
        while y < b.count, isWordPart(b[y]) { y += 1 }
        // A word with digits is a code, and codes differ by a letter.
        guard y - x > 3, !b[x..<y].contains(where: isDigit) else { return false }
        let atEnd = j == 0 || !isWordPart(a[a.count - j])
        // Nobody inflects by two letters that change places; but a centre is a center.
        if areSwapped(a[i..<(a.count - j)], b[i..<(b.count - j)]) { return !atEnd || Set(b[i..<(b.count - j)]) != ["e", "r"] }
        guard i > x else { return false }
        return !(atEnd && a.count - j - i <= 2 && b.count - j - i <= 2)
    }

    private static func areSwapped(_ a: ArraySlice<Unicode.Scalar>, _ b: ArraySlice<Unicode.Scalar>) -> Bool {
        guard a.count == 2, b.count == 2, let p = a.first, let q = a.last else { return false }
        return p == b.last && q == b.first && p.properties.isAlphabetic && q.properties.isAlphabetic
    }

    /// A letter too many or too few where a word of at least five letters begins: `mpty`, `jempty`. Other words are made so, too (`rayon`,
    /// `crayon`): for those who have more to go by.
    static func isInitialSlip(_ a: Scalars, _ b: Scalars) -> Bool {
        guard abs(a.count - b.count) == 1 else { return false }
        let (short, long) = a.count < b.count ? (a, b) : (b, a)
        // The end of the word's beginning that both share may be any of a run of equal letters: the first one counts.
        var i = 0
        while i < short.count, short[i] == long[i], !(isStart(long, i) && long[i] == long[i + 1]) { i += 1 }
        guard isStart(long, i), long[i].properties.isAlphabetic, short[i...].elementsEqual(long[(i + 1)...]) else { return false }
        let rest = short[i...].prefix(while: isWordPart)
        return rest.count >= 4 && !rest.contains(where: isDigit)
    }
    private static func isStart(_ s: Scalars, _ i: Int) -> Bool { i == 0 || !isWordPart(s[i - 1]) }

    /// Texts too short for more, which differ by a letter too many or too few or by two that changed places: `cGA`, `L` for `FL`, `JN`.
    static func isShortSlip(_ v: String, _ u: String) -> Bool {
        let (a, b) = (folded(v), folded(u))
        guard min(a.count, b.count) < 4, b.count <= 4, !a.isEmpty, a != b, (a + b).allSatisfy(\.properties.isAlphabetic) else {
            return false
        }
        if a.count == b.count { return a.count > 1 && distance(a, b, limit: 1) == 1 && a.sorted() == b.sorted() }
        return abs(a.count - b.count) == 1 && distance(a, b, limit: 1) == 1
    }

    /// Same length, and everywhere they differ the same character stands in `v`: a corruption, unless it makes another number.
    static func isMasked(_ v: Scalars, _ u: Scalars, least: Int = 1) -> Bool { mask(v, u, least: least) != nil }

    /// The character that stands in `v` wherever it differs from `u`.
    static func mask(_ v: Scalars, _ u: Scalars, least: Int = 1) -> Unicode.Scalar? {
        guard v.count == u.count, v.count >= 2 else { return nil }
        var mark: Unicode.Scalar?
        var differences = 0
        for (a, b) in zip(v, u) where a != b {
            if let mark, mark != a { return nil }
            if isDigit(a), isDigit(b) { return nil }
            mark = a
            differences += 1
        }
        return differences >= least && differences <= max(1, v.count / 2) ? mark : nil
    }

    /// One word of letters and digits: `N351AA`.
    static func isCode(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        return !scalars.contains(" ") && scalars.contains(where: isDigit) && scalars.contains { $0.properties.isAlphabetic }
    }

    /// Close enough that one may be a misspelling of the other: at most a quarter of the characters differ and no word became another one, or
    /// one character hides others.
    static func isSimilar(_ v: String, _ u: String) -> Bool {
        let (a, b) = (folded(v), folded(u))
        let shorter = min(a.count, b.count)
        guard shorter >= 4 else { return false }
        if isMasked(a, b) { return true }
        if a == b { return !a.contains(where: isDigit) }
        // Other digits make another number.
        if digits(a) != digits(b) { return false }
        let k = max(1, shorter / 4)
        return distance(a, b, limit: k) <= k && !exchangesWords(a, b)
    }

    /// Between words that both have stand words of which more than a third differs: `Rayon (Crown), printed` and `Rayon (Enka), printed`.
    private static func exchangesWords(_ a: Scalars, _ b: Scalars) -> Bool {
        var start = 0
        while start < min(a.count, b.count), a[start] == b[start] { start += 1 }
        var end = 0
        while end < min(a.count, b.count) - start, a[a.count - 1 - end] == b[b.count - 1 - end] { end += 1 }
        // To whole words.
        while start > 0, isWordPart(a[start - 1]) { start -= 1 }
        while end > 0, isWordPart(a[a.count - end]) { end -= 1 }
        if start == 0, end == 0 { return false }
        let (x, y) = (Array(a[start..<(a.count - end)]), Array(b[start..<(b.count - end)]))
        if x.isEmpty || y.isEmpty { return false }
        let k = max(1, min(x.count, y.count) / 3)
        return distance(x, y, limit: k) > k
    }
}
