import Domain
import Tabular
import Testing

@Suite struct CanonicalTextTests {
    private func bytes<T>(_ text: String, _ body: (UnsafePointer<UInt8>, Int) -> T) -> T {
        Array(text.utf8).withUnsafeBufferPointer { body($0.baseAddress ?? UnsafePointer(bitPattern: 1)!, $0.count) }
    }
    private func written(_ body: (UnsafeMutablePointer<UInt8>) -> Int) -> String {
        var out = [UInt8](repeating: 0xFF, count: CanonicalText.maximumLength)
        let n = out.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
        return String(decoding: out[..<n], as: UTF8.self)
    }

    @Test(
        "An integer is read only in its one form",
        arguments: [
            ("0", 0), ("-12", -12), ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min), ("007", nil),
            ("-0", nil),
            ("+5", nil), ("", nil), ("-", nil), ("12 ", nil), ("9223372036854775808", nil), ("99999999999999999999", nil),
            ("1e5", nil),
        ] as [(String, Int64?)])
    func integers(text: String, value: Int64?) {
        #expect(bytes(text) { CanonicalText.parseInteger($0, $1) } == value)
        if let value { #expect(written { CanonicalText.write(integer: value, to: $0) } == text) }
    }

    @Test(
        "A decimal prints in plain notation between 1e-5 and 1e16, shortest, without a trailing .0",
        arguments: [
            (3.0, "3"), (-0.0, "0"), (0.1, "0.1"), (12.5, "12.5"), (1e-5, "0.00001"), (1.5e-5, "0.000015"),
            (1e15, "1000000000000000"),
            (9_007_199_254_740_993.0, "9007199254740992"), (1.25e16, "1.25e+16"), (1e-6, "1e-06"),
            (0.30000000000000004, "0.30000000000000004"),
            (123456.789012, "123456.789012"), (-0.001, "-0.001"), (1e300, "1e+300"), (53273.53, "53273.53"),
        ])
    func decimals(value: Double, text: String) {
        #expect(CanonicalText.text(value) == text)
        #expect(bytes(text) { CanonicalText.parseDecimal($0, $1) } == value)
    }

    @Test("Text of any double reads back as the same double")
    func decimalRoundTrip() {
        var state: UInt64 = 42
        for i in 0..<20_000 {
            state = Hash.mix(state &+ 0x9E37_79B9_7F4A_7C15)
            // Arbitrary bit patterns, and the decimals that tables hold.
            let x = i % 2 == 0 ? Double(bitPattern: state) : Double(Int64(truncatingIfNeeded: state) >> 30) / 1000
            guard x.isFinite else { continue }
            let text = CanonicalText.text(x)
            #expect(bytes(text) { CanonicalText.parseDecimal($0, $1) } == x, "\(x) as \(text)")
        }
    }

    @Test(
        "What is not a finite decimal is refused",
        arguments: ["", "-", ".5", "5.", "1.2.3", "01.5", "nan", "inf", "1e999", "0x10", "1,5", " 1"])
    func notDecimals(text: String) {
        #expect(bytes(text) { CanonicalText.parseDecimal($0, $1) } == nil)
    }

    @Test("Every day from year 1 to 9999 survives text, and only real days are read")
    func dates() {
        for days in stride(from: Int32(-719_162), through: 2_932_896, by: 97) {
            let text = written { CanonicalText.write(date: days, to: $0) }
            #expect(bytes(text) { CanonicalText.parseDate($0, $1) } == days)
        }
        #expect(bytes("1970-01-01") { CanonicalText.parseDate($0, $1) } == 0)
        #expect(bytes("2000-02-29") { CanonicalText.parseDate($0, $1) } == 11_016)
        for text in ["1900-02-29", "2024-13-01", "2024-00-10", "2024-1-05", "2024/01/05", "0000-01-01", "2024-04-31"] {
            #expect(bytes(text) { CanonicalText.parseDate($0, $1) } == nil, "\(text)")
        }
        #expect(CanonicalText.write(date: 2_932_897, to: .allocate(capacity: 40)) == 0)
    }

    @Test("Day follows day in text")
    func everyDay() {
        var (year, month, day) = (1, 1, 1)
        for days in Int32(-719_162)...2_932_896 {
            let lengths = [
                31, year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31,
            ]
            guard day <= lengths[month - 1], CanonicalText.days(year: year, month: month, day: day) == days else {
                return #expect(Bool(false), "\(year)-\(month)-\(day) is not day \(days)")
            }
            let digits = [year / 1000, year / 100 % 10, year / 10 % 10, year % 10, month / 10, month % 10, day / 10, day % 10]
            let matches = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 10) { out in
                let n = CanonicalText.write(date: days, to: out.baseAddress!)
                let places = [0, 1, 2, 3, 5, 6, 8, 9]
                return n == 10 && out[4] == 0x2D && out[7] == 0x2D
                    && zip(places, digits).allSatisfy { out[$0] == 0x30 + UInt8($1) }
            }
            guard matches else { return #expect(Bool(false), "\(year)-\(month)-\(day)") }
            day += 1
            if day > lengths[month - 1] { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
        #expect((year, month, day) == (10_000, 1, 1))
    }

    @Test("Timestamps keep microseconds and the mark of UTC, before 1970 too")
    func timestamps() {
        for text in ["2026-11-21T08:30:00", "1969-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z", "2024-02-29T12:00:00.500000"] {
            let value = bytes(text) { CanonicalText.parseTimestamp($0, $1) }
            #expect(value != nil)
            if let value { #expect(written { CanonicalText.write(timestamp: value, to: $0) } == text) }
        }
        for text in [
            "2026-11-21 08:30:00", "2026-11-21T24:00:00", "2026-11-21T08:30", "2026-11-21T08:30:00+02:00",
            "2026-11-21T08:30:00.1234567",
        ] {
            #expect(bytes(text) { CanonicalText.parseTimestamp($0, $1) } == nil, "\(text)")
        }
    }
}
