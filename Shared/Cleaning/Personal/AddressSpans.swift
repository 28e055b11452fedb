/// Postal addresses inside running text: a house number beside the name of a street, known by a word that streets are called by, or by the number
/// of a flat behind it.
enum AddressSpans {
    private typealias Token = TextTokens.Token

    /// Behind the name: `12 Main Street`.
    private static let suffixes: Set<String> = [
        "street", "st", "avenue", "ave", "road", "rd", "lane", "ln", "drive", "dr", "boulevard", "blvd", "court", "ct", "place",
        "pl",
        "square", "sq", "terrace", "way", "highway", "hwy", "parkway", "pkwy", "circle", "cir", "trail", "close", "crescent",
        "gardens", "grove", "mews", "row", "hill", "crossing", "plaza", "alley", "loop", "turnpike", "walk",
    ]
    /// Before the name: `12 rue de la Paix`, `Via Roma 5`.
    private static let prefixes: Set<String> = [
        "rue", "via", "calle", "avenida", "rua", "ul", "ulica", "piazza", "viale", "corso", "chemin", "allée", "paseo", "carrer",
        "avenue", "boulevard", "strada", "praça", "travessa", "quai", "impasse",
    ]
    /// The end of the name: `Hauptstraße 5`.
    private static let endings = [
        "straße", "strasse", "weg", "platz", "gasse", "allee", "gata", "gatan", "vägen", "katu", "tie", "straat", "laan", "plein",
        "vej",
        "gade", "utca", "veien", "stræde",
    ]
    private static let flats: Set<String> = ["apt", "apartment", "suite", "ste", "unit", "flat", "room", "floor"]
    private static let particles: Set<String> = [
        "de", "la", "le", "du", "des", "di", "da", "del", "della", "do", "dos", "the", "of", "van", "den", "der",
    ]
    /// What announces an address a few words before it.
    private static let announcements: Set<String> = [
        "address", "lives", "located", "delivered", "deliver", "shipped", "ship", "moved", "taxi",
    ]
    private static let mostWords = 5

    /// In order, without overlaps.
    static func find(_ tokens: [TextTokens.Token]) -> [Range<Int>] {
        var out: [Range<Int>] = []
        var i = 0
        while i < tokens.count {
            if let end = match(tokens, i) {
                let last = flat(tokens, after: end)
                out.append(tokens[i].range.lowerBound..<tokens[last].range.upperBound)
                i = last + 1
            } else {
                i += 1
            }
        }
        return out
    }

    /// The last token of an address that begins here, without the flat.
    private static func match(_ t: [Token], _ i: Int) -> Int? {
        if t[i].isNumber, t[i].text.utf8.count <= 6 { return numberFirst(t, i) }
        return streetFirst(t, i)
    }

    private static func follows(_ t: Token) -> Bool { t.gap.allSatisfy { $0 == " " || $0 == "." || $0 == "\n" } }

    /// `12 Main Street`, `12 rue de la Paix`, `12 Kuuse 53 Apt. 641`.
    private static func numberFirst(_ t: [Token], _ i: Int) -> Int? {
        var names = 0
        var j = i + 1
        var hasPrefix = false
        // `12 34 Main Street`: a number of its own before the house's.
        if j < t.count, t[j].isNumber, t[j].gap == " ", t[j].text.utf8.count <= 4 { j += 1 }
        while j < t.count, j - i <= mostWords + 2, follows(t[j]) {
            let word = t[j].folded
            if names > 0, suffixes.contains(word), t[j].isCapital { return j }
            if names > 0, flats.contains(word), j + 1 < t.count, t[j + 1].isNumber { return j - 1 }
            if prefixes.contains(word) {
                hasPrefix = true
            } else if t[j].isCapital {
                names += 1
                if hasPrefix || endings.contains(where: word.hasSuffix) && word.count > 6 {
                    return lastName(t, j)
                }
            } else if t[j].isNumber {
                // `Kuuse 53 Apt. 641`: only with a flat behind it, or announced.
                guard names > 0 else { return nil }
                if t[max(0, i - 5)..<i].contains(where: { announcements.contains($0.folded) }) { return j }
                return j + 2 < t.count && flats.contains(t[j + 1].folded) && t[j + 2].isNumber ? j : nil
            } else if !particles.contains(word) {
                return nil
            }
            j += 1
        }
        return nil
    }

    /// The last of the capitalised words and particles from `j` on, and a house number behind them.
    private static func lastName(_ t: [Token], _ j: Int) -> Int {
        var end = j
        while end + 1 < t.count, end - j < 3, t[end + 1].gap == " ", t[end + 1].isName, !flats.contains(t[end + 1].folded) {
            end += 1
        }
        if end + 1 < t.count, t[end + 1].gap == " ", t[end + 1].isNumber, t[end + 1].text.utf8.count <= 4 { end += 1 }
        return end
    }

    /// `Hauptstraße 5`, `Via Roma 5`.
    private static func streetFirst(_ t: [Token], _ i: Int) -> Int? {
        let word = t[i].folded
        var j = i
        if prefixes.contains(word), t[i].isCapital || word == "ul" {
            j += 1
            while j < t.count, j - i <= mostWords, follows(t[j]), t[j].isCapital || particles.contains(t[j].folded) { j += 1 }
            guard j > i + 1 else { return nil }
        } else if t[i].isCapital, word.count > 6, endings.contains(where: word.hasSuffix) {
            j += 1
        } else {
            return nil
        }
        guard j < t.count, t[j].isNumber, t[j].gap == " " || t[j].gap == ", ", t[j].text.utf8.count <= 4 else { return nil }
        return j
    }

    /// `..., Apt. 641`
    private static func flat(_ t: [Token], after end: Int) -> Int {
        guard end + 2 < t.count, flats.contains(t[end + 1].folded), t[end + 1].gap.count <= 2, t[end + 2].text.utf8.count <= 5,
            t[end + 2].isNumber || t[end + 2].isInitial
        else { return end }
        return end + 2
    }
}
