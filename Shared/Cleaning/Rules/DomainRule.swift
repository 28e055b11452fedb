/// A small closed set of values with a few far rarer ones beside it. Flags only.
struct DomainRule {
    let ledger: ValueLedger
    let isNumeric: Bool

    func run() {
        let values = ledger.unflagged
        let n = values.reduce(0) { $0 + $1.count }
        guard n >= 200, values.count <= 200, values.count >= 3 else { return }
        var rest = n
        for i in 1..<values.count {
            rest -= values[i - 1].count
            // The first i values are the core.
            guard i >= 2, values[i - 1].count >= 30, values[i - 1].count >= 20 * values[i].count, rest * 100 <= n else {
                continue
            }
            if isNumeric, i > 12 { return }
            for v in values[i...] { ledger.flag(v.text, .rareValue, 0.6) }
            return
        }
    }
}
