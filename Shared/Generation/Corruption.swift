/// Why a cell differs from its clean value; the names are those of the ground truth.
public enum Corruption: UInt8, Sendable, CaseIterable {
    case none
    case missing
    case nullToken
    case whitespace
    case letterCase
    case spelling
    case typo
    case abbreviation
    case numberFormat
    case dateFormat
    case phoneFormat
    case unicode
    case outlier
    case changedValue

    /// The `kind` column of the truth file.
    public var name: String {
        switch self {
        case .none: "none"
        case .missing: "missing"
        case .nullToken: "null_token"
        case .whitespace: "whitespace"
        case .letterCase: "case"
        case .spelling: "spelling"
        case .typo: "typo"
        case .abbreviation: "abbreviation"
        case .numberFormat: "number_format"
        case .dateFormat: "date_format"
        case .phoneFormat: "phone_format"
        case .unicode: "unicode"
        case .outlier: "outlier"
        case .changedValue: "changed_value"
        }
    }
}

extension RowBuffer {
    private static let nullTokens: [StaticString] = ["NA", "N/A", "null", "-", "n/a", "NULL", "NaN", "None", "#N/A", "nan"]
    /// How many of them, from the first, mean "missing" beyond dispute; the others may be words of a language.
    private static let certainTokens = 6

    func clear(_ column: Int, _ random: inout RowRandom, tokenPercent: Int) {
        if random.chance(tokenPercent) {
            willCorrupt(column, .nullToken)
            set(column, Self.nullTokens[random.below(Self.nullTokens.count)])
        } else {
            willCorrupt(column, .missing)
            lengths[column] = 0
        }
    }
    /// Another certain spelling of "no value" for one: a normalised row stays the same.
    func respellMissing(_ column: Int, _ random: inout RowRandom) {
        guard corruption[column] == .missing || hasCertainToken(column) else { return }
        let token = random.below(2 * Self.certainTokens)
        if token < Self.certainTokens {
            willCorrupt(column, .nullToken)
            set(column, Self.nullTokens[token])
        } else {
            willCorrupt(column, .missing)
            lengths[column] = 0
        }
    }
    private func hasCertainToken(_ column: Int) -> Bool {
        guard corruption[column] == .nullToken else { return false }
        return Self.nullTokens[..<Self.certainTokens].contains { token in
            token.utf8CodeUnitCount == lengths[column]
                && (0..<lengths[column]).allSatisfy { start(column)[$0] == token.utf8Start[$0] }
        }
    }
    func isMissing(_ column: Int) -> Bool { corruption[column] == .missing || corruption[column] == .nullToken }

    func addWhitespace(_ column: Int, _ random: inout RowRandom) {
        willCorrupt(column, .whitespace)
        let at = start(column)
        let n = lengths[column]
        switch random.below(4) {
        case 0: insert(column, at: 0, 0x20)
        case 1: insert(column, at: n, 0x20)
        case 2:
            insert(column, at: n, random.chance(20) ? 0x09 : 0x20)
            insert(column, at: 0, 0x20)
        default:
            // A doubled inner space where there is one, else two in front.
            if let space = (0..<n).first(where: { at[$0] == 0x20 }) {
                insert(column, at: space, 0x20)
            } else {
                insert(column, at: 0, 0x20)
                insert(column, at: 0, 0x20)
            }
        }
    }

    /// Upper case, lower case, or the first letters swapped in case. ASCII letters only. False when nothing changed.
    @discardableResult
    func changeCase(_ column: Int, _ random: inout RowRandom) -> Bool {
        let at = start(column)
        let style = random.below(3)
        var changed = false
        for i in 0..<lengths[column] {
            let b = at[i]
            guard (b | 0x20) &- 0x61 < 26 else { continue }
            let next: UInt8 =
                switch style {
                case 0: b & 0xDF
                case 1: b | 0x20
                default: i < 2 ? b ^ 0x20 : b
                }
            guard next != b else { continue }
            if !changed { willCorrupt(column, .letterCase) }
            changed = true
            at[i] = next
        }
        return changed
    }

