internal import CScan
internal import Domain
internal import Glibc
internal import Tabular

/// Reads one chunk into cells: clean rows by the vector kernel, every other record by ``RecordReader``.
final class ChunkParser {
    private static let escapedRows = 4096
    private static let trailingBytes = 1 << 20

    private let detection: Detection
    private let dialect: CSVDialect
    private let source: any ByteSource
    private let chunk: ChunkDescriptor
    private let maxRows: Int
    private let columns: Int

    private let window: TextWindow
    private var end = 0
    private let reader: RecordReader
    private let batch: TextBatch
    private let repair: RowRepair
    private var position = 0
    private var lines = 0
    private var capacity = 0

    init(_ detection: Detection, _ dialect: CSVDialect, _ source: any ByteSource, _ chunk: ChunkDescriptor, maxRows: Int) throws {
        self.detection = detection
        self.dialect = dialect
        self.source = source
        self.chunk = chunk
        self.maxRows = maxRows
        columns = detection.columns.count
        let most = chunk.isOversized ? RowProblem.rawLimit + 4 : 64 << 20
        window = TextWindow(source, from: chunk.offset, capacity: Int(min(chunk.length, Int64(most))) + 16)
        reader = RecordReader(rowsOf: dialect)
        let base = UnsafePointer(window.memory.pointer)
        batch = TextBatch(columns: columns, base: base, owner: window.memory, rowCapacity: 16)
        repair = RowRepair(detection, dialect, batch)
    }

    /// Every byte of the chunk was looked at.
    var isAtEnd: Bool { position >= end }

    func parse() throws -> TextBatch {
        if chunk.index == 0 { try report(.preamble, from: dialect.textOffset, to: dialect.headerOffset, line: 1) }
        if chunk.isOversized {
            try rejectWhole()
        } else {
            end = try window.load(until: chunk.offset + chunk.length)
            takeMemory()
            let start = UnsafePointer(window.memory.pointer)
            repair.isValid = cscan_utf8_valid(start, end) != 0
            if window.hasZeros, !window.isAtEnd { try extend() }
            reserve()
            try parseRows()
            batch.lineCount = lines
        }
        if chunk.trailingLength > 0, position >= end || chunk.isOversized {
            let from = chunk.offset + chunk.length
            let to = min(from + chunk.trailingLength, from + Int64(Self.trailingBytes))
            try report(.footnote, from: from, to: to, line: chunk.firstLine + lines)
        }
        batch.problems.sort { $0.byteOffset < $1.byteOffset }
        return batch
    }

    // MARK: - Memory

    private func takeMemory() {
        batch.base = UnsafePointer(window.memory.pointer)
        batch.owner = window.memory
        reader.setText(UnsafePointer(window.memory.pointer), count: window.count)
    }
    /// Reads what records at the end of the chunk may look ahead to.
    private func extend() throws {
        try window.extend(by: reader.lookahead)
        takeMemory()
    }
    private var tooLong: String { "record exceeds \(reader.recordBytes) bytes" }
    private var slack: Int { (columns + 64) / columns + 2 }

    /// Room for about as many rows as the chunk has, judged by its start.
    private func reserve() {
        let sample = min(end, 64 << 10)
        let ends = sample == 0 ? 0 : cscan_count(window.memory.pointer, sample, 0x0A)
        let guess = ends == 0 ? 64 : Int(Double(ends) * Double(end) / Double(sample) * 1.1) + 64
        capacity = min(guess, maxRows < .max - 64 ? maxRows + 64 : guess)
        batch.reserveRows(capacity + slack)
    }
    private func grow() {
        capacity = max(capacity * 2, batch.rows + 64)
        batch.reserveRows(capacity + slack)
    }

    // MARK: - Rows

    private var suitsKernel: Bool {
        let regular = dialect.isRigid ? dialect.width : columns
        return dialect.delimiter.count == 1 && !dialect.isPadded && !dialect.loneCarriageReturn && !dialect.collapsesSpaces
            && regular >= 2 && !window.hasZeros && detection.limits?.fieldBytes == nil
    }

