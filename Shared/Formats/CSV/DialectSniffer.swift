internal import Domain
internal import Tabular

/// Chooses delimiter, quote and escape by parsing a sample with every candidate and scoring the tables that come out.
struct DialectSniffer {
    static let sampleRows = 400
    private static let profileRows = 300
    private static let least = 0.04
    private static let candidates: [(delimiter: UInt8, prior: Double)] = [
        (0x2C, 1), (0x09, 1), (0x3B, 1), (0x7C, 1), (0x1F, 0.9), (0x01, 0.9), (0x7E, 0.8), (0x5E, 0.8), (0x23, 0.5), (0x3A, 0.6),
        (0x20, 0.7), (0x3D, 0.4),
    ]
    private static let weak: [UInt8] = [0x20, 0x3A, 0x3D, 0x23]
    private static let pairable: [UInt8] = [0x7C, 0x7E, 0x5E, 0x23, 0x3A]
    private static let common: [UInt8] = [0x2C, 0x3B, 0x09, 0x7C]
    /// What is left of the score of a weak delimiter that does not split the first line, where a common one splits them all: lists in the
    /// cells, below a header.
    private static let besideRegular = 0.3

    let text: UnsafeBufferPointer<UInt8>
    /// The input goes on behind the text.
    let isPart: Bool
    let options: InputOptions

    struct Choice {
        var dialect: CSVDialect
        var score: Double
        /// Cells of each column of the regular rows that made the profile.
        var values: [[UnsafeBufferPointer<UInt8>]]
        /// Keeps `values` alive.
        var rows: SampleRows?
        /// The candidate that came second, and its score.
        var second: (delimiter: [UInt8], score: Double)?
    }

    func choose() throws -> Choice {
        let loneCR = endsAtLoneCR()
        var best: (score: Double, dialect: CSVDialect)?
        var second: (delimiter: [UInt8], score: Double)?
        // A common delimiter splits all lines alike.
        var isRegular = false
        let chosen = try options.delimiter.map(Self.parse)
        for (candidate, prior) in chosen.map({ [($0, 1.0)] }) ?? Self.candidates.map({ ([$0.delimiter], $0.prior) }) {
            let delimiter = chosen == nil && isDoubled(candidate[0]) ? candidate + candidate : candidate
            guard chosen != nil || text.contains(delimiter[0]) else { continue }
            var dialect = try quoting(delimiter, loneCR: loneCR)
            dialect.loneCarriageReturn = loneCR
            if delimiter == [0x20] { dialect.collapsesSpaces = hasBlankRuns(dialect.quote) }
            var (score, fit) = score(dialect, prior: prior)
            if isRegular, Self.isWeak(dialect), !fit.first { score *= Self.besideRegular }
            isRegular = isRegular || (fit.all && dialect.delimiter.count == 1 && Self.common.contains(dialect.delimiter[0]))
            if chosen != nil || score > (best?.score ?? 0) * 1.02 {
                if let best { second = (best.dialect.delimiter, best.score) }
                best = (score, dialect)
            } else if score > second?.score ?? 0 {
                second = (delimiter, score)
            }
        }
        guard let best, chosen != nil || best.score >= Self.least else {
            var lines = CSVDialect(delimiter: [], quote: try wantedQuote() ?? UInt8(ascii: "\""))
            if options.quote == "" { lines.quote = nil }
            lines.loneCarriageReturn = loneCR
            return profiled(lines, score: best?.score ?? 0)
        }
        var dialect = best.dialect
        if chosen == nil, dialect.delimiter != [0x20] { dialect.isPadded = isPadded(dialect) }
        dialect.alternatives = (Self.common + [0x20]).filter { [$0] != dialect.delimiter }
        var choice = profiled(dialect, score: chosen == nil ? best.score : max(best.score, 0.5))
        choice.second = second
        return choice
    }

    // MARK: - What the user chose

