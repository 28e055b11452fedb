internal import Profiling

/// The distinct values of one closed column, what the rules make of each, and what they say of those they leave alone.
///
/// A rule works on the settled values: what the rules before it made of the raw ones. Every value is decided once, so no decision looks at rows.
final class ValueLedger {
    private struct Entry {
        let raw: String
        let count: Int
        var current: String
        var change: (transformation: Transformation, confidence: Double)?
        var suggestion: (to: String, transformation: Transformation, confidence: Double)?
        var flag: (transformation: Transformation, confidence: Double)?
    }
    private var entries: [Entry]
    private var byCurrent: [String: [Int]] = [:]
    /// From this confidence on a repair is made.
    let threshold: Double
    /// False: every repair is a suggestion.
    let applies: Bool
    private let off: Set<String>

    init(_ values: [ColumnProfile.ValueCount], threshold: Double, applies: Bool, off: Set<String>) {
        entries = values.filter { !$0.isCut }.map { Entry(raw: $0.text, count: $0.count, current: $0.text) }
        for (i, e) in entries.enumerated() { byCurrent[e.raw] = [i] }
        self.threshold = threshold
        self.applies = applies
        self.off = off
    }

    /// Settled values, most frequent first, ties by text.
    var values: [(text: String, count: Int)] {
        byCurrent.filter { !$0.key.isEmpty && !$0.value.isEmpty }
            .map { (text: $0.key, count: $0.value.reduce(0) { $0 + entries[$1].count }) }
            .sorted { $0.count != $1.count ? $0.count > $1.count : $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
    }
    /// Settled values that no rule has flagged.
    var unflagged: [(text: String, count: Int)] {
        values.filter { v in !(byCurrent[v.text] ?? []).contains { entries[$0].flag != nil } }
    }
    func isOff(_ t: Transformation) -> Bool { off.contains(t.id) }

    /// A repair of a settled value: made when it is sure enough, else suggested.
    func fix(_ current: String, _ new: String, _ t: Transformation, _ confidence: Double) {
        guard current != new, !isOff(t), let own = byCurrent[current] else { return }
        guard applies, confidence >= threshold else {
            for i in own where (entries[i].suggestion?.confidence ?? 0) < confidence {
                entries[i].suggestion = (new, t, confidence)
            }
            return
        }
        for i in own {
            entries[i].current = new
            entries[i].change = (t, min(confidence, entries[i].change?.confidence ?? 1))
        }
        byCurrent[current] = nil
        byCurrent[new, default: []] += own
    }
    /// Says that a settled value is doubtful.
    func flag(_ current: String, _ t: Transformation, _ confidence: Double) {
        guard !isOff(t) else { return }
        for i in byCurrent[current] ?? [] where entries[i].flag == nil { entries[i].flag = (t, confidence) }
    }

    /// Sorted by `from`.
    var rewrites: [ColumnResolution.Rewrite] {
        entries.compactMap { e -> ColumnResolution.Rewrite? in
            if let change = e.change, e.current != e.raw {
                return .init(from: e.raw, to: e.current, transformation: change.transformation, confidence: change.confidence)
            }
            if let s = e.suggestion {
                return .init(from: e.raw, to: s.to, transformation: s.transformation, confidence: s.confidence, isApplied: false)
            }
            return e.flag.map {
                .init(from: e.raw, to: e.raw, transformation: $0.transformation, confidence: $0.confidence, isApplied: false)
            }
        }.sorted { $0.from.utf8.lexicographicallyPrecedes($1.from.utf8) }
    }
}
