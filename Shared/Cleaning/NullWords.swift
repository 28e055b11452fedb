/// Words that stand for "no value".
///
/// A person may be called "Nan", "none" may be a category and `NA` is Namibia: only what no real value looks like is always missing;
/// other words count in typed columns, or where real blanks show that the column has missing values; so do those that the table itself
/// has in place of numbers.
enum NullWords {
    static let certain = [
        "n/a", "#n/a", "<na>", "<null>", "(null)", "#null!", "#value!", "#ref!", "#div/0!", "#name?", "n.a.", "\\n",
    ]
    /// With real blanks in the column, where nearly all values have digits, or in a typed column.
    static let likely = ["null", "nan", "-", "--", "---", "?", "??", "."]
    /// In typed columns only.
    static let typed = [
        "na", "none", "nil", "unknown", "missing", "not available", "no data", "tbd", "-nan", "nat", "undefined", "error",
        "invalid", "not applicable", "not_available", "not_applicable", "not specified", "not recorded", "no value", "blank",
        "empty",
    ]

    /// Where all values have letters or digits.
    static let signs = ["..", "...", "**", "***", "****", "*****", "##", "###", "####", "__", "___", "____", "//", "????"]
    /// No value of a text either when the table proves it, see ``proven(_:)``.
    private static let plain: Set = [
        "null", "nan", "missing", "not available", "no data", "undefined", "not_available", "not specified", "not recorded",
        "no value", "blank", "empty",
    ]

    static let all = Set(certain + likely + typed + signs)

    /// Words for a missing value that columns of numbers or days of a table have, and two others as well: they are missing everywhere.
    /// - Parameter columns: of the table, as sampled.
    static func proven(_ columns: [SampleColumn]) -> Set<String> {
        plain.filter { word in
            let own = columns.filter { fewest...max(fewest, $0.filled / 3) ~= $0.nullWords[word] ?? 0 }
            return own.count >= 3 && own.contains { isTyped($0) && $0.symbols.isEmpty }
        }
    }
    private static func isTyped(_ s: SampleColumn) -> Bool {
        max(s.integers + s.decimals, s.dates + s.timestamps) * 5 >= s.filled * 4
    }

    /// What several columns of numbers or days of a table have instead of a value, whatever the word: `ERROR`, `XYZ`. Such a word is missing
    /// in a typed column, and in a text column with real blanks.
    /// - Parameter columns: of the table, as sampled.
    static func placeholders(_ columns: [SampleColumn]) -> Set<String> {
        var found: [String: Int] = [:]
        for s in columns where isTyped(s) {
            for (word, n) in s.wordCounts.merging(s.nullWords, uniquingKeysWith: +) where n >= fewest {
                found[word, default: 0] += 1
            }
        }
        return Set(found.filter { $0.value >= 2 }.keys)
    }
    private static let fewest = 2

    /// The set of one column, prepared for the scan.
    struct Matcher {
        /// First bytes (lower and upper case) as a 256-bit set.
        var firsts: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        /// Bit = length, up to 31.
        var lengths: UInt32 = 0
        private let words: [[UInt8]]

        /// Words are compared without ASCII case.
        init(_ tokens: [String]) {
            words = tokens.map { token in token.utf8.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 } }.filter {
                !$0.isEmpty && $0.count < 32
            }
            for word in words {
                lengths |= 1 << UInt32(word.count)
                for c in [word[0], word[0] &- 0x61 < 26 ? word[0] & 0xDF : word[0]] {
                    switch c >> 6 {
                    case 0: firsts.0 |= 1 << UInt64(c & 63)
                    case 1: firsts.1 |= 1 << UInt64(c & 63)
                    case 2: firsts.2 |= 1 << UInt64(c & 63)
                    default: firsts.3 |= 1 << UInt64(c & 63)
                    }
                }
            }
        }

        @inline(__always)
        private func isFirst(_ c: UInt8) -> Bool {
            let word = c < 0x80 ? (c < 0x40 ? firsts.0 : firsts.1) : (c < 0xC0 ? firsts.2 : firsts.3)
            return word >> UInt64(c & 63) & 1 == 1
        }

        func matches(_ p: UnsafePointer<UInt8>, _ n: Int) -> Bool {
            guard n < 32, lengths >> UInt32(n) & 1 == 1, isFirst(p[0]) else { return false }
            outer: for word in words where word.count == n {
                for i in 0..<n {
                    let c = p[i]
                    if (c &- 0x41 < 26 ? c | 0x20 : c) != word[i] { continue outer }
                }
                return true
            }
            return false
        }
    }
}
