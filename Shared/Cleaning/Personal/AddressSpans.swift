/// Postal addresses inside running text: a house number beside the name of a street, known by a word that streets are called by, or by the number
/// of a flat behind it; a post box; then flat, town and country as far as a postal code.
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
    /// Between the name and the number: `Király utca 15`, `Luite tee 87`.
    private static let nouns: Set<String> = [
        "straße", "strasse", "str", "weg", "platz", "gasse", "allee", "gatan", "gata", "väg", "vägen", "katu", "tie", "straat",
        "laan", "plein",
        "vej", "gade", "utca", "u", "út", "tér", "veien", "vei", "tee", "tänav", "tn", "pst", "mnt", "trg", "ulica", "ulice",
        "náměstí",
    ]
    /// The end of the name: `Hauptstraße 5`.
    private static let endings = [
        "straße", "strasse", "str", "weg", "platz", "gasse", "allee", "gata", "gatan", "vägen", "katu", "tie", "straat", "laan",
        "plein",
        "vej",
        "gade", "utca", "veien", "stræde",
    ]
    private static let flats: Set<String> = ["apt", "apartment", "suite", "ste", "unit", "flat", "room", "floor"]
    /// Parts of an address wherever they stand.
    private static let sureFlats: Set<String> = ["apt", "apartment", "suite", "ste"]
    private static let boxes: Set<String> = ["postbox", "postfach", "pobox", "postboks", "postbus", "apartado"]
    private static let military: Set<String> = ["apo", "fpo", "dpo"]
    private static let particles: Set<String> = [
        "de", "la", "le", "du", "des", "di", "da", "del", "della", "do", "dos", "the", "of", "van", "den", "der",
    ]
    /// What announces an address a few words before it.
    private static let announcements: Set<String> = [
        "address", "lives", "located", "delivered", "deliver", "shipped", "ship", "moved", "taxi",
    ]
    private static let mostWords = 5

    /// In order, without overlaps.
    ///
    /// - Parameter taken: ranges of bytes that are something else; no town or postal code reaches into them.
    static func find(_ tokens: [TextTokens.Token], taken: [Range<Int>] = []) -> [Range<Int>] {
        let t = written(tokens)
        var out: [Range<Int>] = []
        var i = 0
        while i < t.count {
            guard var last = match(t, i) else {
                i += 1
                continue
            }
            last = code(t, after: flat(t, after: last), taken)
            out.append(t[i].range.lowerBound..<t[last].range.upperBound)
            i = last + 1
        }
        return out
    }

    /// Who writes no capitals writes streets without them: any word that is not a common one may be a name.
    private static func written(_ t: [Token]) -> [Token] {
        guard !t.contains(where: \.isCapital) else { return t }
        var out = t
        for i in t.indices where !t[i].isNumber && !NameWords.common.contains(t[i].folded) {
            out[i].isCapital = true
            out[i].isName = true
        }
        return out
    }

    /// The last token of an address that begins here, without what follows street and number.
    private static func match(_ t: [Token], _ i: Int) -> Int? {
        if let last = box(t, i) { return last }
        if t[i].isNumber { return t[i].text.utf8.count <= 6 ? numberFirst(t, i) ?? announcedCode(t, i) : nil }
        if sureFlats.contains(t[i].folded), t[i].isCapital, isFlat(t, i) { return i + 1 }
        return streetFirst(t, i)
    }

    /// `ZIP: 43015`, `postal code 394 13`.
    private static func announcedCode(_ t: [Token], _ i: Int) -> Int? {
        guard i > 0, t[i].gap.utf8.count <= 3 else { return nil }
        let word = t[i - 1].folded
        let isCode = word == "code" && i > 1 && ["zip", "postal", "post"].contains(t[i - 2].folded)
        guard isCode || ["zip", "zipcode", "postcode", "plz"].contains(word) else { return nil }
        let goesOn = t[i].text.utf8.count == 3 && i + 1 < t.count && t[i + 1].isNumber && t[i + 1].gap == " "
        return goesOn ? i + 1 : t[i].text.utf8.count >= 4 ? i : nil
    }

    /// `P.O. Box 104`, `Postbox 21`, `PSC 7951, Box 9972`, `Unit 5146 Box 1772`, `USS Mahler FPO AA 70489`.
    private static func box(_ t: [Token], _ i: Int) -> Int? {
        func number(_ j: Int) -> Int? { j < t.count && t[j].isNumber && t[j].gap.utf8.count <= 2 ? j : nil }
        guard t[i].isCapital else { return nil }
        let word = t[i].folded
        if boxes.contains(word) { return number(i + 1) }
        if word == "po", i + 1 < t.count, t[i + 1].folded == "box" { return number(i + 2) }
        if word == "p", i + 2 < t.count, t[i + 1].folded == "o", t[i + 2].folded == "box" { return number(i + 3) }
        if word == "psc" || word == "unit", let unit = number(i + 1), unit + 1 < t.count, t[unit + 1].folded == "box" {
            return number(unit + 2)
        }
        if word.hasPrefix("us"), word.utf8.count <= 5, i + 2 < t.count, t[i + 1].isCapital, military.contains(t[i + 2].folded) {
            return i + 2
        }
        return nil
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

    /// `Hauptstraße 5`, `Via Roma 5`, `Király utca 15`.
    private static func streetFirst(_ t: [Token], _ i: Int) -> Int? {
        guard t[i].isCapital || t[i].folded == "ul" else { return nil }
        let word = t[i].folded
        var j = i + 1
        if prefixes.contains(word) {
            while j < t.count, j - i <= mostWords, follows(t[j]), t[j].isCapital || particles.contains(t[j].folded) { j += 1 }
            guard j > i + 1 else { return nil }
        } else if word.count <= 6 || !endings.contains(where: word.hasSuffix) {
            while j < t.count, j - i < 3, t[j].gap == " ", t[j].isCapital, !nouns.contains(t[j].folded) { j += 1 }
            guard j < t.count, t[j].gap == " ", nouns.contains(t[j].folded), word.count > 2 else { return nil }
            j += 1
        }
        guard j < t.count, t[j].isNumber, [" ", ", ", ". "].contains(t[j].gap), t[j].text.utf8.count <= 4 else { return nil }
        return j
    }

    // MARK: - Behind street and number

    private static func isFlat(_ t: [Token], _ i: Int) -> Bool {
        i + 1 < t.count && t[i + 1].text.utf8.count <= 5 && t[i + 1].gap.utf8.count <= 2
            && (t[i + 1].isNumber || t[i + 1].isInitial)
    }

    /// `..., Apt. 641`
    private static func flat(_ t: [Token], after end: Int) -> Int {
        guard end + 2 < t.count, flats.contains(t[end + 1].folded), isPart(t[end + 1].gap), isFlat(t, end + 1) else { return end }
        return end + 2
    }

    /// What stands between the parts of an address: blanks, a comma, ends of lines and the marks at their starts.
    private static func isPart(_ gap: String) -> Bool { gap.utf8.count <= 6 && gap.allSatisfy { " ,.\n\r>|?/".contains($0) } }

    /// `..., Springfield, IL 62704`: capitalised words as far as a number of four to six digits; without one nothing.
    private static func code(_ t: [Token], after end: Int, _ taken: [Range<Int>]) -> Int {
        var j = end + 1
        while j < t.count, j - end <= mostWords + 2, isPart(t[j].gap), !taken.contains(where: { $0.overlaps(t[j].range) }) {
            if t[j].isNumber {
                let digits = t[j].text.utf8.count
                // Groups of digits are a number of something else.
                let goesOn = digits == 4 && j + 1 < t.count && t[j + 1].isNumber && t[j + 1].gap.utf8.count == 1
                return (4...6).contains(digits) && !goesOn ? j : end
            }
            guard t[j].isCapital || particles.contains(t[j].folded) else { return end }
            j += 1
        }
        return end
    }
}
