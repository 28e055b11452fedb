/// Misspelt words inside longer values of a repetitive column, against the words that the column uses often.
struct WordRule {
    let ledger: ValueLedger
    /// Names of places: words are mended only where that makes a value that there is.
    let isOfPlaces: Bool

    static let leastLetters = 5
    static let wordLimit = 50_000

    func run() {
        let values = ledger.values
        let n = values.reduce(0) { $0 + $1.count }
        guard values.count * 2 <= n, values.count <= SpellingRule.distinctLimit else { return }
        var rows: [String: Int] = [:]
        var inValues: [String: Int] = [:]
        for v in values {
            for word in Set(Self.words(v.text).map { String(v.text[$0]) }) {
                rows[word, default: 0] += v.count
                inValues[word, default: 0] += 1
            }
        }
        guard rows.count <= Self.wordLimit else { return }
        let replacements = replacements(rows, inValues, n)
        guard !replacements.isEmpty else { return }
        let counts = Dictionary(values.map { ($0.text, $0.count) }, uniquingKeysWith: { a, _ in a })
        for v in values {
            var out = ""
            var at = v.text.startIndex
            var used: [Replacement] = []
            for range in Self.words(v.text) {
                out += v.text[at..<range.lowerBound]
                let word = String(v.text[range])
                if let better = replacements[word] {
                    out += better.word
                    used.append(better)
                } else {
                    out += word
                }
                at = range.upperBound
            }
            out += v.text[at...]
            let isKnown = (counts[out] ?? 0) >= 2
            guard out != v.text, isKnown || (!isOfPlaces && used.allSatisfy(\.isSure)) else { continue }
            let isVocabulary = used.allSatisfy { (rows[$0.word] ?? 0) * 10 >= n }
            ledger.fix(v.text, out, .wordSpelling, isKnown ? 0.9 : isVocabulary ? 0.82 : 0.6)
        }
    }

    private struct Replacement {
        var word: String
        /// False: only where that makes a value that there is.
        var isSure = true
    }

    private func replacements(_ rows: [String: Int], _ inValues: [String: Int], _ n: Int) -> [String: Replacement] {
        let words = rows.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
        let common = words.filter { $0.value >= 20 }.map(\.key)
        let index = DeletionIndex(common)
        var wide: [Int: [String]] = [:]
        for (word, count) in words where count >= 40 { wide[word.unicodeScalars.count, default: []].append(word) }
        // As in SpellingRule: two words can differ by two equal letters, so a mark is a letter that the words hardly use.
        var letters: [Unicode.Scalar: Int] = [:]
        for c in wide.values.joined().flatMap(\.unicodeScalars) { letters[c, default: 0] += 1 }
        let all = letters.values.reduce(0, +)
        // Words are counted in every case.
        var uses: [String: (rows: Int, values: Int)] = [:]
        for (word, count) in words {
            let use = uses[word.lowercased()] ?? (0, 0)
            uses[word.lowercased()] = (use.rows + count, use.values + (inValues[word] ?? 0))
        }
        // Words of half of all rows, with one and the same character in the place of others.
        var corrupted: [String: (target: String, mark: Unicode.Scalar)] = [:]
        for (word, count) in words {
            let form = Array(word.unicodeScalars)
            for target in wide[form.count] ?? [] where target.lowercased() != word.lowercased() {
                guard let c = rows[target], c * 2 >= n, c >= 100 * count else { continue }
                if let mark = Similarity.mask(form, Array(target.unicodeScalars)) {
                    corrupted[word] = (target, mark)
                    break
                }
            }
        }
        let marks = Dictionary(grouping: corrupted.values, by: \.mark).mapValues(\.count)
        /// One other letter at the end makes another word; not where it hides more of them, stands in other words, too, or where nearly all
        /// rows have the word.
        func isOdd(_ mark: Unicode.Scalar, _ word: String, _ target: String) -> Bool {
            (rows[target] ?? 0) * 20 >= n * 19
                || Similarity.isMasked(Array(word.unicodeScalars), Array(target.unicodeScalars), least: 2)
                || (marks[mark] ?? 0) >= 3
                || Similarity.isPlausible(Similarity.folded(word), Similarity.folded(target))
        }
        var out: [String: Replacement] = [:]
        for (word, count) in words {
            let form = Array(word.unicodeScalars)
            let folded = Similarity.folded(word)
            let sameLength = wide[form.count] ?? []
            if let hit = corrupted[word] {
                out[word] = Replacement(word: hit.target, isSure: isOdd(hit.mark, word, hit.target))
                continue
            }
            guard let use = uses[word.lowercased()], use.rows <= 3, use.values <= 2 else { continue }
            var best: (distance: Int, count: Int, word: String)?
            for i in index.candidates(word) where (rows[common[i]] ?? 0) >= 20 * count && common[i] != word {
                let u = Similarity.folded(common[i])
                guard Similarity.isPlausible(folded, u) else { continue }
                let found = (distance: Similarity.distance(folded, u, limit: 2), count: rows[common[i]] ?? 0, word: common[i])
                if best == nil || (found.distance, -found.count, found.word) < (best!.distance, -best!.count, best!.word) {
                    best = found
                }
            }
            if let best, best.distance >= 1, best.distance <= (folded.count < 7 ? 1 : 2) {
                out[word] = Replacement(word: best.word)
                continue
            }
            let hidden = sameLength.filter { u in
                let target = Array(u.unicodeScalars)
                guard let mark = Similarity.mask(form, target) else { return false }
                if Similarity.isMasked(form, target, least: 2) { return (letters[mark] ?? 0) * 100 <= all }
                return Similarity.isPlausible(folded, Similarity.folded(u))
            }
            if hidden.count == 1 { out[word] = Replacement(word: hidden[0]) }
        }
        return out
    }

    /// Ranges of the runs of at least five letters.
    static func words(_ s: String) -> [Range<String.Index>] {
        var out: [Range<String.Index>] = []
        var start: String.Index?
        for i in s.indices {
            if s[i].isLetter {
                start = start ?? i
            } else if let from = start {
                out.append(from..<i)
                start = nil
            }
        }
        if let start { out.append(start..<s.endIndex) }
        return out.filter { s[$0].count >= leastLetters }
    }
}
