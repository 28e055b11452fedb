internal import Domain
internal import Tabular

/// Reads dates and times in the usual notations and prints ISO 8601.
struct LooseDate {
    enum Form: UInt8 {
        case none
        case date
        case timestamp
        /// With `Z` or offset zero.
        case timestampUTC
        /// With another offset: kept in the text, has no canonical value.
        case timestampOffset
    }
    struct Reading {
        var form = Form.none
        var length = 0
        /// Numeric with day and month both in 1...12 and different, year last.
        var isAmbiguous = false
        /// What a numeric date with the year last proves about the order.
        var proves: DateOrder?
        /// Written like the canonical form already, apart from a blank for `T` or missing zeros.
        var isISO = false
    }

    /// Order of numeric dates that end with the year; nil: only what has one reading is read.
    var order: DateOrder?
    var allowsShortYears = true

    /// Writes the ISO form to `out` (room: 40 bytes). `form == .none`: not a date, or one that cannot be read without guessing.
    func canonical(_ p: UnsafePointer<UInt8>, _ n: Int, _ out: UnsafeMutablePointer<UInt8>) -> Reading {
        var reading = Reading()
        guard n >= 6, n <= 40 else { return reading }
        var s = Scanner(p: p, n: n)
        guard let day = date(&s, &reading) else { return reading }
        if s.i == n {
            guard CanonicalText.write(date: day, to: out) == 10 else { return reading }
            reading.form = .date
            reading.length = 10
            return reading
        }
        guard s.take(0x54) || s.take(0x20) || (s.take(0x2C) && s.take(0x20)) else { return reading }
        guard let time = Self.time(&s) else { return reading }
        let micros = Int64(day) * 86_400_000_000 + time
        var length = CanonicalText.write(timestamp: .init(micros: micros, isUTC: false), to: out)
        guard length > 0 else { return reading }
        if s.i == n {
            reading.form = .timestamp
            reading.length = length
            return reading
        }
        _ = s.take(0x20)
        if s.rest == "UTC" || s.rest == "GMT" || s.rest == "Z" || s.rest == "z" {
            out[length] = 0x5A
            reading.form = .timestampUTC
            reading.length = length + 1
            return reading
        }
        guard s.i < n, p[s.i] == 0x2B || p[s.i] == 0x2D else { return reading }
        let sign = p[s.i]
        s.i += 1
        guard let hours = s.number(2, 2), hours.value <= 18 else { return reading }
        let colon = s.take(0x3A)
        var minutes = 0
        if s.i < n || colon {
            guard let m = s.number(2, 2), m.value < 60 else { return reading }
            minutes = m.value
        }
        guard s.i == n else { return reading }
        if hours.value == 0, minutes == 0 {
            out[length] = 0x5A
            reading.form = .timestampUTC
            reading.length = length + 1
            return reading
        }
        out[length] = sign
        out[length + 1] = 0x30 + UInt8(hours.value / 10)
        out[length + 2] = 0x30 + UInt8(hours.value % 10)
        out[length + 3] = 0x3A
        out[length + 4] = 0x30 + UInt8(minutes / 10)
        out[length + 5] = 0x30 + UInt8(minutes % 10)
        length += 6
        reading.form = .timestampOffset
        reading.length = length
        return reading
    }

    // MARK: parts

    private struct Scanner {
        let p: UnsafePointer<UInt8>
        let n: Int
        var i = 0

