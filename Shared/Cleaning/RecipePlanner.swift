public import Domain
public import Profiling
public import Tabular

/// Drafts a complete recipe from a sample of the table; keys of the user's recipe win one by one.
///
/// The first rule is never to damage a clean value: what could be a code stays text, an order of day and month that the values do not prove is
/// not assumed, and words that may be values are no null words.
public enum RecipePlanner {
    /// Sampled rows that are looked at.
    static let rowLimit = 5000

    /// - Parameters:
    ///   - names: column names in order.
    ///   - declared: type of each column where the format declares one (Parquet).
    ///   - sample: profile of the sample batches, not normalised.
    ///   - overrides: the user's recipe.
    /// - Throws: ``SanitizerError`` (`recipe_invalid`) when the overrides name a column that is not there, or one twice.
    public static func draft(
        names: [String], declared: [ColumnType?], sample: TableProfile, sampleBatches: [TextBatch], overrides: Recipe?
    ) throws -> Recipe {
        var recipe = overrides ?? Recipe()
        var wanted: [String: ColumnRecipe] = [:]
        for column in recipe.columns {
            guard names.contains(column.name) else {
                throw SanitizerError(
                    .recipeInvalid, "recipe names column \(column.name), which is not in the input (columns: \(listed(names)))")
            }
            guard wanted.updateValue(column, forKey: column.name) == nil else {
                throw SanitizerError(.recipeInvalid, "recipe names column \(column.name) twice")
            }
        }
        let quotes = zip(names, ValueQuotes.used(sampleBatches, columns: names.count)).map { name, found in
            let isOff = wanted[name]?.rulesOff?.contains(Transformation.quotes.id) ?? false
            return wanted[name]?.quotes.map { ValueQuotes(rawValue: $0) } ?? (isOff ? nil : found)
        }
        let says = ColumnName.read(names)
        let seen = names.indices.map { i in
            SampleColumn(column: i, batches: sampleBatches, limit: rowLimit, claim: says[i].claimedSemantic, quotes: quotes[i])
        }
        let placeholders = NullWords.placeholders(seen)
        let proven = NullWords.proven(seen)
        recipe.columns = names.enumerated().map { i, name in
            column(
                says[i], seen[i], quotes: quotes[i], declared: i < declared.count ? declared[i] : nil, placeholders,
                proven, wanted: wanted[name] ?? ColumnRecipe(name: name))
        }
        recipe.deduplicate.exact = recipe.deduplicate.exact ?? true
        recipe.deduplicate.near = recipe.deduplicate.near ?? .auto
        recipe.deduplicate.survivor = recipe.deduplicate.survivor ?? .first
        recipe.deduplicate.fill = recipe.deduplicate.fill ?? true
        recipe.deduplicate.threshold = recipe.deduplicate.threshold ?? 0.99
        recipe.output.format = recipe.output.format ?? .parquet
        recipe.output.spreadsheetSafe = recipe.output.spreadsheetSafe ?? false
        return recipe
    }

    private static func listed(_ names: [String]) -> String {
        names.count <= 12 ? names.joined(separator: ", ") : names.prefix(12).joined(separator: ", ") + ", ..."
    }

