#if canImport(Glibc)
    internal import Glibc
#endif

/// A quick look at a pair that is too unlike to be called a duplicate: most candidates are, and not all their texts need to be compared.
///
/// The bound takes first what costs little to know: which cells are missing or equal, and how numbers, codes and dates differ. Every
/// text that differs is taken for almost equal, then they are compared one after the other, until the pair is ruled out. So no pair is
/// ever excluded that may be asserted. One that could not be ruled out if all those texts were quite different is not looked at further.
/// One per thread.
final class ScoreBound {
    private let table: CompareTable
    private let builder: LevelBuilder
    private let start: Double
    /// No pair with less is asserted.
    let least: Double
    private let parent: [Int]
    /// What a column adds, or at most adds: per column, state of its parent (``disagrees``, ``agrees``, ``either``) and level, open ones behind.
    private let adds: [Double]
    /// What a column adds at least: per column and level, open ones behind.
    private let addsAtLeast: [Double]
    /// Columns that cost little to compare.
    private let quick: [Int]
    /// Texts, those first of which a difference rules out most for what it costs to compare them.
    private let texts: [Int]
    /// Columns whose cells may have been exchanged or taken words in: compared at the end.
    private let displaceable: [Int]
    /// Per column: what its cells may be taken for where they differ, and where one is missing: ``open``, ``openMissing``, or what they are.
    private let ifDifferent: [Int8]
    private let ifMissing: [Int8]
    private let levels: UnsafeMutablePointer<Int8>
    /// Per column: share of agreeing pairs, times rows with a value. Divided by a value's rows it says how much rarer that one is.
    private let commonness: [Double]

    private static let missing: Int8 = -1
    /// Not known yet, at most almost equal.
    private static let open = Int8(LevelBuilder.levels)
    /// The cells may have been exchanged with another column's: they agree then, or count as missing.
    private static let exchangeable = open + 1
    /// The cell may have moved into a text.
    private static let openMissing = open + 2
    private static let entries = LevelBuilder.levels + 3
    private static let disagrees = 0
    private static let agrees = 1
    private static let either = 2
    /// Frequencies are rounded in the table.
    private static let rounding = 1e-3

    /// - Parameter least: log-odds below which nothing makes a pair asserted.
    init(table: CompareTable, model: MatchModel, displaced: Displacements, least: Double) {
        self.least = least
        self.table = table
        start = model.priorScore
        parent = (0..<table.width).map { model.parent[$0] }
        builder = LevelBuilder(table: table, displaced: displaced, tellsSigns: false)
        levels = .allocate(capacity: max(table.width, 1))
        let isExchangeable = (0..<table.width).map { k in displaced.swaps.contains { $0.0 == k || $0.1 == k } }
        let movesAway = Set(displaced.moves.flatMap(\.from))
        ifDifferent = isExchangeable.map { $0 ? Self.exchangeable : Self.open }
        ifMissing = (0..<table.width).map {
            isExchangeable[$0] ? Self.exchangeable : movesAway.contains($0) ? Self.openMissing : Self.missing
        }
        var adds = [Double](repeating: 0, count: table.width * 3 * Self.entries)
        var addsAtLeast = [Double](repeating: 0, count: table.width * Self.entries)
        for k in 0..<table.width {
            for level in 0..<Self.entries {
                func weight(_ parentAgrees: Bool) -> Double {
                    func of(_ level: Int8) -> Double { model.weight(k, parentAgrees, Int(level)) }
                    return switch Int8(level) {
                    case Self.open: of(LevelBuilder.equal - 1)
                    case Self.exchangeable: max(0, of(LevelBuilder.equal - 1))
                    case Self.openMissing: max(0, of(LevelBuilder.moved))
                    default: of(Int8(level))
                    }
                }
                let both = (weight(false), weight(true))
                adds[(k * 3 + Self.disagrees) * Self.entries + level] = both.0
                adds[(k * 3 + Self.agrees) * Self.entries + level] = both.1
                adds[(k * 3 + Self.either) * Self.entries + level] = max(both.0, both.1)
                // Weights rise with the level.
                let lowest = min(model.weight(k, false, 0), model.weight(k, true, 0))
                addsAtLeast[k * Self.entries + level] =
                    level < LevelBuilder.levels ? min(both.0, both.1) : Int8(level) == Self.open ? lowest : min(0, lowest)
            }
        }
        self.adds = adds
        self.addsAtLeast = addsAtLeast
        commonness = table.columns.map { $0.concentration * $0.estimatedPresent }
        let comparable = (0..<table.width).filter { $0 != table.codePlace && !isExchangeable[$0] }
        quick = comparable.filter { table.kinds[$0] != .text }
        // What moved into a text may make it more alike.
        let fixed = comparable.filter { k in table.kinds[k] == .text && !displaced.moves.contains { $0.into == k } }
        func gain(_ k: Int) -> Double {
            let at = (k * 3 + Self.either) * Self.entries
            return (adds[at + Int(Self.open)] - adds[at]) / (1 + table.columns[k].tokensPerValue)
        }
        texts = fixed.sorted { (gain($0), $1) > (gain($1), $0) }
        let done = Set(quick + texts)
        displaceable = (0..<table.width).filter { $0 != table.codePlace && !done.contains($0) }
    }
    deinit { levels.deallocate() }

