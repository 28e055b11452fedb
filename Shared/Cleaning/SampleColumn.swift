internal import Domain
internal import Foundation
internal import Profiling
internal import Tabular

/// What the sampled cells of one column can be read as. Every distinct value is looked at once.
struct SampleColumn {
    var rows = 0
    /// No text, or blanks only.
    var blanks = 0
    /// Filled and not a null word.
    var filled = 0
    var nullWords: [String: Int] = [:]
    /// Distinct values that are no null words.
    var distinct = 0
    var lengthSum = 0
    var blankCells = 0
    var wordSum = 0

    var integers = 0
    var decimals = 0
    /// `007`, or more than 15 digits.
    var digitCodes = 0
    var booleans = 0
    var trueWords = 0
    var dates = 0
    var timestamps = 0
    var provesDMY = 0
    var provesMDY = 0
    /// Numeric with the year last, either reading possible.
    var ambiguousDates = 0
    var isoDates = 0
    /// `19840229`: a number, and a day of the years 1800 to 2099.
    var compactDates = 0
    var commaDecimals = 0
    var pointDecimals = 0
    var thousandsCommas = 0
    /// `864.461`: three digits behind a point that may as well group thousands.
    var pointGroups = 0
    /// `forty`
    var numberWords = 0
    /// Texts without digits (and very long ones) that are no numbers: what a column of numbers or days has instead of a value.
    var words = 0
    /// The short ones with their frequencies; empty where they are too many to stand for a value.
    var wordCounts: [String: Int] = [:]
    private var isWordy = false
    /// Values without a letter or a digit.
    var signOnly = 0
    /// Values by their length in bytes, up to that of the short texts.
    private var lengths = [Int](repeating: 0, count: wordBytes + 1)
    /// Half of the values are as long as this word: it may be one of them (`NA` among codes of countries).
    func isAsLong(_ word: String) -> Bool { word.utf8.count <= Self.wordBytes && lengths[word.utf8.count] * 2 >= filled }
    var sureThousands = 0
    var plainLong = 0
    var symbols: [String: Int] = [:]
    /// Numbers by their digits behind the point (six stand for more), and those of them whose last digit is a zero.
    var scales = [Int](repeating: 0, count: 7)
    var zeroScales = [Int](repeating: 0, count: 7)
    /// Runs of blanks inside values are how the column writes, not noise: the same values have them again and again, and are never without.
    var usesRunsOfBlanks = false
    var personal: [SemanticType: Int] = [:]
    var claimMatches = 0
    /// Up to four words, one of the first two a frequent given name.
    var givenNames = 0

    private static let wordBytes = 24
    private static let mostWords = 200
    static let knownSymbols = ["$", "€", "£", "¥", "₹", "%", "US$", "USD", "EUR", "GBP", "CHF"]

    init(column: Int, batches: [TextBatch], limit: Int, claim: SemanticType?, quotes: ValueQuotes? = nil) {
        let total = batches.reduce(0) { $0 + $1.rows }
        let step = max(1, (total + limit - 1) / max(limit, 1))
        var counts: [String: Int] = [:]
        var at = 0
        let surface = Surface()
        var runs: [String: (clean: String, count: Int)] = [:]
        let room = UnsafeMutablePointer<UInt8>.allocate(capacity: 1024)
        defer { room.deallocate() }
        for batch in batches {
            for r in 0..<batch.rows {
                defer { at += 1 }
                guard at % step == 0 else { continue }
                rows += 1
                let cell = batch.cell(r, column)
                if cell.isEmpty {
                    blanks += 1
                    continue
                }
                var flags = Surface.Flags()
                let p = batch.pointer(cell)
                let part = quotes?.inner(p, cell.length) ?? 0..<cell.length
                let n = surface.clean(p + part.lowerBound, min(part.count, 1024), room, &flags)
                if n == 0 {
                    blanks += 1
                } else {
                    let clean = String(decoding: UnsafeBufferPointer(start: room, count: n), as: UTF8.self)
                    counts[clean, default: 0] += 1
                    if flags.contains(.whitespace) {
                        runs[String(decoding: batch.bytes(cell), as: UTF8.self), default: (clean, 0)].count += 1
                    }
                }
            }
        }
        for (value, n) in counts { read(value, n, claim) }
        var withRuns: [String: Int] = [:]
        for run in runs.values { withRuns[run.clean, default: 0] += run.count }
        let all = withRuns.values.reduce(0, +)
        let usual = withRuns.reduce(0) { $0 + ($1.value >= 2 && counts[$1.key] == $1.value ? $1.value : 0) }
        usesRunsOfBlanks = all > 0 && usual * 2 >= all
    }

    private mutating func read(_ value: String, _ n: Int, _ claim: SemanticType?) {
        let folded = value.lowercased()
        if NullWords.all.contains(folded) {
            nullWords[folded, default: 0] += n
            return
        }
        filled += n
        distinct += 1
        if Self.namesPerson(value) { givenNames += n }
        var value = value
        value.withUTF8 { v in
            guard let p = v.baseAddress else { return }
            lengthSum += v.count * n
            if v.count <= Self.wordBytes { lengths[v.count] += n }
            let words = v.reduce(1) { $0 + ($1 == 0x20 ? 1 : 0) }
            wordSum += words * n
            if words > 1 { blankCells += n }
            if !v.contains(where: { $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 26 || $0 >= 0x80 }) { signOnly += n }
            if let type = PersonalData.detect(v) { personal[type, default: 0] += n }
            if let claim, PersonalData.matches(claim, v) { claimMatches += n }
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { out in
                if let out = out.baseAddress { readForms(p, v.count, n, out) }
            }
        }
    }

