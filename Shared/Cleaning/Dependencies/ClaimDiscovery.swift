internal import Domain
internal import Profiling

/// Finds tables in which several sources speak of the same things: one row for each thing and source, so what the rows of a thing say of it is
/// put to the vote, and sources that disagree are told.
///
/// Wanted: a table of readings or of years by country has the same outline, but there the right values change from row to row, and there is
/// no column of sources. So a column has to be named as one, a thing and a source must hardly ever meet twice, and the rows of a thing must
/// mostly agree.
/// - Source: Li et al., "Truth Finding on the Deep Web" (2012): voting is the baseline that holds everywhere.
enum ClaimDiscovery {
    /// Shares of rows: those whose thing and source occur together once, and those that agree with the majority of their thing.
    private static let leastUnique = 0.98
    private static let leastAgreement = 0.5
    private static let leastLift = 0.3
    private static let leastSources = 4
    private static let leastGroup = 4.0

    /// Thing -> each column that is voted on, by column; empty in tables without sources.
    static func find(_ table: CodedSample, _ resolution: Resolution) -> [Dependency] {
        let sources = resolution.columns.indices.filter { isSource(resolution.columns[$0]) && table.canBeLeft($0) }
        var best: (unique: Double, agreement: Double, claims: [Dependency])?
        for source in sources where table.distinct([source]) >= leastSources {
            for thing in 0..<table.columns where thing != source && table.canBeLeft(thing) {
                let unique = Double(table.distinct([thing, source].sorted())) / Double(table.rows)
                guard unique >= leastUnique, Double(table.rows) >= leastGroup * Double(table.distinct([thing])) else { continue }
                var claims: [Dependency] = []
                var agreement = 0.0
                for b in 0..<table.columns
                where b != thing && b != source && table.canBeRight(b) && resolution.columns[b].repair != .off
                    && resolution.columns[b].semantic != .freeText
                {
                    guard let m = table.measure([thing], b), m.raw >= leastAgreement, m.lift >= leastLift else { continue }
                    claims.append(Dependency(lhs: [thing], rhs: b))
                    agreement += m.raw
                }
                agreement /= Double(max(1, claims.count))
                if !claims.isEmpty, (unique, agreement) > best.map({ ($0.unique, $0.agreement) }) ?? (0, 0) {
                    best = (unique, agreement, claims)
                }
            }
        }
        return best?.claims ?? []
    }

    static func isSource(_ column: ColumnResolution) -> Bool {
        guard column.type == .text else { return false }
        let name = ColumnName(column.name)
        return name.has("website", "feed", "portal", "datasource", "sourcename", "sourceid")
            || ["source", "src"].contains(name.words.last)
    }

    /// Judged again on the whole table.
    static func holds(_ m: DependencyMeasure) -> Bool { m.raw >= leastAgreement && m.lift >= leastLift && m.size >= 2 }
}
