#if canImport(Glibc)
    internal import Glibc
#endif

/// Pairs of rows that resemble each other clearly more than either resembles any third row.
///
/// Two offers of one thing may be worded so differently that their score alone is not enough, or one of them names a year or a
/// size that the other leaves out. That neither has another row nearly as similar is evidence of its own: the more, the more rows
/// of the table have a duplicate. It is enough for a suggestion, never for a drop.
/// - Source: reciprocal best match with a margin, as in record linkage of two lists and in Lowe's ratio test
struct ReciprocalPairs: Sendable {
    private var keys: Set<UInt64> = []
    /// What it adds to the log-odds of a pair.
    private(set) var bonus = 0.0
    /// What a weak sign of two things, see ``PairScorer``, takes off.
    private(set) var doubt = 0.0

    static let none = ReciprocalPairs()
    /// No pair with a score of less than its negative can be helped.
    static let maximumBonus = 4.0
    /// By how much no third row may come near, in log-odds.
    private static let margin = 2.0
    /// The bonus where every other row has a duplicate.
    private static let evenBonus = 5.2
    private static let doubtInTable = 3.0
    private static let doubtAcrossSources = 1.0

    private init() {}

    /// - Parameters:
    ///   - pairs: all candidate pairs, by positions below `rows`, with their verdicts.
    ///   - distinct: rows of the whole table, each duplicate counted once.
    ///   - isAcrossSources: only rows of different sources may match, and the user expects them to.
    init(_ pairs: [(a: Int32, b: Int32)], _ verdicts: [PairVerdict], rows: Int, distinct: Int, isAcrossSources: Bool) {
        var best = [Double](repeating: -.infinity, count: rows)
        var second = best
        var isMatched = [Bool](repeating: false, count: rows)
        for (pair, verdict) in zip(pairs, verdicts) {
            for row in [Int(pair.a), Int(pair.b)] {
                second[row] = max(second[row], min(best[row], verdict.likeness))
                best[row] = max(best[row], verdict.likeness)
                if verdict.assertion > 0 { isMatched[row] = true }
            }
        }
        let share = Double(isMatched.count { $0 }) / Double(max(distinct, 1))
        let odds = share / max(1 - share, 1e-9)
        bonus = isAcrossSources ? Self.maximumBonus : max(0, min(Self.maximumBonus, Self.evenBonus + log(odds)))
        doubt = isAcrossSources ? Self.doubtAcrossSources : Self.doubtInTable
        for (pair, verdict) in zip(pairs, verdicts) where verdict.likeness + bonus > 0 {
            let (a, b) = (Int(pair.a), Int(pair.b))
            if min(verdict.likeness - best[a], verdict.likeness - best[b]) >= 0,
                verdict.likeness - max(second[a], second[b]) >= Self.margin
            {
                keys.insert(Self.key(a, b))
            }
        }
    }

    @inline(__always)
    func contains(_ a: Int, _ b: Int) -> Bool { !keys.isEmpty && keys.contains(Self.key(a, b)) }

    private static func key(_ a: Int, _ b: Int) -> UInt64 { UInt64(min(a, b)) << 32 | UInt64(max(a, b)) }
}
