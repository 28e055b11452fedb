/// Whose name an address for mail is made of: where a row has no first name, `jenniferrichardson@mail.com` still says whose row it is.
final class MailNames {
    fileprivate typealias Form = UnsafeBufferPointer<UInt8>

    private let table: CompareTable
    private let mail: Int
    private let names: [Int]
    private let forms: UnsafeMutableBufferPointer<(UnsafePointer<UInt8>, Int)>

    /// Shorter words are no names.
    private static let leastLetters = 3
    private static let initials = 2
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
    deinit { forms.deallocate() }

    /// The rows share a name, in the columns of names or in an address, and the address of one of them is made of it and of another
    /// name than what else the other row has: of another first name. The addresses must differ.
    func nameAnother(_ a: Int, _ b: Int) -> Bool {
        let left = read(a)
        let right = read(b)
        let shared = (left.words + right.words).filter { $0.count >= Self.leastLetters && left.has($0) && right.has($0) }
        if shared.isEmpty { return false }
        let ours = left.given(beside: shared)
        let theirs = right.given(beside: shared)
        return Self.isAnother(ours.mail, than: theirs.words + (theirs.mail.map { [$0] } ?? []))
            || Self.isAnother(theirs.mail, than: ours.words + (ours.mail.map { [$0] } ?? []))
    }

    private static func isAnother(_ name: [UInt8]?, than others: [[UInt8]]) -> Bool {
        guard let name, !others.isEmpty else { return false }
        return !others.contains { mayBeOne(name, $0) }
    }

    /// Two spellings, or a name and its initial; what is as short as two initials says nothing.
    private static func mayBeOne(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        if a.count == initials || b.count == initials { return true }
        if a.count == 1 || b.count == 1 { return a[0] == b[0] }
        return a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                place(of: a, in: b) != nil || place(of: b, in: a) != nil
                    || Similarity.osa(a.baseAddress!, a.count, b.baseAddress!, b.count) >= alike
            }
        }
    }

    /// The names of a row and its address for mail, word by word, without the domain's last one.
    private struct Row {
        var words: [Form]
        var mail: [Form]

        func has(_ name: Form) -> Bool {
            words.contains { $0.elementsEqual(name) } || mail.contains { MailNames.place(of: name, in: $0) != nil }
        }

        /// What the row is called besides `shared`: by its names, and by what stands in its address up to them.
        func given(beside shared: [Form]) -> (words: [[UInt8]], mail: [UInt8]?) {
            let own = words.filter { word in !shared.contains { $0.elementsEqual(word) } }.map { Array($0) }
            var letters: [UInt8] = []
            for word in mail {
                var rest = Array(word)
                var holdsShared = false
                for name in shared {
                    guard let at = rest.withUnsafeBufferPointer({ MailNames.place(of: name, in: $0) }) else { continue }
                    rest.removeSubrange(at..<(at + name.count))
                    holdsShared = true
                }
                letters += rest.filter { $0 &- 97 < 26 || $0 >= 0x80 }
                if holdsShared { return (own, letters.isEmpty ? nil : letters) }
            }
            return (own, nil)
        }
    }

    private func read(_ row: Int) -> Row {
        table.locate(row, forms.baseAddress!)
        var words: [Form] = []
        for k in names { words += Self.words(Form(start: forms[k].0, count: forms[k].1)) }
        return Row(words: words, mail: Self.words(Form(start: forms[mail].0, count: forms[mail].1)).dropLast())
    }

    private static func words(_ form: Form) -> [Form] {
        form.split(separator: 32, maxSplits: mostWords).map { Form(rebasing: $0) }
    }

    fileprivate static func place(of part: Form, in whole: Form) -> Int? {
        guard part.count > 0, part.count <= whole.count else { return nil }
        return (0...(whole.count - part.count)).first { start in
            (0..<part.count).allSatisfy { whole[start + $0] == part[$0] }
        }
    }
}