    /// One slip of the finger on an ASCII letter or digit: wrong, missing, doubled or swapped. False when there is none to slip on.
    @discardableResult
    func addTypo(_ column: Int, _ reason: Corruption, _ random: inout RowRandom) -> Bool {
        let at = start(column)
        let n = lengths[column]
        guard n >= 2 else { return false }
        var position = random.below(n)
        var tries = 0
        while !Self.isAlphanumeric(at[position]) {
            position = position + 1 == n ? 0 : position + 1
            tries += 1
            if tries > n { return false }
        }
        willCorrupt(column, reason)
        let b = at[position]
        let isDigit = b < 0x3A
        switch random.below(4) {
        case 0 where n > 2 && !isDigit: remove(column, at: position)
        case 1 where !isDigit: insert(column, at: position, b)
        case 2 where position + 1 < n && at[position + 1] != b && Self.isAlphanumeric(at[position + 1]):
            at[position] = at[position + 1]
            at[position + 1] = b
        default:
            if isDigit {
                at[position] = 0x30 + (b - 0x30 + 1 + UInt8(random.below(9))) % 10
            } else {
                let letter = (b | 0x20) - 0x61
                at[position] = ((letter + 1 + UInt8(random.below(25))) % 26 + 0x61) & (b | 0xDF)
            }
        }
        return true
    }

    /// Thousands separators or a currency sign around a plain decimal number.
    func formatNumber(_ column: Int, _ random: inout RowRandom) {
        willCorrupt(column, .numberFormat)
        let at = start(column)
        let whole = (0..<lengths[column]).first(where: { at[$0] == 0x2E }) ?? lengths[column]
        if whole > 3 {
            var i = whole - 3
            while i > 0 {
                insert(column, at: i, 0x2C)
                i -= 3
            }
            if random.chance(50) { insert(column, at: 0, 0x24) }
        } else {
            insert(column, at: 0, 0x24)
        }
    }

    /// The same day in another unambiguous notation; a timestamp loses its `T`.
    func formatDate(_ column: Int, isTimestamp: Bool, _ random: inout RowRandom) {
        guard corruption[column] == .none, lengths[column] >= 10 else { return }
        willCorrupt(column, .dateFormat)
        let at = start(column)
        if isTimestamp {
            at[10] = 0x20
            if random.chance(40) {
                at[4] = 0x2F
                at[7] = 0x2F
            }
            return
        }
        let year = [at[0], at[1], at[2], at[3]]
        let month = Int(at[5] - 0x30) * 10 + Int(at[6] - 0x30)
        let day = [at[8], at[9]]
        switch random.below(3) {
        case 0:
            at[4] = 0x2F
            at[7] = 0x2F
        case 1:
            var text = writer(column)
            for b in day { text.byte(b) }
            text.byte(0x20)
            text.text(Self.months[month - 1])
            text.byte(0x20)
            for b in year { text.byte(b) }
            finish(column, text)
        default:
            var text = writer(column)
            text.text(Self.months[month - 1])
            text.byte(0x20)
            for b in day { text.byte(b) }
            text.text(", ")
            for b in year { text.byte(b) }
            finish(column, text)
        }
    }
    private static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Other separators in a telephone number `+C-AAA-BBB-DDDD`, sometimes without the country.
    func formatPhone(_ column: Int, _ random: inout RowRandom) {
        guard corruption[column] == .none, lengths[column] >= 14 else { return }
        willCorrupt(column, .phoneFormat)
        let at = start(column)
        let n = lengths[column]
        switch random.below(3) {
        case 0:
            for i in 0..<n where at[i] == 0x2D { at[i] = 0x20 }
        case 1:
            var kept = 0
            for i in 0..<n where at[i] != 0x2D {
                at[kept] = at[i]
                kept += 1
            }
            lengths[column] = kept
        default:
            let digits = Array(UnsafeBufferPointer(start: at + n - 12, count: 12))
            var text = writer(column)
            text.byte(0x28)
            for i in 0..<3 { text.byte(digits[i]) }
            text.text(") ")
            for i in 4..<12 { text.byte(digits[i]) }
            finish(column, text)
        }
    }

