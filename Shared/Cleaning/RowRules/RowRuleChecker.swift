internal import Domain
internal import Foundation
internal import Tabular

/// Carries out the rules between columns on the rows of a batch: merged cells are split, other violations flagged.
struct RowRuleChecker {
    private let rules: [RowRule]
    /// Values of the column that merged cells may hold, by rule.
    private let domains: [Set<String>]
    /// Rules by which a missing cell can be computed.
    private let formulas: [RowRule]
    private let columns: [ColumnResolution]
    /// Per column: it holds whole numbers only.
    private let isWhole: [Bool]
    /// Per column: the recipe wants missing cells filled, by whatever.
    private let mayFill: [Bool]

    init(_ resolution: Resolution) {
        rules = resolution.rowRules
        columns = resolution.columns
        let drafts = columns.map { resolution.draft.column(named: $0.name) }
        isWhole = drafts.map { $0?.type == .integer }
        mayFill = zip(columns, drafts).map { $0.pii != .exclude && $1?.impute ?? .none != .none }
        formulas = rules.filter { $0.kind == .sum || $0.kind == .product }
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

    /// Computes the one cell of a rule that is missing, where it is to be filled at all.
    func fill(_ batch: TextBatch, _ rows: [Int], _ recorder: ChangeRecorder) {
        for rule in formulas {
            for r in rows {
                guard hasGap(rule, batch, r) else { continue }
                let gaps = rule.columns.indices.filter { batch.cell(r, rule.columns[$0]).isEmpty }
                let c = rule.columns[gaps[0]]
                guard gaps.count == 1, mayFill[c], let text = missing(rule, gaps[0], batch, r) else { continue }
                let cell = batch.store(text)
                recorder.record(
                    ordinal: batch.ordinals[r], column: c, .imputeArithmetic, confidence: 0.95, original: nil,
                    cleaned: batch.bytes(cell))
                batch.cells[r &* batch.columns &+ c] = cell
            }
        }
    }

    /// Missing cells (row times columns plus column) that no guess may fill, so that those of the rule's other terms decide: the result, or
    /// the last term.
    func held(_ batch: TextBatch, _ rows: [Int]) -> Set<Int> {
        var out: Set<Int> = []
        for rule in formulas {
            for r in rows {
                guard hasGap(rule, batch, r) else { continue }
                let places = rule.columns.filter { batch.cell(r, $0).isEmpty && mayFill[$0] }.map { r &* batch.columns &+ $0 }
                // One is enough, whichever rule holds it.
                guard places.count >= 2, !places.contains(where: out.contains) else { continue }
                let result = r &* batch.columns &+ rule.columns[0]
                out.insert(places[0] == result ? result : places[places.count - 1])
            }
        }
        return out
    }

    @inline(__always)
    private func hasGap(_ rule: RowRule, _ batch: TextBatch, _ r: Int) -> Bool {
        for c in rule.columns where batch.cell(r, c).isEmpty { return true }
        return false
    }

    /// What the rule says of its term `gap`, in the form of its column; nil where that is no usual number of the column.
    private func missing(_ rule: RowRule, _ gap: Int, _ batch: TextBatch, _ r: Int) -> String? {
        let terms = rule.columns.indices.map { $0 == gap ? 0 : number(batch.cell(r, rule.columns[$0]), batch) ?? .nan }
        let exact =
            switch (rule.kind, gap) {
            case (.sum, 0): terms[1] + terms[2]
            case (.sum, _): terms[0] - terms[3 - gap]
            case (_, 0): terms[1] * terms[2]
            default: terms[0] / terms[3 - gap]
            }
        let c = rule.columns[gap]
        let column = columns[c]
        guard abs(exact) < Self.mostValue, exact >= column.lowFence ?? exact, exact <= column.highFence ?? exact else {
            return nil
        }
        let fixed = column.decimals ?? 0
        // As few digits as say it all; a price from a rounded total says too much.
        for digits in isWhole[c] ? 0...0 : fixed...max(fixed, Self.mostDecimals) {
            let scale = pow(10, Double(digits))
            let x = (exact * scale).rounded() / scale
            if abs(x - exact) > 1e-9 * max(1, abs(exact)), gap != 0 || fixed == 0 || digits > fixed { continue }
            return LooseNumber.text(x, decimals: fixed)
        }
        return nil
    }
    private static let mostDecimals = 4
    private static let mostValue = 1e12

    private func number(_ cell: Cell, _ batch: TextBatch) -> Double? {
        CanonicalText.parseDecimal(batch.pointer(cell), cell.length)
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
            return cell.isEmpty ? nil : number(cell, batch)
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
