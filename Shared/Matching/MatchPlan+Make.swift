internal import CScan
public import Domain
public import Tabular

extension MatchPlan {
    /// Decides how a table is matched.
    ///
    /// - Parameters:
    ///   - recipe: every key set (a draft from the planner).
    ///   - overrides: what the user asked for.
    ///   - sampleBatches: the first rows of the table, normalised.
    ///   - plannedRows: estimated rows of the table; decides tier, bands and partitions.
    ///   - chunkSources: number of the input that each chunk belongs to.
    public static func make(
        recipe: Recipe, overrides: Recipe? = nil, names: [String], sampleBatches: [TextBatch], plannedRows: Int, salt: String,
        chunkSources: [Int] = []
    ) -> MatchPlan {
        let sample = SampleRows(sampleBatches)
        let requested = recipe.deduplicate.near ?? .auto
        var tier = requested == .auto ? automaticTier(rows: plannedRows) : requested
        var columns: [Column] = []
        var keys: [Int] = []
        var aside: [Int] = []
        var running: Set<Int> = []
        var lists = Lists.possible(recipe.deduplicate, names: names, chunkSources: chunkSources)
        for (c, name) in names.enumerated() {
            let r = recipe.column(named: name)
            let traits = sample.traits(of: c)
            let semantic = r?.semantic ?? .other
            let kind = traits.kind(type: r?.type ?? .text, semantic: semantic)
            let key = traits.looksLikeKey(kind: kind, semantic: semantic)
            let isSource = lists?.column == nil && traits.mayBeSource(name)
            if isSource { lists?.column = c }
            if lists?.serial == nil, traits.isSerial { lists?.serial = c }
            if lists?.prefixed == nil, key, 2...SampleRows.Traits.mostLists ~= traits.prefixes { lists?.prefixed = c }
            // Which list a row is of, and its number there, say nothing about the thing.
            let isAside =
                lists != nil && (isSource || (traits.isSerial && !key)) && overrides?.column(named: name)?.compare == nil
            if isAside { aside.append(c) }
            if key, traits.areOfRecords { running.insert(c) }
            let wanted = (r?.compare ?? true) && recipe.deduplicate.across != name && !isAside
            if plannedRows >= leastRowsOfKeys, traits.mayBeKey(kind: kind) { keys.append(c) }
            columns.append(
                Column(
                    name: name, kind: kind, semantic: semantic, isCompared: wanted && (traits.distinct > 1 || traits.rows < 50),
                    isInSignature: wanted && !key && traits.distinct > 1, isPossibleKey: wanted && key,
                    isCategory: traits.distinct <= 20 && traits.rows >= 200))
        }
        lists?.notCompared = aside
        // Comparing costs per column: of very wide tables the first 64 columns decide.
        var compared = 0
        for c in columns.indices where columns[c].isCompared {
            compared += 1
            if compared > maximumColumns {
                columns[c].isCompared = false
                columns[c].isInSignature = false
            }
        }
        let repeated = sample.repeatedColumns(columns).filter { overrides?.column(named: names[$0])?.compare == nil }
        for c in repeated { columns[c].isCompared = false }
        if !columns.contains(where: \.isCompared) { tier = .off }
        let isLarge = plannedRows > 500_000
        let codes = sample.codeColumns(columns, except: running)
        var plan = MatchPlan(
            exact: recipe.deduplicate.exact ?? true, tier: tier, requestedTier: requested,
            partitions: min(max((plannedRows + 124_999) / 125_000, 1), 512), plannedRows: plannedRows, salt: salt,
            columns: columns, bands: isLarge ? 6 : 5, bandRows: isLarge ? 4 : 3, commonGrams: "", frequentTerms: "",
            pairedColumns: [],
            codeColumns: codes.texts, codeOnlyColumns: codes.alone, repeatedColumns: repeated,
            keyColumns: Array(keys.prefix(KeyEntry.maximumColumns)), rowBytes: sample.rowBytes,
            threshold: recipe.deduplicate.threshold ?? 0.99,
            chunkSources: recipe.deduplicate.across == inputs ? chunkSources : [],
            sourceColumn: recipe.deduplicate.across.flatMap { names.firstIndex(of: $0) } ?? -1,
            survivor: recipe.deduplicate.survivor ?? .first,
            fill: recipe.deduplicate.fill ?? true, lists: lists)
        if tier != .off { plan.commonGrams = sample.commonGrams(roles: plan.gramRoles) }
        if let rules = CandidateRules.of(tier, rows: plannedRows) {
            let keys = rules.keysPerPartition
            plan.partitions = min(max((plannedRows * rules.keysPerRow + keys - 1) / keys, 1), 512)
            sample.addTerms(to: &plan, rules: rules)
        }
        plan.stripes = (plan.partitions + partitionsPerStripe - 1) / partitionsPerStripe
        return plan
    }

