/// How much speaks for a run of capitalised words being the name of a person, in log-odds.
///
/// The weights are those of a logistic regression over public news, encyclopaedia articles, messages and product descriptions, rounded; what
/// announces a name in letters and forms, which those texts hardly have, is set by hand.
struct NameEvidence {
    private typealias Token = TextTokens.Token

    private let t: [Token]
    private let isTitleCase: Bool

    init(_ tokens: [TextTokens.Token]) {
        t = tokens
        let words = tokens.count { !$0.isNumber }
        isTitleCase = words > 3 && tokens.count { $0.isCapital } * 10 > words * 6
    }

    /// nil: no word in it.
    func score(_ run: NameSpans.Run) -> Double? {
        let words = run.words(t)
        guard let first = words.first else { return nil }
        var s = -1.7
        s += inside(words, first)
        s += before(run, isSingle: words.count == 1)
        s += behind(run)
        if run.first == 0, run.last == t.count - 1 { s -= 0.3 }
        if isTitleCase { s -= 0.8 }
        return s
    }

    private static let locations: Set<String> = [
        "in", "at", "near", "to", "from", "into", "across", "throughout", "outside", "around", "via", "visit",
    ]
    private static let authors: Set<String> = ["by", "starring", "featuring"]
    private static let company: Set<String> = ["and", "with"]
    private static let addressing: Set<String> = [
        "told", "asked", "met", "called", "named", "married", "thanked", "joined", "beat", "defeated", "helped", "saw", "emailed",
        "phoned",
        "contacted", "said", "says", "added", "calls", "replaced", "succeeded", "accused",
    ]
    /// What stands directly before a name.
    private static let introductions: Set<String> = [
        "named", "dear", "hi", "hello", "hey", "regards", "sincerely", "attn", "cheers", "name is", "is called", "was called",
        "last name",
        "first name", "full name", "maiden name", "written by", "directed by", "signed by", "composed by", "produced by",
        "performed by",
        "arranged by", "sung by", "founded by",
    ]
    /// Fields of forms, before a colon.
    private static let fields: Set<String> = [
        "name", "names", "patient", "customer", "client", "contact", "recipient", "sender", "from", "to", "cc", "attn",
        "attention", "author",
        "user", "by", "owner", "manager", "employee", "guest", "passenger", "signed", "regards", "doctor", "surname", "lastname",
        "firstname",
        "applicant", "tenant", "agent",
    ]
    private static let states: Set<String> = [
        "is", "was", "has", "had", "will", "can", "would", "could", "may", "should", "must", "might",
    ]
    private static let relatives: Set<String> = ["who", "whose", "whom"]

    // MARK: - The words themselves

    private func inside(_ words: [Int], _ first: Int) -> Double {
        let names = words.map { t[$0].bare }
        let (opening, closing) = (names[0], names[names.count - 1])
        var s = names.count == 1 ? -1.0 : names.count == 2 ? -0.3 : 0
        if NameWords.given.contains(opening) { s += names.count > 1 ? 3.4 : 2.6 }
        if NameWords.ambiguous.contains(opening) { s += 2.1 }
        if names.dropFirst().contains(where: NameWords.given.contains) { s += 2.6 }
        if NameWords.surnames.contains(closing) { s += NameWords.common.contains(closing) ? 0.8 : 1.8 }
        let isPlace = names.map(NameWords.places.contains)
        let isThing = names.map(NameWords.things.contains)
        if isPlace.contains(true) { s -= isPlace.contains(false) ? 1.1 : 2.3 }
        if isThing.contains(true) { s -= isThing[names.count - 1] ? 2.3 : 1.2 }
        if !isPlace.contains(true), !isThing.contains(true), !names.contains(where: NameWords.common.contains) { s += 0.9 }
        if words.contains(where: { isMixed(t[$0]) }) { s -= 0.7 }
        if words.contains(where: { t[$0].text.unicodeScalars.contains(where: Similarity.isDigit) }) { s -= 1.7 }
        if t[first].text.contains("-") { s -= 1.2 }
        return s
    }

