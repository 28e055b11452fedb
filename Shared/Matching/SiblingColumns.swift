/// Columns that tell siblings apart: the lines of an invoice, the measures of a hospital, the sizes of an article agree in nearly all else.
///
/// Such a column has a small vocabulary, and supposed duplicates differ in it more often than errors would have it. So do duplicates in what
/// changes with time or from source to source: a status, a stock, the last visit. The two are told by the other columns. Duplicates have
/// errors there, whether they differ in this column or not; siblings are copies but for the column that tells them, so only pairs that
/// agree in it have errors. Siblings also hardly ever have the same value, changing ones do by chance.
struct SiblingColumns {
    /// Per column: two rows that differ in it are two things.
    private(set) var tellApart: [Bool]
    /// Per column: duplicates differ in it as often as two values of one thing that changes.
    private(set) var mayChange: [Bool]
    /// Columns of which that is known from the start.
    private let changes: [Bool]
    /// No round has shown that siblings differ in it.
    private var isOpen: [Bool]

    /// What pairs that differ, or are equal, in a column have in the others.
    private struct Others {
        var exact = 0.0
        var misspelt = 0.0
        var all: Double { exact + misspelt }
        var share: Double { misspelt / max(all, 1e-9) }
    }
    private let traits: [MatchModel.ColumnTraits]
    /// Number of pairs per column and level.
    private var levels: [Double]
    private var apart: [Others]
    private var equal: [Others]
    private var expected = 0.0
    private var known = 0.0

    private static let width = LevelBuilder.levels
    /// Supposed duplicates that differ, as a share: more are no errors.
    private static let mostErrors = 0.25
    private static let leastPairs = 5.0
    /// Share of the supposed duplicates that a name shows to be one thing, or siblings.
    private static let leastKnown = 0.7
    /// Supposed duplicates per row. A thing has few, and siblings may have many.
    private static let mostPerRow = 3.0
    /// Where fewer pairs would be equal by chance, that none is says nothing.
    private static let leastByChance = 8.0
    private static let leastOfChance = 0.5
    private static let deviations = 2.5
    private static let mostOfChance = 1.2
    private static let leastMisspelt = 5.0
    private static let leastOfMisspelt = 0.6
    private static let mostlyMisspelt = 0.6
    private static let surelyMisspelt = 0.2
    private static let hardlyMisspelt = 0.05
    private static let leastOfAllMisspelt = 0.8

    /// - Parameter changes: columns in which rows differ that are known to be one thing; the others are judged by the pairs.
    init(_ traits: [MatchModel.ColumnTraits], changes: [Bool]) {
        self.traits = traits
        self.changes = changes
        tellApart = [Bool](repeating: false, count: traits.count)
        isOpen = [Bool](repeating: true, count: traits.count)
        mayChange = changes
        levels = []
        apart = []
        equal = []
        clear()
    }

    /// Forgets the pairs of the last round.
    mutating func clear() {
        levels = [Double](repeating: 0, count: traits.count * Self.width)
        apart = [Others](repeating: Others(), count: traits.count)
        equal = apart
        expected = 0
        known = 0
    }

    /// What a pair's vector of levels + 1 says before any weight is known.
    struct Signs {
        /// More columns that name the thing agree than differ.
        var isKnown = false
        /// Words, names or codes are nearly the same.
        var isMisspelt = false
    }
    func signs(_ vector: UnsafePointer<UInt8>) -> Signs {
        var signs = Signs()
        var names = 0
        for (j, trait) in traits.enumerated() where vector[j] > 0 {
            if let least = trait.namesFrom { names += vector[j] >= least ? 1 : Self.differs ~= vector[j] ? -1 : 0 }
            if let least = trait.misspeltFrom, vector[j] >= least, vector[j] < Self.width { signs.isMisspelt = true }
        }
        signs.isKnown = names > 0
        return signs
    }
    /// Levels + 1 of what is quite another value.
    private static let differs: ClosedRange<UInt8> = 1...2

    /// - Parameters:
    ///   - p: how many duplicates with this vector there are.
    ///   - sharesCode: they share a model number, which says that any difference is none.
    mutating func add(_ vector: UnsafePointer<UInt8>, _ p: Double, _ signs: Signs, sharesCode: Bool) {
        expected += p
        if signs.isKnown { known += p }
        for j in traits.indices where vector[j] > 0 && traits[j].isVocabulary {
            if !sharesCode { levels[j * Self.width + Int(vector[j]) - 1] += p }
            if !signs.isKnown { continue }
            if vector[j] == Self.width {
                Self.add(p, signs, to: &equal[j])
            } else if Self.differs ~= vector[j] {
                Self.add(p, signs, to: &apart[j])
            }
        }
    }

    private static func add(_ p: Double, _ signs: Signs, to others: inout Others) {
        if signs.isMisspelt { others.misspelt += p } else { others.exact += p }
    }

    /// At most one column a round, the worst: without it the others may be in order.
    ///
    /// - Parameter rows: distinct rows of the table.
    mutating func decide(rows: Int) {
        var worst = -1
        var most = Self.mostErrors
        for j in traits.indices where traits[j].isVocabulary && !tellApart[j] && !changes[j] {
            isOpen[j] = isOpen[j] && isChanging(j, rows: rows)
            let own = levels[j * Self.width..<(j + 1) * Self.width]
            let sum = own.reduce(0, +)
            let low = own.prefix(2).reduce(0, +)
            let isTelling = sum >= Self.leastPairs && low > Self.mostErrors * sum
            mayChange[j] = isTelling && isOpen[j]
            if isTelling, !isOpen[j], low > most * sum {
                most = low / sum
                worst = j
            }
        }
        if worst >= 0 { tellApart[worst] = true }
    }

    private func isChanging(_ j: Int, rows: Int) -> Bool {
        if known < Self.leastKnown * expected || expected > Self.mostPerRow * Double(rows) { return false }
        let sum = levels[j * Self.width..<(j + 1) * Self.width].reduce(0, +)
        let byChance = traits[j].concentration * sum
        let canTell = byChance >= Self.leastByChance
        if canTell, isBelowChance(j, sum) {
            // Every source may have values of its own, which are hardly ever equal.
            return levels[(j + 1) * Self.width - 1] < Self.leastOfChance * byChance && apart[j].share >= Self.mostlyMisspelt
        }
        if equal[j].misspelt >= Self.leastMisspelt { return apart[j].share >= Self.leastOfMisspelt * equal[j].share }
        if apart[j].share > Self.surelyMisspelt { return true }
        let all = (apart[j].misspelt + equal[j].misspelt) / max(apart[j].all + equal[j].all, 1e-9)
        return canTell && apart[j].share > Self.hardlyMisspelt && apart[j].share >= Self.leastOfAllMisspelt * all
    }

    /// Fewer pairs than chance would have it are equal, or more differ.
    private func isBelowChance(_ j: Int, _ sum: Double) -> Bool {
        let own = levels[j * Self.width..<(j + 1) * Self.width]
        let chance = traits[j].concentration
        let equal = chance * sum
        let isRare = own.last! < min(Self.leastOfChance * equal, equal - Self.deviations * equal.squareRoot())
        return isRare || own.prefix(2).reduce(0, +) > Self.mostOfChance * (1 - chance) * sum
    }
}
