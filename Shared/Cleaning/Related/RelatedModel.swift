internal import Tabular

/// Fills missing cells of one column from the other columns of their row: sums of shrunken group medians for numbers, naive Bayes over group
/// counts for texts. Made from the sample, where it did better on held-out rows than the median or mode.
public struct RelatedModel: Codable, Sendable, Equatable {
    /// What one related column says.
    struct Table: Codable, Sendable, Equatable {
        var column: Int
        /// Numbers are grouped by these bounds; nil: groups are values, by hash.
        var bounds: [Double]?
        /// Ascending.
        var keys: [UInt64]
        /// Numbers: what is added for the group.
        var shifts: [Double]
        /// Texts: value and count, by group.
        var counts: [[Count]]
    }
    struct Count: Codable, Sendable, Equatable {
        var value: Int
        var count: Int
    }
    var column: Int
    /// Where a number starts; nil for texts.
    var base: Double?
    /// The least and the largest number of the sample: no gap is filled with one beyond. Nil for texts.
    var range: ClosedRange<Double>?
    /// Digits behind the point that the column's numbers have.
    var decimals = 0
    /// Digits behind the point that the column's numbers keep even when they are zeros.
    var leastDecimals: Int?
    /// Texts, and their counts.
    var values: [String] = []
    var prior: [Int] = []
    var tables: [Table]
    /// Share of held-out rows that were right (texts).
    var accuracy = 0.0

    /// The same model, which never fills in one of these texts: values that a rule flags or respells.
    func without(_ doubted: Set<String>) -> RelatedModel {
        let left = Set(values.indices.filter { doubted.contains(values[$0]) })
        if left.isEmpty { return self }
        var out = self
        for t in tables.indices {
            for group in tables[t].counts.indices { out.tables[t].counts[group].removeAll { left.contains($0.value) } }
        }
        return out
    }

    /// - Parameter keys: the group of each table in this row, nil where its column is missing.
    /// - Returns: nil when no related column has a value that is known.
    func predict(_ keys: [UInt64?]) -> String? {
        let found = zip(tables, keys).map { table, key -> Int? in key.flatMap { Self.find(table.keys, $0) } }
        guard found.contains(where: { $0 != nil }) else { return nil }
        if let base {
            var total = zip(tables, found).reduce(base) { sum, pair in
                sum + (pair.1.map { pair.0.shifts[$0] } ?? 0)
            }
            if let range { total = min(max(total, range.lowerBound), range.upperBound) }
            let scale = Self.powers[min(decimals, 6)]
            return LooseNumber.text((total * scale).rounded() / scale, decimals: leastDecimals ?? 0)
        }
        let groups = zip(tables, found).compactMap { table, i in i.map { table.counts[$0] } }
        return best(groups).map { values[$0] }
    }
    private static let powers = [1.0, 10, 100, 1_000, 10_000, 100_000, 1_000_000]

    /// The likeliest value; ties go to the earlier one.
    func best(_ groups: [[Count]]) -> Int? {
        let candidates = Set(groups.flatMap { $0.map(\.value) }).sorted()
        let all = Double(max(1, prior.reduce(0, +)))
        var best: (score: Double, value: Int)?
        for v in candidates {
            let share = Double(prior[v]) / all
            var score = share
            for group in groups {
                let n = Double(group.reduce(0) { $0 + $1.count })
                let own = Double(group.first { $0.value == v }?.count ?? 0)
                // A product of likelihood ratios; smoothing by the prior keeps a small group from deciding alone.
                score *= ((own + share) / (n + 1)) / max(share, 1e-9)
            }
            if score > best?.score ?? -1 { best = (score, v) }
        }
        return best?.value
    }

    static func find(_ keys: [UInt64], _ key: UInt64) -> Int? {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low < keys.count && keys[low] == key ? low : nil
    }
    /// The group of a number: how many bounds lie below it, plus one.
    static func group(_ x: Double, _ bounds: [Double]) -> UInt64 {
        var low = 0
        var high = bounds.count
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] < x { low = middle + 1 } else { high = middle }
        }
        return UInt64(low + 1)
    }
}