    /// `PowerShot`, not `McDonald`.
    private func isMixed(_ token: Token) -> Bool {
        guard token.text.unicodeScalars.dropFirst().contains(where: { $0.properties.isUppercase }) else { return false }
        return !token.text.contains("-")
            && !["mc", "mac", "o'", "o\u{2019}", "d'", "d\u{2019}"].contains(where: token.folded.hasPrefix)
    }

    // MARK: - What stands around them

    private func before(_ run: NameSpans.Run, isSingle: Bool) -> Double {
        let i = run.first
        var s = run.hasTitle ? 3.5 : 0
        if (run.first...run.last).contains(where: { t[$0].isInitial }) { s += 0.7 }
        guard i > 0 else { return s - (isSingle ? 0.6 : 0) }
        let gap = t[i].gap
        let previous = t[i - 1].bare
        if let mark = gap.unicodeScalars.last, "@#_/".unicodeScalars.contains(mark) { s -= 2.1 }
        let isRole = NameWords.roles.contains(previous) && (gap == " " || gap == ", ")
        if isRole { s += 2.2 }
        let opens = gap.unicodeScalars.contains { ".!?:;\"\u{201C}\n(>\u{2022}|".unicodeScalars.contains($0) }
        if opens, isSingle, !run.hasTitle { s -= 0.6 }
        if Self.fields.contains(previous), gap.contains(where: { ":?=".contains($0) }) { return s + 3.5 }
        let pair = i > 1 ? t[i - 2].bare + " " + previous : ""
        if gap.utf8.count <= 3, Self.introductions.contains(previous) || Self.introductions.contains(pair) { s += 3 }
        if gap == " " || gap == ", ", Self.addressing.contains(previous) { s += 1 }
        if gap == ", ", t[i - 1].isCapital { s += 1 }
        guard gap == " " else { return s }
        if t[i - 1].isNumber { s -= 1.4 }
        if t[i - 1].isCapital, !run.hasTitle, !isRole { s -= 0.7 }
        if ["the", "a", "an", "this"].contains(previous) { s -= 1.5 }
        if Self.locations.contains(previous) { s -= ["in", "at", "near"].contains(previous) ? 3.3 : 0.8 }
        if Self.authors.contains(previous) { s += 1 }
        if Self.company.contains(previous) { s += 0.8 }
        return s
    }

    private func behind(_ run: NameSpans.Run) -> Double {
        let j = run.last
        let isPossessive = t[j].possessive > 0
        var s = isPossessive ? 1.5 : 0
        guard j + 1 < t.count else { return s }
        let next = t[j + 1]
        let gap = next.gap
        if let mark = gap.unicodeScalars.first, "@_/".unicodeScalars.contains(mark) { s -= 2.1 }
        if gap == " (", next.folded == "born" || next.folded == "b" || (next.isNumber && next.text.utf8.count == 4) { s += 1.1 }
        if gap.hasPrefix(":"), run.first == 0 || t[run.first].gap.contains(where: { $0 != " " }) { s += 0.8 }
        if gap == " " || gap == ", ", Self.relatives.contains(next.folded) { s += 0.8 }
        if gap == ", " {
            if next.isCapital { s += 1 }
            let noun = ["a", "an", "the", "his", "her", "former"].contains(next.folded) ? j + 2 : j + 1
            if t[noun..<min(t.count, noun + 2)].contains(where: { NameWords.roles.contains($0.folded) }) { s += 0.8 }
        }
        guard gap == " " else { return s }
        if next.isNumber { s -= 1.8 }
        if next.folded == "and", j + 2 < t.count, t[j + 2].isCapital { s += 1 }
        if !isPossessive {
            if NameWords.verbs.contains(next.folded) { s += 2.1 }
            if Self.states.contains(next.folded) { s += 1.4 }
        }
        return s
    }
}
