/// Names of people inside running text: capitalised words behind a title, behind words that introduce a name, or behind a frequent given name.
///
/// Wanted: precision. A given name that is also a word or a place (`Mark`, `Grace`, `Paris`) says nothing by itself, and a name that goes on like
/// that of a street or a company is none of a person.
enum NameSpans {
    private typealias Token = TextTokens.Token

    private static let titles: Set<String> = [
        "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "madam", "herr", "frau", "señor", "señora", "monsieur",
        "madame",
        "signor", "signora",
    ]
    /// What stands directly before a name, folded.
    private static let introductions: [[String]] = [
        ["name", "is"], ["named"], ["is", "called"], ["was", "called"], ["directed", "by"], ["written", "by"], ["signed", "by"],
        ["composed", "by"], ["last", "name"], ["first", "name"], ["full", "name"], ["regards"], ["sincerely"], ["attn"],
        ["dear"], ["hi"], ["hello"],
    ]
    private static let particles: Set<String> = [
        "de", "la", "van", "von", "der", "den", "del", "della", "di", "da", "dos", "bin", "ibn", "al", "el", "af", "zu", "ten",
        "ter", "le",
    ]
    /// Words with a capital that address or mean nobody in particular.
    private static let nobody: Set<String> = [
        "sir", "madam", "all", "team", "customer", "customers", "there", "world", "everyone", "everybody", "friends", "guys",
        "colleagues",
        "support", "service", "folks", "i", "the", "a", "my", "your", "our", "this", "that", "it", "we", "you", "he", "she",
        "they",
        "please", "thanks", "thank", "yes", "no", "not", "is", "are", "was", "and", "or", "of", "in", "on", "for", "to", "best",
        "kind",
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "march", "april",
        "june",
        "july", "august", "september", "october", "november", "december", "what", "who", "how", "when", "where", "why", "can",
        "could",
        "would", "will", "should", "do", "does", "did", "if", "but", "so", "as", "at", "by", "from", "with", "just", "hello",
        "hi", "dear",
    ]
    /// What follows the name of a street, a company or an institution.
    private static let things: Set<String> = [
        "street", "st", "avenue", "ave", "road", "rd", "lane", "drive", "boulevard", "blvd", "court", "square", "bridge", "park",
        "hotel",
        "inc", "ltd", "llc", "corp", "corporation", "company", "co", "group", "holdings", "bank", "gmbh", "plc", "partners",
        "associates",
        "sons", "brothers", "university", "college", "school", "hospital", "church", "cathedral", "airport", "station", "museum",
        "county",
        "island", "islands", "lake", "river", "valley", "city", "town", "beach", "bay", "house", "hall", "center", "centre",
        "foundation",
        "institute", "award", "prize", "cup", "day", "edition", "consulting", "systems", "technologies", "solutions", "capital",
        "investments",
        "pass", "bypass", "flat", "apt", "suite",
    ]

    /// In order, without overlaps.
    static func find(_ t: [TextTokens.Token]) -> [Range<Int>] {
        var out: [Range<Int>] = []
        var i = 0
        while i < t.count {
            guard let (first, last) = match(t, i) else {
                i += 1
                continue
            }
            var upper = t[last].range.upperBound
            // `Thomas's`
            for ending in ["'s", "\u{2019}s"] where t[last].text.hasSuffix(ending) { upper -= ending.utf8.count }
            out.append(t[first].range.lowerBound..<upper)
            i = last + 1
        }
        return out
    }

    /// First and last token of a name that is announced or begins here.
    private static func match(_ t: [Token], _ i: Int) -> (first: Int, last: Int)? {
        let word = bare(t[i])
        if titles.contains(word), t[i].isCapital, i + 1 < t.count, t[i + 1].gap == " " || t[i + 1].gap == ". " {
            return name(t, from: i + 1, least: 1)
        }
        for words in introductions where words.last == word && i + 1 < t.count && i + 1 >= words.count {
            guard zip(t[(i + 1 - words.count)...i], words).allSatisfy({ bare($0) == $1 }) else { continue }
            guard t[i + 1].gap.count <= 3, t[i + 1].gap.allSatisfy({ " ,:?\n".contains($0) }) else { continue }
            if let found = name(t, from: i + 1, least: 1) { return found }
        }
        guard t[i].isName else { return nil }
        if GivenNames.plain.contains(word) { return name(t, from: i, least: 1) }
        // `Noelle Martinsson` is met as often as `Noelle`; `Mark Twain` only with a second word.
        if GivenNames.alsoWords.contains(word), i == 0 || !t[i].gap.contains(".") { return name(t, from: i, least: 2) }
        return nil
    }

    private static func bare(_ t: Token) -> String {
        let folded = t.folded
        for ending in ["'s", "\u{2019}s"] where folded.hasSuffix(ending) { return String(folded.dropLast(2)) }
        return folded
    }

    /// Up to four capitalised words, initials and particles between them.
    private static func name(_ t: [Token], from start: Int, least: Int) -> (first: Int, last: Int)? {
        guard t[start].isName || t[start].isInitial, !nobody.contains(t[start].folded) else { return nil }
        var last = start
        var words = t[start].isName ? 1 : 0
        var j = start + 1
        while j < t.count, j - start < 5, !t[j - 1].text.hasSuffix("'s"), !t[j - 1].text.hasSuffix("\u{2019}s") {
            let isJoined = t[j].gap == " " || (t[j].gap == ". " && t[j - 1].isInitial)
            guard isJoined else { break }
            if t[j].isName, !nobody.contains(t[j].folded) {
                if things.contains(t[j].folded) { return nil }
                words += 1
                last = j
            } else if t[j].isInitial, t[j].folded != "i" {
                // An initial counts when a name follows.
            } else if !particles.contains(t[j].folded) {
                break
            }
            j += 1
        }
        // `Joaquin Suarez 2906` is a street.
        if last + 1 < t.count, t[last + 1].gap == " ", t[last + 1].isNumber { return nil }
        return words >= least ? (start, last) : nil
    }
}