    /// - Parameters:
    ///   - placeholders: see ``NullWords/placeholders(_:)``.
    ///   - proven: see ``NullWords/proven(_:)``.
    private static func column(
        _ says: ColumnName, _ seen: SampleColumn, quotes: ValueQuotes?, declared: ColumnType?, _ placeholders: Set<String>,
        _ proven: Set<String>, wanted: ColumnRecipe
    ) -> ColumnRecipe {
        let claim = says.claimedSemantic
        var format = NumberFormat(seen)
        if let comma = wanted.decimalComma { format.decimalComma = comma }
        if let symbol = wanted.symbol { format.symbol = symbol }
        let order = wanted.dateOrder ?? dateOrder(seen)

        var out = ColumnRecipe(name: wanted.name)
        let found = type(seen, says, order: order, format: format, placeholders)
        out.type = wanted.type ?? (declared.flatMap { $0 == .text ? nil : $0 } ?? (declared == .text ? .text : found))
        out.semantic = wanted.semantic ?? semantic(seen, says, claim: claim, type: out.type ?? .text)
        let type = out.type ?? .text
        let semantic = out.semantic ?? .other
        let isNumber = type == .integer || type == .decimal
        out.nullTokens =
            wanted.nullTokens.map { Array(Set($0 + NullWords.certain)).sorted() } ?? nullTokens(seen, type, placeholders, proven)
        out.normaliseText = wanted.normaliseText ?? true
        let isUnified = [.category, .city, .other, .address, .personName].contains(semantic)
        out.unify = wanted.unify ?? (isUnified && type == .text)
        out.foldBlanks = wanted.foldBlanks ?? !seen.usesRunsOfBlanks
        out.repair = wanted.repair ?? .apply
        out.repairThreshold = wanted.repairThreshold ?? 0.8
        out.rulesOff = wanted.rulesOff ?? []
        out.misfits = wanted.misfits ?? .auto
        out.dateOrder = type == .date || type == .timestamp ? order : wanted.dateOrder
        out.decimalComma = isNumber ? format.decimalComma : wanted.decimalComma ?? false
        // Of a few words it is not sure that they are more than errors.
        out.numberWords =
            wanted.numberWords ?? (isNumber && seen.numberWords * 20 > seen.integers + seen.decimals + seen.numberWords)
        out.quotes = quotes?.rawValue ?? ""
        out.symbol = isNumber ? format.symbol : wanted.symbol ?? ""
        out.decimals = wanted.decimals ?? (type == .decimal ? seen.usualScale : 0)
        out.impute = wanted.impute ?? imputation(seen, says, type, semantic)
        out.outliers = wanted.outliers ?? (isNumber && semantic == .quantity ? .flag : .ignore)
        out.pii = wanted.pii ?? .report
        // Whether an identifier tells rows apart or things apart is seen in the pairs, see Matching.
        out.compare = wanted.compare ?? true
        return out
    }

    // MARK: type

    struct NumberFormat {
        var decimalComma = false
        var symbol = ""
        /// Every reading of the separators is a guess: the column stays text.
        var isUnclear = false

