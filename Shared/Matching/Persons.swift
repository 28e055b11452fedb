/// What name, day of birth and what one person has alone (mail address, national number) say of two rows of persons.
struct Persons: Equatable {
    /// What is quite another: ``name``, ``birth``, ``own``. None as well where something of the last kind agrees.
    var others: UInt8 = 0
    /// All columns of names agree.
    var areNamedAlike = true

    static let name: UInt8 = 1
    static let birth: UInt8 = 2
    static let own: UInt8 = 4

    /// Two of them are quite others.
    var areTwo: Bool { others.nonzeroBitCount >= 2 }
    /// Where members of a household stand in the table, these are two.
    var mayBeTwo: Bool { areTwo || (others & Self.birth != 0 && !areNamedAlike) }

    /// Whether rows of one household were compared, which share surname, address and phone: two things are others together far more
    /// often than if each were an error by itself.
    static func areOfHouseholds(_ verdicts: [PairVerdict]) -> Bool {
        var counts = [Double](repeating: 0, count: 8)
        for v in verdicts where v.likeness > 0 { counts[Int(v.persons.others)] += 1 }
        let two = counts[3] + counts[5] + counts[6] + counts[7]
        let byChance = (counts[1] * counts[2] + counts[1] * counts[4] + counts[2] * counts[4]) / max(counts[0], 1)
        return two > leastPairs && two > leastExcess * byChance
    }
    private static let leastPairs = 20.0
    private static let leastExcess = 4.0
}