    /// Short forms: `Street` to `St`, `straße` to `str.`; of a name its initial. False when there is nothing to shorten.
    func abbreviate(_ column: Int, isName: Bool) -> Bool {
        let n = lengths[column]
        let at = start(column)
        if isName {
            guard n > 2, at[0] < 0x80 else { return false }
            willCorrupt(column, .abbreviation)
            at[1] = 0x2E
            lengths[column] = 2
            return true
        }
        for (long, short) in Self.shortForms {
            let m = long.utf8CodeUnitCount
            guard n > m else { continue }
            for i in 0...(n - m) where (0..<m).allSatisfy({ at[i + $0] == long.utf8Start[$0] }) {
                willCorrupt(column, .abbreviation)
                let tail = Array(UnsafeBufferPointer(start: at + i + m, count: n - i - m))
                (at + i).update(from: short.utf8Start, count: short.utf8CodeUnitCount)
                let end = i + short.utf8CodeUnitCount
                for (k, b) in tail.enumerated() { at[end + k] = b }
                lengths[column] = end + tail.count
                return true
            }
        }
        return false
    }
    private static let shortForms: [(StaticString, StaticString)] = [
        ("Street", "St"), ("Avenue", "Ave"), ("Road", "Rd"), ("Drive", "Dr"), ("Lane", "Ln"), ("Court", "Ct"), ("Place", "Pl"),
        ("Boulevard", "Blvd"), ("Terrace", "Ter"), ("Circle", "Cir"), ("straße", "str."),
    ]

    /// Composed Latin letters (`é`) as letter and combining mark. Not changed when the cell has none.
    func decompose(_ column: Int) {
        let at = start(column)
        guard let i = (0..<max(0, lengths[column] - 1)).first(where: { at[$0] == 0xC3 }),
            let (letter, mark) = Self.decomposition(at[i + 1])
        else { return }
        willCorrupt(column, .unicode)
        at[i] = letter
        at[i + 1] = 0xCC
        insert(column, at: i + 2, mark)
    }
    /// Second byte of U+00C0...U+00FF in UTF-8 to base letter and second byte of the combining mark.
    private static func decomposition(_ b: UInt8) -> (UInt8, UInt8)? {
        switch b {
        case 0xA9: (0x65, 0x81)  // é
        case 0xA8: (0x65, 0x80)  // è
        case 0xAB: (0x65, 0x88)  // ë
        case 0xBC: (0x75, 0x88)  // ü
        case 0xB6: (0x6F, 0x88)  // ö
        case 0xAD: (0x69, 0x81)  // í
        case 0xB3: (0x6F, 0x81)  // ó
        case 0xBA: (0x75, 0x81)  // ú
        case 0xB1: (0x6E, 0x83)  // ñ
        case 0x89: (0x45, 0x81)  // É
        default: nil
        }
    }

    /// A value far outside the column's usual range.
    func makeOutlier(_ column: Int, isWhole: Bool, _ random: inout RowRandom) {
        willCorrupt(column, .outlier)
        var text = writer(column)
        if random.chance(25) { text.byte(0x2D) }
        if isWhole {
            text.number(1_000_000 + random.below(9_000_000))
        } else {
            text.hundredths(10_000_000 + random.below(90_000_000))
        }
        finish(column, text)
    }

    private static func isAlphanumeric(_ b: UInt8) -> Bool { b &- 0x30 < 10 || (b | 0x20) &- 0x61 < 26 }
    private func insert(_ column: Int, at position: Int, _ b: UInt8) {
        let at = start(column)
        let n = lengths[column]
        guard n < Self.usable else { return }
        var i = n
        while i > position {
            at[i] = at[i - 1]
            i -= 1
        }
        at[position] = b
        lengths[column] = n + 1
    }
    private func remove(_ column: Int, at position: Int) {
        let at = start(column)
        for i in position..<lengths[column] - 1 { at[i] = at[i + 1] }
        lengths[column] -= 1
    }
}