    /// By the planned rows alone, so that the result does not depend on the machine.
    static func automaticTier(rows: Int) -> NearTier {
        rows <= 250_000 ? .thorough : rows <= 500_000 ? .balanced : .fast
    }

    /// A partition finds about as many pairs as it has keys, or twice as many.
    static let partitionsPerStripe = 2

    static let maximumColumns = 64
    /// A profile keeps all values of a smaller table.
    private static let leastRowsOfKeys = 8000
    /// What `deduplicate.across` says for the input files.
    static let inputs = "inputs"

    /// Per column: how its text enters the MinHash signature (see `cscan_grams`).
    var gramRoles: [UInt8] {
        columns.map { c in
            if !c.isInSignature { return 0 }
            return (c.kind == .text || c.kind == .code) && !c.isCategory ? 1 : 2
        }
    }
}

extension MatchPlan.Lists {
    /// nil where the recipe says which rows may be duplicates.
    fileprivate static func possible(_ recipe: Deduplication, names: [String], chunkSources: [Int]) -> Self? {
        guard recipe.across == nil, recipe.lists ?? true else { return nil }
        return Self(chunkInputs: Set(chunkSources).count > 1 ? chunkSources : [])
    }
}

extension MatchPlan.Column {
    /// Model and part numbers stand in names and descriptions of things or in columns of their own, not in what tells about people.
    fileprivate var mayHoldCodes: Bool {
        guard isCompared, kind == .text || kind == .code, !semantic.isPersonal else { return false }
        return ![.city, .address, .url, .postalCode, .ipAddress].contains(semantic)
    }
}

/// The distinct rows of the sample, and what their columns look like.
struct SampleRows {
    private(set) var rows: [(batch: TextBatch, row: Int)] = []
    static let maximum = 20_000

    init(_ batches: [TextBatch]) {
        let total = batches.reduce(0) { $0 + $1.rows }
        let step = max(1, (total + Self.maximum - 1) / Self.maximum)
        var hasher = RowHasher()
        var seen = Set<UInt64>()
        var i = 0
        for batch in batches {
            for row in 0..<batch.rows {
                defer { i += 1 }
                if i % step != 0 { continue }
                if seen.insert(hasher.hash(batch, row).low).inserted { rows.append((batch, row)) }
            }
        }
    }

    /// Bytes of the text of a row, on average.
    var rowBytes: Int {
        let sum = rows.reduce(0) { sum, row in
            (0..<row.batch.columns).reduce(sum) { $0 + row.batch.cell(row.row, $1).length }
        }
        return sum / max(rows.count, 1)
    }

    /// The too frequent values and words, and the columns whose frequent values are combined.
    func addTerms(to plan: inout MatchPlan, rules: CandidateRules) {
        let reader = RowTerms(columns: plan.columns, codeOnly: plan.codeOnlyColumns ?? [])
        // A term is told by its upper half; the lowest bit keeps it from being 0.
        let counts = HashedMap<UInt64, Int32>(none: 0)
        var present = [Int](repeating: 0, count: plan.columns.count)
        var distinct = [Int](repeating: 0, count: plan.columns.count)
        for (batch, row) in rows {
            reader.read(batch, row)
            for (column, term) in reader.values {
                present[column] += 1
                counts[term | 1] += 1
                if counts[term | 1] == 1 { distinct[column] += 1 }
            }
            for term in reader.tokens { counts[term | 1] += 1 }
        }
        let scale = rows.isEmpty ? 1 : max(1, Double(plan.plannedRows) / Double(rows.count))
        plan.frequentTerms = FrequentTerms.encode(counts, scale: scale, cap: rules.cap)
        let columns = plan.columns.indices.filter { plan.columns[$0].isCompared && distinct[$0] > 1 }
        // Many values, hardly any missing.
        let ranked = columns.sorted {
            (distinct[$0] * present[$0], $1) > (distinct[$1] * present[$1], $0)
        }
        plan.pairedColumns = ranked.prefix(rules.pairedColumns).sorted()
    }

