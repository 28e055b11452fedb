internal import CScan
public import Domain
public import Tabular

/// Brings every cell into its normal form, in place: surface of text, null words, canonical numbers, booleans and dates.
///
/// What becomes of a cell depends on that cell and the recipe only, so a chunk can be normalised twice with the same result. A cell of a typed
/// column that cannot be read as that type keeps its (surface-cleaned) text; the decider sees it in the profile.
/// Holds scratch memory: one per thread.
public final class Normaliser {
    private final class Column {
        let type: ColumnType
        let kind: Int32
        let cleansSurface: Bool
        let surface: Surface
        let words: NullWords.Matcher
        let number: LooseNumber
        let readsWords: Bool
        let quotes: ValueQuotes?
        let date: LooseDate

        init(_ c: ColumnRecipe) {
            type = c.type ?? .text
            kind =
                switch type {
                case .integer, .decimal: Int32(CSCAN_NUMBER)
                case .date: Int32(CSCAN_DATE)
                case .timestamp: Int32(CSCAN_TIMESTAMP)
                case .text, .boolean: Int32(CSCAN_TEXT)
                }
            cleansSurface = c.normaliseText ?? true
            surface = Surface(keepsLines: type == .text && c.semantic == .freeText, foldsBlanks: c.foldBlanks ?? true)
            words = NullWords.Matcher(c.nullTokens ?? [])
            number = LooseNumber(
                decimalComma: c.decimalComma ?? false, symbol: Array((c.symbol ?? "").utf8),
                decimals: type == .decimal ? c.decimals ?? 0 : 0)
            readsWords = c.numberWords ?? false
            quotes = ValueQuotes(rawValue: c.quotes ?? "")
            date = LooseDate(order: c.dateOrder, allowsShortYears: c.semantic != .dateOfBirth)
        }
    }
    private let columns: [Column]
    private static let blockRows = 256
    private let odd = UnsafeMutablePointer<UInt32>.allocate(capacity: Normaliser.blockRows + 1)
    private let scratch = ByteArena(capacity: 1024)
    private let small = UnsafeMutablePointer<UInt8>.allocate(capacity: 64)

    deinit {
        odd.deallocate()
        small.deallocate()
    }

