/// Tables whose rows are events that name the same things again and again: lines of orders, visits, shifts. Two events of one thing are no
/// duplicates, however alike they are.
///
/// Events and the duplicates of a thing are both called alike in what names the thing. What tells them apart:
/// - duplicates are worded anew here and there, events hardly ever; and they differ in something else, such as the day, most of the time;
/// - or the things of three and more rows are at least half as many as those of two: somebody enters a thing twice, and hardly ever three times.
struct RecurringRows {
    private let table: CompareTable
    /// Per column: it does not name the thing.
    private let others: [Bool]

    private static let leastThings = 5
    private static let leastShare = 0.5
    /// Of the pairs that would be dropped, those that name their thing in two ways.
    private static let mostWorded = 0.2
    private static let hardlyWorded = 0.05
    private static let mostlyDiffering = 0.5

    /// - Parameter changing: per column, see ``MatchModel/mayChange``.
    init(_ table: CompareTable, changing: [Bool]) {
        self.table = table
        let names = zip(table.traits, changing).map { $0.namesFrom != nil && !$1 }
        others = names.contains(true) ? names.map { !$0 } : changing
    }

    /// - Parameters:
    ///   - rows: the candidates.
    ///   - dropped: the pairs that would be dropped.
    func areFound(_ rows: Range<Int>, dropped: some Sequence<(a: Int32, b: Int32)>) -> Bool {
        var all = 0.0
        var worded = 0.0
        var differing = 0.0
        for pair in dropped {
            let (a, b) = (Int(pair.a), Int(pair.b))
            all += 1
            if !table.areEqual(a, b, but: others) { worded += 1 } else if !table.areEqual(a, b) { differing += 1 }
        }
        guard all > 0, worded <= Self.mostWorded * all else { return false }
        if worded <= Self.hardlyWorded * all, differing >= Self.mostlyDiffering * all { return true }
        let sizes = HashedMap<UInt64, Int32>(none: 0)
        for row in rows { if let name = table.content(row, but: others) { sizes[name | 1] += 1 } }
        var twice = 0
        var more = 0
        sizes.forEach { _, n in
            if n == 2 { twice += 1 } else if n > 2 { more += 1 }
        }
        return more >= Self.leastThings && Double(more) >= Self.leastShare * Double(twice)
    }
}
