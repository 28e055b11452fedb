/// Values that are other spellings of a frequent value of the same column: case, single typing errors, corruption by one repeated character.
///
/// A repair needs a value that is common, a variant that is very rare, and a difference that is no inflection, no other number and no other
/// initial.
struct SpellingRule {
    let ledger: ValueLedger
    /// Names of people and other values that rightly differ by a letter: suggestions at most.
    let isCautious: Bool
    var isOfPlaces = false

    static let indexedLength = 64
    static let distinctLimit = 8192

    /// - Returns: values that differ in case, blanks or punctuation at the end only and are left alone, and whether common values differ by
    ///   letters, as names may.
    func run() -> (left: [String], isOfNeighbours: Bool) {
        let left = unifyCase()
        let values = ledger.values
        let n = values.reduce(0) { $0 + $1.count }
        // A list without repetitions shows no frequencies to judge by.
        guard values.count * 2 <= n, values.count <= Self.distinctLimit else { return (left, false) }
        let isOfNeighbours = typos(values, n)
        masks()
        return (left, isOfNeighbours)
    }

    // MARK: case

    enum Style: Hashable {
        case upper, lower, title, mixed
        init(_ s: String) {
            let letters = s.filter(\.isLetter)
            if letters.count > 1, letters == letters.uppercased() {
                self = .upper
            } else if letters == letters.lowercased() {
                self = .lower
            } else {
                self = s.first?.isUppercase == true ? .title : .mixed
            }
        }
    }

    /// Without case, surplus blanks, punctuation and marks at the end: `United States.`, `England*`
    private static func plainForm(_ text: String) -> String {
        let plain = text.lowercased().split(separator: " ").joined(separator: " ")
        let short = dropping(".,;:", plain)
        guard isMarked(short) else { return short }
        let bare = dropping(marks, short)
        return bare.count >= leastMarked ? bare : short
    }
    private static func dropping(_ signs: String, _ text: String) -> String {
        guard let last = text.lastIndex(where: { !signs.contains($0) }) else { return text }
        return String(text[...last])
    }
    private static let marks = " .,;:*†‡#-_"
    /// A note may belong to the mark at its end: what differs only in marks is said to be a variant, and stays.
    private static func isMarked(_ text: String) -> Bool {
        text.last.map { "*†‡#".contains($0) } ?? false
    }
    private static let leastMarked = 4

    /// Families write `de Boer` or `De Boer`; nobody writes `dE Boer`.
    private static func differInParticle(_ a: String, _ b: String) -> Bool {
        let (x, y) = (a.split(separator: " "), b.split(separator: " "))
        guard x.count > 1, y.count > 1, x[0] != y[0], x[0].dropFirst() == y[0].dropFirst(), x.dropFirst() == y.dropFirst() else {
            return false
        }
        return NameWords.particles.contains(x[0].lowercased())
    }

    /// Values that differ in case, inner blanks and punctuation at the end only follow the commonest one, when it dominates them or the whole column shares its style.
    private func unifyCase() -> [String] {
        var left: [String] = []
        let values = ledger.values
        var styles: [Style: Int] = [:]
        var groups: [String: [(text: String, count: Int)]] = [:]
        for v in values {
            styles[Style(v.text), default: 0] += v.count
            groups[Self.plainForm(v.text), default: []].append(v)
        }
        let n = values.reduce(0) { $0 + $1.count }
        for group in groups.values where group.count > 1 {
            let lead = group[0]
            for v in group.dropFirst() {
                // Codes (digits) and symbols of one or two letters (mm, MM) may mean different things.
                let isCode = v.text.utf8.contains { $0 &- 0x30 < 10 }
                let style = Style(lead.text)
                let dominates = lead.count >= 10 * v.count
                let isOfStyle = (styles[style] ?? 0) * 5 >= n * 4 && Style(v.text) != style && lead.count > v.count
                if !isCode, dominates || (isOfStyle && v.text.count > 2) {
                    let isSure =
                        !isCautious && !Self.isMarked(v.text) && !Self.isMarked(lead.text)
                        && (isOfPlaces || !Self.differInParticle(v.text, lead.text))
                    ledger.fix(v.text, lead.text, .categoryCase, isSure ? 0.97 : 0.79)
                } else {
                    left.append(v.text)
                }
            }
        }
        return left.sorted()
    }

