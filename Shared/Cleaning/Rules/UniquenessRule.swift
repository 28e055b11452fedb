internal import Domain
internal import Foundation
internal import Profiling
internal import Tabular

/// Values that occur twice in a column of keys, when chance cannot explain that many. Flags only.
struct UniquenessRule {
    let ledger: ValueLedger
    let isNumeric: Bool

    func run() {
        let values = ledger.values
        let rows = values.reduce(0) { $0 + $1.count }
        guard Self.areErrors(values, rows: rows, distinct: values.count, isNumeric: isNumeric) else { return }
        for v in values where v.count > 1 { ledger.flag(v.text, .duplicateKey, 0.9) }
    }

    /// Whether the repetitions are too many for chance.
    /// - Parameters:
    ///   - values: all of the column, or a sample of them.
    ///   - rows: with a value.
    static func areErrors(_ values: [(text: String, count: Int)], rows n: Int, distinct: Int, isNumeric: Bool) -> Bool {
        let extra = n - distinct
        guard n >= 100, extra > 0, Double(distinct) >= 0.98 * Double(n), let space = space(values, n, isNumeric) else {
            return false
        }
        // Of n random draws from a space of s values about n^2 / 2 s repeat one (the birthday bound).
        return Double(extra) > 5 * Double(n) * Double(n) / (2 * space) + 2
    }

    /// How many different keys there could be; nil when the values are no keys.
    private static func space(_ values: [(text: String, count: Int)], _ n: Int, _ isNumeric: Bool) -> Double? {
        let lengths = Set(values.prefix(200).map(\.text.count))
        if isNumeric {
            let numbers = values.compactMap { Double($0.text) }
            guard numbers.count * 20 >= values.count * 19, numbers.allSatisfy({ $0 == $0.rounded() }),
                let low = numbers.min(), let high = numbers.max()
            else { return nil }
            // A running number has no room for chance.
            if high - low + 1 < 1.5 * Double(n) { return .infinity }
            return lengths.count == 1 ? high - low + 1 : nil
        }
        guard !values.prefix(500).contains(where: { $0.text.contains(" ") }) else { return nil }
        var byLength: [Int: Int] = [:]
        for v in values { byLength[v.text.count, default: 0] += 1 }
        guard let (length, rows) = byLength.max(by: { ($0.value, -$0.key) < ($1.value, -$1.key) }),
            Double(rows) >= 0.9 * Double(values.count)
        else { return nil }
        var alphabets = [Set<Character>](repeating: [], count: length)
        for v in values.prefix(5000) where v.text.count == length {
            for (i, c) in v.text.enumerated() { alphabets[i].insert(c) }
        }
        return alphabets.reduce(1.0) { $0 * Double(max(1, $1.count)) }
    }
}

extension RepeatedKeys {
    /// What the report says of a column that has too many values for its profile.
    func finding(_ profile: ColumnProfile, _ column: ColumnResolution) -> ColumnResolution.Finding? {
        guard profile.isOpen, column.repair != .off, !column.rulesOff.contains(Transformation.duplicateKey.id) else { return nil }
        let sample = profile.values.map { (text: $0.text, count: $0.count) }
        let isNumeric = column.type == .integer
        guard UniquenessRule.areErrors(sample, rows: rows, distinct: values, isNumeric: isNumeric) else { return nil }
        return .init(
            kind: "duplicate_key", count: repeating, rows: examples.map(\.raw),
            note: "keys that occur more than once: \(rows - values) of \(rows) rows repeat one")
    }
}
