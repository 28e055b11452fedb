/// The form of a value by classes of characters: `9` digit, `A` upper-case letter, `a` other letter; every other character stands for itself.
enum Shape {
    static let limit = 48

    static func exact(_ s: String) -> String {
        var out = ""
        for c in s.unicodeScalars.prefix(limit) {
            if c.value &- 0x30 < 10 {
                out.append("9")
            } else if c.properties.isUppercase {
                out.append("A")
            } else if c.properties.isAlphabetic {
                out.append("a")
            } else {
                out.unicodeScalars.append(c)
            }
        }
        return out
    }
    /// Runs of letters and of digits count once; case does not matter.
    static func runs(_ s: String) -> String {
        var out = ""
        var last: Character?
        for c in exact(s) {
            let mark: Character = c == "A" ? "a" : c
            if mark == last, mark == "a" || mark == "9" { continue }
            out.append(mark)
            last = mark
        }
        return out
    }
    /// The classes that occur: `L`, `D` and each other character, blanks left out.
    static func classes(_ s: String) -> Set<Character> {
        Set(exact(s).compactMap { $0 == " " ? nil : $0 == "9" ? "D" : $0 == "a" || $0 == "A" ? "L" : $0 })
    }
    static func hasLetters(_ shape: String) -> Bool { shape.contains { $0 == "a" || $0 == "A" } }
    static func digits(_ shape: String) -> Int { shape.reduce(0) { $0 + ($1 == "9" ? 1 : 0) } }
}
