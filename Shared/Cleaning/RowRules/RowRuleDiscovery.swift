internal import Domain
internal import Foundation
internal import Tabular

/// Finds rules between columns that nearly every sampled row keeps and a random pairing of the values would not.
enum RowRuleDiscovery {
    private static let orderRows = 20_000
    private static let arithmeticRows = 2_000
    private static let numberColumns = 20

    static func find(
        _ batches: [TextBatch], _ resolution: Resolution, _ table: SampleTable, _ small: SampleTable
    ) -> [RowRule] {
        guard table.rows >= 100 else { return [] }
        let columns = resolution.columns
        func wants(_ c: Int, _ t: Transformation) -> Bool { columns[c].repair != .off && !columns[c].rulesOff.contains(t.id) }
        let dates = columns.indices.filter { columns[$0].type == .date || columns[$0].type == .timestamp }
        let numbers = columns.indices.filter { c in
            columns[c].isNumeric && columns[c].semantic == .quantity
                && table.numbers(c).reduce(0) { $0 + ($1.isNaN ? 0 : 1) } >= 100
        }
        var out: [RowRule] = []
        for (group, areDates) in [(dates, true), (numbers, false)] {
            for a in group {
                for b in group where a != b && wants(b, .orderViolated) {
                    let (x, y) = areDates ? (table.days(a), table.days(b)) : (table.numbers(a), table.numbers(b))
                    if isOrdered(x, y, strict: !areDates) { out.append(RowRule(.order, [a, b], areDates: areDates)) }
                }
            }
        }
        out += arithmetic(Array(numbers.prefix(numberColumns)).filter { wants($0, .arithmeticViolated) }, table)
        out += merged(columns, small)
        return out
    }

    /// x <= y in nearly all rows, though not by chance. Numbers need more: one scale, and fewer exceptions.
    private static func isOrdered(_ x: [Double], _ y: [Double], strict: Bool) -> Bool {
        let rows = x.indices.filter { !x[$0].isNaN && !y[$0].isNaN }
        let n = rows.count
        guard n >= 100 else { return false }
        let wrong = rows.reduce(0) { $0 + (x[$1] > y[$1] ? 1 : 0) }
        guard wrong * (strict ? 300 : 100) <= n else { return false }
        let shift = n / 2 + 1
        let byChance = Double((0..<n).reduce(0) { $0 + (x[rows[$1]] > y[rows[($1 + shift) % n]] ? 1 : 0) }) / Double(n)
        guard byChance >= 0.2, Double(wrong) <= 0.05 * byChance * Double(n) else { return false }
        return !strict || correlation(rows.map { x[$0] }, rows.map { y[$0] }) > 0.5
    }
    private static func correlation(_ x: [Double], _ y: [Double]) -> Double {
        let n = Double(x.count)
        let (mx, my) = (x.reduce(0, +) / n, y.reduce(0, +) / n)
        var (xx, yy, xy) = (0.0, 0.0, 0.0)
        for i in x.indices {
            xx += (x[i] - mx) * (x[i] - mx)
            yy += (y[i] - my) * (y[i] - my)
            xy += (x[i] - mx) * (y[i] - my)
        }
        return xx > 0 && yy > 0 ? xy / (xx * yy).squareRoot() : 0
    }

    private static func arithmetic(_ columns: [Int], _ table: SampleTable) -> [RowRule] {
        guard columns.count >= 3 else { return [] }
        let step = max(1, table.rows / arithmeticRows)
        let rows = stride(from: 0, to: table.rows, by: step).map { $0 }
        var out: [RowRule] = []
        for (i, b) in columns.enumerated() {
            for c in columns[(i + 1)...] {
                for kind in [RowRule.Kind.sum, .product] {
                    let (y, z) = (table.numbers(b), table.numbers(c))
                    for a in columns where a != b && a != c {
                        let x = table.numbers(a)
                        let filled = rows.filter { !x[$0].isNaN && !y[$0].isNaN && !z[$0].isNaN }
                        guard filled.count >= 100 else { continue }
                        if isRule(kind, x, y, z, filled) { out.append(RowRule(kind, [a, b, c])) }
                    }
                }
            }
        }
        return out
    }

    /// The rule holds in nearly all rows, and in those that say something: both terms matter there, and other terms would give something else.
    private static func isRule(_ kind: RowRule.Kind, _ x: [Double], _ y: [Double], _ z: [Double], _ rows: [Int]) -> Bool {
        func matters(_ v: Double) -> Bool { abs(v) > 0.011 && (kind == .sum || abs(v - 1) > 0.011) }
        let telling = rows.filter { matters(y[$0]) && matters(z[$0]) }
        guard telling.count * 5 >= rows.count else { return false }
        let wrong = rows.count { !RowRuleChecker.holds(kind, x[$0], y[$0], z[$0]) }
        let wrongThere = telling.count { !RowRuleChecker.holds(kind, x[$0], y[$0], z[$0]) }
        guard wrong * 20 <= rows.count, wrongThere * 20 <= telling.count else { return false }
        let shift = telling.count / 2 + 1
        let byChance = telling.indices.count {
            RowRuleChecker.holds(kind, x[telling[$0]], y[telling[$0]], z[telling[($0 + shift) % telling.count]])
        }
        return byChance * 2 <= telling.count
    }

    /// Column a ends with the value of column b where b is missing, and hardly ever elsewhere.
    private static func merged(_ columns: [ColumnResolution], _ table: SampleTable) -> [RowRule] {
        var out: [RowRule] = []
        let texts = columns.indices.filter { columns[$0].type == .text && columns[$0].repair == .apply }
        for b in texts where !columns[b].rulesOff.contains(Transformation.mergedCell.id) {
            let gaps = (0..<table.rows).filter { table.text($0, b) == nil }
            guard gaps.count >= 5, gaps.count * 2 <= table.rows else { continue }
            let domain = Set((0..<table.rows).compactMap { table.text($0, b) })
            // Values of their own are no small set that could stand at the end of another one.
            guard domain.count <= 1000, domain.count * 2 <= table.rows else { continue }
            func isSplit(_ r: Int, _ a: Int) -> Bool {
                guard let text = table.text(r, a), let parts = RowRuleChecker.split(text) else { return false }
                return domain.contains(parts.tail)
            }
            for a in texts where a != b {
                let hits = gaps.reduce(0) { $0 + (isSplit($1, a) ? 1 : 0) }
                guard hits >= 5, hits * 2 >= gaps.count else { continue }
                let others = (0..<table.rows).reduce(0) { $0 + (table.text($1, b) != nil && isSplit($1, a) ? 1 : 0) }
                if others * 50 <= table.rows { out.append(RowRule(.merged, [a, b])) }
            }
        }
        return out
    }
}
