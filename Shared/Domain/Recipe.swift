/// What to do with a table, column by column. Versioned, stored with the job, and returned by every run.
///
/// A user's recipe may leave anything out: a missing key means "derive it from the profile".
/// The recipe that a run returns has every key set, so the run can be repeated, reviewed and edited.
public struct Recipe: Codable, Sendable, Equatable {
    public static let currentVersion = 1

    public var version: Int = Recipe.currentVersion
    public var input = InputOptions()
    public var columns: [ColumnRecipe] = []
    public var deduplicate = Deduplication()
    public var output = OutputOptions()

    public init() {}

    public func column(named name: String) -> ColumnRecipe? { columns.first { $0.name == name } }
}

/// How to read the input; what is nil is sniffed.
public struct InputOptions: Codable, Sendable, Equatable {
    public var format: InputFormat?
    /// One or more characters; `\t` for a tab.
    public var delimiter: String?
    /// One character, or the empty string for "no quoting".
    public var quote: String?
    /// One character; empty or equal to the quote means doubling.
    public var escape: String?
    public var header: Bool?
    /// `utf-8`, `utf-16le`, `utf-16be`, `utf-32le`, `utf-32be`, `windows-1252`, `latin-1`.
    public var encoding: String?
    /// Sheet name or 0-based index (workbooks).
    public var sheet: String?
    /// The file to read of a zip archive that holds several.
    public var member: String?
    /// Rows that a workbook hides; `keep` when nil.
    public var hiddenRows: HiddenRows?
    /// What follows a line that repeats the header; `append` when nil.
    public var tables: RepeatedTables?
    public var limits: InputLimits?

    enum CodingKeys: String, CodingKey {
        case format, delimiter, quote, escape, header, encoding, sheet, member
        case hiddenRows = "hidden_rows"
        case tables, limits
    }

    public init() {}
}

public enum HiddenRows: String, Codable, Sendable, CaseIterable { case keep, skip }

public enum RepeatedTables: String, Codable, Sendable, CaseIterable {
    /// Files that were joined with their headers: the records belong to the same table.
    case append
    /// Another table, which is left out when it begins in the first 256 KiB.
    case first
}

public enum InputFormat: String, Codable, Sendable, CaseIterable {
    case csv
    case jsonl
    case json
    case parquet
    case xlsx
    case ods
}

public enum OutputFormat: String, Codable, Sendable, CaseIterable {
    case parquet
    case csv
    case jsonl
}

/// What a column holds, as far as reading and writing is concerned.
public enum ColumnType: String, Codable, Sendable, CaseIterable {
    case text
    /// 64-bit signed.
    case integer
    /// IEEE double.
    case decimal
    case boolean
    /// Calendar day, ISO 8601 `2026-11-21`.
    case date
    /// ISO 8601 `2026-11-21T08:30:00`, up to microseconds, with `Z` or an offset when the input had one.
    case timestamp
}

/// What a column means.
public enum SemanticType: String, Codable, Sendable, CaseIterable {
    case identifier
    case category
    case freeText = "free_text"
    case personName = "person_name"
    case address
    case city
    case postalCode = "postal_code"
    case email
    case phone
    case nationalID = "national_id"
    case paymentCard = "payment_card"
    case iban
    case ipAddress = "ip_address"
    case url
    case dateOfBirth = "date_of_birth"
    case quantity
    case date
    case other

    /// Personal data: never imputed, shown in the report.
    public var isPersonal: Bool {
        switch self {
        case .personName, .address, .email, .phone, .nationalID, .paymentCard, .iban, .ipAddress, .dateOfBirth: true
        default: false
        }
    }
}