    // MARK: typing errors

    /// - Returns: the common values differ by letters.
    private func typos(_ values: [(text: String, count: Int)], _ n: Int) -> Bool {
        let common = values.filter { $0.count >= 5 }
        let index = DeletionIndex(common.map(\.text))
        let isOfNeighbours = differByLetters(common, index)
        let isCautious = isCautious || areCodes(values, n) || isOfNeighbours
        let nearest = values.map { Self.nearest(to: $0, common, index) }
        /// Most values that are about as rare resemble no common one.
        func isUsual(_ count: Int) -> Bool {
            let rare = zip(values, nearest).filter { $0.0.count * 3 >= count && $0.0.count <= 3 * count }
            return rare.count { $1 == nil } * 2 > rare.count
        }
        for (v, found) in zip(values, nearest) {
            guard let found, !found.isTied else { continue }
            let target = common[found.index]
            var confidence = 0.7
            if target.count >= 50 * v.count, v.text.count >= 5, n >= 10 * values.count {
                confidence = 0.93
            } else if found.distance == 1, n >= 5 * values.count {
                confidence = 0.85
            }
            // Hardly anybody makes the same error again and again: where values are as rare as that, it is one of them.
            if v.count > max(2, target.count / Self.repeatedAmong), isUsual(v.count) { confidence = 0.7 }
            ledger.fix(v.text, target.text, .categorySpelling, isCautious ? min(confidence, 0.7) : confidence)
        }
        return isOfNeighbours
    }

    /// A fifth of the values are words of letters and digits (`TP53`, `N351AA`): what is next to them is another code.
    private func areCodes(_ values: [(text: String, count: Int)], _ n: Int) -> Bool {
        let codes = values.reduce(0) { $0 + (Similarity.isCode($1.text) ? $1.count : 0) }
        return codes * 5 >= n
    }

    /// The common value that this one may be a misspelling of; nil when there is none, or the value is too short or too long to tell.
    private static func nearest(
        to v: (text: String, count: Int), _ common: [(text: String, count: Int)], _ index: DeletionIndex
    ) -> (index: Int, distance: Int, isTied: Bool)? {
        guard v.text.count >= 4, v.text.count <= indexedLength, !PlaceNames.isCountry(v.text) else { return nil }
        let form = Similarity.folded(v.text)
        var best: (distance: Int, exact: Int, index: Int)?
        var isTied = false
        for i in index.candidates(v.text) where common[i].count >= 20 * v.count && common[i].text != v.text {
            let target = Similarity.folded(common[i].text)
            let isSlip = v.count * repeatedAmong <= max(common[i].count, repeatedAmong) && common[i].count >= lostAmong * v.count
            guard Similarity.isPlausible(form, target) || (isSlip && Similarity.isInitialSlip(form, target)) else { continue }
            let d = Similarity.distance(form, target, limit: 2)
            guard d >= 1, d <= (form.count < 8 ? 1 : 2) else { continue }
            let exact = Similarity.distance(
                Array(v.text.unicodeScalars), Array(common[i].text.unicodeScalars), limit: 9)
            let found = (distance: d, exact: exact, index: i)
            if let b = best {
                let (x, y) = ((found.distance, found.exact, -common[i].count), (b.distance, b.exact, -common[b.index].count))
                isTied = x == y || (isTied && y < x)
                if x < y { best = found }
            } else {
                best = found
            }
        }
        return best.map { ($0.index, $0.distance, isTied) }
    }
    /// Rows of a value for one row more of the same misspelling of it.
    private static let repeatedAmong = 500
    /// Rows of a value for each one of what might be a word of its own.
    private static let lostAmong = 200

    /// Among the common values, which are hardly misspelt, many are a letter away from a commoner one, as places and trades may be
    /// (Bradford, Bridford; painter, printer).
    private func differByLetters(_ common: [(text: String, count: Int)], _ index: DeletionIndex) -> Bool {
        // In a large table the same error is met again; beside the commonest value it is rare all the same.
        let most = common.map(\.count).max() ?? 0
        let usual = common.indices.filter { common[$0].count * Self.usualAmong >= most }
        if usual.count >= Self.fewValues { return near(usual, common, index) * Self.nearAmong > usual.count }
        // Of few values, two may be alike by chance.
        let frequent = usual.filter { common[$0].count * Self.frequentAmong >= most }
        let near = near(frequent, common, index)
        return near >= Self.leastNear && near * 4 > frequent.count
    }

