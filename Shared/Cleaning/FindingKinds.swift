internal import Domain

/// From counted changes and flags to the issues of a column, each with its first records.
enum FindingKinds {
    private struct Issue {
        var kind: String
        var transformations: [Transformation]
        var note: String
    }
    private static let issues: [Issue] = [
        .init(
            kind: "white_space", transformations: [.trim, .whitespace, .controlChars, .nfc],
            note: "blanks and invisible characters"),
        .init(kind: "quotes", transformations: [.quotes], note: "quotation marks around all values"),
        .init(kind: "null_words", transformations: [.nullToken], note: "words that stand for a missing value"),
        .init(kind: "encoding", transformations: [.encoding], note: "characters damaged by a wrong encoding"),
        .init(kind: "mixed_formats", transformations: [.dateISO], note: "dates written in another way"),
        .init(kind: "number_format", transformations: [.numberFormat], note: "numbers written in another way"),
        .init(kind: "units", transformations: [.unitText], note: "units or signs in some of the values"),
        .init(kind: "template", transformations: [.template], note: "other punctuation than most values have"),
        .init(
            kind: "case_variants", transformations: [.categoryCase],
            note: "values that differ in case, blanks or punctuation at the end only"),
        .init(
            kind: "misspelt", transformations: [.categorySpelling, .wordSpelling, .maskedText],
            note: "values close to a frequent one"),
        .init(kind: "merged_cells", transformations: [.mergedCell], note: "the value of another column at the end"),
        .init(kind: "dependency", transformations: [.dependencyRepair], note: "values that contradict related columns"),
        .init(
            kind: "wrong_type", transformations: [.wrongType, .typeMisfit], note: "values that do not fit the type of the column"),
        .init(kind: "odd_format", transformations: [.oddFormat], note: "values of another form than all others"),
        .init(kind: "rare_value", transformations: [.rareValue], note: "values outside the small set that the column uses"),
        .init(kind: "duplicate_key", transformations: [.duplicateKey], note: "keys that occur more than once"),
        .init(kind: "checksum", transformations: [.checksum], note: "the check digit is wrong"),
        .init(kind: "outlier", transformations: [.outlier, .outlierClip, .outlierNull], note: "far from the other values"),
        .init(kind: "order", transformations: [.orderViolated], note: "before or below another column that it follows elsewhere"),
        .init(kind: "arithmetic", transformations: [.arithmeticViolated], note: "not the sum or product that it is elsewhere"),
    ]
    private static let harmless: Set<String> = [
        "white_space", "null_words", "number_format", "mixed_case", "many_missing", "heavy_tail", "personal_values",
        "dates_not_read", "convention",
    ]

    static func severity(_ kind: String) -> Report.Finding.Severity { harmless.contains(kind) ? .info : .warning }

    /// Issues that were counted in the second pass and are not known from the decisions already.
    /// - Parameter rows: of the column.
    static func findings(_ counts: ChangeCounts, column: Int, rows: Int, known: Set<String>) -> [Report.Finding] {
        issues.compactMap { issue in
            guard !known.contains(issue.kind) else { return nil }
            let changed = issue.transformations.reduce(0) { $0 + counts.count($1, column: column) }
            let flagged = issue.transformations.reduce(0) { $0 + counts.suggested($1, column: column) }
            guard changed + flagged > 0 else { return nil }
            let examples = Set(issue.transformations.flatMap { counts.examples($0, column: column) }).sorted()
            // What more than half of a column does is its way to write.
            let isConvention = issue.kind == "mixed_formats" && changed * 2 > rows
            let done =
                changed > 0 && flagged > 0
                ? "; \(changed) changed, \(flagged) only flagged" : changed > 0 ? "; changed" : "; only flagged"
            return Report.Finding(
                kind: issue.kind, count: changed + flagged, rows: Array(examples.prefix(ChangeCounts.exampleLimit)),
                note: issue.note + done, severity: isConvention ? .info : severity(issue.kind))
        }
    }
}
