internal import Tabular

/// What the text of one cell can be read as, in its canonical form.
public enum CellKind: UInt8, Sendable, CaseIterable {
    /// 64-bit, at most 15 digits.
    case integer
    /// 64-bit, 16 digits and more: rather a code than a quantity.
    case longInteger
    case decimal
    case boolean
    case date
    /// Local time.
    case timestamp
    /// Instant, `Z`.
    case timestampUTC
    /// Only digits, but not a number: leading zeros, or too long.
    case digitCode
    case text

    /// Classifies canonical text (as the normaliser leaves it) and reads its number.
    @inline(__always)
    public static func of(_ p: UnsafePointer<UInt8>, _ n: Int, number: inout Double) -> CellKind {
        let first = p[0]
        if first &- 0x30 < 10 || first == 0x2D { return numeric(p, n, &number) }
        if first == 0x74 || first == 0x66, CanonicalText.parseBoolean(p, n) != nil { return .boolean }
        return .text
    }

    @inline(never)
    private static func numeric(_ p: UnsafePointer<UInt8>, _ n: Int, _ number: inout Double) -> CellKind {
        // One pass for the common case: digits, at most one point.
        var i = p[0] == 0x2D ? 1 : 0
        let start = i
        var value: Int64 = 0
        if n <= 18 {
            while i < n {
                let d = p[i] &- 0x30
                if d >= 10 { break }
                value = value &* 10 &+ Int64(d)
                i &+= 1
            }
            if i == n {
                if i == start { return .text }
                if p[start] == 0x30, n &- start > 1 { return start == 0 ? .digitCode : .text }
                if start == 1, value == 0 { return .text }
                number = Double(start == 1 ? 0 &- value : value)
                return n &- start > 15 ? .longInteger : .integer
            }
        } else {
            while i < n, p[i] &- 0x30 < 10 { i &+= 1 }
            if i == n {
                guard let whole = CanonicalText.parseInteger(p, n) else { return start == 0 ? .digitCode : .text }
                number = Double(whole)
                return .longInteger
            }
        }
        if p[i] == 0x2E || (p[i] | 0x20) == 0x65 {
            guard let x = CanonicalText.parseDecimal(p, n) else { return .text }
            number = x
            return .decimal
        }
        if p[i] == 0x2D, i == 4 {
            if n == 10 { return CanonicalText.parseDate(p, n) != nil ? .date : .text }
            if let t = CanonicalText.parseTimestamp(p, n) { return t.isUTC ? .timestampUTC : .timestamp }
        }
        return .text
    }
}
