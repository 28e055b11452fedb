internal import CScan
internal import Domain
internal import Tabular

/// Where a record stands: resolved to offset and line only when something has to be said about it.
struct RowPlace {
    let window: TextWindow
    let position: Int
    let line: Int
}

/// What is done to rows after they were cut into cells: quotes unescaped, bad bytes decoded, repeated headers taken out, problems noted.
final class RowRepair {
    private let batch: TextBatch
    private let columns: Int
    private let quote: UInt8?
    private let names: [[UInt8]]
    /// So many columns that are unlike their names say that a row is not the header.
    private let tolerance: Int
    private let isLatin1: Bool
    private let reportsEncoding: Bool
    /// Bytes of a cell; nil: only the record is limited.
    private let fieldLimit: Int?
    /// The chunk is valid UTF-8 as a whole, so no cell has to be looked at.
    var isValid = true

    init(_ detection: Detection, _ dialect: CSVDialect, _ batch: TextBatch) {
        self.batch = batch
        columns = detection.columns.count
        quote = dialect.quote
        names = dialect.hasHeader && columns > 1 ? detection.columns.map { Array($0.utf8) } : []
        tolerance = columns / 4
        isLatin1 = detection.encoding == TextEncoding.latin1.rawValue
        fieldLimit = detection.limits?.fieldBytes
        reportsEncoding = detection.encoding == TextEncoding.utf8.rawValue
    }

    // MARK: - Rows of the kernel

    /// - Parameters:
    ///   - first: index of the first of `count` rows whose cells are written but not committed.
    ///   - escaped: rows, counted from `first`, that hold doubled quotes.
    ///   - place: of the first row; every row is one line (blank lines may stand between).
    func finish(_ first: Int, _ count: Int, escaped: UnsafeBufferPointer<UInt32>, place: RowPlace) {
        guard count > 0 else { return }
        if let quote {
            for row in escaped {
                let cells = batch.cells + (first + Int(row)) * columns
                for c in 0..<columns where batch.bytes(cells[c]).contains(quote) { cells[c] = unescaped(cells[c], quote) }
            }
        }
        var kept = count
        if !names.isEmpty {
            kept = 0
            for row in 0..<count {
                let cells = batch.cells + (first + row) * columns
                if isHeader(cells) {
                    noteHeader(cells, place, start(of: cells) ?? place.position)
                    continue
                }
                if kept != row { (batch.cells + (first + kept) * columns).update(from: cells, count: columns) }
                kept += 1
            }
        }
        if !isValid { decodeRows(first, kept, place) }
        let ordinal = batch.recordCount
        for i in 0..<kept { batch.ordinals[first + i] = UInt32(truncatingIfNeeded: ordinal + i) }
        batch.setRows(first + kept)
        batch.recordCount += kept
    }

    private func unescaped(_ cell: Cell, _ quote: UInt8) -> Cell {
        let out = batch.arena.reserve(cell.length)
        let text = batch.bytes(cell)
        var n = 0
        var i = 0
        while i < text.count {
            if text[i] == quote, i + 1 < text.count, text[i + 1] == quote { i += 1 }
            out[n] = text[i]
            n += 1
            i += 1
        }
        return Cell(arena: batch.arena.commit(n), length: n)
    }

    private func decodeRows(_ first: Int, _ count: Int, _ place: RowPlace) {
        var seen = place.position
        var line = place.line
        let base = batch.base
        for row in 0..<count {
            let cells = batch.cells + (first + row) * columns
            let found = start(of: cells) ?? seen
            guard decode(cells), reportsEncoding else { continue }
            // Lines are counted on from the last row that needed it.
            let start = max(found, seen)
            line += cscan_count(base + seen, start - seen, 0x0A)
            seen = start
            var stop = start
            while stop < place.window.count, base[stop] != 0x0A { stop += 1 }
            note(
                .badEncoding, batch.recordCount + row, RowPlace(window: place.window, position: start, line: line), start, stop,
                Self.encodingReason)
        }
    }
    private static let encodingReason = "bytes that are not utf-8 were read as windows-1252"

    /// The start of a kernel row's line, from its first cell in the text.
    private func start(of cells: UnsafeMutablePointer<Cell>) -> Int? {
        for c in 0..<columns where !cells[c].isInArena && !cells[c].isMissing {
            var start = Int(cells[c].offset)
            while start > 0, batch.base[start - 1] != 0x0A { start -= 1 }
            return start
        }
        return nil
    }

    /// Decodes cells that are not UTF-8; true when there was one.
    private func decode(_ cells: UnsafeMutablePointer<Cell>) -> Bool {
        var found = false
        for c in 0..<columns where !cells[c].isEmpty {
            let text = batch.bytes(cells[c])
            guard let start = text.baseAddress, cscan_utf8_valid(start, text.count) == 0 else { continue }
            cells[c] = Windows1252.decode(text, isLatin1: isLatin1, into: batch.arena)
            found = true
        }
        return found
    }

