/// Digits of one length with different punctuation (phones, cards, codes): a few deviants are rewritten into the dominant template; when no
/// template dominates, the mixture is only reported.
struct TemplateRule {
    let ledger: ValueLedger

    /// - Returns: the formats in use, when the column mixes several.
    func run() -> [String] {
        let values = ledger.values
        let n = values.reduce(0) { $0 + $1.count }
        guard n >= 20 else { return [] }
        var shapes: [String: Int] = [:]
        var lengths: [Int: Int] = [:]
        for v in values {
            let shape = Shape.exact(v.text)
            guard !Shape.hasLetters(shape), v.text.count <= 24 else { continue }
            shapes[shape, default: 0] += v.count
            lengths[Shape.digits(shape), default: 0] += v.count
        }
        let inShapes = shapes.values.reduce(0, +)
        guard inShapes * 100 >= n * 95 else { return [] }
        let mixture = mixture(values, n)
        guard let (digits, rows) = lengths.max(by: { ($0.value, -$0.key) < ($1.value, -$1.key) }), digits >= 5, rows * 10 >= n * 9
        else { return mixture }
        let own = shapes.filter { Shape.digits($0.key) == digits }
        guard own.count >= 2, let top = own.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { return mixture }
        // Numbers with decimals are no codes.
        if own.keys.contains(where: { $0.contains(".") }), own.keys.allSatisfy({ $0.allSatisfy { "9.,-".contains($0) } }) {
            return []
        }
        guard top.value * 10 >= n * 6 else { return mixture }
        for v in values {
            let shape = Shape.exact(v.text)
            guard shape != top.key, let share = own[shape], share * 5 < n else { continue }
            var left = v.text.filter { $0.isASCII && $0.isNumber }.makeIterator()
            let rewritten = String(top.key.map { $0 == "9" ? left.next() ?? "0" : $0 })
            ledger.fix(v.text, rewritten, .template, top.value * 10 >= n * 8 ? 0.95 : 0.8)
        }
        return mixture
    }

    private func mixture(_ values: [(text: String, count: Int)], _ n: Int) -> [String] {
        var runs: [String: Int] = [:]
        for v in values { runs[Shape.runs(v.text), default: 0] += v.count }
        let big = runs.filter { $0.value * 20 >= n && $0.key.contains("9") }
        guard big.count > 1, !big.keys.contains(where: { $0.hasPrefix("+") || $0.hasPrefix("-9") || $0 == "9.9" }) else {
            return []
        }
        return big.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }.prefix(4).map(\.key)
    }
}