    /// Columns in which model numbers stand: among other words, fewest words first, and alone. None where few rows have any in a text.
    ///
    /// - Parameter numbers: columns of keys that every row has of its own.
    func codeColumns(_ columns: [MatchPlan.Column], except numbers: Set<Int> = []) -> (texts: [Int], alone: [Int]) {
        let scratch = UnsafeMutablePointer<UInt8>.allocate(capacity: 64)
        defer { scratch.deallocate() }
        let step = max(1, rows.count / 4000)
        let looked = stride(from: 0, to: rows.count, by: step)
        var texts: [Int] = []
        var alone: [Int] = []
        var length: [Int: Double] = [:]
        for c in columns.indices where columns[c].mayHoldCodes && !numbers.contains(c) {
            var words = 0
            var present = 0
            var coded = 0
            for i in looked {
                let bytes = rows[i].batch.bytes(rows[i].batch.cell(rows[i].row, c))
                if bytes.isEmpty { continue }
                present += 1
                words += 1 + bytes.reduce(0) { $0 + ($1 == 32 ? 1 : 0) }
                coded += CodeWords.any(bytes, scratch: scratch) ? 1 : 0
            }
            let average = Double(words) / Double(max(present, 1))
            if average <= Self.leastWordsBesideCodes {
                if !columns[c].isCategory, coded * 2 > present { alone.append(c) }
            } else if columns[c].kind == .text {
                texts.append(c)
                // A remark that holds none does not name the thing.
                length[c] = Double(coded) >= Self.leastRowsWithCodes * Double(present) ? average : .infinity
            }
        }
        texts.sort { (length[$0] ?? 0, $0) < (length[$1] ?? 0, $1) }
        let withCode = looked.reduce(0) { sum, i in
            let row = rows[i]
            return sum
                + (texts.contains { CodeWords.any(row.batch.bytes(row.batch.cell(row.row, $0)), scratch: scratch) } ? 1 : 0)
        }
        return Double(withCode) >= Self.leastRowsWithCodes * Double(max(rows.count / step, 1)) ? (texts, alone) : ([], [])
    }
    static let leastWordsBesideCodes = 2.0
    static let leastRowsWithCodes = 0.1

    struct Traits {
        var rows = 0
        var present = 0
        var distinct = 0
        var tokens = 0.0
        /// Shares of the present values.
        var digits = 0.0
        var integers = 0.0
        var long = 0.0
        var emails = 0.0
        /// Share of digits among letters and digits.
        var digitBytes = 0.0
        /// Nearly all values are numbers with the same unit: `5.20 %`, `12 oz`.
        var united = false
        var shapes = 0
        var shapeHasDigit = false
        /// Nine tenths of the values have as many bytes, or are whole numbers.
        var isOfOneLength = false
        /// Whole numbers that ascend from row to row, if not all the way.
        var ascends = false
        /// The same of the numbers that values end with.
        var endsAscend = false
        /// Keys that were given out row by row, `C-10023`, or drawn by chance, as UUIDs are: they name the row and no thing.
        var areOfRecords: Bool { long > 0.95 || endsAscend }

        /// Row numbers that may have been given out again from the start, list by list: then they tell no rows apart.
        var isSerial: Bool {
            ascends && integers > 0.99 && Double(present) >= 0.99 * Double(rows) && distinct * Self.mostLists >= present
        }
        static let mostLists = 8
        /// Different beginnings before the first digit; more than ``mostLists`` are not counted on.
        var prefixes = 0

        /// Named for where the rows of a table that was put together come from.
        func mayBeSource(_ name: String) -> Bool {
            let letters = name.lowercased().filter(\.isLetter)
            return Self.sourceNames.contains(letters) && 2...Self.mostLists ~= distinct && Double(present) >= 0.99 * Double(rows)
        }
        private static let sourceNames: Set<String> = [
            "source", "src", "sourcename", "sourceid", "sourcesystem", "sourcefile", "sourcetable", "sourcedb", "datasource",
            "dataset",
            "datasetname", "catalog", "catalogue", "provenance", "database", "db", "filename", "datafile", "recordsource",
            "listname",
            "website", "marketplace",
        ]