    /// - Parameter recipe: complete, as ``RecipePlanner`` drafts it; columns are found by name.
    /// - Throws: ``SanitizerError`` (`recipe_invalid`) when a column has no entry.
    public init(recipe: Recipe, names: [String]) throws {
        let byName = Dictionary(recipe.columns.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        columns = try names.map { name in
            guard let c = byName[name] else { throw SanitizerError(.recipeInvalid, "recipe has no entry for column \(name)") }
            return Column(c)
        }
    }

    /// Normalises the cells of `rows`; changes go to the recorder.
    public func normalise(_ batch: TextBatch, rows: Range<Int>, recorder: ChangeRecorder?) {
        let width = batch.columns
        var start = rows.lowerBound
        while start < rows.upperBound {
            let n = min(Self.blockRows, rows.upperBound - start)
            for c in 0..<min(width, columns.count) {
                let cells = batch.cells + (start &* width &+ c)
                let column = columns[c]
                if let quotes = column.quotes {
                    for r in 0..<n { unwrap(quotes, batch, row: start &+ r, at: cells + r &* width, c, recorder) }
                }
                let found = scan(cells, width, n, batch, column)
                for k in 0..<found {
                    let r = Int(odd[k])
                    if !shorten(batch, row: start &+ r, at: cells + r &* width, c, column, recorder) {
                        change(batch, row: start &+ r, at: cells + r &* width, c, column, recorder)
                    }
                }
            }
            start &+= n
        }
    }

    /// Drops the marks around a value.
    private func unwrap(
        _ quotes: ValueQuotes, _ batch: TextBatch, row: Int, at cell: UnsafeMutablePointer<Cell>, _ c: Int,
        _ recorder: ChangeRecorder?
    ) {
        let p = batch.pointer(cell.pointee)
        let n = cell.pointee.length
        guard n > 0, let range = quotes.inner(p, n) else { return }
        recorder?.record(
            ordinal: batch.ordinals[row], column: c, .quotes, confidence: 1, original: UnsafeBufferPointer(start: p, count: n),
            cleaned: range.isEmpty ? nil : UnsafeBufferPointer(start: p + range.lowerBound, count: range.count))
        if range.isEmpty {
            cell.pointee = .missing
            return
        }
        cell.pointee.offset &+= UInt32(truncatingIfNeeded: range.lowerBound)
        cell.pointee.meta = cell.pointee.meta & Cell.arenaFlag | UInt32(truncatingIfNeeded: range.count)
    }

    @inline(__always)
    private func scan(_ cells: UnsafeMutablePointer<Cell>, _ width: Int, _ n: Int, _ batch: TextBatch, _ column: Column) -> Int {
        // Every cell takes the exact path below: booleans are few and short, and `1.234` looks canonical where the comma is the point.
        if column.type == .boolean || !column.cleansSurface || (column.kind == Int32(CSCAN_NUMBER) && column.number.decimalComma)
        {
            var found = 0
            for r in 0..<n where !cells[r &* width].isMissing {
                odd[found] = UInt32(truncatingIfNeeded: r)
                found &+= 1
            }
            return found
        }
        return withUnsafePointer(to: column.words.firsts) { firsts in
            firsts.withMemoryRebound(to: UInt64.self, capacity: 4) {
                cscan_odd_cells(
                    cells, width, n, batch.base, batch.arena.base, column.kind, $0,
                    column.kind == Int32(CSCAN_NUMBER) ? UInt32(column.number.decimals) : column.words.lengths, odd)
            }
        }
    }

    /// The commonest changes, which need no copy: outer blanks go, and zeros at the end of a decimal. False: nothing was done.
    @inline(__always)
    private func shorten(
        _ batch: TextBatch, row: Int, at cell: UnsafeMutablePointer<Cell>, _ c: Int, _ column: Column, _ recorder: ChangeRecorder?
    ) -> Bool {
        let p = batch.pointer(cell.pointee)
        let n = cell.pointee.length
        guard n > 0 else { return false }
        var lead = 0
        var length = n
        var transformation = Transformation.trim
        if column.kind == Int32(CSCAN_TEXT) {
            guard column.cleansSurface, column.type == .text else { return false }
            while lead < n, p[lead] == 0x20 { lead &+= 1 }
            length = n &- lead
            while length > 0, p[lead &+ length &- 1] == 0x20 { length &-= 1 }
            guard length > 0, cscan_is_plain(p + lead, length) == 1, !column.words.matches(p + lead, length) else { return false }
            if length == n { return true }
        } else if column.kind == Int32(CSCAN_NUMBER) {
            let kept = column.number.decimals
            guard n <= 16, kept > 0 || p[n &- 1] == 0x30, !column.number.decimalComma, p[0] &- 0x31 < 9 else { return false }
            var i = 1
            while i < n, p[i] &- 0x30 < 10 { i &+= 1 }
            let point = i
            guard i < n, p[i] == 0x2E else { return false }
            i &+= 1
            while i < n, p[i] &- 0x30 < 10 { i &+= 1 }
            guard i == n, length &- point &- 1 >= kept else { return false }
            while p[length &- 1] == 0x30, length &- point &- 1 > kept { length &-= 1 }
            if length == point &+ 1 { length = point }
            if length == n { return true }
            transformation = .numberFormat
        } else {
            return false
        }
        recorder?.record(
            ordinal: batch.ordinals[row], column: c, transformation, confidence: 1,
            original: UnsafeBufferPointer(start: p, count: n),
            cleaned: UnsafeBufferPointer(start: p + lead, count: length))
        cell.pointee.offset &+= UInt32(truncatingIfNeeded: lead)
        cell.pointee.meta = cell.pointee.meta & Cell.arenaFlag | UInt32(truncatingIfNeeded: length)
        return true
    }

    /// The exact path for one cell.
    private func change(
        _ batch: TextBatch, row: Int, at cell: UnsafeMutablePointer<Cell>, _ c: Int, _ column: Column, _ recorder: ChangeRecorder?
    ) {
        let p = batch.pointer(cell.pointee)
        let n = cell.pointee.length
        if n == 0 {
            cell.pointee = .missing
            return
        }
        var flags = Surface.Flags()
        var clean = p
        var length = n
        if column.type == .timestamp, n == 19, p[10] == 0x20 {
            // ISO but for the blank, as databases print it.
            small.update(from: p, count: 19)
            small[10] = 0x54
            if CanonicalText.parseTimestamp(small, 19) != nil {
                let text = UnsafeBufferPointer(start: UnsafePointer(small), count: 19)
                recorder?.record(
                    ordinal: batch.ordinals[row], column: c, .dateISO, confidence: 1,
                    original: UnsafeBufferPointer(start: p, count: n),
                    cleaned: text)
                cell.pointee = batch.store(text)
                return
            }
        }
        var isDecoded = false
        if column.cleansSurface, cscan_is_plain(p, n) == 0 {
            scratch.removeAll()
            let room = scratch.reserve(2 &* n)
            if column.type == .text, let decoded = Mojibake.repair(p, n, room + n) {
                clean = UnsafePointer(room + n)
                length = decoded
                isDecoded = true
            }
            if !isDecoded, Mojibake.isLossy(p, n) {
                let text = UnsafeBufferPointer(start: p, count: n)
                recorder?.record(
                    ordinal: batch.ordinals[row], column: c, .encoding, confidence: 0.9, original: text, cleaned: text,
                    isSuggestion: true)
            }
            let surfaced = column.surface.clean(clean, length, room, &flags)
            if !flags.isEmpty {
                clean = UnsafePointer(room)
                length = surfaced
            }
        }
        if length == 0 || column.words.matches(clean, length) {
            cell.pointee = .missing
            recorder?.record(
                ordinal: batch.ordinals[row], column: c, length == 0 ? .trim : .nullToken, confidence: length == 0 ? 1 : 0.95,
                original: UnsafeBufferPointer(start: p, count: n), cleaned: nil)
            return
        }
        var transformation = Transformation.trim
        var confidence: Float = 1
        if let typed = canonical(clean, length, column) {
            if typed.length != length || !equal(small, clean, length) {
                clean = UnsafePointer(small)
                length = typed.length
                transformation = typed.transformation
                confidence = typed.confidence
            } else if flags.isEmpty, !isDecoded {
                return
            }
        } else if flags.isEmpty, !isDecoded {
            return
        }
        if isDecoded {
            transformation = .encoding
            confidence = 0.99
        } else if clean != UnsafePointer(small) {
            transformation =
                flags.contains(.nfc)
                ? .nfc : flags.contains(.control) ? .controlChars : flags.contains(.whitespace) ? .whitespace : .trim
        }
        recorder?.record(
            ordinal: batch.ordinals[row], column: c, transformation, confidence: confidence,
            original: UnsafeBufferPointer(start: p, count: n), cleaned: UnsafeBufferPointer(start: clean, count: length))
        store(batch, cell, original: p, n, clean, length)
    }

    /// A cleaned text that is part of the original needs no copy.
    private func store(
        _ batch: TextBatch, _ cell: UnsafeMutablePointer<Cell>, original p: UnsafePointer<UInt8>, _ n: Int,
        _ clean: UnsafePointer<UInt8>, _ length: Int
    ) {
        var lead = 0
        while lead < n, p[lead] <= 0x20 { lead &+= 1 }
        if lead &+ length <= n, equal(p + lead, clean, length) {
            cell.pointee.offset &+= UInt32(truncatingIfNeeded: lead)
            cell.pointee.meta = cell.pointee.meta & Cell.arenaFlag | UInt32(truncatingIfNeeded: length)
        } else {
            cell.pointee = batch.store(UnsafeBufferPointer(start: clean, count: length))
        }
    }

    private func canonical(
        _ p: UnsafePointer<UInt8>, _ n: Int, _ column: Column
    ) -> (length: Int, transformation: Transformation, confidence: Float)? {
        switch column.type {
        case .text: return nil
        case .integer, .decimal:
            let length = column.number.canonical(p, n, small)
            if length > 0 { return (length, .numberFormat, 1) }
            guard column.readsWords, let value = NumberWords.value(UnsafeBufferPointer(start: p, count: n)) else { return nil }
            let digits = Array(LooseNumber.text(Double(value), decimals: column.number.decimals).utf8)
            small.update(from: digits, count: digits.count)
            return (digits.count, .numberFormat, 0.97)
        case .boolean:
            guard let value = BooleanWords.value(p, n) else { return nil }
            return (CanonicalText.write(boolean: value, to: small), .booleanFormat, 1)
        case .date:
            let reading = column.date.canonical(p, n, small)
            switch reading.form {
            case .date: return (reading.length, .dateISO, reading.isISO ? 1 : reading.isAmbiguous ? 0.9 : 0.97)
            // A column of days may hold midnights.
            case .timestamp:
                for (i, c) in "T00:00:00".utf8.enumerated() where small[10 + i] != c { return nil }
                return reading.length == 19 ? (10, .dateISO, 0.97) : nil
            default: return nil
            }
        case .timestamp:
            let reading = column.date.canonical(p, n, small)
            guard reading.form != .none, reading.form != .date else { return nil }
            return (reading.length, .dateISO, reading.isISO ? 1 : reading.isAmbiguous ? 0.9 : 0.97)
        }
    }

    @inline(__always)
    private func equal(_ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ n: Int) -> Bool {
        for i in 0..<n where a[i] != b[i] { return false }
        return true
    }
}

/// Words for true and false.
enum BooleanWords {
    static func value(_ p: UnsafePointer<UInt8>, _ n: Int) -> Bool? {
        guard n > 0, n <= 5 else { return nil }
        var word: UInt64 = 0
        for i in 0..<n { word = word << 8 | UInt64(p[i] &- 0x41 < 26 ? p[i] | 0x20 : p[i]) }
        switch word {
        case 0x7472_7565, 0x7965_73, 0x79, 0x74, 0x31: return true
        case 0x66_616C_7365, 0x6E6F, 0x6E, 0x66, 0x30: return false
        default: return nil
        }
    }
}
