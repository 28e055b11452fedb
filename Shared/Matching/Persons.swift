/// What name, day of birth and what one person has alone (mail address, national number) say of two rows of persons.
struct Persons: Equatable {
    /// What is quite another: ``name``, ``birth``, ``own``.
    var others: UInt8 = 0
    /// All columns of names agree, if not in every letter.
    var areNamedAlike = true
    /// A name agrees but for its spelling.
    var isNameMisspelt = false
    /// Something that one person has alone agrees; a family may share an address for mail.
    var sharesOwn = false

    /// An address for mail is made of another first name, see ``MailNames``.
    var mailNamesAnother = false
    /// Whatever the names: the number that the state gave, or that of the table and the day of birth, are the same.
    var areSurelyOne = false

    static let name: UInt8 = 1
    static let birth: UInt8 = 2
    static let own: UInt8 = 4

    var haveOtherNames: Bool { others & Self.name != 0 }
    /// They are never one row.
    var areApart: Bool { haveOtherNames && !areSurelyOne }
}

/// What tells the members of a household apart, who share surname, address and phone; nothing in a table without households, where a
/// person may be written down with two errors.
struct Households: Equatable {
    /// Two of name, day of birth and what one person has alone.
    private(set) var areToldByTwo = false
    /// The name alone.
    private(set) var areToldByName = false

    static let none = Households()
    private init() {}

    /// - Parameter verdicts: of rows that were compared; those that resemble each other are looked at.
    init(_ verdicts: [PairVerdict]) {
        var counts = [Double](repeating: 0, count: 8)
        var misspelt = 0.0
        for v in verdicts where v.likeness > 0 {
            counts[Int(v.persons.others)] += 1
            misspelt += v.persons.isNameMisspelt && !v.persons.haveOtherNames ? 1 : 0
        }
        let two = counts[3] + counts[5] + counts[6] + counts[7]
        let named = counts[1] + counts[3] + counts[5] + counts[7]
        // Errors are made one by one: two in a row as often as chance has it.
        let byChance = (counts[1] * counts[2] + counts[1] * counts[4] + counts[2] * counts[4]) / max(counts[0], 1)
        areToldByTwo = two > Self.leastPairs && two > Self.leastExcess * byChance
        // And names are misspelt more often than replaced.
        areToldByName = named > Self.leastPairs && named > Self.mostReplaced * misspelt
    }
    private static let leastPairs = 20.0
    private static let leastExcess = 4.0
    private static let mostReplaced = 2.0

    /// The rows are two members.
    func tellApart(_ p: Persons) -> Bool {
        if areToldByName, p.haveOtherNames { return true }
        guard areToldByTwo else { return false }
        return p.others.nonzeroBitCount >= 2 || (p.mailNamesAnother && !p.areSurelyOne)
            || (p.others & Persons.birth != 0 && !p.areNamedAlike && !p.sharesOwn)
    }
}
