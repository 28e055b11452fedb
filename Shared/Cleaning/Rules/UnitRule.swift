internal import Foundation
internal import Tabular

/// Numbers with units or percent signs in some of their cells. Two cases only: bare numbers are an accepted form and some cells carry a unit; or
/// all cells carry one unit in several spellings. A unit that a whole column carries alike is a convention and stays.
struct UnitRule {
    let ledger: ValueLedger
    /// The column's numbers are typed already: what does not fit is flagged as such.
    let isTyped: Bool
    /// Digits behind the point that the column's numbers keep.
    let decimals: Int

    struct Outcome {
        /// Cells whose unit was dropped, or would be.
        var units: [String] = []
        /// Every value is a number now.
        var isNumeric = false
    }
    private struct Affix: Hashable, Comparable {
        var prefix: String
        var suffix: String
        static let bare = Affix(prefix: "", suffix: "")
        static func < (a: Affix, b: Affix) -> Bool { (a.prefix, a.suffix) < (b.prefix, b.suffix) }
    }
    private struct Item {
        var number: Double
        var text: String
        var count: Int
    }

    func run() -> Outcome {
        let values = ledger.values
        let total = values.reduce(0) { $0 + $1.count }
        var groups: [Affix: [Item]] = [:]
        var n = 0
        for v in values {
            guard let (affix, x) = Self.parse(v.text) else { continue }
            groups[affix, default: []].append(Item(number: x, text: v.text, count: v.count))
            n += v.count
        }
        let size = groups.mapValues { $0.reduce(0) { $0 + $1.count } }
        guard total >= 20, n * 10 >= total * 9, groups.count >= 2, groups.count <= 40,
            let lead = size.filter({ $0.key != .bare }).max(by: { ($0.value, $0.key) < ($1.value, $1.key) })?.key
        else { return Outcome() }
        let bare = size[.bare] ?? 0
        let leadSize = size[lead] ?? 0
        let acceptsBare = bare * 10 >= n * 3 && (bare + leadSize) * 10 >= n * 8
        let sameUnit = size.filter { $0.key != .bare && Self.areKin($0.key, lead) }.values.reduce(0, +)
        let isSpelt = sameUnit * 10 >= n * 9 && leadSize * 10 < n * 8
        guard acceptsBare || isSpelt, !isCodes(groups, n), !areLabels(groups, n) else { return Outcome() }
        let medians = groups.mapValues(Self.median)
        guard let reference = acceptsBare ? medians[.bare] : medians[lead] else { return Outcome() }

        var outcome = Outcome()
        for (affix, items) in groups.sorted(by: { $0.key < $1.key }) where affix != .bare {
            let ratio = reference == 0 ? 0 : abs((medians[affix] ?? 0) / reference)
            let rows = size[affix] ?? 0
            var fixes = false
            let isKin = Self.areKin(affix, lead)
            for item in items {
                if rows >= 3, ratio >= 1.0 / 3, ratio <= 3, isKin {
                    ledger.fix(item.text, text(item.number), .unitText, rows >= 5 ? 0.95 : 0.85)
                    fixes = true
                } else if affix.prefix.isEmpty, affix.suffix == "%", bare * 2 >= n, ratio >= 30, ratio <= 300 {
                    ledger.fix(item.text, text(item.number / 100), .unitText, 0.85)
                    fixes = true
                } else if !isTyped {
                    ledger.flag(item.text, .oddFormat, 0.8)
                }
            }
            if fixes || !isTyped { outcome.units.append(affix.prefix + affix.suffix) }
        }
        for item in groups[.bare] ?? [] where text(item.number) != item.text {
            // Grouped thousands among bare numbers, and the noise of binary fractions.
            let digits = item.text.filter { $0.isASCII && $0.isNumber }.drop { $0 == "0" }.count
            if item.text.contains(",") || digits >= 15 || acceptsBare || isSpelt {
                ledger.fix(item.text, text(item.number), .numberFormat, 0.9)
            }
        }
        outcome.isNumeric = ledger.values.allSatisfy { $0.text.canonicalNumber != nil }
        return outcome
    }