        func kind(type: ColumnType, semantic: SemanticType) -> MatchPlan.Kind {
            switch semantic {
            case .phone, .postalCode, .identifier, .nationalID, .paymentCard, .iban, .ipAddress: return .code
            case .personName, .address, .city, .email, .freeText, .url: return .text
            case .date, .dateOfBirth: return .date
            default: break
            }
            switch type {
            case .integer, .decimal: return .number
            case .date, .timestamp: return .date
            case .boolean: return .code
            case .text where united: return .number
            case .text:
                return emails < 0.5 && ((tokens <= 1.05 && digits >= 0.6) || (tokens <= 4 && digitBytes >= 0.75)) ? .code : .text
            }
        }

        static let leastDistinctOfKey = 0.98

        /// Numbers, or words of one length, that hardly ever come twice.
        func mayBeKey(kind: MatchPlan.Kind) -> Bool {
            if kind == .date || (kind == .number && integers <= 0.99) { return false }
            return tokens <= 1.05 && isOfOneLength && present >= 100
                && Double(distinct) >= Self.leastDistinctOfKey * Double(present)
        }

        /// Unique in nearly every row and shaped like a number that a machine gave out.
        func looksLikeKey(kind: MatchPlan.Kind, semantic: SemanticType) -> Bool {
            if semantic.isPersonal || emails > 0.5 { return false }
            guard Double(distinct) >= Self.leastDistinctOfKey * Double(present), present > 20,
                Double(present) >= 0.9 * Double(rows)
            else { return false }
            // Amounts may all differ and are no row numbers.
            if kind == .date || (kind == .number && integers <= 0.99) { return false }
            return integers > 0.99 || long > 0.95 || (shapes <= 3 && shapeHasDigit && tokens <= 3.01)
        }
    }

    private static let longestKey = 64
    private static let mostDigits = 18
    private static let mostUnits = 8
    private static let leastUnited = 0.98
    private static let longestUnit = 12

    /// Hash of the sign in front of a number or the word behind it; nil where it has none, or the cell is something else.
    private static func unit(of bytes: UnsafeBufferPointer<UInt8>) -> UInt64? {
        func isDigit(_ i: Int) -> Bool { bytes[i] &- 48 < 10 }
        guard let first = bytes.indices.first(where: isDigit), let last = bytes.indices.last(where: isDigit) else { return nil }
        let number = bytes[first...last]
        let points = number.count { $0 == 46 }
        guard points <= 1, number.allSatisfy({ $0 &- 48 < 10 || $0 == 46 || $0 == 44 }) else { return nil }
        let blank: (UInt8) -> Bool = { $0 == 32 || $0 == 45 || $0 == 46 }
        let sign = bytes[..<first].filter { !blank($0) }
        let word = bytes[(last + 1)...].filter { !blank($0) }
        if sign.isEmpty && word.isEmpty || sign.count + word.count > longestUnit { return nil }
        // Letters in front make a code.
        if sign.contains(where: { ($0 | 32) &- 97 < 26 }) { return nil }
        return (sign + [0] + word).withUnsafeBufferPointer { Hash.h64($0) }
    }
    private static let mostDescents = 8
    private static let leastOfSeries = 40

