#if canImport(Glibc)
    internal import Glibc
#endif

/// Pairs of rows that resemble each other clearly more than either resembles any third row: in all that is compared, or in the text
/// that names the thing.
///
/// Two offers of one thing may be worded so differently that their score alone is not enough, or one of them names a year or a
/// size that the other leaves out. That neither has another row nearly as similar is evidence of its own: the more, the more rows
/// of the table have a duplicate. It is enough for a suggestion, never for a drop.
/// - Source: reciprocal best match with a margin, as in record linkage of two lists and in Lowe's ratio test
struct ReciprocalPairs: Sendable {
    /// What no third row comes near in.
    enum Kind {
        case likeness
        case name
    }

    private var kinds: [UInt64: Kind] = [:]
    private let isAcrossSources: Bool
    /// What it adds to the log-odds of a pair.
    private(set) var bonus = 0.0

    static let none = ReciprocalPairs()
    /// By how much no third row may come near, in log-odds.
    private static let margin = 2.0
    /// By how much no third row's name may come near.
    private static let marginOfNames = 0.05
    /// Names that are less similar say nothing.
    private static let leastOfNames = 0.6
    /// The bonus where every other row has a duplicate.
    private static let evenBonus = 5.2
    private static let most = 4.0
    private static let mostOfNamesAcrossSources = 8.0
    /// What a weak sign of two things, see ``PairScorer``, takes off.
    private static let doubt = 1.0
    private static let doubtInTable = 3.0

    private init() { isAcrossSources = false }

    /// No pair with a score of less than its negative can be helped.
    static func maximumBonus(isAcrossSources: Bool) -> Double { isAcrossSources ? mostOfNamesAcrossSources : most }

    /// - Parameters:
    ///   - pairs: all candidate pairs, by positions below `rows`, with their verdicts.
    ///   - distinct: rows of the whole table, each duplicate counted once.
    ///   - areEqual: whether two rows are equal in all that is compared, and so no rivals.
    ///   - isAcrossSources: only rows of different sources may match, and the user expects them to.
    init(
        _ pairs: [(a: Int32, b: Int32)], _ verdicts: [PairVerdict], rows: Int, distinct: Int, areEqual: (Int, Int) -> Bool,
        isAcrossSources: Bool
    ) {
        self.isAcrossSources = isAcrossSources
        var likeness = Nearest(rows: rows, least: -.infinity)
        var naming = Nearest(rows: rows, least: 0)
        var isMatched = [Bool](repeating: false, count: rows)
        for (pair, verdict) in zip(pairs, verdicts) {
            likeness.add(pair, verdict.likeness, areEqual)
            naming.add(pair, Double(verdict.naming), areEqual)
            if verdict.assertion > 0 {
                isMatched[Int(pair.a)] = true
                isMatched[Int(pair.b)] = true
            }
        }
        let share = Double(isMatched.count { $0 }) / Double(max(distinct, 1))
        let odds = share / max(1 - share, 1e-9)
        bonus = isAcrossSources ? Self.most : max(0, min(Self.most, Self.evenBonus + log(odds)))
        for (pair, verdict) in zip(pairs, verdicts) {
            let bonusOfNames = isAcrossSources ? Self.mostOfNamesAcrossSources : bonus
            let alike = Double(verdict.naming)
            if alike >= Self.leastOfNames, verdict.likeness + bonusOfNames > 0,
                naming.isBest(pair, alike, margin: Self.marginOfNames)
            {
                kinds[Self.key(Int(pair.a), Int(pair.b))] = .name
            } else if verdict.likeness + bonus > 0, likeness.isBest(pair, verdict.likeness, margin: Self.margin) {
                kinds[Self.key(Int(pair.a), Int(pair.b))] = .likeness
            }
        }
    }

    /// The pairs of which the names are alike, and neither is nearly as much like a third row's.
    ///
    /// - Parameter similarities: of the names, per pair; negative where they say nothing.
    static func named(
        _ pairs: [(a: Int32, b: Int32)], _ similarities: [Float], rows: Int, areEqual: (Int, Int) -> Bool
    ) -> [Bool] {
        var naming = Nearest(rows: rows, least: 0)
        for (pair, s) in zip(pairs, similarities) { naming.add(pair, Double(s), areEqual) }
        return zip(pairs, similarities).map {
            Double($1) >= leastOfNames && naming.isBest($0, Double($1), margin: marginOfNames)
        }
    }

    @inline(__always)
    func kind(_ a: Int, _ b: Int) -> Kind? { kinds.isEmpty ? nil : kinds[Self.key(a, b)] }

    /// The verdict of a pair, which is asserted the more when no third row comes near.
    func raised(_ verdict: PairVerdict, _ a: Int, _ b: Int) -> PairVerdict {
        guard let kind = kind(a, b), let weak = verdict.weakSigns,
            let gain = gain(kind, weak: Int(weak), isContradicted: verdict.isContradicted)
        else { return verdict }
        var verdict = verdict
        verdict.assertion = max(verdict.assertion, verdict.likeness + gain)
        return verdict
    }

    /// What the log-odds of a pair gain; nil when it must not be asserted.
    ///
    /// - Parameters:
    ///   - weak: how many signs of two things are only something left out.
    ///   - isContradicted: stronger signs outweigh what identifies, which forbids the assertion. Only across sources, where the names
    ///     are nearest to each other, they are no more than another wording.
    func gain(_ kind: Kind, weak: Int, isContradicted: Bool) -> Double? {
        switch kind {
        case .name where isAcrossSources: Self.mostOfNamesAcrossSources
        case _ where isContradicted: nil
        case .likeness where !isAcrossSources: bonus - Self.doubtInTable * Double(weak)
        case .name, .likeness: bonus - Self.doubt * Double(weak)
        }
    }

    private static func key(_ a: Int, _ b: Int) -> UInt64 { UInt64(min(a, b)) << 32 | UInt64(max(a, b)) }

    /// The best and the second best that every row has in any pair.
    private struct Nearest {
        private var best: [Double]
        private var second: [Double]
        /// The row that the best is about.
        private var partner: [Int32]

        init(rows: Int, least: Double) {
            best = [Double](repeating: least, count: rows)
            second = best
            partner = [Int32](repeating: -1, count: rows)
        }

        /// A row that is equal to another is no rival of it.
        mutating func add(_ pair: (a: Int32, b: Int32), _ value: Double, _ areEqual: (Int, Int) -> Bool) {
            if value <= min(second[Int(pair.a)], second[Int(pair.b)]) || areEqual(Int(pair.a), Int(pair.b)) { return }
            add(Int(pair.a), pair.b, value, areEqual)
            add(Int(pair.b), pair.a, value, areEqual)
        }

        /// Equal rows have equal values, so the second best stays that of another row.
        private mutating func add(_ row: Int, _ other: Int32, _ value: Double, _ areEqual: (Int, Int) -> Bool) {
            if value <= second[row] { return }
            let isEqual = partner[row] >= 0 && areEqual(Int(partner[row]), Int(other))
            if !isEqual { second[row] = min(best[row], value) }
            if value > best[row] { (best[row], partner[row]) = (value, other) }
        }

        func isBest(_ pair: (a: Int32, b: Int32), _ value: Double, margin: Double) -> Bool {
            let (a, b) = (Int(pair.a), Int(pair.b))
            return value >= max(best[a], best[b]) && value - max(second[a], second[b]) >= margin
        }
    }
}