public struct ColumnRecipe: Codable, Sendable, Equatable {
    public var name: String
    public var type: ColumnType?
    public var semantic: SemanticType?
    /// Extra words that mean "missing" in this column, compared without case.
    public var nullTokens: [String]?
    /// Trim, fold inner white space, NFC, zero-width and control characters.
    public var normaliseText: Bool?
    /// Unify case and spelling variants of categorical values.
    public var unify: Bool?
    public var dateOrder: DateOrder?
    /// Numbers are written `1.234,5` in this column.
    public var decimalComma: Bool?
    /// Numbers of this column may be written in English words, which become digits.
    public var numberWords: Bool?
    /// Quotation marks around the values of this column that are dropped from the cleaned text: `"`, `'` or `="`. Empty: none.
    public var quotes: String?
    /// Currency or percent sign that numbers of this column carry; it is dropped from the cleaned text. Empty: none.
    public var symbol: String?
    /// Digits behind the point that numbers of this column have at least, 0...6: prices keep their `0.50`.
    public var decimals: Int?
    /// Repairs of values: made, suggested only, or none.
    public var repair: RepairMode?
    /// Least confidence of a repair that is made, 0...1; less sure ones are suggestions.
    public var repairThreshold: Double?
    /// Ids of transformations that are not to happen in this column.
    public var rulesOff: [String]?
    /// What becomes of cells that do not fit the type.
    public var misfits: MisfitPolicy?
    /// Several blanks inside a text become one.
    public var foldBlanks: Bool?
    public var impute: Imputation?
    public var outliers: OutlierPolicy?
    public var pii: PIIStrategy?
    /// Take part in near-duplicate comparison.
    public var compare: Bool?

    enum CodingKeys: String, CodingKey {
        case name, type, semantic
        case nullTokens = "null_tokens"
        case normaliseText = "normalise_text"
        case unify
        case dateOrder = "date_order"
        case decimalComma = "decimal_comma"
        case numberWords = "number_words"
        case quotes, symbol, decimals, repair
        case repairThreshold = "repair_threshold"
        case rulesOff = "rules_off"
        case misfits
        case foldBlanks = "fold_blanks"
        case impute, outliers, pii, compare
    }

    public init(name: String) { self.name = name }
}

public enum DateOrder: String, Codable, Sendable, CaseIterable { case dmy, mdy, ymd }

public enum Imputation: String, Codable, Sendable, CaseIterable {
    case none
    /// The three below use related columns first, where those do better on hidden cells; `mean` never does.
    case median, mean, mode
    /// Only what other columns determine; no guess from the column alone.
    case related
}

public enum RepairMode: String, Codable, Sendable, CaseIterable { case off, suggest, apply }

public enum MisfitPolicy: String, Codable, Sendable, CaseIterable {
    /// Kept as they are where the output can hold them (CSV, JSON Lines); emptied in a typed Parquet column while they are rare.
    case auto
    /// The column becomes text as soon as one cell does not fit.
    case text
    /// Always emptied.
    case null
}

public enum OutlierPolicy: String, Codable, Sendable, CaseIterable {
    case ignore
    case flag
    /// Move to the nearest fence.
    case clip
    /// Empty the cell.
    case null
}

public enum PIIStrategy: String, Codable, Sendable, CaseIterable {
    case report, redact, hash, exclude, tokenize
    /// Only the personal data inside a text, each place by its label.
    case redactSpans = "redact_spans"
}

public struct Deduplication: Codable, Sendable, Equatable {
    public var exact: Bool?
    public var near: NearTier?
    public var survivor: Survivor?
    /// Fill the survivor's empty cells from its duplicates.
    public var fill: Bool?
    /// Least posterior probability for a drop, 0...1.
    public var threshold: Double?
    /// Near duplicates are looked for across sources only: `inputs` for the input files, else the column that names the source.
    public var across: String?
    /// Lists of the same things, each without duplicates of its own, are recognised, see `docs/how-matching-works.md`.
    public var lists: Bool?

    public init() {}
}

public enum NearTier: String, Codable, Sendable, CaseIterable { case off, fast, balanced, thorough, auto }

public enum Survivor: String, Codable, Sendable, CaseIterable {
    case first
    case mostComplete = "most_complete"
}

public struct OutputOptions: Codable, Sendable, Equatable {
    public var format: OutputFormat?
    /// CSV only: put an apostrophe before text cells that a spreadsheet would run as a formula.
    public var spreadsheetSafe: Bool?

    enum CodingKeys: String, CodingKey {
        case format
        case spreadsheetSafe = "spreadsheet_safe"
    }
    public init() {}
}
