/// How well a left value determines a right one, from counts of pairs.
///
/// Only groups (left values) of at least two rows count. A right value is *established* when at least half of its rows are in groups where it is
/// the majority: typing errors are not, so a column full of them can still have dependencies.
struct DependencyMeasure: Sendable {
    /// A pair inside a group. Pairs of one group are adjacent.
    struct Pair {
        var group: Int32
        var value: Int32
        var count: Int32
    }
    /// Rows in the majority of their group / rows, over established values.
    var accuracy = 0.0
    /// (accuracy - base) / (1 - base), where base is the share of the commonest established value.
    var lift = 0.0
    /// Share of rows whose value is not established.
    var noise = 0.0
    /// Share of rows whose value is not established and stands in their group again: another value, no error.
    var alternatives = 0.0
    /// Values of several rows that are not established: each is another value, no error, unless it is a misspelling.
    var loose: [Int] = []
    private static let oftenEnough = 3
    /// Share of the violations by established values that occur twice or more in their group: repeated ones are no errors.
    var repeated = 0.0
    static let oftenRepeated = 0.3
    /// Rows per group.
    var size = 0.0
    /// Share of all rows that are in groups.
    var coverage = 0.0
    /// Rows in the majority / rows, over all values.
    var raw = 0.0
    /// Rows that hold an established value which is not the majority of their group.
    var violations = 0

    /// - Parameters:
    ///   - pairs: grouped; values are `0..<values`.
    ///   - rows: of the table, those without a value included.
    /// - Returns: nil when there are too few groups to say anything.
    init?(_ pairs: [Pair], values: Int, rows: Int) {
        var total = [Int](repeating: 0, count: values)
        var home = [Int](repeating: 0, count: values)
        var groups = 0
        var support = 0
        var inMajority = 0
        Self.forEachGroup(pairs) { range, size, top in
            guard size >= 2 else { return }
            groups += 1
            support += size
            for i in range {
                let n = Int(pairs[i].count)
                total[Int(pairs[i].value)] += n
                if n == top, n >= 2 {
                    home[Int(pairs[i].value)] += n
                    inMajority += n
                }
            }
        }
        guard groups >= 3, Double(support) >= 0.2 * Double(rows) else { return nil }
        var established = 0
        var agreeing = 0
        var again = 0
        var others = 0
        Self.forEachGroup(pairs) { range, size, top in
            guard size >= 2 else { return }
            for i in range {
                let v = Int(pairs[i].value)
                let n = Int(pairs[i].count)
                guard home[v] * 2 >= total[v] else {
                    if n >= 2 { others += n }
                    continue
                }
                established += n
                if n == top, n >= 2 { agreeing += n } else if n >= 2 { again += n }
            }
        }
        guard established > 0 else { return nil }
        loose = (0..<values).filter { home[$0] * 2 < total[$0] && total[$0] >= Self.oftenEnough }
        var commonest = 0
        for v in 0..<values where home[v] * 2 >= total[v] { commonest = max(commonest, total[v]) }
        accuracy = Double(agreeing) / Double(established)
        let base = Double(commonest) / Double(established)
        lift = base < 1 ? (accuracy - base) / (1 - base) : 0
        noise = 1 - Double(established) / Double(support)
        alternatives = Double(others) / Double(support)
        violations = established - agreeing
        repeated = Double(again) / Double(max(1, violations))
        size = Double(support) / Double(groups)
        coverage = Double(support) / Double(max(1, rows))
        raw = Double(inMajority) / Double(support)
    }

    /// Calls `body` with the range of each group, its rows and the rows of its commonest value.
    static func forEachGroup(_ pairs: [Pair], _ body: (Range<Int>, Int, Int) -> Void) {
        var start = 0
        while start < pairs.count {
            var end = start
            var size = 0
            var top = 0
            while end < pairs.count, pairs[end].group == pairs[start].group {
                size += Int(pairs[end].count)
                top = max(top, Int(pairs[end].count))
                end += 1
            }
            body(start..<end, size, top)
            start = end
        }
    }

    /// Many rows hold another value rightly: what the left side says may fill a gap, but contradicts nobody.
    var hasAlternatives: Bool { alternatives > 0.2 }

    /// Nearly exact; or less so, but the exceptions are scattered one by one over large groups, as errors are.
    var isAccepted: Bool {
        guard noise <= 0.4 else { return false }
        let isScattered = repeated <= 0.3
        if isScattered, size >= 8, min(accuracy, lift) >= 0.3 { return true }
        guard lift >= 0.7 else { return false }
        return accuracy >= 0.95 || (isScattered && size >= 5 && accuracy >= 0.6)
    }
}
