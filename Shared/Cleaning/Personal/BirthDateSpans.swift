/// Dates of birth inside running text: a whole date a few words behind one that speaks of birth.
enum BirthDateSpans {
    private typealias Token = TextTokens.Token

    private static let announcements: Set<String> = [
        "born", "birth", "birthdate", "birthday", "dob", "geboren", "geburtsdatum", "né", "née", "nacido", "nacida", "nato",
        "nata",
    ]
    private static let months: Set<String> = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
        "jan", "feb",
        "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "januar", "februar", "märz", "mai", "juni", "juli",
        "oktober",
        "dezember", "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
        "noviembre",
        "diciembre", "janvier", "février", "mars", "avril", "juin", "juillet", "août", "septembre", "octobre", "novembre",
        "décembre",
    ]
    private static let reach = 4

    /// In order, without overlaps.
    static func find(_ t: [TextTokens.Token]) -> [Range<Int>] {
        var out: [Range<Int>] = []
        var i = 0
        while i < t.count {
            let following = (i + 1..<t.count).prefix(reach)
            guard announcements.contains(t[i].folded),
                let first = following.first(where: { t[$0].isNumber || months.contains(t[$0].folded) }),
                isDate(t, first)
            else {
                i += 1
                continue
            }
            out.append(t[first].range.lowerBound..<t[first + 2].range.upperBound)
            i = first + 3
        }
        return out
    }

    /// `8/5/1989`, `1989-08-05`, `5 May 1989`, `May 5th, 1989`.
    private static func isDate(_ t: [Token], _ i: Int) -> Bool {
        guard i + 2 < t.count else { return false }
        let parts = t[i...i + 2]
        guard parts.filter(\.isNumber).allSatisfy({ $0.text.allSatisfy(\.isNumber) }) else { return false }
        let numbers = parts.filter { !months.contains($0.folded) }.map { Int($0.text.prefix(while: \.isNumber)) ?? 0 }
        guard numbers.count >= 2, let year = numbers.max(), numbers.min() ?? 0 > 0 else { return false }
        let isYear = (1850...2100).contains(year) || (numbers.count == 3 && numbers[2] < 100)
        guard isYear, numbers.filter({ $0 != year }).allSatisfy({ $0 <= 31 }) else { return false }
        let gaps = parts.dropFirst().map(\.gap)
        if numbers.count == 3 { return gaps[0] == gaps[1] && ["/", "-", "."].contains(gaps[0]) && parts.allSatisfy(\.isNumber) }
        return !months.contains(t[i + 2].folded)
            && gaps.allSatisfy { $0.utf8.count <= 2 && $0.allSatisfy { " .,-".contains($0) } }
    }
}
