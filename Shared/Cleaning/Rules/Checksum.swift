/// Check digits of codes that are only digits.
public enum Checksum: String, Codable, Sendable, CaseIterable {
    /// ISO/IEC 7812-1.
    case luhn
    /// Luhn over `80840` and the number: US provider identifiers.
    case npi
    /// GS1: EAN-8, EAN-13, UPC, GTIN-14, ISBN-13.
    case ean
    /// ABA routing numbers.
    case aba

    private var lengths: ClosedRange<Int> {
        switch self {
        case .luhn: 12...19
        case .npi: 10...10
        case .ean: 8...14
        case .aba: 9...9
        }
    }

    /// The digits of a value; nil when it holds letters or has a length that no rule is for.
    static func digits(_ v: UnsafeBufferPointer<UInt8>) -> [Int]? {
        guard v.count >= 8, v.count <= 30 else { return nil }
        var out: [Int] = []
        for c in v {
            if c &- 0x30 < 10 { out.append(Int(c - 0x30)) } else if (c | 0x20) &- 0x61 < 26 || c >= 0x80 { return nil }
        }
        return (8...19).contains(out.count) ? out : nil
    }

    /// nil when the rule is not for numbers of this length.
    func holds(_ digits: [Int]) -> Bool? {
        guard lengths.contains(digits.count) else { return nil }
        switch self {
        case .luhn: return Self.luhn(digits, start: 0)
        case .npi: return Self.luhn(digits, start: 24)
        case .ean: return digits.reversed().enumerated().reduce(0) { $0 + $1.element * ($1.offset % 2 == 1 ? 3 : 1) } % 10 == 0
        case .aba: return zip(digits, [3, 7, 1, 3, 7, 1, 3, 7, 1]).reduce(0) { $0 + $1.0 * $1.1 } % 10 == 0
        }
    }
    private static func luhn(_ digits: [Int], start: Int) -> Bool {
        var sum = start
        for (i, d) in digits.reversed().enumerated() {
            let x = i % 2 == 1 ? d * 2 : d
            sum += x > 9 ? x - 9 : x
        }
        return sum % 10 == 0
    }

    /// A check that most values pass, where chance gives a tenth, is a rule of the column.
    static func rule(of values: [String]) -> Checksum? {
        let numbers = values.compactMap { text -> [Int]? in
            var text = text
            return text.withUTF8 { digits($0) }
        }
        guard numbers.count >= 20, numbers.count * 5 >= values.count * 4 else { return nil }
        for check in allCases {
            let results = numbers.compactMap { check.holds($0) }
            guard results.count * 10 >= numbers.count * 9 else { continue }
            if results.reduce(0, { $0 + ($1 ? 1 : 0) }) * 10 >= results.count * 7 { return check }
        }
        return nil
    }
}
