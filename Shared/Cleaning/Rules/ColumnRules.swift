internal import Domain
internal import Profiling
internal import Tabular

/// Runs the rules that judge the values of one column, in a fixed order: each sees what the ones before it made of the values.
enum ColumnRules {
    /// Fills `rewrites`, `findings`, `checksum` of a decided column, and its type where a unit was dropped from all of its values.
    static func run(_ out: inout ColumnResolution, _ p: ColumnProfile, unify: Bool) {
        guard out.repair != .off else { return }
        if p.isOpen {
            openColumn(&out, p)
            return
        }
        let isNumber = out.type == .integer || out.type == .decimal
        let isDate = out.type == .date || out.type == .timestamp || out.semantic == .date
        let ledger = ValueLedger(
            p.values, threshold: out.repairThreshold, applies: out.repair == .apply, off: Set(out.rulesOff))
        let isText = out.type == .text && !isDate
        if isText {
            if unify {
                let (left, isOfNeighbours) = SpellingRule(
                    ledger: ledger, isCautious: out.semantic == .personName, isOfPlaces: out.semantic == .city
                ).run()
                if !left.isEmpty, !out.semantic.isPersonal {
                    let own = Set(left)
                    out.findings.append(
                        .init(
                            kind: "mixed_case", count: p.values.reduce(0) { $0 + (own.contains($1.text) ? $1.count : 0) },
                            rows: Array(p.values.filter { own.contains($0.text) }.map(\.firstRow.raw).sorted().prefix(10)),
                            note: "values differ only in case or blanks, none dominates: "
                                + left.prefix(4).joined(separator: ", ")))
                }
                if out.semantic != .personName, !isOfNeighbours {
                    WordRule(ledger: ledger, isOfPlaces: out.semantic == .city).run()
                }
            }
            let formats = TemplateRule(ledger: ledger).run()
            if !formats.isEmpty, out.semantic != .freeText {
                out.findings.append(
                    .init(
                        kind: "mixed_formats", count: p.filled, rows: [],
                        note: "several formats: " + formats.joined(separator: " | ") + "; left as they are"))
            }
        }
        if (isText || isNumber) && !out.semantic.isPersonal && out.semantic != .postalCode && out.semantic != .freeText {
            units(&out, ledger, p)
        }
        if out.type != .boolean, !isDate, !out.semantic.isPersonal, out.semantic != .identifier, out.semantic != .freeText {
            DomainRule(ledger: ledger, isNumeric: out.isNumeric).run()
        }
        if isText, out.type == .text, out.semantic != .freeText { ConformityRule(ledger: ledger, semantic: out.semantic).run() }
        if let check = Checksum.rule(of: ledger.values.map(\.text)) {
            out.checksum = check
            for v in ledger.values where v.text.utf8.count >= 8 {
                var text = v.text
                let fails = text.withUTF8 { Checksum.digits($0).map { check.holds($0) == false } ?? false }
                if fails { ledger.flag(v.text, .checksum, 0.9) }
            }
        }
        padding(&out, p.values)
        if !isDate, out.type != .decimal { UniquenessRule(ledger: ledger, isNumeric: isNumber).run() }
        out.rewrites = ledger.rewrites
        out.checksum = nil
    }

    /// Postal codes that were numbers once have lost their leading zeros. Said only: the shorter ones may be right.
    private static func padding(_ out: inout ColumnResolution, _ values: [ColumnProfile.ValueCount]) {
        guard out.semantic == .postalCode, values.allSatisfy({ $0.text.utf8.allSatisfy { $0 &- 0x30 < 10 } }),
            let longest = values.map(\.text.utf8.count).max(), longest <= 5
        else { return }
        let n = values.reduce(0) { $0 + $1.count }
        let full = values.filter { $0.text.utf8.count == longest }
        let rows = full.reduce(0) { $0 + $1.count }
        guard n >= 50, rows < n, rows * 10 >= n * 7, !full.contains(where: { $0.text.hasPrefix("0") }) else { return }
        let short = values.filter { $0.text.utf8.count < longest }
        out.findings.append(
            .init(
                kind: "padding", count: n - rows, rows: Array(short.map(\.firstRow.raw).sorted().prefix(10)),
                note: "codes of fewer than \(longest) digits, and none of \(longest) begins with 0: leading zeros may be lost"))
    }

    private static func units(_ out: inout ColumnResolution, _ ledger: ValueLedger, _ p: ColumnProfile) {
        let outcome = UnitRule(ledger: ledger, isTyped: out.type != .text, decimals: out.decimals ?? 0).run()
        guard !outcome.units.isEmpty else { return }
        out.findings.append(
            .init(
                kind: "units", count: p.filled, rows: [],
                note: "numbers with and without units: " + outcome.units.prefix(8).joined(separator: ", ")))
        if outcome.isNumeric, out.type == .text, out.repair == .apply, out.semantic != .identifier {
            out.type = ledger.values.allSatisfy { !$0.text.contains(".") && !$0.text.contains("e") } ? .integer : .decimal
            out.isNumeric = true
        }
        if outcome.isNumeric, out.repair == .apply {
            out.misfits = 0
            out.findings.removeAll { $0.kind == "wrong_type" }
        }
    }

    /// Too many values to keep: what can be judged cell by cell is judged in the second pass, by a rule that a sample of the values shows.
    private static func openColumn(_ out: inout ColumnResolution, _ p: ColumnProfile) {
        let sample = p.values
        if let check = Checksum.rule(of: sample.map(\.text)), !out.rulesOff.contains(Transformation.checksum.id) {
            out.checksum = check
        }
        guard out.type == .text, out.semantic != .freeText else { return }
        let formats = Dictionary(grouping: sample) { Shape.runs($0.text) }.mapValues { $0.count }
        let usual = formats.filter { $0.value * 20 >= sample.count && $0.key.contains("9") && !Shape.hasLetters($0.key) }
        if usual.count > 1, usual.values.reduce(0, +) * 100 >= sample.count * 95,
            !usual.keys.contains(where: { $0.hasPrefix("+") })
        {
            out.findings.append(
                .init(
                    kind: "mixed_formats", count: p.filled, rows: [],
                    note: "several formats: "
                        + usual.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
                        .prefix(4).map(\.key).joined(separator: " | ") + "; left as they are"))
        }
        if [.email, .url, .ipAddress, .iban, .phone].contains(out.semantic) {
            let fitting = sample.reduce(0) { n, v in
                var text = v.text
                return n + (text.withUTF8 { PersonalData.matches(out.semantic, $0) } ? 1 : 0)
            }
            out.checksForm = fitting * 100 >= sample.count * 95
        }
        padding(&out, sample)
    }
}