    /// `Anna Berg`, `Berg, Anna`, `ANNA`.
    private static func namesPerson(_ value: String) -> Bool {
        let words = value.split(whereSeparator: { $0 == " " || $0 == "," })
        guard (1...4).contains(words.count), value.unicodeScalars.allSatisfy({ !Similarity.isDigit($0) }) else { return false }
        guard words.allSatisfy({ $0.first?.isUppercase == true || NameWords.particles.contains(String($0)) }) else {
            return false
        }
        return words.prefix(2).contains { NameWords.given.contains($0.lowercased()) }
    }

    private mutating func readForms(_ p: UnsafePointer<UInt8>, _ length: Int, _ n: Int, _ out: UnsafeMutablePointer<UInt8>) {
        if let truth = BooleanWords.value(p, length) {
            booleans += n
            // The words themselves; yes and no, 1 and 0 alone are a category.
            if length == (truth ? 4 : 5) { trueWords += n }
        }
        let v = UnsafeBufferPointer(start: p, count: length)
        if v.allSatisfy({ $0 &- 0x30 < 10 }) {
            if length > 1, p[0] == 0x30 { digitCodes += n }
            if length > 15 { digitCodes += n }
            if length > 3 { plainLong += n }
            if length == 8, Self.isCompactDate(v) { compactDates += n }
        }
        // Numbers and dates have digits; most words do not.
        guard length <= 48, v.contains(where: { $0 &- 0x30 < 10 }) else {
            if NumberWords.value(v) != nil {
                numberWords += n
            } else {
                words += n
                if length <= Self.wordBytes, !isWordy {
                    wordCounts[String(decoding: v, as: UTF8.self).lowercased(), default: 0] += n
                    isWordy = wordCounts.count > Self.mostWords
                    if isWordy { wordCounts = [:] }
                }
            }
            return
        }
        numberForms(v, n, out)
        let reading = LooseDate(order: .dmy).canonical(p, length, out)
        // Asked day-first, then month-first: a value that only one of them reads proves an order.
        let other = reading.form == .none ? LooseDate(order: .mdy).canonical(p, length, out) : reading
        switch other.form {
        case .none: break
        case .date: dates += n
        default: timestamps += n
        }
        if other.form != .none {
            if other.isISO { isoDates += n }
            if other.isAmbiguous { ambiguousDates += n }
            if other.proves == .dmy { provesDMY += n }
            if other.proves == .mdy { provesMDY += n }
        }
    }

    private static func isCompactDate(_ v: UnsafeBufferPointer<UInt8>) -> Bool {
        let number = v.reduce(0) { $0 * 10 + Int($1 &- 0x30) }
        let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100)
        let iso = Array(String(format: "%04d-%02d-%02d", year, month, day).utf8)
        return (1800..<2100).contains(year) && iso.withUnsafeBufferPointer { CanonicalText.parseDate($0.baseAddress!, 10) } != nil
    }

    private mutating func numberForms(_ v: UnsafeBufferPointer<UInt8>, _ n: Int, _ out: UnsafeMutablePointer<UInt8>) {
        guard let p = v.baseAddress, v.count <= 40 else { return }
        guard v.reduce(0, { $0 + (($1 | 0x20) &- 0x61 < 26 ? 1 : 0) }) <= 3 else { return }
        func length(_ f: LooseNumber) -> Int { f.canonical(p, v.count, out) }
        var format = LooseNumber()
        var symbol = ""
        var got = length(format)
        var gotComma = length(LooseNumber(decimalComma: true))
        if got == 0, gotComma == 0 {
            for candidate in Self.knownSymbols {
                format.symbol = Array(candidate.utf8)
                got = length(format)
                gotComma = length(LooseNumber(decimalComma: true, symbol: format.symbol))
                if got > 0 || gotComma > 0 {
                    symbol = candidate
                    break
                }
            }
        }
        guard got > 0 || gotComma > 0 else { return }
        if !symbol.isEmpty { symbols[symbol, default: 0] += n }
        let commas = v.reduce(0) { $0 + ($1 == 0x2C ? 1 : 0) }
        let points = v.reduce(0) { $0 + ($1 == 0x2E ? 1 : 0) }
        if got > 0, gotComma == 0, points == 1 { pointDecimals += n }
        if gotComma > 0, got == 0 {
            noteScale(v, n, point: 0x2C)
            commaDecimals += n
            // `2.278.845`
            if commas == 0 { integers += n } else { decimals += n }
            return
        }
        noteScale(v, n, point: 0x2E)
        if commas > 0, gotComma > 0, commas == 1, points == 0 { thousandsCommas += n }
        if got > 0, gotComma > 0, points == 1, commas == 0 { pointGroups += n }
        if commas > 1 || (commas >= 1 && points == 1 && got > 0) { sureThousands += n }
        _ = length(format)
        if (0..<got).contains(where: { out[$0] == 0x2E || out[$0] == 0x65 }) {
            decimals += n
        } else {
            integers += n
        }
    }
    /// Zeros at the end say that the column writes a fixed number of digits behind the point.
    private mutating func noteScale(_ v: UnsafeBufferPointer<UInt8>, _ n: Int, point: UInt8) {
        guard let at = v.lastIndex(of: point) else {
            scales[0] += n
            return
        }
        let digits = v[(at + 1)...].prefix { $0 &- 0x30 < 10 }
        scales[min(digits.count, 6)] += n
        if digits.last == 0x30 { zeroScales[min(digits.count, 6)] += n }
    }
    /// The digits behind the point that nearly all numbers have, where zeros at the end show that this is meant; else 0.
    var usualScale: Int {
        let all = scales.reduce(0, +)
        guard decimals + commaDecimals > 0 else { return 0 }
        for k in (1...5).reversed() where zeroScales[k] > 0 && scales[k] * 20 >= all * 19 { return k }
        return 0
    }
}