        init(_ s: SampleColumn) {
            decimalComma = s.commaDecimals > 0 && s.pointDecimals == 0 && s.sureThousands <= s.commaDecimals
            // One `1.234.567` does not tell what the point is in a hundred others.
            if decimalComma, s.commaDecimals * 20 < s.pointGroups { isUnclear = true }
            if s.commaDecimals > 0, s.pointDecimals > 0 { isUnclear = true }
            // "1,234" alone may be a decimal comma; values of four plain digits say that nobody groups thousands here.
            if s.thousandsCommas > 0, s.commaDecimals == 0, s.sureThousands == 0, s.plainLong > 0 { isUnclear = true }
            if let (best, n) = s.symbols.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) {
                let others = s.symbols.values.reduce(0, +) - n
                // Without its percent sign a value means something else, and mixed currencies must not be thrown together.
                // A currency by its letters on every value is the column's own way to write; the report says so, nothing is cut off.
                let isSign = best.unicodeScalars.contains { $0.properties.generalCategory == .currencySymbol }
                if others == 0, best != "%", isSign || n * 50 < s.filled * 49 { symbol = best } else { isUnclear = true }
            }
        }
    }

    private static func type(
        _ s: SampleColumn, _ says: ColumnName, order: DateOrder?, format: NumberFormat, _ placeholders: Set<String>
    ) -> ColumnType {
        let n = s.filled - placeholders.reduce(0) { $0 + (s.wordCounts[$1] ?? 0) }
        guard n > 0 else { return .text }
        func most(_ k: Int) -> Bool { k * 100 >= n * 95 }
        if most(s.booleans), s.trueWords * 2 >= n { return .boolean }
        let digits = s.integers + s.decimals
        // Some may be written in words; where the name says that all are numbers, other words are no values.
        let numbers = digits * 2 >= n ? digits + s.numberWords : digits
        let words = s.words - (s.filled - n)
        if most(numbers) || (says.isMeasure && numbers * 4 >= n * 3 && numbers + words == n), !format.isUnclear {
            if says.isCode || s.digitCodes > 0 { return .text }
            // Codes like `C536379` among numbers: the column holds codes.
            if says.claimedSemantic == .identifier, digits < n { return .text }
            return s.decimals - (format.decimalComma ? s.pointGroups : 0) > 0 ? .decimal : .integer
        }
        // What stays ambiguous is not readable; numbers with the year last need a proven order.
        let readable = s.dates + s.timestamps - (order == nil ? s.ambiguousDates : 0)
        let contradicting = order == .dmy ? s.provesMDY : order == .mdy ? s.provesDMY : 0
        if most(readable - contradicting) { return s.timestamps > s.dates ? .timestamp : .date }
        return .text
    }

    /// The order that the values prove: one is shown by at least a twentieth of the numeric dates, the other by none.
    static func dateOrder(_ s: SampleColumn) -> DateOrder? {
        let numeric = s.provesDMY + s.provesMDY + s.ambiguousDates
        guard numeric > 0 else { return nil }
        if s.provesMDY == 0, s.provesDMY * 20 >= numeric, s.provesDMY > 0 { return .dmy }
        if s.provesDMY == 0, s.provesMDY * 20 >= numeric, s.provesMDY > 0 { return .mdy }
        return nil
    }

    // MARK: meaning

    private static func semantic(_ s: SampleColumn, _ says: ColumnName, claim: SemanticType?, type: ColumnType) -> SemanticType {
        let n = s.filled
        // 20240229 is a day even where it stays a number.
        let isDate = type == .date || type == .timestamp || (n >= 20 && s.compactDates * 100 >= n * 95)
        if n > 0 {
            for candidate in PersonalData.selfEvident where (s.personal[candidate] ?? 0) * 10 >= n * 6 { return candidate }
        }
        switch claim {
        case .email, .url, .ipAddress, .iban, .paymentCard, .phone, .nationalID, .postalCode:
            if let claim, s.claimMatches * 10 >= n * 6 { return claim }
        case .dateOfBirth: if isDate || (s.dates + s.timestamps) * 10 >= n * 8 { return .dateOfBirth }
        case .personName, .address, .city, .freeText: if type == .text, let claim { return claim }
        case .identifier: if type != .boolean, !isDate { return .identifier }
        default: break
        }
        if isDate || (n > 0 && (s.dates + s.timestamps) * 10 >= n * 9) { return .date }
        if type == .boolean { return .category }
        if type == .integer || type == .decimal {
            return .quantity
        }
        guard n > 0 else { return .other }
        if claim == nil, s.distinct >= 20, s.givenNames * 2 >= n { return .personName }
        if isCategory(s) { return .category }
        if s.lengthSum >= 40 * n || s.wordSum >= 5 * n { return .freeText }
        if s.distinct * 100 >= n * 98, n >= 20, s.blankCells == 0, s.digitCodes + s.integers > 0 || s.lengthSum / n <= 40 {
            return .identifier
        }
        return .other
    }

    /// Few values, each of them several times.
    private static func isCategory(_ s: SampleColumn) -> Bool {
        s.distinct <= 1000 && s.distinct * 10 <= s.filled || (s.distinct <= 20 && s.distinct * 3 <= s.filled)
    }

    private static func nullTokens(
        _ s: SampleColumn, _ type: ColumnType, _ placeholders: Set<String>, _ proven: Set<String>
    ) -> [String] {
        var tokens = Set(NullWords.certain)
        func isRare(_ n: Int, _ share: Int) -> Bool { n * share <= s.filled }
        tokens.formUnion(proven.filter { isRare(s.nullWords[$0] ?? 0, 3) })
        let signs = NullWords.signs.reduce(0) { $0 + (s.nullWords[$1] ?? 0) }
        if s.signOnly == 0, isRare(signs, 20) { tokens.formUnion(NullWords.signs) }
        if type != .text {
            tokens.formUnion(NullWords.likely + NullWords.typed)
            tokens.formUnion(placeholders)
        } else if s.blanks > 0 {
            tokens.formUnion(NullWords.likely)
            tokens.formUnion(placeholders.filter { !s.isAsLong($0) })
        } else if s.words * 10 <= s.filled {
            tokens.formUnion(NullWords.likely)
        } else {
            tokens.formUnion(placeholders.intersection(NullWords.likely))
        }
        return tokens.sorted()
    }

    private static func imputation(_ s: SampleColumn, _ says: ColumnName, _ type: ColumnType, _ semantic: SemanticType)
        -> Imputation
    {
        guard !semantic.isPersonal, s.filled > 0 else { return .none }
        switch (type, semantic) {
        case (.integer, .quantity), (.decimal, .quantity):
            // The number of a house, or of a person: the middle of the others says nothing about it.
            let isOfSomebody = says.claimedSemantic.map { $0.isPersonal || $0 == .address || $0 == .city } ?? false
            return says.isPosition || isOfSomebody ? .none : .median
        case (_, .date), (_, .dateOfBirth): return .none
        case (.boolean, _): return .mode
        case (.text, .category): return s.distinct <= 50 ? .mode : .related
        case (.text, .freeText), (.date, _), (.timestamp, _): return .none
        default: return .related
        }
    }
}
