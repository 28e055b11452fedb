#if canImport(Glibc)
    internal import Glibc
#endif

/// A quick look at a pair that is too unlike to be called a duplicate: most candidates are, and their texts need not be compared.
///
/// The bound takes what costs little to know: which cells are missing or equal, and how numbers, codes and dates differ. Every
/// other column is taken for almost equal, whatever its parent in the dependence tree says. So no pair is ever excluded
/// that may be asserted.
struct ScoreBound {
    private let table: CompareTable
    private let start: Double
    /// No pair with less is asserted.
    let least: Double
    /// Per column and level + 1: the most that the column can add.
    private let most: [Double]
    /// Columns that cost little to compare.
    private let quick: [Int]
    /// Per column: share of agreeing pairs, times rows with a value. Divided by a value's rows it says how much rarer that one is.
    private let commonness: [Double]

    private static let levels = LevelBuilder.levels + 1
    /// Frequencies are rounded in the table.
    private static let rounding = 1e-3

    /// - Parameter least: log-odds below which nothing makes a pair asserted.
    init(table: CompareTable, model: MatchModel, displaced: Displacements, least: Double) {
        self.least = least
        self.table = table
        start = model.priorScore
        var most = [Double](repeating: 0, count: table.width * Self.levels)
        for k in 0..<table.width {
            for level in 0..<LevelBuilder.levels {
                most[k * Self.levels + level + 1] = max(model.weight(k, false, level), model.weight(k, true, level))
            }
        }
        // Columns whose cells may have been exchanged with another column's.
        var isExchangeable = [Bool](repeating: false, count: table.width)
        for (i, j) in displaced.swaps {
            isExchangeable[i] = true
            isExchangeable[j] = true
        }
        // They agree then, or count as missing.
        for k in 0..<table.width where isExchangeable[k] {
            for level in 0...LevelBuilder.agree + 1 {
                most[k * Self.levels + level] = max(0, most[k * Self.levels + max(level, LevelBuilder.agree + 1)])
            }
        }
        // A missing cell may have moved into a text.
        for k in displaced.moves.flatMap(\.from) {
            most[k * Self.levels] = max(0, most[k * Self.levels + Int(LevelBuilder.moved) + 1])
        }
        self.most = most
        commonness = table.columns.map { $0.concentration * $0.estimatedPresent }
        quick = (0..<table.width).filter { k in k != table.codePlace && table.kinds[k] != .text && !isExchangeable[k] }
    }

    /// Whether the score of the pair is certainly below ``least``.
    func excludes(_ a: Int, _ b: Int, _ builder: LevelBuilder) -> Bool {
        var s = start
        for k in 0..<table.width {
            let level = builder.highest(a, b, k)
            s += most[k * Self.levels + Int(level) + 1]
            if level == LevelBuilder.equal { s += rarity(a, k) }
        }
        if s < least - Self.rounding { return true }
        builder.levels(a, b, of: quick) { k, level in
            s += most[k * Self.levels + Int(level) + 1] - most[k * Self.levels + Int(builder.highest(a, b, k)) + 1]
        }
        return s < least - Self.rounding
    }

    /// At least what an equal value adds for its rarity.
    private func rarity(_ a: Int, _ k: Int) -> Double {
        let ratio = commonness[k] / Double(max(table.frequency(a, k), 1))
        return ratio <= 1 ? 0 : min(PairScorer.mostForRarity, log(ratio))
    }
}