    private func parseRows() throws {
        let suitsKernel = suitsKernel
        let escaped = UnsafeMutablePointer<UInt32>.allocate(capacity: Self.escapedRows)
        defer { escaped.deallocate() }
        while position < end, batch.rows < maxRows {
            guard suitsKernel else {
                try readRecord()
                continue
            }
            let first = batch.rows
            if first >= capacity { grow() }
            var scan = cscan_scan_rows_t()
            scan.base = batch.base
            scan.position = UInt64(position)
            scan.end = UInt64(end)
            scan.delimiter = dialect.delimiter[0]
            scan.quote = dialect.quote ?? scan.delimiter
            scan.escape = dialect.escape ?? scan.delimiter
            scan.accepts_any_width = dialect.isRigid ? 0 : 1
            scan.width = UInt32(dialect.isRigid ? dialect.width : columns)
            scan.stride = UInt32(columns)
            scan.record_limit = UInt64(reader.recordBytes)
            scan.cells = UnsafeMutableRawPointer(batch.cells + first * columns).assumingMemoryBound(to: UInt64.self)
            scan.row_capacity = UInt64(min(capacity - first, maxRows - first))
            scan.escaped = escaped
            scan.escaped_capacity = UInt64(Self.escapedRows)
            let status = cscan_scan_rows(&scan)
            let rows = Int(scan.rows)
            repair.finish(
                first, rows, escaped: UnsafeBufferPointer(start: escaped, count: Int(scan.escaped_count)),
                place: place(at: position))
            position = Int(scan.position)
            lines += rows + Int(scan.blank_lines)
            if status == CSCAN_SCAN_DONE { break }
            if status == CSCAN_SCAN_FULL { continue }
            try readRecord()
        }
    }

    private func place(at position: Int) -> RowPlace {
        RowPlace(window: window, position: position, line: chunk.firstLine + lines)
    }

    /// One record by the tolerant rules.
    private func readRecord() throws {
        if end - position < reader.lookahead, window.end - position < reader.lookahead, !window.isAtEnd {
            try extend()
        }
        let outcome = reader.record(at: position)
        let place = place(at: position)
        let start = position
        switch outcome.kind {
        case .blank:
            lines += 1
            position = max(outcome.next, start + 1)
        case .oversized:
            position = lineEnd(outcome.next)
            lines += 1
            repair.reject(place, from: start, to: position, tooLong)
        case .row:
            lines += outcome.lines
            position = max(outcome.next, start + 1)
            // Rows kept as read: an empty line is no row of several columns; an empty cell in quotes is one.
            if columns > 1, reader.fields.count == 1, reader.fields[0].length == 0, outcome.problem == nil,
                !hasQuote(start, position)
            {
                return
            }
            if batch.rows >= capacity { grow() }
            repair.append(reader, outcome, place, from: start, to: min(position, window.count))
        }
    }

    private func hasQuote(_ start: Int, _ stop: Int) -> Bool {
        dialect.quote.map { reader.find($0, start, min(stop, window.count)) != nil } ?? false
    }

    private func lineEnd(_ start: Int) -> Int {
        let base = window.memory.pointer
        var i = start
        while i < end, base[i] != 0x0A, !(dialect.loneCarriageReturn && base[i] == 0x0D) { i += 1 }
        guard i < end else { return end }
        return base[i] == 0x0D && i + 1 < end && base[i + 1] == 0x0A ? i + 2 : i + 1
    }

    // MARK: - What is not part of the table

    private func rejectWhole() throws {
        lines = 1
        let size = Int(min(chunk.length, Int64(RowProblem.rawLimit)))
        end = try window.load(until: chunk.offset + Int64(size))
        takeMemory()
        repair.reject(RowPlace(window: window, position: 0, line: chunk.firstLine), from: 0, to: end, tooLong)
        batch.lineCount = 1
    }

    /// Reports the lines of a stretch that is not blank, each alone.
    private func report(_ code: RowProblem.Code, from: Int64, to: Int64, line: Int) throws {
        guard to > from else { return }
        let bytes = try source.read(at: from, count: Int(min(to - from, Int64(Self.trailingBytes))))
        var start = 0
        var number = line
        while start < bytes.count {
            var stop = start
            while stop < bytes.count, bytes[stop] != 0x0A, !(dialect.loneCarriageReturn && bytes[stop] == 0x0D) { stop += 1 }
            let text = bytes[start..<stop].filter { $0 != 0 }
            if text.contains(where: { !isSpaceByte($0) }) {
                let reason = code == .preamble ? "line above the table" : "line below the table"
                batch.problems.append(
                    RowProblem(
                        code: code, isReject: false, record: -1, line: number, byteOffset: from + Int64(start), reason: reason,
                        raw: RowProblem.raw(text.prefix(RowProblem.rawLimit))))
            }
            if stop < bytes.count, bytes[stop] == 0x0D, stop + 1 < bytes.count, bytes[stop + 1] == 0x0A { stop += 1 }
            start = stop + 1
            number += 1
        }
    }
}
