internal import CScan

/// The one text form of each typed value, so that text -> value -> text is the identity.
///
/// integer `-12`; decimal: shortest form that reads back as the same double, plain notation for 1e-5 <= |x| < 1e16,
/// no trailing `.0`; boolean `true`/`false`; date `2026-11-21`; timestamp `2026-11-21T08:30:00`, six digits of a second where
/// the fraction is not zero, `Z` when the instant is known (an offset other than zero has no canonical form as a value).
///
/// Parsers accept exactly the canonical form and what differs from it only in notation that loses nothing; they never
/// allocate. Writers need room for ``maximumLength`` bytes and return the number written.
public enum CanonicalText {
    public static let maximumLength = 40

    /// A point of time. Micros count from 1970-01-01T00:00:00, in UTC when `isUTC`, else on the local clock of the data.
    @frozen public struct Timestamp: Equatable, Sendable {
        public var micros: Int64
        public var isUTC: Bool
        @inlinable public init(micros: Int64, isUTC: Bool) {
            self.micros = micros
            self.isUTC = isUTC
        }
    }

    // MARK: parsing

    /// `-?(0|[1-9][0-9]*)` within 64 bits; `-0` is refused.
    public static func parseInteger(_ p: UnsafePointer<UInt8>, _ n: Int) -> Int64? {
        var i = 0
        let negative = n > 0 && p[0] == 0x2D
        if negative { i = 1 }
        let digits = n &- i
        guard digits > 0, digits < 20 else { return nil }
        if p[i] == 0x30 { return digits == 1 && !negative ? 0 : nil }
        var value: UInt64 = 0
        while i < n {
            let d = p[i] &- 0x30
            guard d < 10 else { return nil }
            value = value &* 10 &+ UInt64(d)
            i &+= 1
        }
        if negative { return value <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- value) : nil }
        return value < 1 << 63 ? Int64(value) : nil
    }

    /// A finite double in plain or scientific notation; no sign but `-`, no leading zeros, at most 17 significant digits.
    public static func parseDecimal(_ p: UnsafePointer<UInt8>, _ n: Int) -> Double? {
        guard n > 0, n <= maximumLength else { return nil }
        var i = 0
        let negative = p[0] == 0x2D
        if negative { i = 1 }
        guard i < n, p[i] &- 0x30 < 10 else { return nil }
        if p[i] == 0x30, i &+ 1 < n, p[i &+ 1] &- 0x30 < 10 { return nil }
        var mantissa: UInt64 = 0
        var significant = 0
        var scale = 0
        var seenPoint = false
        while i < n {
            let c = p[i]
            let d = c &- 0x30
            if d < 10 {
                if significant > 0 || d != 0 { significant &+= 1 }
                if significant > 19 { return slowDecimal(p, n) }
                mantissa = mantissa &* 10 &+ UInt64(d)
                if seenPoint { scale &+= 1 }
            } else if c == 0x2E, !seenPoint, i &+ 1 < n {
                seenPoint = true
            } else if (c | 0x20) == 0x65 {
                return slowDecimal(p, n)
            } else {
                return nil
            }
            i &+= 1
        }
        // Exact when mantissa and power of ten are both exact doubles (Clinger 1990).
        if mantissa < 1 << 53, scale <= 22 {
            let x = scale == 0 ? Double(mantissa) : Double(mantissa) / powersOfTen[scale]
            return negative ? -x : x
        }
        return slowDecimal(p, n)
    }

    @inline(never)
    private static func slowDecimal(_ p: UnsafePointer<UInt8>, _ n: Int) -> Double? {
        let text = String(decoding: UnsafeBufferPointer(start: p, count: n), as: UTF8.self)
        guard let x = Double(text), x.isFinite else { return nil }
        return x
    }

    public static func parseBoolean(_ p: UnsafePointer<UInt8>, _ n: Int) -> Bool? {
        if n == 4, p[0] == 0x74, p[1] == 0x72, p[2] == 0x75, p[3] == 0x65 { return true }
        if n == 5, p[0] == 0x66, p[1] == 0x61, p[2] == 0x6C, p[3] == 0x73, p[4] == 0x65 { return false }
        return nil
    }

    /// `YYYY-MM-DD`, year 0001...9999: days since 1970-01-01.
    public static func parseDate(_ p: UnsafePointer<UInt8>, _ n: Int) -> Int32? {
        n == 10 ? datePrefix(p) : nil
    }

    @inline(__always)
    private static func two(_ p: UnsafePointer<UInt8>) -> Int? {
        let a = p[0] &- 0x30
        let b = p[1] &- 0x30
        return a < 10 && b < 10 ? Int(a) &* 10 &+ Int(b) : nil
    }
    @inline(__always)
    private static func datePrefix(_ p: UnsafePointer<UInt8>) -> Int32? {
        guard let century = two(p), let yy = two(p + 2), p[4] == 0x2D, let month = two(p + 5), p[7] == 0x2D, let day = two(p + 8)
        else { return nil }
        return days(year: century &* 100 &+ yy, month: month, day: day)
    }

    /// `YYYY-MM-DDTHH:MM:SS[.f{1,6}][Z]`.
    public static func parseTimestamp(_ p: UnsafePointer<UInt8>, _ n: Int) -> Timestamp? {
        guard n >= 19, n <= 27, p[10] == 0x54, let day = datePrefix(p), let hour = two(p + 11), p[13] == 0x3A,
            let minute = two(p + 14), p[16] == 0x3A, let second = two(p + 17), hour < 24, minute < 60, second < 60
        else { return nil }
        var i = 19
        var micros: Int64 = 0
        if i < n, p[i] == 0x2E {
            i &+= 1
            var unit: Int64 = 100_000
            while i < n, p[i] &- 0x30 < 10 {
                guard unit > 0 else { return nil }
                micros &+= Int64(p[i] &- 0x30) &* unit
                unit /= 10
                i &+= 1
            }
            if unit == 100_000 { return nil }
        }
        var isUTC = false
        if i < n, p[i] == 0x5A {
            isUTC = true
            i &+= 1
        }
        guard i == n else { return nil }
        let seconds = Int64(day) &* 86400 &+ Int64(hour &* 3600 &+ minute &* 60 &+ second)
        return Timestamp(micros: seconds &* 1_000_000 &+ micros, isUTC: isUTC)
    }

    // MARK: calendar

    /// Days since 1970-01-01 of a day of the proleptic Gregorian calendar; nil when there is no such day.
    /// - Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    public static func days(year: Int, month: Int, day: Int) -> Int32? {
        guard year >= 1, year <= 9999, month >= 1, month <= 12, day >= 1, day <= length(year: year, month: month) else {
            return nil
        }
        let y = month <= 2 ? year &- 1 : year
        let era = y / 400
        let yearOfEra = y &- era &* 400
        let dayOfYear = (153 &* (month &+ (month > 2 ? -3 : 9)) &+ 2) / 5 &+ day &- 1
        let dayOfEra = yearOfEra &* 365 &+ yearOfEra / 4 &- yearOfEra / 100 &+ dayOfYear
        return Int32(era &* 146_097 &+ dayOfEra &- 719_468)
    }
    private static func length(year: Int, month: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    // MARK: writing

    public static func write(integer value: Int64, to out: UnsafeMutablePointer<UInt8>) -> Int {
        cscan_integer_text(value, out)
    }

    /// Not finite: writes nothing and returns 0.
    public static func write(decimal value: Double, to out: UnsafeMutablePointer<UInt8>) -> Int {
        value.isFinite ? cscan_decimal_text(value, out) : 0
    }

    /// Of a single value: `0.1`, not `0.10000000149011612`. Not finite: writes nothing and returns 0.
    public static func write(decimal value: Float, to out: UnsafeMutablePointer<UInt8>) -> Int {
        value.isFinite ? cscan_single_text(value, out) : 0
    }

    public static func write(boolean value: Bool, to out: UnsafeMutablePointer<UInt8>) -> Int {
        let text: StaticString = value ? "true" : "false"
        out.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        return text.utf8CodeUnitCount
    }

    /// Years outside 1...9999 have no canonical form: writes nothing and returns 0.
    public static func write(date days: Int32, to out: UnsafeMutablePointer<UInt8>) -> Int {
        cscan_date_text(Int64(days), out)
    }

    public static func write(timestamp value: Timestamp, to out: UnsafeMutablePointer<UInt8>) -> Int {
        var last = cscan_last_day()
        last.day = Int64.min
        return cscan_timestamp_text(value.micros, value.isUTC, &last, out)
    }

    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
        1e21, 1e22,
    ]

    /// The canonical text of a double, for code that is not hot.
    public static func text(_ value: Double) -> String {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: maximumLength) { out in
            guard let base = out.baseAddress else { return "" }
            let n = write(decimal: value, to: base)
            return String(decoding: UnsafeBufferPointer(start: base, count: n), as: UTF8.self)
        }
    }
}