    /// Whether the score of the pair is certainly below ``least``.
    func excludes(_ a: Int, _ b: Int) -> Bool {
        let least = least - Self.rounding
        for k in 0..<table.width {
            let level = builder.highest(a, b, k)
            levels[k] =
                if level < 0 { ifMissing[k] } else if level == LevelBuilder.equal { level } else if k == table.codePlace {
                    level
                } else if level > 0 || ifDifferent[k] != Self.open { ifDifferent[k] } else { level }
        }
        if bound(a) < least { return true }
        if lowerBound() >= least { return false }
        builder.levels(a, b, of: quick) { k, level in
            levels[k] = level
            return true
        }
        var isExcluded = bound(a) < least
        if isExcluded { return true }
        if lowerBound() >= least { return false }
        builder.levels(a, b, of: texts) { k, level in
            if levels[k] != Self.open { return true }
            levels[k] = level
            isExcluded = bound(a) < least
            return !isExcluded
        }
        if isExcluded || displaceable.isEmpty { return isExcluded }
        for k in 0..<table.width where levels[k] > Self.open { levels[k] = Self.missing }
        builder.levels(a, b, of: displaceable) { k, level in
            levels[k] = level
            return true
        }
        builder.lookForDisplaced(a, b, levels)
        return bound(a) < least
    }

    /// The highest score that the pair may have by what is known of its levels.
    private func bound(_ a: Int) -> Double {
        var s = start
        for k in 0..<table.width {
            let level = levels[k]
            if level == Self.missing { continue }
            let state = parent[k] < 0 ? Self.disagrees : state(levels[parent[k]])
            let at = (k &* 3 &+ state) &* Self.entries &+ Int(level)
            s += adds[at]
            if level != LevelBuilder.equal || state == Self.agrees { continue }
            let alone = adds[(k &* 3 &+ Self.disagrees) &* Self.entries &+ Int(level)] + rarity(a, k)
            s += max(0, alone - adds[at])
        }
        return s
    }

    /// What ``bound(_:)`` comes to at least, whatever the levels that are not known yet.
    private func lowerBound() -> Double {
        var s = start
        for k in 0..<table.width where levels[k] != Self.missing { s += addsAtLeast[k &* Self.entries &+ Int(levels[k])] }
        return s
    }

    @inline(__always)
    private func state(_ level: Int8) -> Int {
        level >= Self.open ? Self.either : level >= Int8(LevelBuilder.agree) ? Self.agrees : Self.disagrees
    }

    /// At least what an equal value adds for its rarity.
    private func rarity(_ a: Int, _ k: Int) -> Double {
        let ratio = commonness[k] / Double(max(table.frequency(a, k), 1))
        return ratio <= 1 ? 0 : min(PairScorer.mostForRarity, log(ratio))
    }
}