    func traits(of column: Int) -> Traits {
        var t = Traits(rows: rows.count)
        var hashes: [UInt64] = []
        hashes.reserveCapacity(rows.count)
        var shapes: [[UInt8]] = []
        var tokens = 0
        var digits = 0
        var integers = 0
        var long = 0
        var emails = 0
        var words = 0
        var numerals = 0
        var lengths = [Int](repeating: 0, count: Self.longestKey + 1)
        var descents = 0
        var last = 0
        var (ends, descentsOfEnds, lastEnd) = (0, 0, 0)
        var prefixes = Set<UInt64>()
        var units: [UInt64: Int] = [:]
        for (batch, row) in rows {
            let cell = batch.cell(row, column)
            if cell.isEmpty { continue }
            let bytes = batch.bytes(cell)
            hashes.append(Hash.h64(bytes))
            if prefixes.count <= Traits.mostLists { prefixes.insert(SourceLists.prefix(bytes)) }
            if bytes.count <= Self.longestKey { lengths[bytes.count] += 1 }
            if let unit = Self.unit(of: bytes), units[unit] != nil || units.count < Self.mostUnits {
                units[unit, default: 0] += 1
            }
            var hasDigit = false
            var isInteger = true
            var isHex = bytes.count >= 16
            var spaces = 0
            var hasAt = false
            for b in bytes {
                let isDigit = b >= 48 && b <= 57
                hasDigit = hasDigit || isDigit
                isInteger = isInteger && isDigit
                isHex = isHex && (isDigit || (b | 32 >= 97 && b | 32 <= 102) || b == 45)
                numerals += isDigit ? 1 : 0
                words += isDigit || (b | 32) &- 97 < 26 || b >= 0x80 ? 1 : 0
                spaces += b == 32 ? 1 : 0
                hasAt = hasAt || b == 64
            }
            tokens += 1 + spaces
            digits += hasDigit ? 1 : 0
            integers += isInteger ? 1 : 0
            if isInteger, bytes.count <= Self.mostDigits {
                let number = bytes.reduce(0) { $0 * 10 + Int($1 - 48) }
                descents += number <= last ? 1 : 0
                last = number
            }
            let end = bytes.reversed().prefix(Self.mostDigits).prefix { $0 &- 48 < 10 }
            if !end.isEmpty {
                let number = end.reversed().reduce(0) { $0 * 10 + Int($1 - 48) }
                ends += 1
                descentsOfEnds += number <= lastEnd ? 1 : 0
                lastEnd = number
            }
            long += isHex ? 1 : 0
            emails += hasAt ? 1 : 0
            if shapes.count <= 3 {
                let shape = Self.shape(bytes)
                if !shapes.contains(shape) { shapes.append(shape) }
            }
        }
        t.present = hashes.count
        t.prefixes = prefixes.count
        hashes.sort()
        for i in hashes.indices where i == 0 || hashes[i] != hashes[i - 1] { t.distinct += 1 }
        let n = Double(max(t.present, 1))
        t.tokens = Double(tokens) / n
        t.digits = Double(digits) / n
        t.integers = Double(integers) / n
        t.long = Double(long) / n
        t.digitBytes = Double(numerals) / Double(max(words, 1))
        t.emails = Double(emails) / n
        t.united = Double(units.values.max() ?? 0) >= Self.leastUnited * n
        t.shapes = shapes.count
        t.isOfOneLength = t.integers > 0.95 || (lengths.max() ?? 0) * 10 >= t.present * 9
        t.ascends = descents < Self.mostDescents && t.present >= Self.leastOfSeries
        t.endsAscend = descentsOfEnds < Self.mostDescents && ends == t.present && t.present >= Self.leastOfSeries
        t.shapeHasDigit = shapes.contains { $0.contains(57) }
        return t
    }

    /// Letters become `a` one by one, runs of digits `9`.
    private static func shape(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        for b in bytes.prefix(48) {
            let isDigit = b >= 48 && b <= 57
            let s: UInt8 = isDigit ? 57 : (b | 32 >= 97 && b | 32 <= 122) ? 97 : b
            if isDigit, out.last == 57 { continue }
            out.append(s)
        }
        return out
    }

    /// Gram classes that more than 2 % of the rows hold: "gmail", "street", this year. They make strangers look alike.
    func commonGrams(roles: [UInt8]) -> String {
        let scratch = GramScratch()
        var frequency = [UInt32](repeating: 0, count: 1 << 16)
        var last = [UInt32](repeating: .max, count: 1 << 16)
        let step = max(1, rows.count / 5000)
        var used = 0
        for i in stride(from: 0, to: rows.count, by: step) {
            let n = scratch.grams(rows[i].batch, rows[i].row, roles: roles, common: nil)
            used += 1
            for k in 0..<n {
                let class16 = Int(scratch.output[k] >> 16)
                if last[class16] != UInt32(i) {
                    last[class16] = UInt32(i)
                    frequency[class16] += 1
                }
            }
        }
        let limit = max(UInt32(used / 50), 20)
        var bitmap = [UInt8](repeating: 0, count: 8192)
        var any = false
        for c in frequency.indices where frequency[c] > limit {
            bitmap[c >> 3] |= 1 << UInt8(c & 7)
            any = true
        }
        return any ? Base64.encode(bitmap) : ""
    }
}
