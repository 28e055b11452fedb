public import Domain

/// Recognises personal data by the form of a value: syntax, and check digits where the standard has them. No dictionaries.
///
/// Forms that anything could have (nine digits, ten digits) are not recognised by value alone: the name of the column must agree, see
/// ``matches(_:_:)``.
public enum PersonalData {
    /// Types that a value can show by itself, in order of precedence.
    public static let selfEvident: [SemanticType] = [.email, .url, .iban, .paymentCard, .nationalID, .ipAddress, .phone]

    /// The first type whose form the value has beyond doubt.
    public static func detect(_ v: UnsafeBufferPointer<UInt8>) -> SemanticType? {
        guard v.count >= 6, v.count <= 254 else { return nil }
        // Cheap summary first: most values have none of the marks.
        var digits = 0
        var hasAt = false
        var colons = 0
        var dots = 0
        var letters = 0
        var other = 0
        for c in v {
            if c &- 0x30 < 10 {
                digits += 1
            } else if (c | 0x20) &- 0x61 < 26 {
                letters += 1
            } else if c == 0x40 {
                hasAt = true
            } else if c == 0x3A {
                colons += 1
            } else if c == 0x2E {
                dots += 1
            } else if c != 0x20 && c != 0x2D && c != 0x28 && c != 0x29 && c != 0x2B && c != 0x2F {
                other += 1
            }
        }
        if hasAt { return isEmail(v) ? .email : nil }
        if colons > 0 {
            if isURL(v) { return .url }
            return isIPv6(v) ? .ipAddress : nil
        }
        if digits >= 12, letters >= 2, other == 0, isIBAN(v) { return .iban }
        if letters == 0, other == 0 {
            if dots == 3, isIPv4(v) { return .ipAddress }
            if isSSN(v) { return .nationalID }
            if digits >= 13, digits <= 19, isGroupedCard(v) { return .paymentCard }
            if digits >= 7, digits <= 15, isPunctuatedPhone(v) { return .phone }
        }
        return nil
    }

    /// The value can be of this type, given that the column's name says so.
    public static func matches(_ type: SemanticType, _ v: UnsafeBufferPointer<UInt8>) -> Bool {
        switch type {
        case .email: isEmail(v)
        case .url: isURL(v)
        case .iban: isIBAN(v)
        case .paymentCard: isCard(v)
        case .ipAddress: isIPv4(v) || isIPv6(v)
        case .phone: isPhone(v)
        case .nationalID: isSSN(v) || (v.count == 9 && v.allSatisfy { $0 &- 0x30 < 10 })
        case .postalCode: isPostalCode(v)
        default: true
        }
    }

    // MARK: forms

    private static func isAlnum(_ c: UInt8) -> Bool { c &- 0x30 < 10 || (c | 0x20) &- 0x61 < 26 }

    /// A dot-atom address (RFC 5321, section 4.1.2) with a domain of at least two labels.
    public static func isEmail(_ v: UnsafeBufferPointer<UInt8>) -> Bool {
        guard v.count <= 254, let at = v.firstIndex(of: 0x40), at > 0, at <= 64, v.count - at > 4 else { return false }
        var previous: UInt8 = 0x2E
        for i in 0..<at {
            let c = v[i]
            if c == 0x2E {
                if previous == 0x2E { return false }
            } else if !(isAlnum(c) || c == 0x5F || c == 0x2B || c == 0x2D || c == 0x25 || c == 0x27 || c >= 0x80) {
                return false
            }
            previous = c
        }
        if previous == 0x2E { return false }
        var label = 0
        var lastDot = -1
        for i in (at + 1)..<v.count {
            let c = v[i]
            if c == 0x2E {
                if label == 0 || v[i - 1] == 0x2D { return false }
                lastDot = i
                label = 0
            } else if isAlnum(c) || c >= 0x80 || (c == 0x2D && label > 0) {
                label += 1
            } else {
                return false
            }
        }
        guard lastDot > 0, label >= 2 else { return false }
        return ((lastDot + 1)..<v.count).allSatisfy { !(v[$0] &- 0x30 < 10) }
    }

    public static func isURL(_ v: UnsafeBufferPointer<UInt8>) -> Bool {
        for scheme in ["http://", "https://", "ftp://"] {
            let s = Array(scheme.utf8)
            if v.count > s.count + 3, zip(v, s).allSatisfy({ ($0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0) == $1 }) {
                return isAlnum(v[s.count]) && v.allSatisfy { $0 > 0x20 }
            }
        }
        return false
    }

    public static func isIPv4(_ v: UnsafeBufferPointer<UInt8>) -> Bool {
        guard v.count >= 7, v.count <= 15 else { return false }
        var parts = 0
        var value = -1
        for c in v {
            if c &- 0x30 < 10 {
                if value == 0 { return false }
                value = (value < 0 ? 0 : value * 10) + Int(c - 0x30)
                if value > 255 { return false }
            } else if c == 0x2E, value >= 0 {
                parts += 1
                value = -1
            } else {
                return false
            }
        }
        return parts == 3 && value >= 0
    }

    public static func isIPv6(_ v: UnsafeBufferPointer<UInt8>) -> Bool {
        guard v.count >= 3, v.count <= 39 else { return false }
        var groups = 0
        var digits = 0
        var double = 0
        var previousColon = false
        for c in v {
            if c &- 0x30 < 10 || (c | 0x20) &- 0x61 < 6 {
                if digits == 0 { groups += 1 }
                digits += 1
                if digits > 4 { return false }
                previousColon = false
            } else if c == 0x3A {
                if previousColon { double += 1 }
                previousColon = true
                digits = 0
            } else {
                return false
            }
        }
        // Eight groups, or fewer with one gap; "12:30" and "08:15:00" are times.
        return double == 1 ? groups < 8 && groups > 0 : double == 0 && groups == 8 && !previousColon
    }

