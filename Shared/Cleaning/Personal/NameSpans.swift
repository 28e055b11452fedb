/// Names of people inside running text: runs of capitalised words whose evidence, inside the run and around it, says that they more likely
/// name a person than anything else.
///
/// What is found surely also tells the same words elsewhere in the text: `Anna Berg` makes `Berg` a name.
enum NameSpans {
    typealias Token = TextTokens.Token

    /// Log-odds from which a run is a name, and from which it tells others.
    private static let least = 0.0
    private static let sure = 1.0
    private static let repeated = 2.0
    private static let mostTokens = 7

    /// In order, without overlaps.
    static func find(_ tokens: [Token]) -> [Range<Int>] {
        let t = written(tokens)
        let text = NameEvidence(t)
        let found = runs(t).compactMap { run in text.score(run).map { (run: run, score: $0) } }
        let known = found.lazy.filter { $0.score > sure }.reduce(into: Set<String>()) { known, entry in
            for i in entry.run.words(t) where t[i].text.utf8.count > 2 { known.insert(t[i].bare) }
        }
        return found.compactMap { run, score in
            let isKnown = score <= sure && run.words(t).allSatisfy { known.contains(t[$0].bare) }
            guard score + (isKnown ? repeated : 0) > least else { return nil }
            return t[run.first].range.lowerBound..<(t[run.last].range.upperBound - t[run.last].possessive)
        }
    }

    /// Who writes no capitals writes names without them: frequent names are given theirs where somebody speaks of people.
    private static func written(_ t: [Token]) -> [Token] {
        guard !t.contains(where: \.isCapital), t.contains(where: { NameWords.pronouns.contains($0.text) }) else { return t }
        var out = t
        for i in t.indices {
            let word = t[i].bare
            out[i].isCapital =
                NameWords.given.contains(word) && !NameWords.roles.contains(word)
                || i > 0 && out[i - 1].isCapital && t[i].gap == " " && NameWords.surnames.contains(word)
                    && !NameWords.common.contains(word)
            out[i].isName = out[i].isCapital
        }
        return out
    }

    // MARK: - Runs

    struct Run {
        var first: Int
        var last: Int
        var hasTitle = false

        func words(_ t: [Token]) -> [Int] { (first...last).filter { t[$0].isName } }
    }

    /// Capitalised words, initials and particles in a row, without titles before them and words that are capitalised for other reasons.
    private static func runs(_ t: [Token]) -> [Run] {
        var out: [Run] = []
        var i = 0
        while i < t.count {
            guard t[i].isName || (t[i].isInitial && t[i].folded != "i") else {
                i += 1
                continue
            }
            let last = end(t, i)
            if let run = trimmed(t, Run(first: i, last: last)) { out.append(run) }
            i = last + 1
        }
        return out
    }

    private static func end(_ t: [Token], _ first: Int) -> Int {
        var j = first
        while j + 1 < t.count, j + 1 - first < mostTokens, t[j].possessive == 0 {
            let next = t[j + 1]
            let isAbbreviated = t[j].isInitial || NameWords.titles.contains(t[j].folded) || t[j].folded == "jr"
            guard next.gap == " " || (isAbbreviated && (next.gap == ". " || next.gap == ".")) else { break }
            let leadsOn =
                NameWords.particles.contains(next.folded) && j + 2 < t.count && t[j + 2].gap == " "
                && (t[j + 2].isName || NameWords.particles.contains(t[j + 2].folded))
            guard next.isName || (next.isInitial && next.folded != "i") || leadsOn else { break }
            j += 1
        }
        return j
    }

    private static func trimmed(_ t: [Token], _ run: Run) -> Run? {
        var run = run
        while run.first <= run.last {
            let word = t[run.first].bare
            let isMore = run.first < run.last
            if isMore, NameWords.titles.contains(word) {
                run.hasTitle = true
            } else if !(isMore && NameWords.roles.contains(word) && !NameWords.given.contains(word)),
                !NameWords.common.contains(word),
                t[run.first].isName || t[run.first].isInitial
            {
                break
            }
            run.first += 1
        }
        while run.last >= run.first, !t[run.last].isName,
            !t[run.last].isInitial || NameWords.particles.contains(t[run.last].folded)
        {
            run.last -= 1
        }
        while run.last >= run.first, NameWords.common.contains(t[run.last].bare), !NameWords.surnames.contains(t[run.last].bare) {
            run.last -= 1
        }
        return run.first <= run.last && !run.words(t).isEmpty ? run : nil
    }
}
