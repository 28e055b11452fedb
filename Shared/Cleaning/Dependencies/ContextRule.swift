internal import Domain
internal import Profiling

/// Takes back respellings that the rows contradict: `Milwaukie` stands beside `OR`, which `Milwaukee` never does, so it is another town.
public enum ContextRule {
    /// Rows of the common value that show all that it stands beside; of fewer, in a column that mostly determines the other one, the misspelt one
    /// has to stand beside the same.
    private static let leastRows = 10
    /// Where more than one of so many rows of the common value stands beside something that no other does, the next one may well do so, too.
    private static let rowsPerNovelty = 3

    /// Columns whose values may be respelt at all.
    static func mayApply(to column: ColumnResolution) -> Bool {
        column.type == .text && column.repair == .apply
            && ![.personName, .freeText, .identifier, .date].contains(column.semantic)
    }
    public static func applies(to column: ColumnResolution) -> Bool { column.rewrites.contains(where: isSpelling) }

    private static func isSpelling(_ r: ColumnResolution.Rewrite) -> Bool {
        r.isApplied && (r.transformation == .categorySpelling || r.transformation == .wordSpelling)
    }

    /// Most rows stand beside what the other rows of their value stand beside.
    private static func isDetermined(_ pairs: [PairCounts.Pair]) -> Bool {
        var groups: [UInt64: (rows: Int, most: Int)] = [:]
        for pair in pairs where pair.rhs != 0 {
            let group = groups[pair.lhs] ?? (0, 0)
            groups[pair.lhs] = (group.rows + pair.count, max(group.most, pair.count))
        }
        let others = groups.values.reduce(into: (all: 0, same: 0)) { sum, group in
            sum.all += group.rows - 1
            sum.same += group.most - 1
        }
        return others.same * 5 >= others.all * 4 && others.all > 0
    }

    /// Makes suggestions of the respellings whose values stand mostly beside what the common values never stand beside.
    static func withhold(_ columns: inout [ColumnResolution], _ profile: TableProfile) {
        for (dependency, counts) in zip(profile.dependencies, profile.pairs) where dependency.lhs.count == 1 {
            let c = dependency.lhs[0]
            guard applies(to: columns[c]) else { continue }
            let settled = SettledHashes(columns[dependency.rhs])
            let wanted = Set(
                columns[c].rewrites.lazy.filter(isSpelling).flatMap { [SettledHashes.hash($0.from), SettledHashes.hash($0.to)] })
            var beside: [UInt64: [UInt64: Int]] = [:]
            for pair in counts.pairs where pair.rhs != 0 && wanted.contains(pair.lhs) {
                beside[pair.lhs, default: [:]][settled[pair.rhs], default: 0] += pair.count
            }
            let isDetermined = isDetermined(counts.pairs)
            for i in columns[c].rewrites.indices where isSpelling(columns[c].rewrites[i]) {
                let rewrite = columns[c].rewrites[i]
                guard let own = beside[SettledHashes.hash(rewrite.from)], let usual = beside[SettledHashes.hash(rewrite.to)]
                else { continue }
                let rows = usual.values.reduce(0, +)
                let novel = usual.values.count { $0 == 1 }
                guard rows < leastRows ? isDetermined : novel * rowsPerNovelty <= rows else { continue }
                let known = own.reduce(0) { $0 + (usual[$1.key] == nil ? 0 : $1.value) }
                guard known * 2 < own.values.reduce(0, +) else { continue }
                columns[c].rewrites[i].isApplied = false
                columns[c].rewrites[i].confidence = min(rewrite.confidence, 0.7)
            }
        }
    }
}