    /// `ddd-dd-dddd` outside the ranges that are never issued.
    public static func isSSN(_ v: UnsafeBufferPointer<UInt8>) -> Bool {
        guard v.count == 11, v[3] == 0x2D, v[6] == 0x2D else { return false }
        for i in 0..<11 where i != 3 && i != 6 { if v[i] &- 0x30 >= 10 { return false } }
        let area = Int(v[0] - 0x30) * 100 + Int(v[1] - 0x30) * 10 + Int(v[2] - 0x30)
        return area != 0 && area != 666 && area < 900 && !(v[4] == 0x30 && v[5] == 0x30) && !(v[7...10].allSatisfy { $0 == 0x30 })
    }

    /// 13 to 19 digits, blanks or hyphens between them, a known first digit, and the Luhn check (ISO/IEC 7812-1).
    public static func isCard(_ v: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = v.first(where: { $0 != 0x20 && $0 != 0x2D }), first >= 0x32, first <= 0x36 else { return false }
        return isLuhn(v) && v.reduce(0) { $0 + ($1 &- 0x30 < 10 ? 1 : 0) } >= 13
    }
    /// 12 to 19 digits, blanks or hyphens between them, and the Luhn check: a card where the text says so.
    public static func isLuhn(_ v: UnsafeBufferPointer<UInt8>) -> Bool {
        var sum = 0
        var n = 0
        var i = v.count
        while i > 0 {
            i -= 1
            let c = v[i]
            if c == 0x20 || c == 0x2D { continue }
            guard c &- 0x30 < 10 else { return false }
            var d = Int(c - 0x30)
            if n % 2 == 1 {
                d *= 2
                if d > 9 { d -= 9 }
            }
            sum += d
            n += 1
        }
        return n >= 12 && n <= 19 && sum % 10 == 0
    }
    /// A card number by value alone: Luhn, and a length and prefix that the large networks use.
    private static func isGroupedCard(_ v: UnsafeBufferPointer<UInt8>) -> Bool {
        guard v.count <= 23, isCard(v) else { return false }
        let d = v.filter { $0 &- 0x30 < 10 }.map { $0 - 0x30 }
        switch d[0] {
        case 4: return d.count == 16 || d.count == 13 || d.count == 19
        case 5: return d.count == 16 && d[1] >= 1 && d[1] <= 5
        case 2: return d.count == 16 && d[1] >= 2 && d[1] <= 7
        case 3: return (d.count == 15 && (d[1] == 4 || d[1] == 7)) || (d.count == 14 && (d[1] == 0 || d[1] == 6 || d[1] == 8))
        case 6: return d.count == 16 && (d[1] == 0 || d[1] == 4 || d[1] == 5)
        default: return false
        }
    }

    /// ISO 13616: two letters, two check digits, up to 30 letters and digits; mod 97 (ISO 7064) is 1.
    public static func isIBAN(_ v: UnsafeBufferPointer<UInt8>) -> Bool {
        var s: [UInt8] = []
        for c in v where c != 0x20 { s.append((c | 0x20) &- 0x61 < 26 ? c & 0xDF : c) }
        guard s.count >= 15, s.count <= 34, s[0] >= 0x41, s[1] >= 0x41, s[2] < 0x3A, s[3] < 0x3A else { return false }
        var remainder = 0
        for c in s[4...] + s[..<4] {
            if c &- 0x30 < 10 {
                remainder = (remainder * 10 + Int(c - 0x30)) % 97
            } else if c >= 0x41 && c <= 0x5A {
                remainder = (remainder * 100 + Int(c - 55)) % 97
            } else {
                return false
            }
        }
        return remainder == 1
    }

    /// 7 to 15 digits (ITU-T E.164) with the usual punctuation, optionally an extension.
    public static func isPhone(_ v: UnsafeBufferPointer<UInt8>) -> Bool {
        var digits = 0
        for (i, c) in v.enumerated() {
            if c &- 0x30 < 10 {
                digits += 1
            } else if c == 0x2B {
                if i > 0 { return false }
            } else if (c | 0x20) == 0x78 {
                return digits >= 7 && digits <= 15
            } else if c != 0x20 && c != 0x2D && c != 0x2E && c != 0x28 && c != 0x29 && c != 0x2F {
                return false
            }
        }
        return digits >= 7 && digits <= 15
    }
    /// A phone number by value alone: a leading plus, an area code in brackets, or the groups 3-3-4.
    private static func isPunctuatedPhone(_ v: UnsafeBufferPointer<UInt8>) -> Bool {
        guard isPhone(v) else { return false }
        if v[0] == 0x2B || v[0] == 0x28 { return true }
        var groups: [Int] = [0]
        for c in v {
            if c &- 0x30 < 10 {
                groups[groups.count - 1] += 1
            } else if groups[groups.count - 1] > 0 {
                groups.append(0)
            }
        }
        return groups == [3, 3, 4] || (groups == [1, 3, 3, 4] && v[0] == 0x31)
    }

    /// Three to ten letters, digits, blanks and hyphens with at least two digits.
    public static func isPostalCode(_ v: UnsafeBufferPointer<UInt8>) -> Bool {
        guard v.count >= 3, v.count <= 10 else { return false }
        var digits = 0
        for c in v {
            if c &- 0x30 < 10 { digits += 1 } else if !isAlnum(c) && c != 0x20 && c != 0x2D { return false }
        }
        return digits >= 2
    }
}
