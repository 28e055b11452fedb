internal import Profiling

/// Finds values of a closed vocabulary that are other spellings of a frequent one.
///
/// Case first, then single typing errors, then corruption by one repeated character. A rewrite needs a value that is common, a variant that is
/// very rare, and a difference that is no inflection, no other number, no other initial; anything less is only reported.
enum Spelling {
    struct Outcome {
        var rewrites: [ColumnResolution.Rewrite] = []
        /// Values that look like variants but are left alone.
        var caseOnly: [ColumnProfile.ValueCount] = []
        var similar: [ColumnProfile.ValueCount] = []
    }

    /// - Parameter repairsTypos: the vocabulary is small and closed; else similar values are only reported.
    static func decide(_ values: [ColumnProfile.ValueCount], repairsTypos: Bool) -> Outcome {
        var out = Outcome()
        var left = caseVariants(values, &out)
        left.sort { $0.count != $1.count ? $0.count > $1.count : $0.text < $1.text }
        typos(left, repairsTypos, &out)
        out.rewrites.sort { $0.from.utf8.lexicographicallyPrecedes($1.from.utf8) }
        return out
    }

    private enum Style {
        case upper, lower, title, mixed
        init(_ s: String) {
            let letters = s.filter(\.isLetter)
            if letters == letters.uppercased() {
                self = letters.count > 1 ? .upper : .title
            } else if letters == letters.lowercased() {
                self = .lower
            } else {
                self = s.first?.isUppercase == true ? .title : .mixed
            }
        }
    }

    private static func hasDigit(_ s: String) -> Bool { s.utf8.contains { $0 &- 0x30 < 10 } }

    /// Groups values that differ in case and blanks only; returns the survivors with the counts of their group.
    private static func caseVariants(_ values: [ColumnProfile.ValueCount], _ out: inout Outcome) -> [ColumnProfile.ValueCount] {
        var groups: [String: [ColumnProfile.ValueCount]] = [:]
        for v in values where !v.isCut { groups[v.text.lowercased(), default: []].append(v) }
        var styles: [Style: Int] = [:]
        for v in values { styles[Style(v.text), default: 0] += v.count }
        var left: [ColumnProfile.ValueCount] = []
        for (_, group) in groups {
            let most = group.reduce(0) { max($0, $1.count) }
            // Among variants of about the same frequency the column's own style decides.
            func rank(_ v: ColumnProfile.ValueCount) -> Int { v.count * 2 >= most ? styles[Style(v.text)] ?? 0 : -1 }
            let sorted = group.sorted {
                let (a, b) = (rank($0), rank($1))
                if a != b { return a > b }
                return $0.count != $1.count ? $0.count > $1.count : $0.text.utf8.lexicographicallyPrecedes($1.text.utf8)
            }
            var lead = sorted[0]
            for v in sorted.dropFirst() {
                let ratio = Double(lead.count) / Double(v.count)
                // Codes (digits) and one- or two-letter symbols (mm, MM) may mean different things.
                if hasDigit(v.text) || (v.text.count <= 2 && ratio < 10) {
                    out.caseOnly.append(v)
                    left.append(v)
                } else {
                    out.rewrites.append(
                        .init(from: v.text, to: lead.text, transformation: .categoryCase, confidence: ratio >= 10 ? 0.97 : 0.85))
                    lead.count += v.count
                }
            }
            left.append(lead)
        }
        return left
    }

    private static func typos(_ values: [ColumnProfile.ValueCount], _ repairs: Bool, _ out: inout Outcome) {
        let n = values.reduce(0) { $0 + $1.count }
        let common = values.filter { $0.count >= 20 && $0.text.utf8.count <= 64 }
        guard !common.isEmpty, common.count <= 400 else { return }
        let commonForms = common.map { Array($0.text.lowercased().unicodeScalars) }
        for v in values where v.text.utf8.count >= 4 && v.text.utf8.count <= 128 && v.count * 20 <= common[0].count {
            let form = Array(v.text.lowercased().unicodeScalars)
            var best: (distance: Int, index: Int)?
            var ties = false
            var masked: Int?
            for (i, u) in common.enumerated() where u.count >= 20 * v.count && u.text != v.text {
                let target = commonForms[i]
                if abs(target.count - form.count) <= 1 {
                    let d = distance(form, target, limit: 1)
                    if d <= 1, plausible(form, target) {
                        if best == nil { best = (d, i) } else { ties = true }
                    }
                }
                if target.count == form.count, isMasked(form, target) {
                    if masked == nil { masked = i } else { ties = true }
                }
            }
            guard best != nil || masked != nil, !ties || masked == nil else { continue }
            let target = common[best?.index ?? masked ?? 0]
            // One very rare variant of one very common value in a small vocabulary.
            let isRare = v.count <= max(2, n / 2000) && target.count >= 50 * v.count
            if !ties, let hit = masked, best == nil, repairs {
                out.rewrites.append(
                    .init(from: v.text, to: common[hit].text, transformation: .categorySpelling, confidence: 0.92))
            } else if !ties, best != nil, repairs, isRare, form.count >= 5, n >= 10 * values.count {
                out.rewrites.append(.init(from: v.text, to: target.text, transformation: .categorySpelling, confidence: 0.93))
            } else {
                out.similar.append(v)
            }
        }
    }

    /// Damerau-Levenshtein distance with adjacent transpositions, `limit + 1` when larger.
    static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar], limit: Int) -> Int {
        if abs(a.count - b.count) > limit { return limit + 1 }
        var before: [Int] = []
        var previous = Array(0...b.count)
        for i in 1...max(a.count, 1) where !a.isEmpty {
            var row = [i] + Array(repeating: 0, count: b.count)
            var least = i
            for j in 1...max(b.count, 1) where !b.isEmpty {
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

    private static func isDigit(_ c: Unicode.Scalar) -> Bool { c.value &- 0x30 < 10 }
    private static func isAlnum(_ c: Unicode.Scalar) -> Bool { c.properties.isAlphabetic || isDigit(c) }

    /// Not plausible as typing errors: inflections, other numbers, short code parts, another initial.
    static func plausible(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Bool {
        guard a != b, a.filter(isDigit) == b.filter(isDigit) else { return false }
        var i = 0
        while i < min(a.count, b.count), a[i] == b[i] { i += 1 }
        var j = 0
        while j < min(a.count, b.count) - i, a[a.count - 1 - j] == b[b.count - 1 - j] { j += 1 }
        guard i > 0 else { return false }
        var x = i
        var y = b.count - j
        while x > 0, isAlnum(b[x - 1]) { x -= 1 }
        while y < b.count, isAlnum(b[y]) { y += 1 }
        guard y - x > 3, i > x else { return false }
        let atEnd = j == 0 || !isAlnum(a[a.count - j])
        return !(atEnd && a.count - j - i <= 2 && b.count - j - i <= 2)
    }

    /// At least two differences, and everywhere the same character stands in the way.
    static func isMasked(_ v: [Unicode.Scalar], _ u: [Unicode.Scalar]) -> Bool {
        guard v.count == u.count, v.count >= 4 else { return false }
        var mark: Unicode.Scalar?
        var differences = 0
        for (a, b) in zip(v, u) where a != b {
            if let mark, mark != a { return false }
            if isDigit(a), isDigit(b) { return false }
            mark = a
            differences += 1
        }
        return differences >= 2 && differences <= v.count / 2
    }
}