    private func near(_ usual: [Int], _ common: [(text: String, count: Int)], _ index: DeletionIndex) -> Int {
        usual.count { i in
            let form = Similarity.folded(common[i].text)
            guard form.count >= 4 else { return false }
            return index.candidates(common[i].text).contains { j in
                guard j != i, common[j].count >= common[i].count else { return false }
                let other = Similarity.folded(common[j].text)
                let limit = form.count < 8 ? 1 : 2
                return Similarity.isPlausible(form, other) && Similarity.distance(form, other, limit: limit) <= limit
            }
        }
    }
    private static let fewValues = 20
    private static let usualAmong = 200
    private static let nearAmong = 20
    private static let frequentAmong = 20
    private static let leastNear = 3

    // MARK: one character in the way

    private func masks() {
        let values = ledger.values
        var byLength: [Int: [(text: String, form: Similarity.Scalars, count: Int)]] = [:]
        for v in values where v.count >= 20 {
            let form = Array(v.text.unicodeScalars)
            byLength[form.count, default: []].append((v.text, form, v.count))
        }
        guard byLength.values.reduce(0, { $0 + $1.count }) <= 2000 else { return }
        var found: [(text: String, target: String, mark: Unicode.Scalar)] = []
        for v in values {
            let form = Array(v.text.unicodeScalars)
            guard form.count >= 4, let same = byLength[form.count] else { continue }
            let hits = same.filter { $0.count >= 20 * v.count && Similarity.isMasked(form, $0.form, least: 2) }
            guard let first = hits.first, hits.count == 1 || first.count >= 10 * hits[1].count,
                let mark = Similarity.mask(form, first.form, least: 2)
            else { continue }
            found.append((v.text, first.text, mark))
        }
        guard !found.isEmpty else { return }
        // Two names can differ by two letters `a` by chance. A mark is a sign, or a letter that the column hardly uses, or the one
        // that is met again and again.
        var letters: [Unicode.Scalar: Int] = [:]
        var all = 0
        for v in byLength.values.joined() {
            for c in v.form { letters[c, default: 0] += 1 }
            all += v.form.count
        }
        let uses = Dictionary(grouping: found, by: \.mark).mapValues(\.count)
        for (text, target, mark) in found {
            let hidden = zip(Array(text.unicodeScalars), Array(target.unicodeScalars)).count { $0 != $1 }
            let isRepeated =
                (uses[mark] ?? 0) >= 3 && (uses[mark] ?? 0) * 2 > found.count
                && !text.unicodeScalars.contains(where: Similarity.isDigit)
            let isOdd = (letters[mark] ?? 0) * 100 <= all || isRepeated
            let isSign =
                !Similarity.isWordPart(mark) || (isOdd && (hidden * 3 <= target.unicodeScalars.count || letters[mark] == nil))
            ledger.fix(text, target, .categorySpelling, isCautious || !isSign ? 0.7 : 0.92)
        }
    }
}

/// Finds texts that are at most two letters away from another one: both lose one letter (symmetric deletion).
/// - Source: Garbe, "SymSpell" (2012).
struct DeletionIndex {
    private var buckets: [[Unicode.Scalar]: [Int]] = [:]

    init(_ texts: [String]) {
        for (i, text) in texts.enumerated() where text.count <= SpellingRule.indexedLength {
            for form in Self.deletions(text) { buckets[form, default: []].append(i) }
        }
    }
    /// Indices, ascending.
    func candidates(_ text: String) -> [Int] {
        var out: Set<Int> = []
        for form in Self.deletions(text) { out.formUnion(buckets[form] ?? []) }
        return out.sorted()
    }
    private static func deletions(_ text: String) -> Set<[Unicode.Scalar]> {
        let form = Similarity.folded(text)
        var out: Set<[Unicode.Scalar]> = [form]
        for i in form.indices {
            var shorter = form
            shorter.remove(at: i)
            out.insert(shorter)
        }
        return out
    }
}
