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

        mutating func add(_ p: Double, _ signs: Signs) {
            if signs.isMisspelt { misspelt += p } else { exact += p }
        }
    }
    /// Pairs that agree in what names the thing.
    private struct Known {
        var all = 0.0
        var apart: [Others]
        var equal: [Others]

        init(_ width: Int) {
            apart = [Others](repeating: Others(), count: width)
            equal = apart
        }

        /// - Parameter level: level + 1 of the pair in the column.
        mutating func add(_ column: Int, _ level: UInt8, _ p: Double, _ signs: Signs) {
            if level == width {
                equal[column].add(p, signs)
            } else if differs ~= level {
                apart[column].add(p, signs)
            }
        }
    }
    private let traits: [MatchModel.ColumnTraits]
    /// Columns of a small vocabulary, of quantities or remarks: the others neither tell siblings apart nor change.
    private let mayDiffer: [Int]
    /// Number of pairs per column and level.
    private var levels: [Double]
    /// By names that a few rows share, and by those that a few dozen do.
    private var known: Known
    private var knownBroadly: Known
    private var expected = 0.0

    private static let width = LevelBuilder.levels
    /// Supposed duplicates that differ, as a share: more are no errors.
    private static let mostErrors = 0.25
    private static let leastPairs = 5.0
    /// Share of the supposed duplicates that a name shows to be one thing, or siblings.
    private static let leastKnown = 0.5
    /// Supposed duplicates per row. A thing has few, and siblings may have many.
    private static let mostPerRow = 3.0
    private static let mostPerRowBroadly = 20.0
    private static let fewPerRow = 0.3
    /// Where fewer pairs would be equal by chance, that none is says nothing.
    private static let leastByChance = 8.0
    private static let leastOfChance = 0.5
    private static let deviations = 2.5
    private static let mostOfChance = 1.2
    private static let leastMisspelt = 5.0
    private static let leastOfMisspelt = 0.6
    private static let mostlyMisspelt = 0.6
    private static let oftenMisspelt = 0.4
    private static let surelyMisspelt = 0.15
    private static let hardlyMisspelt = 0.05
    private static let leastOfAllMisspelt = 0.8

    /// - Parameter changes: columns in which rows differ that are known to be one thing; the others are judged by the pairs.
    init(_ traits: [MatchModel.ColumnTraits], changes: [Bool]) {
        self.traits = traits
        self.changes = changes
        mayDiffer = traits.indices.filter { traits[$0].isVocabulary || traits[$0].isQuantity || traits[$0].isRemark }
        tellApart = [Bool](repeating: false, count: traits.count)
        isOpen = [Bool](repeating: true, count: traits.count)
        mayChange = changes
        levels = []
        known = Known(0)
        knownBroadly = known
        clear()
    }

    /// Forgets the pairs of the last round.
    mutating func clear() {
        levels = [Double](repeating: 0, count: traits.count * Self.width)
        known = Known(traits.count)
        knownBroadly = known
        expected = 0
    }

    /// What a pair's vector of levels + 1 says before any weight is known.
    struct Signs {
        /// More columns that name the thing agree than differ.
        var isKnown = false
        /// The same with columns whose values more rows share.
        var isKnownBroadly = false
        /// Words, names or codes are nearly the same.
        var isMisspelt = false
    }
    func signs(_ vector: UnsafePointer<UInt8>) -> Signs {
        var signs = Signs()
        var names = 0
        var broadNames = 0
        for (j, trait) in traits.enumerated() where vector[j] > 0 {
            if let least = trait.namesFrom {
                let sign = vector[j] >= least ? 1 : Self.differs ~= vector[j] ? -1 : 0
                broadNames += sign
                if trait.isNameOfFew { names += sign }
            }
            if let least = trait.misspeltFrom, vector[j] >= least, vector[j] < Self.width { signs.isMisspelt = true }
        }
        signs.isKnown = names > 0
        signs.isKnownBroadly = broadNames > 0
        return signs
    }
    /// Levels + 1 of what is quite another value.
    private static let differs: ClosedRange<UInt8> = 1...2

    /// - Parameters:
    ///   - p: how many duplicates with this vector there are.
    ///   - sharesCode: they share a model number, which says that any difference is none.
    mutating func add(_ vector: UnsafePointer<UInt8>, _ p: Double, _ signs: Signs, sharesCode: Bool) {
        expected += p
        if signs.isKnown { known.all += p }
        if signs.isKnownBroadly { knownBroadly.all += p }
        for j in mayDiffer where vector[j] > 0 {
            if !sharesCode { levels[j * Self.width + Int(vector[j]) - 1] += p }
            if signs.isKnown { known.add(j, vector[j], p, signs) }
            if signs.isKnownBroadly { knownBroadly.add(j, vector[j], p, signs) }
        }
    }

    /// At most one column a round, the worst: without it the others may be in order.
    ///
    /// - Parameter rows: distinct rows of the table.
    mutating func decide(rows: Int) {
        var worst = -1
        var most = Self.mostErrors
        for j in mayDiffer where !tellApart[j] && !changes[j] {
            isOpen[j] = isOpen[j] && isChanging(j, rows: rows)
            let own = levels[j * Self.width..<(j + 1) * Self.width]
            let sum = own.reduce(0, +)
            let low = own.prefix(2).reduce(0, +)
            let isTelling = sum >= Self.leastPairs && low > Self.mostErrors * sum
            mayChange[j] = isTelling && isOpen[j]
            if isTelling, !isOpen[j], traits[j].isVocabulary, low > most * sum {
                most = low / sum
                worst = j
            }
        }
        if worst >= 0 { tellApart[worst] = true }
    }

    private func isChanging(_ j: Int, rows: Int) -> Bool {
        let sum = levels[j * Self.width..<(j + 1) * Self.width].reduce(0, +)
        let byChance = traits[j].concentration * sum
        let canTell = byChance >= Self.leastByChance
        let isBelow = canTell && isBelowChance(j, sum)
        if known.all < Self.leastKnown * expected || expected > Self.mostPerRow * Double(rows) {
            // Many rows may be of one thing, if most of them were worded anew.
            let (apart, equal) = (knownBroadly.apart[j], knownBroadly.equal[j])
            return knownBroadly.all >= Self.leastKnown * expected && expected <= Self.mostPerRowBroadly * Double(rows) && !isBelow
                && apart.share >= Self.oftenMisspelt && apart.share >= Self.leastOfMisspelt * equal.share
        }
        let (apart, equal) = (known.apart[j], known.equal[j])
        if isBelow {
            // Every source may have values of its own, which are hardly ever equal.
            return levels[(j + 1) * Self.width - 1] < Self.leastOfChance * byChance && apart.share >= Self.mostlyMisspelt
        }
        if equal.misspelt >= Self.leastMisspelt { return apart.share >= Self.leastOfMisspelt * equal.share }
        if apart.share > Self.surelyMisspelt { return true }
        // Siblings come in numbers.
        let areFew = expected <= Self.fewPerRow * Double(rows)
        if areFew, apart.misspelt >= Self.leastMisspelt, apart.share > Self.hardlyMisspelt { return true }
        let all = (apart.misspelt + equal.misspelt) / max(apart.all + equal.all, 1e-9)
        return canTell && apart.share > Self.hardlyMisspelt && apart.share >= Self.leastOfAllMisspelt * all
    }

    /// Fewer pairs than chance would have it are equal, or more differ.
    private func isBelowChance(_ j: Int, _ sum: Double) -> Bool {
        let own = levels[j * Self.width..<(j + 1) * Self.width]
        let chance = traits[j].concentration
        let (equal, apart) = (chance * sum, (1 - chance) * sum)
        let isRare = own.last! < min(Self.leastOfChance * equal, equal - Self.deviations * equal.squareRoot())
        let spread = Self.deviations * (equal * (1 - chance)).squareRoot()
        return isRare || own.prefix(2).reduce(0, +) > max(Self.mostOfChance * apart, apart + spread)
    }
}