    /// A few numbers, each of which says what stands behind it, as in `1 bed` and `2 beds`: the whole is a label.
    private func areLabels(_ groups: [Affix: [Item]], _ n: Int) -> Bool {
        var affixes: [Double: Set<Affix>] = [:]
        for (affix, items) in groups { for item in items { affixes[item.number, default: []].insert(affix) } }
        return affixes.count * 3 <= n && affixes.values.allSatisfy { $0.count == 1 }
    }

    /// What may stand behind a number: a sign, or a word that quantities are measured in; not the letter of `16b` or the `OT` of `1OT`.
    private static func isUnit(_ suffix: String) -> Bool {
        guard let first = suffix.unicodeScalars.first else { return true }
        guard first.properties.isAlphabetic else {
            return signs.contains(first) || first.properties.generalCategory == .currencySymbol
        }
        return meanings(suffix) != nil
    }

    /// The units that the first word of a suffix, its sign or both may stand for; nil for none. `m` may be metres, minutes or months.
    private static func meanings(_ suffix: String) -> Set<Int>? {
        guard let first = suffix.first else { return nil }
        let letters = suffix.dropFirst().prefix(while: \.isLetter)
        return units[String(first) + letters] ?? (first.isLetter ? nil : units[String(first)])
    }

    /// Both may be spellings of one unit: `oz`, `ounce`, `oz. can`.
    private static func areKin(_ a: Affix, _ b: Affix) -> Bool {
        guard a.prefix == b.prefix else { return false }
        guard let x = meanings(a.suffix), let y = meanings(b.suffix) else { return a.suffix.prefix(1) == b.suffix.prefix(1) }
        return !x.isDisjoint(with: y)
    }

    /// Spellings between blanks, units between commas.
    private static let units: [String: Set<Int>] = {
        let groups = """
            g gr gram grams, kg kgs kilo kilos kilogram kilograms, mg milligram milligrams, mcg µg microgram micrograms,
            ton tons tonne tonnes, lb lbs pound pounds, oz ounce ounces, st stone, m meter meters metre metres,
            mm millimeter millimeters millimetre millimetres, cm centimeter centimeters centimetre centimetres, dm, µm, nm,
            km kms kilometer kilometers kilometre kilometres, mi mile miles, yd yds yard yards, ft foot feet ' \u{2032},
            in inch inches " \u{2033}, nmi, sqm, sqft, sqkm, ha hectare hectares, acre acres, l liter liters litre litres,
            ml milliliter milliliters millilitre millilitres, cl, dl, hl, gal gallon gallons, pt pint pints, qt quart quarts, floz,
            cc, cup cups, tbsp, tsp, s sec secs second seconds, ms, m min mins minute minutes ', h hr hrs hour hours, day days,
            wk wks week weeks, m mo mos month months, yr yrs year years yo, v volt volts, mv, Mv, kv, w watt watts, mw, Mw, kw, gw,
            ma, amp amps, mah, wh, kwh, mwh, Mwh, kj, cal, kcal, calories, hz, khz, mhz, ghz, rpm, bar, psi, pa, hpa, kpa, mpa, Mpa,
            mmhg, db, kmh kph, mph, knots, deg degrees ° °c, deg degrees ° °f, kb, mb, gb, tb, kib, mib, gib, tib, byte bytes, bit bits, kbps, mbps, gbps,
            dpi, px pixel pixels, mp, usd dollar dollars, eur euro euros, gbp, chf, jpy, cad, aud, inr, cent cents,
            percent pct %, pp, bps, ppm, ppb, abv, ibu, pc pcs piece pieces, pack packs pk, ct count, unit units, item items,
            pair pairs, each ea, page pages, star stars, point points pts, person persons people, user users, room rooms,
            bed beds, bedroom bedrooms, floor floors, season seasons, episode episodes, vote votes
            """
        var out: [String: Set<Int>] = [:]
        for (i, group) in groups.split(separator: ",").enumerated() {
            for word in group.split(whereSeparator: \.isWhitespace) { out[String(word), default: []].insert(i) }
        }
        return out
    }()
    /// A thousandth and a million of a unit differ in the case of their first letter only.
    private static let milliOrMega: Set<String> = ["mv", "mw", "mwh", "mpa"]