    static func parse(_ delimiter: String) throws -> [UInt8] {
        let text = delimiter == "\\t" || delimiter.lowercased() == "tab" ? "\t" : delimiter
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.count <= 16, !bytes.contains(0x0A), !bytes.contains(0x0D), !bytes.contains(0) else {
            throw SanitizerError(.recipeInvalid, "delimiter must be 1 to 16 bytes and no line end")
        }
        return bytes
    }
    private func wantedQuote() throws -> UInt8? {
        guard let quote = options.quote, !quote.isEmpty else { return nil }
        guard quote.utf8.count == 1, let byte = quote.utf8.first, byte != 0x0A, byte != 0x0D, byte != 0 else {
            throw SanitizerError(.recipeInvalid, "quote must be one ASCII character, or empty for no quoting")
        }
        return byte
    }
    private func quoting(_ delimiter: [UInt8], loneCR: Bool) throws -> CSVDialect {
        var quote: UInt8? = UInt8(ascii: "\"")
        if options.quote == "" {
            quote = nil
        } else if let wanted = try wantedQuote() {
            quote = wanted
        } else {
            let double = votes(UInt8(ascii: "\""), delimiter)
            let single = votes(UInt8(ascii: "'"), delimiter)
            let lines = text.reduce(0) { $0 + ($1 == (loneCR ? 0x0D : 0x0A) ? 1 : 0) }
            if single.fields > 2 * double.fields, Double(single.faults) <= 0.2 * Double(single.fields) + 1,
                Double(single.fields) >= 0.05 * Double(lines)
            {
                quote = UInt8(ascii: "'")
            }
        }
        if let quote, delimiter.contains(quote) { throw SanitizerError(.recipeInvalid, "delimiter and quote must differ") }
        var escape: UInt8?
        if let wanted = options.escape {
            guard wanted.utf8.count <= 1 else {
                throw SanitizerError(.recipeInvalid, "escape must be one ASCII character, or empty")
            }
            escape = wanted.utf8.first == quote ? nil : wanted.utf8.first
            if let escape, delimiter.contains(escape) { throw SanitizerError(.recipeInvalid, "delimiter and escape must differ") }
        } else if let quote, usesBackslash(quote, delimiter) {
            escape = UInt8(ascii: "\\")
        }
        return CSVDialect(delimiter: delimiter, quote: quote, escape: quote == nil ? nil : escape)
    }

    // MARK: - Counting

    /// The character comes in pairs only, as in `a||b||c`, and is not one whose pairs stand for empty cells.
    private func isDoubled(_ delimiter: UInt8) -> Bool {
        guard Self.pairable.contains(delimiter) else { return false }
        var pairs = 0
        var i = 0
        while i < text.count {
            guard text[i] == delimiter else {
                i += 1
                continue
            }
            guard at(i + 1) == delimiter else { return false }
            pairs += 1
            i += 2
        }
        return pairs > 0
    }

    private func at(_ i: Int) -> UInt8? { i >= 0 && i < text.count ? text[i] : nil }
    private func isEnd(_ b: UInt8?) -> Bool { b == 0x0A || b == 0x0D }
    private func starts(_ delimiter: [UInt8], at i: Int) -> Bool {
        guard i >= 0, i + delimiter.count <= text.count else { return false }
        for k in 0..<delimiter.count where text[i + k] != delimiter[k] { return false }
        return true
    }

    private func endsAtLoneCR() -> Bool {
        var pairs = 0
        var feeds = 0
        var returns = 0
        for i in 0..<text.count {
            if text[i] == 0x0A {
                feeds += 1
                if at(i - 1) == 0x0D { pairs += 1 }
            } else if text[i] == 0x0D {
                returns += 1
            }
        }
        return Double(returns - pairs) > 0.1 * Double(max(1, feeds))
    }