        mutating func take(_ c: UInt8) -> Bool {
            guard i < n, p[i] == c else { return false }
            i += 1
            return true
        }
        mutating func number(_ least: Int, _ most: Int) -> (value: Int, digits: Int)? {
            var value = 0
            let start = i
            while i < n, i - start < most, p[i] &- 0x30 < 10 {
                value = value * 10 + Int(p[i] - 0x30)
                i += 1
            }
            return i - start >= least ? (value, i - start) : nil
        }
        /// Three letters or more of an English month name; a full stop may follow.
        mutating func month() -> Int? {
            let start = i
            var word: [UInt8] = []
            while i < n, (p[i] | 0x20) &- 0x61 < 26 {
                word.append(p[i] | 0x20)
                i += 1
            }
            guard word.count >= 3, word.count <= 9 else {
                i = start
                return nil
            }
            for (m, name) in LooseDate.months.enumerated() {
                if name.count >= word.count, name.starts(with: word),
                    word.count == 3 || word.count == name.count || (m == 8 && word.count == 4)
                {
                    _ = take(0x2E)
                    return m + 1
                }
            }
            i = start
            return nil
        }
        var rest: String { String(decoding: UnsafeBufferPointer(start: p + i, count: n - i), as: UTF8.self) }
    }
    private static let months: [[UInt8]] = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
    ].map { Array($0.utf8) }

    private func date(_ s: inout Scanner, _ reading: inout Reading) -> Int32? {
        let c = s.p[0]
        if c &- 0x30 < 10 {
            guard let first = s.number(1, 4) else { return nil }
            guard s.i < s.n else { return nil }
            let mark = s.p[s.i]
            if first.digits == 4 {
                guard mark == 0x2D || mark == 0x2F || mark == 0x2E, s.take(mark) else { return nil }
                if let month = s.month() {  // 2024-Jan-05
                    guard s.take(mark), let day = s.number(1, 2) else { return nil }
                    return CanonicalText.days(year: first.value, month: month, day: day.value)
                }
                guard let month = s.number(1, 2), s.take(mark), let day = s.number(1, 2) else { return nil }
                reading.isISO = true
                return CanonicalText.days(year: first.value, month: month.value, day: day.value)
            }
            guard first.digits <= 2 else { return nil }
            if mark == 0x20 || mark == 0x2D {  // 5 Jan 2024, 05-Jan-24
                let back = s.i
                s.i += 1
                if let month = s.month() {
                    guard s.take(mark) || s.take(0x20), let year = year(&s) else { return nil }
                    return CanonicalText.days(year: year, month: month, day: first.value)
                }
                s.i = back
            }
            guard mark == 0x2F || mark == 0x2D || mark == 0x2E, s.take(mark), let second = s.number(1, 2), s.take(mark) else {
                return nil
            }
            guard let year = year(&s) else { return nil }
            return resolve(first.value, second.value, year, &reading)
        }
        guard let month = s.month(), s.take(0x20) || s.take(0x2D), let day = s.number(1, 2) else { return nil }
        if s.i < s.n, (s.p[s.i] | 0x20) &- 0x61 < 26 {  // 5th
            let suffix = s.rest.prefix(2).lowercased()
            guard ["st", "nd", "rd", "th"].contains(suffix) else { return nil }
            s.i += 2
        }
        _ = s.take(0x2C)
        guard s.take(0x20) || s.take(0x2D) || s.p[s.i - 1] == 0x2C, let year = year(&s) else { return nil }
        return CanonicalText.days(year: year, month: month, day: day.value)
    }

    private func year(_ s: inout Scanner) -> Int? {
        guard let y = s.number(2, 4) else { return nil }
        if y.digits == 4 { return y.value }
        guard y.digits == 2, allowsShortYears else { return nil }
        return y.value < 50 ? 2000 + y.value : 1900 + y.value
    }

    private func resolve(_ a: Int, _ b: Int, _ year: Int, _ reading: inout Reading) -> Int32? {
        guard a >= 1, b >= 1, a <= 31, b <= 31 else { return nil }
        if a > 12 && b > 12 { return nil }
        if a > 12 { reading.proves = .dmy }
        if b > 12 { reading.proves = .mdy }
        if a <= 12, b <= 12, a != b {
            reading.isAmbiguous = true
            guard order == .dmy || order == .mdy else { return nil }
        }
        // A column that is known to be day-first does not hold month-first dates: such a cell is left for a person.
        if let order, order != .ymd, let proven = reading.proves, proven != order { return nil }
        let dayFirst = reading.proves.map { $0 == .dmy } ?? (order != .mdy)
        return CanonicalText.days(year: year, month: dayFirst ? b : a, day: dayFirst ? a : b)
    }

    private static func time(_ s: inout Scanner) -> Int64? {
        guard let hour = s.number(1, 2), s.take(0x3A), let minute = s.number(2, 2) else { return nil }
        var second = 0
        var micros: Int64 = 0
        if s.take(0x3A) {
            guard let x = s.number(2, 2) else { return nil }
            second = x.value
            if s.take(0x2E) {
                guard let f = s.number(1, 9), f.digits <= 6 || f.value % (f.digits == 7 ? 10 : f.digits == 8 ? 100 : 1000) == 0
                else {
                    return nil  // finer than a microsecond
                }
                var scaled = Int64(f.value)
                for _ in f.digits..<max(6, f.digits) { scaled *= 10 }
                for _ in 6..<max(6, f.digits) { scaled /= 10 }
                micros = scaled
            }
        }
        var h = hour.value
        let back = s.i
        _ = s.take(0x20)
        if s.i + 1 < s.n, s.p[s.i + 1] | 0x20 == 0x6D, s.p[s.i] | 0x20 == 0x61 || s.p[s.i] | 0x20 == 0x70 {
            guard h >= 1, h <= 12 else { return nil }
            h = h % 12 + (s.p[s.i] | 0x20 == 0x70 ? 12 : 0)
            s.i += 2
        } else {
            s.i = back
        }
        guard h < 24, minute.value < 60, second < 60 else { return nil }
        return Int64(h * 3600 + minute.value * 60 + second) * 1_000_000 + micros
    }
}