    // MARK: - Single records

    func append(_ reader: RecordReader, _ outcome: RecordOutcome, _ place: RowPlace, from: Int, to: Int) {
        if let fieldLimit, let longest = reader.fields.map(\.length).max(), longest > fieldLimit {
            return reject(place, from: from, to: to, "cell of \(longest) bytes exceeds \(fieldLimit)")
        }
        let cells = batch.reserveRow()
        let fields = reader.fields
        for c in 0..<columns {
            guard c < fields.count else {
                cells[c] = .missing
                continue
            }
            cells[c] =
                fields[c].inScratch
                ? batch.store(reader.text(fields[c])) : Cell(base: fields[c].start, length: fields[c].length)
        }
        if fields.count > columns, fields[columns...].contains(where: { $0.length > 0 }) {
            cells[columns - 1] = joined(reader, fields[(columns - 1)...])
        }
        if !names.isEmpty, isHeader(cells) {
            noteHeader(cells, place, place.position)
            return
        }
        let record = batch.recordCount
        if let problem = outcome.problem {
            note(problem.code, record, place, from, to, problem.reason)
        } else if fields.count > columns {
            note(.ragged, record, place, from, to, "\(fields.count) cells, expected \(columns)")
        }
        let zeros = place.window.hasZeros ? place.window.removed(before: to) - place.window.removed(before: from) : 0
        if zeros > 0 { note(.nulByte, record, place, from, to, "\(zeros) zero bytes removed") }
        if !isValid, decode(cells), reportsEncoding { note(.badEncoding, record, place, from, to, Self.encodingReason) }
        batch.commitRow(ordinal: record)
        batch.recordCount += 1
    }

    /// What no column is left for stays in the last cell, with its delimiters.
    private func joined(_ reader: RecordReader, _ fields: ArraySlice<FieldSpan>) -> Cell {
        var text: [UInt8] = []
        for (i, field) in fields.enumerated() {
            if i > 0 { text += reader.delimiter }
            text += reader.text(field)
        }
        return text.withUnsafeBufferPointer(batch.store)
    }

    /// A record that is not read; it keeps its ordinal.
    func reject(_ place: RowPlace, from: Int, to: Int, _ reason: String) {
        batch.problems.append(
            RowProblem(
                code: .tooLarge, isReject: true, record: batch.recordCount, line: place.line,
                byteOffset: place.window.offset(place.position), reason: reason,
                raw: raw(from, to)))
        batch.recordCount += 1
    }

    // MARK: - Problems

    private func note(_ code: RowProblem.Code, _ record: Int, _ place: RowPlace, _ from: Int, _ to: Int, _ reason: String) {
        batch.problems.append(
            RowProblem(
                code: code, isReject: false, record: record, line: place.line, byteOffset: place.window.offset(place.position),
                reason: reason, raw: raw(from, to)))
    }
    private func raw(_ from: Int, _ to: Int) -> String {
        var stop = min(to, from + RowProblem.rawLimit)
        while stop > from, batch.base[stop - 1] == 0x0A || batch.base[stop - 1] == 0x0D { stop -= 1 }
        return RowProblem.raw(UnsafeBufferPointer(start: batch.base + from, count: max(0, stop - from)))
    }

    /// The row repeats the header line: a table that was appended to another with its header.
    @inline(__always)
    private func isHeader(_ cells: UnsafeMutablePointer<Cell>) -> Bool {
        var unlike = 0
        for c in 0..<columns where cells[c].length != names[c].count {
            unlike += 1
            if unlike > tolerance { return false }
        }
        return equalsHeader(cells)
    }
    private func equalsHeader(_ cells: UnsafeMutablePointer<Cell>) -> Bool {
        // Renamed duplicates and numbered columns differ from the line itself.
        var equal = 0
        for c in 0..<columns where batch.bytes(cells[c]).elementsEqual(names[c]) { equal += 1 }
        return equal >= max(2, columns - tolerance)
    }
    private func noteHeader(_ cells: UnsafeMutablePointer<Cell>, _ place: RowPlace, _ start: Int) {
        let text = (0..<columns).map { Windows1252.string(batch.bytes(cells[$0])) }.joined(separator: ",")
        let line = place.line + cscan_count(batch.base + place.position, max(0, start - place.position), 0x0A)
        batch.problems.append(
            RowProblem(
                code: .preamble, isReject: false, record: -1, line: line, byteOffset: place.window.offset(start),
                reason: "header line repeated", raw: text))
    }
}

extension RowProblem {
    /// Raw text of a problem is cut here, in bytes.
    static let rawLimit = 64 << 10

    static func raw(_ bytes: some Sequence<UInt8>) -> String {
        Array(bytes).withUnsafeBufferPointer(Windows1252.string)
    }
}