    /// Cells that open and close with the quote, and places where only one of the two happens.
    private func votes(_ quote: UInt8, _ delimiter: [UInt8]) -> (fields: Int, faults: Int) {
        var opens = 0
        var closes = 0
        for i in 0..<text.count where text[i] == quote {
            let before = at(i - 1)
            if i == 0 || isEnd(before) || starts(delimiter, at: i - delimiter.count)
                || (before == 0x20 && starts(delimiter, at: i - 1 - delimiter.count))
            {
                opens += 1
            }
            let next = at(i + 1) == 0x20 ? i + 2 : i + 1
            if i + 1 >= text.count || next >= text.count || isEnd(at(next)) || isEnd(at(i + 1)) || starts(delimiter, at: next)
                || starts(delimiter, at: i + 1)
            {
                closes += 1
            }
        }
        return (min(opens, closes), abs(opens - closes))
    }

    private func usesBackslash(_ quote: UInt8, _ delimiter: [UInt8]) -> Bool {
        let backslash = UInt8(ascii: "\\")
        var escaped = 0
        var doubled = 0
        for i in 0..<text.count where text[i] == quote {
            if at(i - 1) == backslash, at(i - 2) != backslash, !isEnd(at(i + 1)), !starts(delimiter, at: i + 1) { escaped += 1 }
            if at(i + 1) == quote, at(i + 2) != quote, i > 0, text[i - 1] != quote, !isEnd(text[i - 1]),
                !starts(delimiter, at: i - delimiter.count)
            {
                doubled += 1
            }
        }
        return escaped > doubled
    }

    /// The end of a quoted run on one line that starts at `i`, or nil.
    private func quotedRun(_ i: Int, _ quote: UInt8) -> Int? {
        guard text[i] == quote else { return nil }
        var k = i + 1
        while let b = at(k), !isEnd(b) {
            if b == quote { return k + 1 }
            k += 1
        }
        return nil
    }

    private func hasBlankRuns(_ quote: UInt8?) -> Bool {
        var runs = 0
        var long = 0
        var i = 0
        while i < text.count {
            if let quote, let end = quotedRun(i, quote) {
                i = end
                continue
            }
            guard text[i] == 0x20 else {
                i += 1
                continue
            }
            var k = i
            while at(k) == 0x20 { k += 1 }
            if i > 0, !isEnd(at(i - 1)), let next = at(k), !isEnd(next) {
                runs += 1
                if k - i > 1 { long += 1 }
            }
            i = k
        }
        return Double(long) > 0.3 * Double(runs)
    }

    private func isPadded(_ dialect: CSVDialect) -> Bool {
        var all = 0
        var spaced = 0
        var last = 0
        var i = 0
        while i < text.count {
            if let quote = dialect.quote, let end = quotedRun(i, quote) {
                i = end
                continue
            }
            guard starts(dialect.delimiter, at: i) else {
                i += 1
                continue
            }
            i += dialect.delimiter.count
            all += 1
            if at(i) == 0x20 { spaced += 1 } else if isEnd(at(i)) { last += 1 }
        }
        return spaced > 0 && Double(spaced) >= 0.9 * Double(max(1, all - last))
    }

    // MARK: - Scoring

    private func weight(_ cell: UnsafeBufferPointer<UInt8>, _ others: [UInt8]) -> Double {
        if !cell.contains(where: { !isSpaceByte($0) }) { return 0.45 }
        switch CellKind(cell) {
        case .identifier: return 0.8
        case .text: return cell.contains { others.contains($0) } ? 0.15 : 0.5
        default: return 1
        }
    }

    private static func isWeak(_ dialect: CSVDialect) -> Bool {
        dialect.delimiter.count == 1 && weak.contains(dialect.delimiter[0])
    }

    /// Which lines have the usual number of cells.
    private struct Fit {
        var first = false
        var all = false
    }

