/// A small closed set of values with a few far rarer ones beside it. Flags only.
struct DomainRule {
    let ledger: ValueLedger
    let isNumeric: Bool

    private static let fewValues = 12
    /// Rows of each common value for one of a rare one.
    private static let gap = 50

    func run() {
        let values = ledger.unflagged
        let n = values.reduce(0) { $0 + $1.count }
        guard n >= 200, values.count <= 200, values.count >= 3 else { return }
        var rest = n
        for i in 1..<values.count {
            rest -= values[i - 1].count
            // The first i values are the core.
            guard i >= 2, values[i - 1].count >= 30, values[i - 1].count >= 20 * values[i].count else { continue }
            // Few values, and nothing between them and the rare ones: as many of these may be slips.
            let isGap = i <= Self.fewValues && values[i - 1].count >= Self.gap * values[i].count
            guard rest * (isGap ? 20 : 100) <= n else { continue }
            if isNumeric, i > Self.fewValues { return }
            let core = values[..<i].map { (text: $0.text, form: Similarity.folded($0.text)) }
            for v in values[i...] {
                if !isNumeric, let meant = Self.meant(v.text, core) { ledger.fix(v.text, meant, .categorySpelling, 0.7) }
                ledger.flag(v.text, .rareValue, 0.6)
            }
            return
        }
    }

    /// The one value of the core that is a slip away.
    private static func meant(_ text: String, _ core: [(text: String, form: Similarity.Scalars)]) -> String? {
        let form = Similarity.folded(text)
        guard form.count >= leastLetters, !form.contains(where: Similarity.isDigit) else { return nil }
        let limit = form.count < 8 ? 1 : 2
        let near = core.filter { Similarity.distance(form, $0.form, limit: limit) <= limit }
        return near.count == 1 ? near[0].text : nil
    }
    private static let leastLetters = 3
}
