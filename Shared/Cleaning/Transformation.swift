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
        }
    }

    /// Group in the report: `normalise`, `unify`, `impute`, `fill`, `outlier`, `pii`.
    public var type: String {
        switch self {
        case .trim, .whitespace, .controlChars, .nfc, .nullToken, .numberFormat, .booleanFormat, .dateISO: "normalise"
        case .categoryCase, .categorySpelling: "unify"
        case .imputeMedian, .imputeMean, .imputeMode: "impute"
        case .nearDuplicateFill: "fill"
        case .outlierClip, .outlierNull: "outlier"
        case .piiRedact, .piiHash, .piiTokenize: "pii"
        }
    }

    public var source: ChangeSource {
        switch self {
        case .imputeMedian, .imputeMean, .imputeMode: .impute
        case .nearDuplicateFill: .nearDuplicate
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