    private func score(_ dialect: CSVDialect, prior: Double) -> (Double, Fit) {
        let sample = SampleRows(RecordReader(dialect, width: nil, costs: .none), text, isPart: isPart, limit: Self.sampleRows)
        let rows = sample.rows.indices.filter { !sample.isEmpty($0) }
        guard !rows.isEmpty else { return (0, Fit()) }
        let count = Double(rows.count)
        let m = sample.modalWidth(rows)
        if m == 1 { return (0, Fit()) }
        var widths: [Int: Int] = [:]
        for row in rows { widths[sample.width(row), default: 0] += 1 }
        let same = widths.values.map { $0 * $0 }.sorted().reduce(0, +)
        let equal = Double(same) / (count * count)
        let others = Self.common.filter { [$0] != dialect.delimiter }
        var total = 0.0
        var cells = 0
        for row in rows.prefix(100) where sample.width(row) >= 2 {
            for cell in sample.cells(row) {
                total += weight(cell, others)
                cells += 1
            }
        }
        var score = equal * (1 - 0.8 / Double(m)) * (total / Double(max(1, cells))) * prior
        let split = 1 - Double(widths[1] ?? 0) / count
        if split < 0.5 { score *= split * split }
        let full = rows.filter { sample.width($0) == m }
        var typed = 0
        for column in 0..<m {
            let matching = full.reduce(0) { sum, row in
                let cell = sample.cell(row, column)
                return sum + (cell.contains(where: isDigitByte) && CellKind(cell) != .text ? 1 : 0)
            }
            if Double(matching) >= 0.8 * Double(full.count) { typed += 1 }
        }
        if equal < 0.5, typed == 0 { score *= 0.1 }
        if Self.isWeak(dialect) {
            let byte = dialect.delimiter[0]
            let whole = rows.reduce(0) { sum, row in
                let joined = Array(sample.cells(row).joined(separator: [byte]))
                return sum + (joined.withUnsafeBufferPointer { CellKind($0) != .text } ? 1 : 0)
            }
            if rows.count >= 2,
                Double(typed) < max(1, 0.2 * Double(m)) || (m < 3 && typed < m) || Double(whole) >= 0.8 * count
            {
                score *= 0.1
            }
        }
        return (score, Fit(first: sample.width(rows[0]) == m, all: widths.count == 1))
    }

    /// Fills in the regular width and the profile of the columns.
    private func profiled(_ dialect: CSVDialect, score: Double) -> Choice {
        var dialect = dialect
        let sample = SampleRows(RecordReader(dialect, width: nil, costs: .none), text, isPart: isPart, limit: Self.sampleRows)
        let full = sample.rows.indices.filter { !sample.isEmpty($0) }
        var n = dialect.delimiter.isEmpty ? 1 : sample.modalWidth(full)
        if dialect.delimiter == [0x20], !dialect.collapsesSpaces, let first = full.first {
            let wanted = sample.width(first)
            let wide = full.reduce(0) { $0 + (sample.width($1) >= wanted ? 1 : 0) }
            if wanted >= 3, Double(wide) >= 0.9 * Double(full.count) { n = wanted }
        }
        let regular = full.reduce(0) { $0 + (sample.width($1) == n ? 1 : 0) }
        dialect.isRigid = Double(regular) >= 0.6 * Double(full.count) || dialect.delimiter == [0x20]
        dialect.width = n
        let first = sample.rows.indices.first { sample.width($0) == n && (sample.filled($0) > 1 || n == 1) } ?? 0
        var good = sample.rows.indices.filter { $0 > first && sample.width($0) == n && (n > 1 || !sample.isEmpty($0)) }
        if good.count > 12 { good.removeFirst(3) }
        var values: [[UnsafeBufferPointer<UInt8>]] = []
        if good.count >= 3 {
            let kept = good.prefix(Self.profileRows)
            values = (0..<n).map { column in kept.map { sample.cell($0, column) } }
            dialect.profile = values.map(ColumnShape.init)
        }
        return Choice(dialect: dialect, score: score, values: values, rows: sample)
    }
}
