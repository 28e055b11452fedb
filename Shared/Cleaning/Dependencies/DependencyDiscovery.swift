internal import Domain
public import Profiling
public import Tabular

/// Finds approximate functional dependencies in a sample of normalised rows. Candidates only: they are counted over the whole table and
/// judged again before anything rests on them.
public enum DependencyDiscovery {
    static let sampleRows = 20_000
    /// Columns that may determine one column, and dependencies in all.
    static let perColumn = 6
    static let inAll = 96
    /// Left sides of two columns are tried with this many of the best single columns.
    static let pairedColumns = 6
    /// Respelt columns that are looked at beside others, with how many each, and how much those must depend on it.
    static let contextColumns = 8
    static let contextsPerColumn = 2
    static let leastContext = 0.3

    /// - Parameters:
    ///   - resolution: of the sample; its rewrites are made before values are compared.
    ///   - respelt: picks from columns those with values that a rule would respell.
    public static func find(
        in batches: [TextBatch], resolution: Resolution, respelt: ([Int]) -> [Int] = { _ in [] }
    ) -> [Dependency] {
        let table = CodedSample(batches, resolution: resolution, limit: sampleRows)
        guard table.rows >= 20 else { return [] }
        // One date says little about another one, and a repaired date is a guess.
        let dates = resolution.columns.indices.map { isDate($0, batches, resolution) }
        func excluded(_ a: Int, _ b: Int) -> Bool { dates[a] && dates[b] }
        var found: [(dependency: Dependency, lift: Double)] = []
        for b in 0..<table.columns
        where table.canBeRight(b) && resolution.columns[b].repair != .off && resolution.columns[b].semantic != .freeText {
            var own: [(dependency: Dependency, lift: Double)] = []
            var weak: [(lift: Double, column: Int)] = []
            for a in 0..<table.columns where a != b && table.canBeLeft(a) && !excluded(a, b) {
                guard let m = table.measure([a], b) else { continue }
                if m.isAccepted {
                    own.append((Dependency(lhs: table.explained(a, b), rhs: b), m.lift))
                } else if m.lift > 0.1 {
                    weak.append((m.lift, a))
                }
            }
            if own.isEmpty {
                let best = weak.sorted { $0.lift != $1.lift ? $0.lift > $1.lift : $0.column < $1.column }.prefix(pairedColumns)
                    .map(\.column)
                for i in best.indices {
                    for j in (i + 1)..<max(best.count, i + 1) {
                        let lhs = [min(best[i], best[j]), max(best[i], best[j])]
                        if let m = table.measure(lhs, b), m.isAccepted {
                            own.append((Dependency(lhs: lhs, rhs: b), m.lift))
                        }
                    }
                }
            }
            found += own.sorted { order($0, $1) }.prefix(perColumn)
        }
        var seen: Set<Dependency> = []
        let candidates = claims(in: batches, resolution: resolution) + found.sorted { order($0, $1) }.map(\.dependency)
        let chosen = candidates.filter { seen.insert($0).inserted }.prefix(inAll)
        let lacking = (0..<table.columns).filter { column in
            ContextRule.mayApply(to: resolution.columns[column]) && table.canBeLeft(column)
                && !chosen.contains { $0.lhs == [column] }
        }
        return (chosen + contexts(table, lacking.isEmpty ? [] : respelt(lacking)))
            .sorted { ($0.rhs, $0.lhs.count, $0.lhs[0], $0.lhs.last ?? 0) < ($1.rhs, $1.lhs.count, $1.lhs[0], $1.lhs.last ?? 0) }
    }

    /// What stands beside misspelt values that determine no column: those that they say at least something about; see ``ContextRule``.
    private static func contexts(_ table: CodedSample, _ respelt: [Int]) -> [Dependency] {
        respelt.prefix(contextColumns).flatMap { a -> [Dependency] in
            (0..<table.columns).filter { $0 != a && table.canBeRight($0) }
                .compactMap { b in table.measure([a], b).map { (dependency: Dependency(lhs: [a], rhs: b), lift: $0.lift) } }
                .filter { $0.lift >= leastContext }.sorted { order($0, $1) }.prefix(contextsPerColumn).map(\.dependency)
        }
    }

    /// What several sources say of the same things; see ``ClaimDiscovery``.
    static func claims(in batches: [TextBatch], resolution: Resolution) -> [Dependency] {
        guard resolution.columns.contains(where: ClaimDiscovery.isSource) else { return [] }
        return ClaimDiscovery.find(CodedSample(batches, resolution: resolution, limit: sampleRows), resolution)
    }

    /// Typed so, or text whose sampled values mostly read as dates: a tenth of them may be spoilt.
    private static func isDate(_ c: Int, _ batches: [TextBatch], _ resolution: Resolution) -> Bool {
        let column = resolution.columns[c]
        if [.date, .timestamp].contains(column.type) || column.semantic == .date { return true }
        guard column.type == .text else { return false }
        var filled = 0
        var dates = 0
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { out in
            guard let out = out.baseAddress else { return false }
            for batch in batches {
                for r in 0..<batch.rows where filled < 200 {
                    let cell = batch.cell(r, c)
                    if cell.isEmpty { continue }
                    filled += 1
                    let p = batch.pointer(cell)
                    let isRead = [DateOrder.dmy, .mdy].contains {
                        LooseDate(order: $0).canonical(p, cell.length, out).form != .none
                    }
                    if isRead { dates += 1 }
                }
            }
            return dates * 2 > filled
        }
    }

    private static func order(_ x: (dependency: Dependency, lift: Double), _ y: (dependency: Dependency, lift: Double)) -> Bool {
        if x.lift != y.lift { return x.lift > y.lift }
        let (a, b) = (x.dependency, y.dependency)
        return (a.rhs, a.lhs[0], a.lhs.last ?? 0) < (b.rhs, b.lhs[0], b.lhs.last ?? 0)
    }
}
