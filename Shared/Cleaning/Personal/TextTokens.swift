/// The words and numbers of a running text with their places.
struct TextTokens {
    struct Token {
        /// Bytes of the text.
        var range: Range<Int>
        var text: String
        /// Begins with a capital letter.
        var isCapital: Bool
        /// Digits, with a letter behind them at most (`12b`).
        var isNumber: Bool
        /// What stands between this token and the one before it.
        var gap: String

        /// In small letters; also without the ending of `Thomas's`.
        let folded: String
        let bare: String
        /// `Smith`, not `SMITH` and not `I`.
        var isName: Bool
        var isInitial: Bool { isCapital && text.unicodeScalars.count == 1 }
        /// Bytes of the ending of `Thomas's`.
        var possessive: Int { folded.utf8.count - bare.utf8.count }

        init(range: Range<Int>, text: String, isCapital: Bool, isNumber: Bool, gap: String) {
            (self.range, self.text, self.isCapital, self.isNumber, self.gap) = (range, text, isCapital, isNumber, gap)
            let folded = text.lowercased()
            self.folded = folded
            bare = ["'s", "\u{2019}s"].contains(where: folded.hasSuffix) ? String(folded.dropLast(2)) : folded
            isName = isCapital && text.unicodeScalars.contains { $0.properties.isLowercase }
        }
    }
    let tokens: [Token]

    /// Runs of letters and digits; apostrophes and hyphens belong to a word when letters stand on both sides.
    init(_ v: UnsafeBufferPointer<UInt8>) {
        let text = Array(String(decoding: v, as: UTF8.self).unicodeScalars)
        var out: [Token] = []
        var offset = 0
        var word: String.UnicodeScalarView = .init()
        var gap: String.UnicodeScalarView = .init()
        var start = 0
        func isPart(_ c: Unicode.Scalar) -> Bool { c.properties.isAlphabetic || c.properties.numericType != nil }
        func end(_ offset: Int) {
            guard let first = word.first else { return }
            let digits = word.reduce(0) { $0 + (Similarity.isDigit($1) ? 1 : 0) }
            out.append(
                Token(
                    range: start..<offset, text: String(word), isCapital: first.properties.isUppercase,
                    isNumber: Similarity.isDigit(first) && word.count - digits <= 1, gap: String(gap)))
            word = .init()
            gap = .init()
        }
        for (i, c) in text.enumerated() {
            let joins =
                (c == "'" || c == "\u{2019}" || c == "-") && !word.isEmpty && i + 1 < text.count
                && text[i + 1].properties.isAlphabetic && text[i - 1].properties.isAlphabetic
            if isPart(c) || joins {
                if word.isEmpty { start = offset }
                word.append(c)
            } else {
                end(offset)
                gap.append(c)
            }
            offset += UTF8.width(c)
        }
        end(offset)
        tokens = out
    }
}
