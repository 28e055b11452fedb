internal import Foundation
internal import Tabular

/// Carries out the rules between columns on the rows of a batch: merged cells are split, other violations flagged.
struct RowRuleChecker {
    private let rules: [RowRule]
    /// Values of the column that merged cells may hold, by rule.
    private let domains: [Set<String>]

    init(_ resolution: Resolution) {
        rules = resolution.rowRules
        domains = resolution.rowRules.map { Set(resolution.mergedDomains[String($0.columns.last ?? 0)] ?? []) }
    }

    /// Before anything is compared: what stands in the wrong cell goes where it belongs.
    func split(_ batch: TextBatch, _ rows: [Int], _ recorder: ChangeRecorder) {
        for (i, rule) in rules.enumerated() where rule.kind == .merged {
            for r in rows {
                let from = batch.cells + (r &* batch.columns &+ rule.columns[0])
                let to = batch.cells + (r &* batch.columns &+ rule.columns[1])
                guard to.pointee.isEmpty, !from.pointee.isEmpty, let text = batch.string(r, rule.columns[0]),
                    let parts = Self.split(text), domains[i].contains(parts.tail)
                else { continue }
                for (column, at, value) in [(rule.columns[0], from, parts.head), (rule.columns[1], to, parts.tail)] {
                    let cell = batch.store(value)
                    recorder.record(
                        ordinal: batch.ordinals[r], column: column, .mergedCell, confidence: 0.95,
                        original: at.pointee.isEmpty ? nil : batch.bytes(at.pointee), cleaned: batch.bytes(cell))
                    at.pointee = cell
                }
            }
        }
    }

    /// Flags rows that break a rule, in the column that the rule is about.
    func check(_ batch: TextBatch, _ rows: [Int], _ recorder: ChangeRecorder) {
        for rule in rules where rule.kind != .merged {
            let flagged = rule.kind == .order ? rule.columns[1] : rule.columns[0]
            let transformation = rule.kind == .order ? Transformation.orderViolated : .arithmeticViolated
            for r in rows where isBroken(rule, batch, r) {
                let bytes = batch.bytes(batch.cell(r, flagged))
                recorder.record(
                    ordinal: batch.ordinals[r], column: flagged, transformation, confidence: 0.7, original: bytes, cleaned: bytes,
                    isSuggestion: true)
            }
        }
    }

    private func isBroken(_ rule: RowRule, _ batch: TextBatch, _ r: Int) -> Bool {
        func value(_ i: Int) -> Double? {
            let cell = batch.cell(r, rule.columns[i])
            if rule.areDates {
                guard cell.length >= 10 else { return nil }
                return CanonicalText.parseDate(batch.pointer(cell), 10).map(Double.init)
            }
            return cell.isEmpty ? nil : CanonicalText.parseDecimal(batch.pointer(cell), cell.length)
        }
        guard let a = value(0), let b = value(1) else { return false }
        if rule.kind == .order { return a > b }
        guard let c = value(2) else { return false }
        return !Self.holds(rule.kind, a, b, c)
    }

    /// Up to a hundredth and the noise of decimal fractions.
    static func holds(_ kind: RowRule.Kind, _ a: Double, _ b: Double, _ c: Double) -> Bool {
        let expected = kind == .sum ? b + c : b * c
        return abs(a - expected) <= 0.011 + 1e-6 * abs(expected)
    }

    /// `San Francisco CA`: what stands before the last blank, without marks, and what stands behind it.
    static func split(_ text: String) -> (head: String, tail: String)? {
        guard let at = text.lastIndex(of: " ") else { return nil }
        let marks: Set<Character> = [" ", ",", ";", "/", "-"]
        var head = text[..<at]
        while let last = head.last, marks.contains(last) { head.removeLast() }
        let tail = text[text.index(after: at)...]
        return head.isEmpty || tail.isEmpty ? nil : (String(head), String(tail))
    }
}
