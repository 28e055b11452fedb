internal import Domain
internal import Profiling

/// Values that break the form which nearly all others of their column have.
struct ConformityRule {
    let ledger: ValueLedger
    let semantic: SemanticType

    func run() {
        let values = ledger.values
        let n = values.reduce(0) { $0 + $1.count }
        guard n >= 20 else { return }
        if semantic == .email || semantic == .url || semantic == .ipAddress || semantic == .iban {
            for v in values where !fits(v.text) { ledger.flag(v.text, .oddFormat, 0.9) }
            return
        }
        var shapes: [String: Int] = [:]
        for v in values { shapes[Shape.exact(v.text), default: 0] += v.count }
        let usual = Set(shapes.filter { $0.value * 100 >= n }.keys)
        let covered = shapes.reduce(0) { $0 + (usual.contains($1.key) ? $1.value : 0) }
        if usual.count <= 10, covered * 100 >= n * 95 {
            rareShapes(values, shapes, usual, n)
        } else {
            rareClasses(values, n)
        }
    }

    private func fits(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { PersonalData.matches(semantic, $0) }
    }

    private func rareShapes(_ values: [(text: String, count: Int)], _ shapes: [String: Int], _ usual: Set<String>, _ n: Int) {
        let inUse = values.filter { usual.contains(Shape.exact($0.text)) }
        let runs = Set(inUse.map { Shape.runs($0.text) })
        let rare = max(2, n / 200)
        for v in values where v.count <= rare {
            let shape = Shape.exact(v.text)
            guard !usual.contains(shape), (shapes[shape] ?? 0) <= rare, !runs.contains(Shape.runs(v.text)) else { continue }
            ledger.flag(v.text, .oddFormat, 0.8)
            let form = Array(v.text.unicodeScalars)
            let hits = inUse.filter { $0.count >= 3 && isMasked(form, Array($0.text.unicodeScalars)) }
            guard let first = hits.first, hits.count == 1 || first.count >= 10 * hits[1].count else { continue }
            let hidesDigit = zip(form, first.text.unicodeScalars).contains { $0 != $1 && Similarity.isDigit($1) }
            var isClosed = true
            if hidesDigit {
                // A lost digit comes back only where values of this form are repeated ones.
                let target = Shape.exact(first.text)
                let same = values.filter { Shape.exact($0.text) == target }
                let repeated = same.reduce(0) { $0 + ($1.count >= 3 ? $1.count : 0) }
                isClosed = repeated * 10 >= same.reduce(0) { $0 + $1.count } * 9
            }
            ledger.fix(v.text, first.text, .maskedText, isClosed ? 0.85 : 0.5)
        }
    }

    /// Enough is left to tell by, and no digit stands for a letter: that makes another code.
    private func isMasked(_ form: Similarity.Scalars, _ target: Similarity.Scalars) -> Bool {
        guard let mark = Similarity.mask(form, target) else { return false }
        let left = zip(form, target).count { $0 == $1 && Similarity.isWordPart($0) }
        return left >= Self.leastLeft && !Similarity.isDigit(mark)
    }
    private static let leastLeft = 2

    /// A handful of values with digits where none has any, or without letters where all have some.
    private func rareClasses(_ values: [(text: String, count: Int)], _ n: Int) {
        guard n >= 500 else { return }
        let withDigits = values.filter { Shape.classes($0.text).contains("D") }
        let withoutLetters = values.filter { !Shape.classes($0.text).contains("L") }
        for odd in [withDigits, withoutLetters] {
            let rows = odd.reduce(0) { $0 + $1.count }
            if rows > 0, rows * 500 <= n { for v in odd { ledger.flag(v.text, .oddFormat, 0.7) } }
        }
    }
}
