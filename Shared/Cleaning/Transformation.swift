/// What can happen to a cell. The identifier is stable: it is in provenance tables and reports.
public enum Transformation: UInt8, Sendable, CaseIterable, Codable {
    case trim
    case whitespace
    case controlChars
    case nfc
    case nullToken
    case numberFormat
    case booleanFormat
    case dateISO
    case categoryCase
    case categorySpelling
    case imputeMedian
    case imputeMean
    case imputeMode
    case nearDuplicateFill
    case outlierClip
    case outlierNull
    case piiRedact
    case piiHash
    case piiTokenize
    case encoding
    case template
    case unitText
    case wordSpelling
    case maskedText
    case mergedCell
    case dependencyRepair
    case dependencyFill
    case imputeRelated
    case typeMisfit
    case piiSpans
    case outlier
    case wrongType
    case oddFormat
    case rareValue
    case duplicateKey
    case checksum
    case orderViolated
    case arithmeticViolated
    case imputeArithmetic
    case quotes

    public var id: String {
        switch self {
        case .trim: "trim"
        case .whitespace: "whitespace"
        case .controlChars: "control_chars"
        case .nfc: "nfc"
        case .nullToken: "null_token"
        case .numberFormat: "number_format"
        case .booleanFormat: "boolean_format"
        case .dateISO: "date_iso"
        case .categoryCase: "category_case"
        case .categorySpelling: "category_spelling"
        case .imputeMedian: "impute_median"
        case .imputeMean: "impute_mean"
        case .imputeMode: "impute_mode"
        case .nearDuplicateFill: "near_duplicate_fill"
        case .outlierClip: "outlier_clip"
        case .outlierNull: "outlier_null"
        case .piiRedact: "pii_redact"
        case .piiHash: "pii_hash"
        case .piiTokenize: "pii_tokenize"
        case .encoding: "encoding"
        case .template: "template"
        case .unitText: "unit_text"
        case .wordSpelling: "word_spelling"
        case .maskedText: "masked_text"
        case .mergedCell: "merged_cell"
        case .dependencyRepair: "dependency_repair"
        case .dependencyFill: "dependency_fill"
        case .imputeRelated: "impute_related"
        case .typeMisfit: "type_misfit"
        case .piiSpans: "pii_spans"
        case .outlier: "outlier"
        case .wrongType: "wrong_type"
        case .oddFormat: "odd_format"
        case .rareValue: "rare_value"
        case .duplicateKey: "duplicate_key"
        case .checksum: "checksum"
        case .orderViolated: "order"
        case .arithmeticViolated: "arithmetic"
        case .imputeArithmetic: "impute_arithmetic"
        case .quotes: "quotes"
        }
    }

    /// Group in the report: `normalise`, `unify`, `repair`, `impute`, `fill`, `outlier`, `pii`, `flag` (said, never changed).
    public var type: String {
        switch self {
        case .trim, .whitespace, .controlChars, .nfc, .nullToken, .numberFormat, .booleanFormat, .dateISO, .encoding, .template,
            .unitText, .quotes:
            "normalise"
        case .categoryCase, .categorySpelling, .wordSpelling, .maskedText: "unify"
        case .mergedCell, .dependencyRepair, .typeMisfit: "repair"
        case .imputeMedian, .imputeMean, .imputeMode, .dependencyFill, .imputeRelated, .imputeArithmetic: "impute"
        case .nearDuplicateFill: "fill"
        case .outlierClip, .outlierNull: "outlier"
        case .piiRedact, .piiHash, .piiTokenize, .piiSpans: "pii"
        case .outlier, .wrongType, .oddFormat, .rareValue, .duplicateKey, .checksum, .orderViolated, .arithmeticViolated:
            "flag"
        }
    }

    public var source: ChangeSource {
        switch type {
        case "impute": .impute
        case "fill": .nearDuplicate
        case "flag": .suggestion
        default: .deterministic
        }
    }
}

/// Where a changed value comes from.
public enum ChangeSource: UInt8, Sendable, CaseIterable {
    case deterministic
    case impute
    case nearDuplicate
    case suggestion
    case human

    public var id: String {
        switch self {
        case .deterministic: "deterministic"
        case .impute: "impute"
        case .nearDuplicate: "near_duplicate"
        case .suggestion: "suggestion"
        case .human: "human"
        }
    }
}
