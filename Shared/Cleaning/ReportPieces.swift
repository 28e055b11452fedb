public import Domain
public import Profiling
internal import Tabular

/// The parts of a report that come from profile, decisions and counts.
public enum ReportPieces {
    private static let quantileNames: [(String, Double)] = [
        ("p01", 0.01), ("p05", 0.05), ("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p95", 0.95), ("p99", 0.99),
    ]

    /// Values of columns with personal data are never shown.
    /// - Parameter firstRecords: record number of ordinal 0 of each chunk.
    public static func columns(
        profile: TableProfile, resolution: Resolution, counts: ChangeCounts, firstRecords: [Int]
    ) -> [Report.Column] {
        zip(resolution.columns, profile.columns).enumerated().map { i, pair in
            let (decided, p) = pair
            var out = Report.Column(name: decided.name, type: decided.type, semantic: decided.semantic)
            out.nulls = p.missing
            out.distinct = p.distinct
            let isShown = !decided.semantic.isPersonal && decided.pii == .report
            if decided.isNumeric, p.numberCount > 0, isShown {
                out.min = p.lowestNumber.map { CanonicalText.text($0) }
                out.max = p.highestNumber.map { CanonicalText.text($0) }
                for (name, value) in zip(quantileNames.map(\.0), p.quantiles(quantileNames.map(\.1))) {
                    out.quantiles[name] = value
                }
            } else if isShown {
                // Codes that are only digits are ordered as numbers.
                out.min = (p.minimumText ?? p.lowestNumber.map { CanonicalText.text($0) }).map(shortened)
                out.max = (p.maximumText ?? p.highestNumber.map { CanonicalText.text($0) }).map(shortened)
            }
            if isShown { out.topValues = p.topValues(10).map { Report.TopValue(value: shortened($0.text), count: $0.count) } }
            if decided.semantic.isPersonal {
                out.pii = Report.Column.PII(
                    type: decided.semantic, share: decided.piiShare, confidence: decided.piiConfidence, strategy: decided.pii)
            }
            out.outliers = counts.outliers[i]
            out.changedCells = counts.changed(column: i)
            out.imputedCells = counts.imputed(column: i)
            out.imputedWith = out.imputedCells > 0 ? decided.imputedText : nil
            let foreseen = decided.findings.map { f in
                Report.Finding(
                    kind: f.kind, count: f.count,
                    rows: f.rows.map { raw in
                        let id = RowID(raw: raw)
                        return (id.chunk < firstRecords.count ? firstRecords[id.chunk] : 0) + id.ordinal
                    }, note: f.note, severity: FindingKinds.severity(f.kind))
            }
            out.findings = foreseen + FindingKinds.findings(counts, column: i, rows: p.rows, known: Set(foreseen.map(\.kind)))
            return out
        }
    }
    private static func shortened(_ text: String) -> String { text.count <= 100 ? text : String(text.prefix(100)) + "..." }

    /// What was done to cells, in the order of the transformations; removal of rows is added by the caller.
    public static func transformations(counts: ChangeCounts, resolution: Resolution) -> [Report.Transformation] {
        Transformation.allCases.compactMap { t in
            let touched = (0..<counts.columns).filter { counts.count(t, column: $0) > 0 }
            guard !touched.isEmpty else { return nil }
            var params: [String: String] = ["cells": String(counts.count(t))]
            switch t {
            case .imputeMedian, .imputeMean, .imputeMode:
                for c in touched {
                    if let text = resolution.columns[c].imputedText { params["value." + resolution.columns[c].name] = text }
                }
            default: break
            }
            return Report.Transformation(
                id: t.id, type: t.type, params: params, columns: touched.map { resolution.columns[$0].name },
                rowsModified: counts.rows[Int(t.rawValue)])
        }
    }

    /// Quality before and after, 0...1, the share of imputed cells and the mean confidence of all changes.
    ///
    /// score = 0.3 completeness + 0.3 validity + 0.2 consistency + 0.2 uniqueness. Completeness: share of cells with a value (an imputed one
    /// counts half). Validity: share of values that fit the type of their column, lie inside its fences and contradict no rule or related column. Consistency: share of cells that
    /// needed no change of form or spelling. Uniqueness: share of rows that are no duplicates.
    public static func quality(
        profile: TableProfile, resolution: Resolution, counts: ChangeCounts, keptRows: Int, duplicates: Int
    ) -> (before: Double, after: Double, imputationRate: Double, confidence: Double) {
        let profiles = profile.columns
        let cells = profiles.reduce(0) { $0 + $1.rows }
        let missing = profiles.reduce(0) { $0 + $1.missing }
        let misfits = resolution.columns.reduce(0) { $0 + $1.misfits }
        let shown = resolution.columnMap.count
        let keptCells = keptRows * shown
        let outliers = counts.outliers.reduce(0, +)
        let repaired = counts.count(.outlierClip) + counts.count(.outlierNull)
        let mended = Transformation.allCases.filter { $0.type == "repair" }.reduce(0) { $0 + counts.count($1) }
        // Outliers and misfits are counted apart.
        let flagged = Transformation.allCases.filter { $0 != .outlier && $0 != .wrongType }.reduce(0) { sum, t in
            sum + (0..<counts.columns).reduce(0) { $0 + counts.suggested(t, column: $1) }
        }
        let reformed = Transformation.allCases.filter { $0.type == "normalise" || $0.type == "unify" }.reduce(0) {
            $0 + counts.count($1)
        }
        let imputed = counts.imputed
        func share(_ part: Int, _ whole: Int) -> Double { whole <= 0 ? 0 : min(1, Double(part) / Double(whole)) }
        func score(_ completeness: Double, _ validity: Double, _ consistency: Double, _ uniqueness: Double) -> Double {
            let s = 0.3 * completeness + 0.3 * validity + 0.2 * consistency + 0.2 * uniqueness
            return (s * 10_000).rounded() / 10_000
        }
        let left = resolution.columnMap.reduce(0) { $0 + counts.missing[$1] }
        let before = score(
            1 - share(missing, cells), 1 - share(misfits + outliers + mended + flagged, cells - missing),
            1 - share(reformed, keptCells),
            1 - share(duplicates, profile.rows))
        let after = score(
            1 - share(2 * left + imputed, 2 * keptCells), 1 - share(misfits + outliers + flagged - repaired, keptCells - left), 1,
            1)
        return (before, after, share(imputed, keptCells), counts.meanConfidence)
    }
}