    /// In lower case, without blanks; `MW` stays apart from `mW`.
    private static func folded(_ suffix: String) -> String {
        let bare = suffix.filter { $0 != " " }
        let low = bare.lowercased()
        guard bare.first == "M", milliOrMega.contains(String(low.prefix(while: \.isLetter))) else { return low }
        return "M" + low.dropFirst()
    }
    private static let signs: Set<Unicode.Scalar> = ["%", "°", "\"", "'", "\u{2032}", "\u{2033}"]

    /// One length of five digits and more, or letters before the digits: codes, not quantities.
    private func isCodes(_ groups: [Affix: [Item]], _ n: Int) -> Bool {
        var lengths: [Int: Int] = [:]
        var all = 0
        for items in groups.values {
            for item in items {
                lengths[item.text.reduce(0) { $0 + ($1.isASCII && $1.isNumber ? 1 : 0) }, default: 0] += min(item.count, 100)
                all += min(item.count, 100)
            }
        }
        if let (digits, rows) = lengths.max(by: { $0.value < $1.value }), digits >= 5, rows * 5 >= all * 4 { return true }
        return groups.contains { affix, items in
            guard let first = affix.prefix.unicodeScalars.first, items.reduce(0, { $0 + $1.count }) * 100 >= n else {
                return false
            }
            return first.properties.generalCategory != .currencySymbol
        }
    }

    private static func median(_ items: [Item]) -> Double {
        let sorted = items.sorted { $0.number < $1.number }
        var left = sorted.reduce(0) { $0 + $1.count } / 2
        for item in sorted {
            if left < item.count { return item.number }
            left -= item.count
        }
        return 0
    }
    private func text(_ x: Double) -> String {
        let rounded = Double(String(format: "%.12g", x)) ?? x
        return LooseNumber.text(rounded, decimals: decimals)
    }

    /// Up to three characters before the number and up to 24 behind it, both folded.
    private static func parse(_ s: String) -> (Affix, Double)? {
        let c = Array(s)
        var i = 0
        while i < c.count, i < 3, !isNumberPart(c[i]) { i += 1 }
        let prefix = String(c[..<i]).lowercased().filter { $0 != " " }
        let start = i
        while i < c.count, isNumberPart(c[i]) || c[i] == "," { i += 1 }
        let rest = String(c[i...])
        guard i > start, rest.count <= 24, !rest.contains(where: { $0.isASCII && $0.isNumber }) else { return nil }
        let suffix = folded(rest)
        guard isUnit(suffix) else { return nil }
        var digits = String(c[start..<i])
        if digits.contains(",") {
            let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
            let grouped = parts[0].drop { $0 == "-" || $0 == "+" }.split(separator: ",", omittingEmptySubsequences: false)
            guard grouped.count > 1, (1...3).contains(grouped[0].count), grouped.dropFirst().allSatisfy({ $0.count == 3 }) else {
                return nil
            }
            digits = digits.filter { $0 != "," }
        }
        guard !digits.hasSuffix("."), digits.count < 2 || !digits.hasPrefix("0") || digits.hasPrefix("0."),
            let x = Double(digits),
            x.isFinite
        else { return nil }
        return (Affix(prefix: prefix, suffix: suffix), x)
    }
    private static func isNumberPart(_ c: Character) -> Bool { (c.isASCII && c.isNumber) || c == "." || c == "-" || c == "+" }
}

extension String {
    /// The number of a canonical decimal text; nil for anything else.
    var canonicalNumber: Double? {
        var copy = self
        return copy.withUTF8 { v in v.baseAddress.flatMap { v.isEmpty ? nil : CanonicalText.parseDecimal($0, v.count) } }
    }
}
