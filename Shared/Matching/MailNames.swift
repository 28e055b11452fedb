/// Whose name an address for mail is made of: where a row has no first name, `jenniferrichardson@mail.com` still says whose row it is.
struct MailNames {
    private typealias Form = UnsafeBufferPointer<UInt8>

    private let table: CompareTable
    private let mail: Int
    private let names: [Int]
    private let forms: UnsafeMutableBufferPointer<(UnsafePointer<UInt8>, Int)>

    /// Shorter words are no names.
    private static let leastLetters = 3
    private static let mostWords = 8
    /// Names that are as similar are spellings of one.
    private static let alike = 0.6

    /// Nil for a table without names or without addresses for mail.
    init?(_ table: CompareTable) {
        names = table.personKinds.indices.filter { table.personKinds[$0] == Persons.name }
        guard let mail = table.personKinds.indices.first(where: { table.isMail[$0] }), !names.isEmpty else { return nil }
        self.mail = mail
        self.table = table
        forms = .allocate(capacity: table.width)
    }
    func deallocate() { forms.deallocate() }

    /// The rows share a name, and the address of one of them is made of it and of another name than what else the other row has: of
    /// another first name. The addresses must differ.
    func nameAnother(_ a: Int, _ b: Int) -> Bool {
        let (left, leftMail) = read(a)
        let (right, rightMail) = read(b)
        let shared = left.filter { word in word.count >= Self.leastLetters && right.contains { $0.elementsEqual(word) } }
        if shared.isEmpty { return false }
        let onlyLeft = left.filter { word in !right.contains { $0.elementsEqual(word) } }
        let onlyRight = right.filter { word in !left.contains { $0.elementsEqual(word) } }
        return (!onlyRight.isEmpty && names(leftMail, shared: shared, noneOf: onlyRight))
            || (!onlyLeft.isEmpty && names(rightMail, shared: shared, noneOf: onlyLeft))
    }

    /// The words of the names, and the address.
    private func read(_ row: Int) -> (words: [Form], mail: Form) {
        table.locate(row, forms.baseAddress!)
        var words: [Form] = []
        for k in names { words += Self.words(Form(start: forms[k].0, count: forms[k].1)) }
        return (words, Form(start: forms[mail].0, count: forms[mail].1))
    }

    private static func words(_ form: Form) -> [Form] {
        form.split(separator: 32, maxSplits: mostWords).map { Form(rebasing: $0) }
    }

    /// The address holds one of the shared words, and before it or beside it in the same word a name that is none of `others`.
    private func names(_ mail: Form, shared: [Form], noneOf others: [Form]) -> Bool {
        var own: [UInt8] = []
        // The last word is the domain's.
        for word in Self.words(mail).dropLast() {
            for name in shared {
                guard let at = Self.place(of: name, in: word) else { continue }
                own += word[..<at]
                own += word[(at + name.count)...]
                return Self.isName(own.filter { $0 &- 97 < 26 || $0 >= 0x80 }, noneOf: others)
            }
            own += word
        }
        return false
    }

    private static func isName(_ own: [UInt8], noneOf others: [Form]) -> Bool {
        if own.count == 1 { return !others.contains { $0.first == own[0] } }
        if own.count < leastLetters { return false }
        return own.withUnsafeBufferPointer { own in
            !others.contains { other in
                if place(of: other, in: own) != nil || place(of: own, in: other) != nil { return true }
                return Similarity.osa(own.baseAddress!, own.count, other.baseAddress!, other.count) >= alike
            }
        }
    }

    private static func place(of part: Form, in whole: Form) -> Int? {
        guard part.count > 0, part.count <= whole.count else { return nil }
        return (0...(whole.count - part.count)).first { start in
            (0..<part.count).allSatisfy { whole[start + $0] == part[$0] }
        }
    }
}
