internal import Domain
internal import Foundation
internal import Tabular

/// Tries on held-out rows of the sample which related columns say more about a column than its own median or mode.
enum RelatedDiscovery {
    private static let steps = 3
    private static let shrinkage = 4.0
    private static let bins = 32
    private static let groupLimit = 2_000
    private static let leastGain = 0.02

    private struct Predictor {
        var column: Int
        var bounds: [Double]?
        /// The group of every row, 0 where the column is missing; `keys[group]` is what the model looks up.
        var groups: [Int]
        var keys: [UInt64]

        init(column: Int, bounds: [Double]?, rowKeys: [UInt64]) {
            self.column = column
            self.bounds = bounds
            var seen: [UInt64: Int] = [0: 0]
            keys = [0]
            groups = []
            groups.reserveCapacity(rowKeys.count)
            for key in rowKeys {
                if let group = seen[key] {
                    groups.append(group)
                } else {
                    seen[key] = keys.count
                    groups.append(keys.count)
                    keys.append(key)
                }
            }
        }
    }

    static func find(_ resolution: Resolution, _ recipe: Recipe, _ table: SampleTable) -> [RelatedModel] {
        guard table.rows >= 100 else { return [] }
        let wanted = resolution.columns.indices.filter { c in
            let policy = recipe.column(named: resolution.columns[c].name)?.impute ?? .none
            return [.median, .mode, .related].contains(policy) && (0..<table.rows).contains { table.hash($0, c) == 0 }
        }
        guard !wanted.isEmpty else { return [] }
        let predictors = resolution.columns.indices.flatMap { Self.predictors($0, resolution, table) }
        return wanted.compactMap { c in
            let others = predictors.filter { $0.column != c }
            let policy = recipe.column(named: resolution.columns[c].name)?.impute ?? .none
            return policy == .median
                ? number(c, others, table, leastDecimals: resolution.columns[c].decimals)
                : text(c, others, table, needsTrust: policy == .related)
        }
    }

    /// Columns with repeated values as they are; many-valued numbers and days in bins of equal counts.
    private static func predictors(_ c: Int, _ resolution: Resolution, _ table: SampleTable) -> [Predictor] {
        let hashes = (0..<table.rows).map { table.hash($0, c) }
        let distinct = Set(hashes).subtracting([0]).count
        var out: [Predictor] = []
        if distinct >= 2, distinct * 2 <= table.rows, distinct <= groupLimit {
            out.append(Predictor(column: c, bounds: nil, rowKeys: hashes))
        }
        let isDate = resolution.columns[c].type == .date || resolution.columns[c].type == .timestamp
        guard resolution.columns[c].isNumeric || isDate, distinct > 40 else { return out }
        let values = isDate ? table.days(c) : table.numbers(c)
        let sorted = values.filter { !$0.isNaN }.sorted()
        guard sorted.count >= 100 else { return out }
        var bounds: [Double] = []
        for i in 1..<bins {
            let bound = sorted[i * sorted.count / bins]
            if bounds.last != bound { bounds.append(bound) }
        }
        out.append(Predictor(column: c, bounds: bounds, rowKeys: values.map { $0.isNaN ? 0 : RelatedModel.group($0, bounds) }))
        return out
    }

    /// Seven of ten rows teach, three test: chosen by row number, so that it is always the same ones.
    private static func halves(_ rows: [Int]) -> (teach: [Int], test: [Int]) {
        var teach: [Int] = []
        var test: [Int] = []
        for r in rows { if Hash.mix(UInt64(r) &+ 0x5EED) % 10 < 7 { teach.append(r) } else { test.append(r) } }
        return (teach, test)
    }

    // MARK: numbers

    private static func median(_ x: [Double]) -> Double {
        let sorted = x.sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }
    /// By group the median of what is left to explain, shrunk towards nothing where rows are few.
    private static func shifts(_ rows: [Int], _ left: [Double], _ p: Predictor) -> [Double] {
        var groups = [[Double]](repeating: [], count: p.keys.count)
        for r in rows where p.groups[r] != 0 { groups[p.groups[r]].append(left[r]) }
        return groups.map { $0.isEmpty ? 0 : median($0) * Double($0.count) / (Double($0.count) + shrinkage) }
    }

