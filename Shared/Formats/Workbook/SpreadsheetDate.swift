internal import Foundation

/// What the number format of a cell says about its number.
enum NumberKind {
    case plain, date, time, dateTime, duration

    /// Formats that every workbook has.
    /// - Source: ECMA-376-1, 18.8.30 numFmt.
    init(builtIn id: Int) {
        switch id {
        case 14...17, 27...31, 34...36, 50...58: self = .date
        case 18...21, 32, 33, 45, 47: self = .time
        case 22: self = .dateTime
        case 46: self = .duration
        default: self = .plain
        }
    }

    /// From a code such as `yyyy\-mm\-dd hh:mm` or `[h]:mm`: its first section, without literals and colours.
    init(code: String) {
        var hasDay = false
        var hasMonth = false
        var hasTime = false
        var text = Substring(code)
        while let c = text.popFirst(), c != ";" {
            switch c {
            case "\"": text = text.drop { $0 != "\"" }.dropFirst()
            case "\\", "_", "*": text = text.dropFirst()
            case "[":
                let inside = text.prefix { $0 != "]" }.lowercased()
                text = text.drop { $0 != "]" }.dropFirst()
                if !inside.isEmpty, inside.allSatisfy({ $0 == inside.first }), "hms".contains(inside.first!) {
                    self = .duration
                    return
                }
            case "y", "Y", "d", "D": hasDay = true
            case "m", "M": hasMonth = true
            case "h", "H", "s", "S": hasTime = true
            case "G", "g":
                // `General` has letters that mean something elsewhere.
                if text.lowercased().hasPrefix("eneral") { text = text.dropFirst(6) }
            default: break
            }
        }
        if hasDay || (hasMonth && !hasTime) {
            self = hasTime ? .dateTime : .date
        } else {
            self = hasTime ? .time : .plain
        }
    }
}

/// Numbers of a workbook as text.
enum SpreadsheetNumber {
    /// Days after which no workbook counts: 9999-12-31.
    private static let lastDay = 2_958_465.0

    /// - Parameter uses1904: days count from 1904-01-01, not from 1900.
    static func text(_ number: Double, _ kind: NumberKind, uses1904: Bool) -> String? {
        guard number.isFinite, number >= 0, number <= lastDay + 1 else { return nil }
        switch kind {
        case .plain: return nil
        case .duration:
            let seconds = Int((number * 86_400).rounded())
            return "\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
        case .time where number < 1:
            return clock(Int((number * 86_400_000).rounded()))
        case .date, .time, .dateTime:
            var day = Int(number.rounded(.down))
            var milliseconds = Int(((number - number.rounded(.down)) * 86_400_000).rounded())
            if milliseconds >= 86_400_000 {
                day += 1
                milliseconds = 0
            }
            // Day 60 of the 1900 system is 1900-02-29, which never was.
            let unix = uses1904 ? day - 24_107 : day - (day > 59 ? 25_569 : 25_568)
            let date = civil(unix)
            return kind == .date && milliseconds == 0 ? date : "\(date)T\(clock(milliseconds))"
        }
    }

    /// The shortest text of the number that a cell holds with up to 17 digits; nil where it is short as it stands.
    static func shortened(_ text: UnsafeBufferPointer<UInt8>) -> String? {
        let hasExponent = text.contains { $0 | 0x20 == UInt8(ascii: "e") }
        guard text.count > 15 || hasExponent, text.count < 64, let number = Double(String(decoding: text, as: UTF8.self)),
            number.isFinite
        else { return nil }
        if number == number.rounded(), abs(number) < 1e15 { return String(Int64(number)) }
        let shortest = number.description
        return shortest.contains("e") ? nil : shortest
    }

    private static func clock(_ milliseconds: Int) -> String {
        let seconds = milliseconds / 1000
        let base = "\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
        let rest = milliseconds % 1000
        return rest == 0 ? base : base + "." + String(String(rest + 1000).dropFirst())
    }
    private static func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }

    /// Days since 1970-01-01 as an ISO 8601 date.
    /// - Source: Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days.
    private static func civil(_ days: Int) -> String {
        let z = days + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let doe = z - era * 146_097
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100)
        let mp = (5 * doy + 2) / 153
        let month = mp < 10 ? mp + 3 : mp - 9
        let year = yoe + era * 400 + (month <= 2 ? 1 : 0)
        let text = String(year)
        return String(repeating: "0", count: max(0, 4 - text.count)) + text + "-" + two(month) + "-"
            + two(doy - (153 * mp + 2) / 5 + 1)
    }
}
