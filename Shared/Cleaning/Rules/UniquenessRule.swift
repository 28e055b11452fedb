internal import Foundation

/// Values that occur twice in a column of keys, when chance cannot explain that many. Flags only.
struct UniquenessRule {
    let ledger: ValueLedger
    let isNumeric: Bool

    func run() {
        let values = ledger.values
        let n = values.reduce(0) { $0 + $1.count }
        let extra = n - values.count
        guard n >= 100, extra > 0, Double(values.count) >= 0.98 * Double(n), let space = space(values, n) else { return }
        // Of n random draws from a space of s values about n^2 / 2 s repeat one (the birthday bound).
        guard Double(extra) > 5 * Double(n) * Double(n) / (2 * space) + 2 else { return }
        for v in values where v.count > 1 { ledger.flag(v.text, .duplicateKey, 0.9) }
    }

    /// How many different keys there could be; nil when the values are no keys.
    private func space(_ values: [(text: String, count: Int)], _ n: Int) -> Double? {
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
