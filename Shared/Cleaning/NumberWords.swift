/// Whole numbers in English words: `forty`, `Twenty-six`, `two hundred and five`, `SIXTY THOUSAND`.
enum NumberWords {
    private static let units: [String: Int] = [
        "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
        "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18,
        "nineteen": 19,
    ]
    private static let tens: [String: Int] = [
        "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    ]
    private static let powers: [String: Int] = ["thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000]
    private static let mostBytes = 80
    private static let starts = Set(
        (Array(units.keys) + Array(tens.keys)).map { $0.utf8.prefix(3).reduce(UInt32(0)) { $0 << 8 | UInt32($1) } })

    /// Nil for a text that is no such number from its first to its last word.
    static func value(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
        guard text.count >= 3, text.count <= mostBytes, text.allSatisfy({ $0 | 0x20 &- 0x61 < 26 || $0 == 0x20 || $0 == 0x2D })
        else { return nil }
        // The first letters rule out nearly every text.
        let start = text[..<3].reduce(UInt32(0)) { $0 << 8 | UInt32($1 | 0x20) }
        guard starts.contains(start) else { return nil }
        let words = String(decoding: text, as: UTF8.self).lowercased().split { $0 == " " || $0 == "-" }
        var whole = 0
        // Of the power that is being read; nil: no word of it yet.
        var part: Int?
        var lowest = Int.max
        var joins = false
        for word in words {
            let word = String(word)
            if word == "and" {
                guard part != nil || whole > 0, !joins else { return nil }
                joins = true
                continue
            }
            if let unit = units[word] {
                // Behind a hundred, or behind the tens where it is a single digit.
                let room =
                    part.map { $0 % 100 == 0 && $0 > 0 || ($0 % 10 == 0 && $0 % 100 >= 20 && (1...9).contains(unit)) } ?? true
                guard room else { return nil }
                part = (part ?? 0) + unit
            } else if let ten = tens[word] {
                guard part.map({ $0 % 100 == 0 && $0 > 0 }) ?? true else { return nil }
                part = (part ?? 0) + ten
            } else if word == "hundred" {
                guard let digit = part, (1...9).contains(digit) else { return nil }
                part = digit * 100
            } else if let power = powers[word] {
                guard let times = part, times > 0, power < lowest else { return nil }
                whole += times * power
                lowest = power
                part = nil
            } else {
                return nil
            }
            joins = false
        }
        guard !joins, !words.isEmpty, part != nil || whole > 0 else { return nil }
        return whole + (part ?? 0)
    }
}
