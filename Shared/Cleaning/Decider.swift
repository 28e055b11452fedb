public import Domain
internal import Foundation
public import Profiling
public import Tabular

/// Decides what the second pass does, from the profile of the whole normalised table.
public enum Decider {
    /// The recipe of the resolution is the draft: run again with it, the same decisions follow from the same data.
    /// - Parameters:
    ///   - draft: the recipe the cells were normalised with.
    ///   - profile: of the normalised cells of every record, duplicates included.
    ///   - findings: what the plan's sample showed.
    ///   - judgedColumns: columns whose values the rules look at, nil for all; of the others types and policies only are decided.
    ///   - repeatedKeys: by number of the column, of columns that look like keys and have too many values for the profile.
    ///   - firstRecords: record number of ordinal 0 of each chunk; without it nothing is said about the order of rows.
    public static func decide(
        draft: Recipe, names: [String], profile: TableProfile, findings: SampleFindings = SampleFindings(),
        firstRecords: [Int] = [], repeatedKeys: [Int: RepeatedKeys] = [:], judgedColumns: Set<Int>? = nil, threads: Int = 1
    ) -> Resolution {
        let profiles = profile.columns
        let rows = profile.rows
        var judged = [ColumnResolution?](repeating: nil, count: names.count)
        judged.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            let target = SharedPointer(base: base)
            // Safe to send: each column looks at its own profile, and all are done when this returns.
            nonisolated(unsafe) let profiles = profiles
            Parallel.slices(names.count, threads: threads, least: 1) { _, range in
                for i in range {
                    let wanted = draft.column(named: names[i]) ?? ColumnRecipe(name: names[i])
                    var column = decide(
                        wanted, names[i], profiles[i], format: draft.output.format ?? .parquet, judgedColumns?.contains(i) ?? true
                    )
                    if let finding = DriftRule.find(profiles[i], column, rows: rows, firstRecords) {
                        column.findings.append(finding)
                    }
                    if let finding = repeatedKeys[i]?.finding(profiles[i], column) {
                        column.findings.append(finding)
                    }
                    target.base[i] = column
                }
            }
        }
        var columns = judged.compactMap { $0 }
        ContextRule.withhold(&columns, profile)
        let map = columns.indices.filter { columns[$0].pii != .exclude }
        let schema = TableSchema(
            columns: map.map { TableSchema.Column(name: columns[$0].name, type: columns[$0].type, isUTC: columns[$0].isUTC) })
        var resolution = Resolution(draft: draft, recipe: draft, schema: schema, columnMap: map, columns: columns)
        let model = DependencyModel.make(profile, columns, draft, claims: Set(findings.claims ?? []))
        if !model.isEmpty { resolution.dependencies = Data(model.encode()) }
        resolution.rowRules = findings.rowRules
        for rule in findings.rowRules where rule.kind == .merged {
            let b = rule.columns[1]
            resolution.mergedDomains[String(b)] =
                profiles[b].isOpen ? [] : profiles[b].values.filter { !$0.isCut }.map(\.text).sorted()
        }
        resolution.related = findings.related.filter { columns[$0.column].imputation != .none || columns[$0.column].fillsRelated }
        return resolution
    }

    private static func decide(
        _ wanted: ColumnRecipe, _ name: String, _ p: ColumnProfile, format: OutputFormat, _ judgesValues: Bool
    ) -> ColumnResolution {
        let drafted = wanted.type ?? .text
        var out = ColumnResolution(name: name, type: drafted, semantic: wanted.semantic ?? .other)
        out.pii = wanted.pii ?? .report
        out.repair = wanted.repair ?? .apply
        out.repairThreshold = wanted.repairThreshold ?? 0.8
        out.rulesOff = wanted.rulesOff ?? []
        out.decimals = drafted == .decimal ? wanted.decimals : nil
        settleType(&out, drafted, p, format, wanted.misfits ?? .auto)
        out.isNumeric = (drafted == .integer || drafted == .decimal) && p.numberCount > 0
        if judgesValues { ColumnRules.run(&out, p, unify: wanted.unify == true && drafted == .text) }
        out.fillsRelated = wanted.impute == .related
        impute(&out, wanted.impute ?? .none, p)
        out.outliers = wanted.outliers ?? .ignore
        if out.isNumeric, out.outliers != .ignore { fence(&out, p) }
        personal(&out, p)
        if p.missing > 0, p.missing * 10 <= p.rows {
            out.findings.append(
                .init(
                    kind: "missing", count: p.missing, rows: [], note: "cells without a value in a column that is mostly filled"))
        }
        if out.pii == .redact || out.pii == .hash || out.pii == .tokenize {
            out.type = .text
            out.isUTC = false
        }
        return out
    }

    // MARK: type

    /// Misfits up to this share leave a column its type; in a typed file, where they must go, a tenth of it.
    private static let misfitShare = 0.05
    private static let emptiedShare = 0.01

    private static func settleType(
        _ out: inout ColumnResolution, _ drafted: ColumnType, _ p: ColumnProfile, _ format: OutputFormat, _ policy: MisfitPolicy
    ) {
        let filled = p.filled
        guard filled > 0 else { return }
        let whole = p.count(.integer, .longInteger)
        let numbers = whole + p.count(.decimal)
        var fits = filled
        switch drafted {
        case .text:
            if out.semantic == .date {
                out.findings.append(
                    .init(
                        kind: "dates_not_read", count: filled, rows: examples(p, [.text]),
                        note: "day and month cannot be told apart, or the notations are mixed; set date_order in the recipe"))
            }
        case .integer:
            fits = whole
            if p.count(.decimal) > 0, exactAsDouble(p) {
                out.type = .decimal
                fits = numbers
            }
        case .decimal: fits = exactAsDouble(p) ? numbers : p.count(.decimal)
        case .boolean: fits = p.count(.boolean)
        case .date: fits = p.count(.date)
        case .timestamp:
            fits = max(p.count(.timestamp), p.count(.timestampUTC))
            out.isUTC = p.count(.timestampUTC) > p.count(.timestamp)
        }
        out.misfits = filled - fits
        guard fits < filled else { return }
        let share = Double(out.misfits) / Double(filled)
        // Digits with leading zeros say that the others are codes too, and instants cannot be mixed with local times.
        let isOtherKind =
            p.count(.digitCode) > 0 || (drafted == .timestamp && min(p.count(.timestamp), p.count(.timestampUTC)) > 0)
        let keepsText = format != .parquet && policy == .auto
        let tolerated = policy == .null || (policy == .auto && !isOtherKind && share <= (keepsText ? misfitShare : emptiedShare))
        out.emptiesMisfits = tolerated && !keepsText
        let what = "\(out.misfits) of \(filled) values are no \(drafted.rawValue); "
        if !tolerated {
            out.type = .text
            out.isUTC = false
        }
        let good: Set<CellKind> =
            switch drafted {
            case .integer, .decimal: [.integer, .longInteger, .decimal]
            case .boolean: [.boolean]
            case .date: [.date]
            default: [p.count(.timestamp) >= p.count(.timestampUTC) ? .timestamp : .timestampUTC]
            }
        out.findings.append(
            .init(
                kind: "wrong_type", count: out.misfits, rows: examples(p, CellKind.allCases.filter { !good.contains($0) }),
                note: what
                    + (!tolerated
                        ? "the column stays text" : keepsText ? "they keep their text" : "they are emptied; provenance has them"))
        )
    }

    private static func exactAsDouble(_ p: ColumnProfile) -> Bool {
        max(p.highestNumber ?? 0, -(p.lowestNumber ?? 0)) < 9_007_199_254_740_992
    }
    private static func examples(_ p: ColumnProfile, _ kinds: [CellKind]) -> [UInt64] {
        Array(kinds.flatMap { p.examples($0) }.map(\.raw).sorted().prefix(10))
    }

    // MARK: impute

    private static func impute(_ out: inout ColumnResolution, _ wanted: Imputation, _ p: ColumnProfile) {
        guard wanted != .none, wanted != .related, p.missing > 0, p.filled > 0 else { return }
        if p.missing * 2 > p.filled {
            out.findings.append(
                .init(
                    kind: "many_missing", count: p.missing, rows: [],
                    note: "more than a third of the cells are missing; they are not filled by \(wanted.rawValue)"))
            return
        }
        let isWhole = p.count(.decimal) == 0
        switch wanted {
        case .none, .related: return
        case .median:
            guard p.numberCount * 2 > p.filled, let x = p.quantile(0.5) else { return }
            out.imputedText = LooseNumber.text(isWhole ? x.rounded() : significant(x), decimals: out.decimals ?? 0)
            out.imputedConfidence = 0.5
        case .mean:
            guard p.numberCount * 2 > p.filled, let x = p.mean else { return }
            out.imputedText = LooseNumber.text(isWhole ? x.rounded() : significant(x), decimals: out.decimals ?? 0)
            out.imputedConfidence = 0.5
        case .mode:
            guard let mode = mode(out, p) else { return }
            out.imputedText = mode.text
            out.imputedConfidence = min(0.99, max(0.01, (Double(mode.count) / Double(p.filled) * 100).rounded() / 100))
        }
        out.imputation = wanted
    }
    /// Means and middles of buckets carry no more than six significant digits.
    private static func significant(_ x: Double) -> Double {
        guard x != 0 else { return 0 }
        let scale = pow(10, 5 - floor(log10(x.magnitude)))
        guard scale.isFinite, scale > 0, scale < 1e15 else { return x }
        return (x * scale).rounded() / scale
    }
    /// The most frequent value after unification.
    private static func mode(_ out: ColumnResolution, _ p: ColumnProfile) -> (text: String, count: Int)? {
        let rewritten = Dictionary(out.rewrites.filter(\.isApplied).map { ($0.from, $0.to) }, uniquingKeysWith: { a, _ in a })
        var counts: [String: Int] = [:]
        for v in p.topValues(ColumnProfile.closedLimit) where !v.isCut && v.text.contains(where: { $0.isLetter || $0.isNumber }) {
            counts[rewritten[v.text] ?? v.text, default: 0] += v.count
        }
        let best = counts.min { $0.value != $1.value ? $0.value > $1.value : $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return best.map { ($0.key, $0.value) }
    }

    // MARK: outliers

    /// Fences far outside the bulk: beyond three interquartile ranges *and* 3.5 scaled median deviations; on logarithms where the values are
    /// positive and skewed. Where more than 3 % lie outside, the tail is part of the data and there is no fence.
    private static func fence(_ out: inout ColumnResolution, _ p: ColumnProfile) {
        guard p.numberCount >= 50, let lowest = p.lowestNumber else { return }
        let counts = p.numberCounts
        let n = counts.reduce(0) { $0 + $1.count }
        func quantile(_ values: [(value: Double, count: Int)], _ q: Double) -> Double {
            var left = min(n - 1, Int(q * Double(n)))
            for (x, k) in values {
                if left < k { return x }
                left -= k
            }
            return values.last?.value ?? 0
        }
        let q50 = quantile(counts, 0.5)
        let isSkewed = quantile(counts, 0.05) > 0 && quantile(counts, 0.975) - q50 > 2 * (q50 - quantile(counts, 0.025))
        let scaled =
            isSkewed ? counts.map { (value: $0.value > 0 ? log($0.value) : -.infinity, count: $0.count) } : counts
        let median = quantile(scaled, 0.5)
        let q1 = quantile(scaled, 0.25)
        let q3 = quantile(scaled, 0.75)
        let deviations = scaled.map { (value: abs($0.value - median), count: $0.count) }.sorted { $0.value < $1.value }
        let mad = quantile(deviations, 0.5) * 1.4826
        guard q3 > q1, mad > 0 else { return }
        var low = min(q1 - 3 * (q3 - q1), median - 3.5 * mad)
        var high = max(q3 + 3 * (q3 - q1), median + 3.5 * mad)
        if isSkewed {
            // Zero is no outlier among positive values; less than zero is.
            low = lowest > 0 ? exp(low) : 0
            high = exp(high)
        }
        // A handful of negative numbers in a column that has none else.
        let negative = counts.reduce(0) { $0 + ($1.value < 0 ? $1.count : 0) }
        if negative > 0, negative * 200 <= n, quantile(counts, 0.01) >= 0 { low = max(low, 0) }
        let outside = counts.reduce(0) { $0 + ($1.value < low || $1.value > high ? $1.count : 0) }
        guard outside * 100 <= 3 * n else {
            out.findings.append(
                .init(
                    kind: "heavy_tail", count: outside, rows: [],
                    note: "too many values are far from the middle to call them outliers"))
            return
        }
        out.lowFence = low
        out.highFence = high
        let extremes = p.lowExtremes.filter { $0.value < low } + p.highExtremes.filter { $0.value > high }
        guard !extremes.isEmpty else { return }
        out.findings.append(
            .init(
                kind: "outlier", count: max(outside, extremes.count),
                rows: Array(Set(extremes.map(\.row.raw)).sorted().prefix(10)),
                note: "outside \(CanonicalText.text(significant(low))) ... \(CanonicalText.text(significant(high)))"))
    }

    // MARK: personal data

    private static func personal(_ out: inout ColumnResolution, _ p: ColumnProfile) {
        if out.semantic.isPersonal {
            let share = p.share(of: out.semantic)
            // Names, addresses and bare digits are known by the column's name only.
            out.piiShare = share > 0 ? share : p.filled > 0 ? 1 : 0
            out.piiConfidence = share >= 0.6 ? 0.99 : 0.7
            return
        }
        if out.semantic == .freeText {
            inText(&out, p)
            return
        }
        guard
            let found = PersonalData.selfEvident.filter({ $0.isPersonal && p.share(of: $0) > 0 }).max(by: {
                p.share(of: $0) < p.share(of: $1)
            })
        else { return }
        let share = p.share(of: found)
        out.findings.append(
            .init(
                kind: "personal_values", count: Int((share * Double(p.filled)).rounded()), rows: [],
                note: "some values look like \(found.rawValue)"))
    }

    /// Personal data inside running text, from up to a thousand distinct values.
    private static func inText(_ out: inout ColumnResolution, _ p: ColumnProfile) {
        var cells = 0
        var found: [SemanticType: (cells: Int, rows: [UInt64])] = [:]
        for v in p.values.prefix(1000) {
            cells += v.count
            var text = v.text
            let types = text.withUTF8 { Set(PersonalSpans.find($0).map(\.type)) }
            for type in types where type.isPersonal {
                found[type, default: (0, [])].cells += v.count
                found[type]?.rows.append(v.firstRow.raw)
            }
        }
        for type in SemanticType.allCases {
            guard let hits = found[type], cells > 0 else { continue }
            let share = Double(hits.cells) / Double(cells)
            out.findings.append(
                .init(
                    kind: "personal_values", count: Int((share * Double(p.filled)).rounded()),
                    rows: Array(hits.rows.sorted().prefix(10)),
                    note:
                        "\(type.rawValue) inside \(Int((share * 100).rounded(.up))) % of the texts; pii: redact_spans takes it out"
                ))
        }
    }
}