    private static func number(
        _ c: Int, _ predictors: [Predictor], _ table: SampleTable, leastDecimals: Int?
    ) -> RelatedModel? {
        let values = table.numbers(c)
        let rows = (0..<table.rows).filter { !values[$0].isNaN }
        let (teach, test) = halves(rows)
        guard test.count >= 30 else { return nil }
        func error(_ left: [Double]) -> Double { test.reduce(0) { $0 + left[$1].magnitude } }
        let start = median(teach.map { values[$0] })
        let base = median(rows.map { values[$0] })
        var left = values.map { $0 - start }
        var full = values.map { $0 - base }
        var tables: [RelatedModel.Table] = []
        for _ in 0..<steps {
            var best: (error: Double, index: Int, left: [Double])?
            let now = error(left)
            for (i, p) in predictors.enumerated() {
                let found = shifts(teach, left, p)
                var trial = left
                for r in rows { trial[r] -= found[p.groups[r]] }
                let e = error(trial)
                if e < best?.error ?? .infinity { best = (e, i, trial) }
            }
            guard let best, best.error <= (1 - leastGain) * now else { break }
            let p = predictors[best.index]
            let found = shifts(rows, full, p)
            for r in rows { full[r] -= found[p.groups[r]] }
            left = best.left
            let order = p.keys.indices.dropFirst().sorted { p.keys[$0] < p.keys[$1] }
            tables.append(
                .init(
                    column: p.column, bounds: p.bounds, keys: order.map { p.keys[$0] }, shifts: order.map { found[$0] },
                    counts: []))
        }
        guard !tables.isEmpty else { return nil }
        var model = RelatedModel(column: c, base: base, tables: tables)
        if let low = rows.map({ values[$0] }).min(), let high = rows.map({ values[$0] }).max() { model.range = low...high }
        model.decimals = rows.prefix(1000).reduce(0) { most, r in
            let text = table.text(r, c) ?? ""
            return max(most, text.firstIndex(of: ".").map { text.distance(from: $0, to: text.endIndex) - 1 } ?? 0)
        }
        model.leastDecimals = leastDecimals
        return model
    }

    // MARK: texts

    private static func text(_ c: Int, _ predictors: [Predictor], _ table: SampleTable, needsTrust: Bool) -> RelatedModel? {
        var codes: [String: Int] = [:]
        // What is only punctuation stands for nothing to fill in.
        let texts = (0..<table.rows).map { table.text($0, c).flatMap { $0.contains { $0.isLetter || $0.isNumber } ? $0 : nil } }
        let values = Set(texts.compactMap { $0 }).sorted()
        for (i, value) in values.enumerated() { codes[value] = i }
        let own = texts.map { $0.flatMap { codes[$0] } ?? -1 }
        let rows = own.indices.filter { own[$0] >= 0 }
        let (teach, test) = halves(rows)
        guard test.count >= 30, values.count >= 2, values.count * 2 <= rows.count, values.count <= groupLimit else { return nil }

        func counted(_ rows: [Int], _ p: Predictor) -> [[RelatedModel.Count]] {
            var out = [[Int: Int]](repeating: [:], count: p.keys.count)
            for r in rows where p.groups[r] != 0 { out[p.groups[r]][own[r], default: 0] += 1 }
            return out.map { group in
                group.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }.prefix(50)
                    .map { RelatedModel.Count(value: $0.key, count: $0.value) }
            }
        }
        func prior(_ rows: [Int]) -> [Int] {
            var out = [Int](repeating: 0, count: values.count)
            for r in rows { out[own[r]] += 1 }
            return out
        }
        let before = prior(teach)
        let mode = before.indices.max { (before[$0], -$0) < (before[$1], -$1) } ?? 0
        let base = Double(test.reduce(0) { $0 + (own[$1] == mode ? 1 : 0) }) / Double(test.count)
        var scored: [(accuracy: Double, index: Int)] = []
        for (i, p) in predictors.enumerated() {
            let groups = counted(teach, p)
            let right = test.reduce(0) { $0 + ((groups[p.groups[$1]].first?.value ?? mode) == own[$1] ? 1 : 0) }
            let accuracy = Double(right) / Double(test.count)
            if accuracy >= base + leastGain { scored.append((accuracy, i)) }
        }
        scored.sort { $0.accuracy != $1.accuracy ? $0.accuracy > $1.accuracy : $0.index < $1.index }
        // One related column, then two, then three: as many as do best together on the held-out rows.
        var best: (accuracy: Double, picks: [Int])?
        for n in 1...steps where n <= scored.count {
            let picks = scored.prefix(n).map(\.index)
            let groups = picks.map { counted(teach, predictors[$0]) }
            let model = RelatedModel(column: c, values: values, prior: before, tables: [])
            let right = test.reduce(0) { sum, r in
                let known = zip(picks, groups).map { $1[predictors[$0].groups[r]] }.filter { !$0.isEmpty }
                return sum + ((known.isEmpty ? mode : model.best(known) ?? mode) == own[r] ? 1 : 0)
            }
            let accuracy = Double(right) / Double(test.count)
            if accuracy > best?.accuracy ?? base + leastGain / 2 { best = (accuracy, picks) }
        }
        guard let best, !needsTrust || best.accuracy >= 0.8 else { return nil }
        var model = RelatedModel(column: c, values: values, prior: prior(rows), tables: [])
        model.accuracy = best.accuracy
        for i in best.picks {
            let p = predictors[i]
            let groups = counted(rows, p)
            let order = p.keys.indices.dropFirst().filter { !groups[$0].isEmpty }.sorted { p.keys[$0] < p.keys[$1] }
            model.tables.append(
                .init(
                    column: p.column, bounds: p.bounds, keys: order.map { p.keys[$0] }, shifts: [],
                    counts: order.map { groups[$0] }))
        }
        return model
    }
}
