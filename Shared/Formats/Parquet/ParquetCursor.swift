internal import CArrowShim
internal import CScan
internal import Domain
internal import Tabular

/// A place in a row group, moving forward batch by batch. One thread at a time.
final class ParquetCursor {
    let group: Int
    let batchRows: Int
    /// Row of the group that comes next.
    private(set) var position = 0
    private let handle: OpaquePointer
    private let table: ParquetTable

    init(_ handle: OpaquePointer, table: ParquetTable, group: Int, batchRows: Int) {
        self.handle = handle
        self.table = table
        self.group = group
        self.batchRows = batchRows
    }
    deinit { sarrow_cursor_free(handle) }

    /// Passes over whole batches until `row` is in the next one.
    func skip(to row: Int) throws {
        while position + batchRows <= row {
            var rows: Int64 = 0
            try table.bridge.check { sarrow_cursor_skip(handle, &rows, $0) }
            guard rows > 0 else { throw endsEarly(row) }
            position += Int(rows)
        }
    }

    /// Appends the rows of `wanted` that the following batches hold, up to the end of `wanted`.
    /// - Throws: `inputUnreadable` when the row group has fewer rows.
    func read(_ wanted: Range<Int>, into batch: TextBatch) throws {
        while position < wanted.upperBound {
            var count: Int64 = 0
            try table.bridge.check { sarrow_cursor_next(handle, &count, $0) }
            guard count > 0 else { throw endsEarly(wanted.upperBound) }
            let here = position..<position + Int(count)
            position = here.upperBound
            let taken = here.clamped(to: wanted)
            if taken.isEmpty { continue }
            let local = taken.lowerBound - here.lowerBound..<taken.upperBound - here.lowerBound
            batch.reserveRows(batch.rows + local.count)
            let first = batch.rows
            for c in table.columns.indices {
                let printer = ColumnPrinter(sarrow_cursor_column(handle, Int32(c)))
                try printer.print(local, column: c, row: first, into: batch)
            }
            for row in first..<first + local.count { batch.commitRow(ordinal: row) }
        }
    }

    private func endsEarly(_ row: Int) -> SanitizerError {
        SanitizerError(.inputUnreadable, "parquet: row group \(group) ends after \(position) rows, \(row) were announced")
    }
}

/// Prints the values of one decoded column as canonical text into the cells of a batch.
private struct ColumnPrinter {
    /// Cells address their text with 32 bits; a chunk that comes near is a bomb or a mistake.
    private static let textLimit = 1 << 30
    private let column: sarrow_column

    init(_ column: sarrow_column) { self.column = column }

    func print(_ rows: Range<Int>, column c: Int, row first: Int, into batch: TextBatch) throws {
        let to = batch.cells + (first * batch.columns + c)
        let step = batch.columns
        switch Int(column.kind) {
        case SARROW_TEXT32: try texts(rows, Int32.self, to, step, batch.arena)
        case SARROW_TEXT64: try texts(rows, Int64.self, to, step, batch.arena)
        case SARROW_INT64:
            try values(rows, Int64.self, to, step, batch.arena) { CanonicalText.write(integer: $0, to: $1) }
        case SARROW_DOUBLE:
            try values(rows, Double.self, to, step, batch.arena) {
                $0.isFinite
                    ? CanonicalText.write(decimal: $0, to: $1) : Self.write($0.isNaN ? "NaN" : $0 < 0 ? "-inf" : "inf", to: $1)
            }
        case SARROW_FLOAT:
            // The shortest text of the single value: 0.1, not 0.10000000149011612.
            try values(rows, Float.self, to, step, batch.arena) {
                $0.isFinite
                    ? CanonicalText.write(decimal: Double($0.description) ?? Double($0), to: $1)
                    : Self.write($0.isNaN ? "NaN" : $0 < 0 ? "-inf" : "inf", to: $1)
            }
        case SARROW_DATE:
            try values(rows, Int32.self, to, step, batch.arena) { days, out in
                let n = CanonicalText.write(date: days, to: out)
                return n > 0 ? n : Self.write(Self.farDate(days), to: out)
            }
        case SARROW_TIMESTAMP:
            let utc = column.utc
            let scale = column.scale
            try values(rows, Int64.self, to, step, batch.arena) { Self.write(timestamp: $0, scale: scale, utc: utc, to: $1) }
        case SARROW_BOOL:
            let bits = column.values?.assumingMemoryBound(to: UInt8.self)
            try each(rows, to, step, batch.arena, room: 8) { row, out in
                let bit = row + Int(column.bit_offset)
                return CanonicalText.write(boolean: bits.map { $0[bit >> 3] >> (bit & 7) & 1 == 1 } ?? false, to: out)
            }
        default:
            for i in 0..<rows.count { to[i * step] = .missing }
        }
    }

    @inline(__always)
    private func isMissing(_ row: Int) -> Bool {
        guard let validity = column.validity else { return false }
        let bit = row &+ Int(column.bit_offset)
        return validity[bit >> 3] >> UInt8(truncatingIfNeeded: bit & 7) & 1 == 0
    }

    @inline(__always)
    private func each(
        _ rows: Range<Int>, _ to: UnsafeMutablePointer<Cell>, _ step: Int, _ arena: ByteArena, room: Int,
        _ write: (Int, UnsafeMutablePointer<UInt8>) -> Int
    ) throws {
        try Self.check(arena, adding: rows.count * 24)
        var cell = to
        for row in rows {
            if isMissing(row) {
                cell.pointee = .missing
            } else {
                let n = write(row, arena.reserve(room))
                cell.pointee = Cell(arena: arena.commit(n), length: n)
            }
            cell += step
        }
    }

    @inline(__always)
    private func values<T>(
        _ rows: Range<Int>, _: T.Type, _ to: UnsafeMutablePointer<Cell>, _ step: Int, _ arena: ByteArena,
        _ write: (T, UnsafeMutablePointer<UInt8>) -> Int
    ) throws {
        guard let values = column.values?.assumingMemoryBound(to: T.self) else {
            for i in 0..<rows.count { to[i * step] = .missing }
            return
        }
        try each(rows, to, step, arena, room: 64) { write(values[$0], $1) }
    }

    private func texts<Offset: FixedWidthInteger>(
        _ rows: Range<Int>, _: Offset.Type, _ to: UnsafeMutablePointer<Cell>, _ step: Int, _ arena: ByteArena
    ) throws {
        guard let offsets = column.offsets?.assumingMemoryBound(to: Offset.self), !rows.isEmpty else {
            for i in 0..<rows.count { to[i * step] = .missing }
            return
        }
        // All the texts are copied in one go; cells then point into the copy.
        let start = Int(offsets[rows.lowerBound])
        let length = Int(offsets[rows.upperBound]) - start
        guard start >= 0, length >= 0 else { throw SanitizerError(.inputUnreadable, "parquet: text offsets are out of order") }
        try Self.check(arena, adding: length)
        var base = arena.count
        if length > 0, let values = column.values {
            base = arena.append(UnsafeBufferPointer(start: values.assumingMemoryBound(to: UInt8.self) + start, count: length))
        }
        var cell = to
        for row in rows {
            if isMissing(row) {
                cell.pointee = .missing
            } else {
                let from = Int(offsets[row]) &- start
                cell.pointee = Cell(arena: base &+ from, length: Int(offsets[row &+ 1]) &- start &- from)
            }
            cell += step
        }
        if length > 0, cscan_is_ascii(arena.base + base, length) == 0 { try spellBytes(rows.count, to, step, arena) }
    }

    /// Cells that are no text are spelled in hexadecimal: `0x00ff`.
    private func spellBytes(_ rows: Int, _ to: UnsafeMutablePointer<Cell>, _ step: Int, _ arena: ByteArena) throws {
        for row in 0..<rows {
            let cell = to[row * step]
            guard !cell.isMissing, cscan_utf8_valid(arena.base + Int(cell.offset), cell.length) == 0 else { continue }
            let length = 2 + 2 * cell.length
            try Self.check(arena, adding: length)
            let out = arena.reserve(length)
            out[0] = UInt8(ascii: "0")
            out[1] = UInt8(ascii: "x")
            for i in 0..<cell.length {
                let byte = arena.base[Int(cell.offset) + i]
                out[2 + 2 * i] = Self.hexDigit(byte >> 4)
                out[3 + 2 * i] = Self.hexDigit(byte & 15)
            }
            to[row * step] = Cell(arena: arena.commit(length), length: length)
        }
    }
    private static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

    private static func check(_ arena: ByteArena, adding n: Int) throws {
        guard n <= textLimit, arena.count <= textLimit - n else {
            throw SanitizerError(
                .limitExceeded, "parquet: a chunk holds more than 1 GiB of text; rewrite the file with smaller row groups")
        }
    }

    private static func write(_ text: String, to out: UnsafeMutablePointer<UInt8>) -> Int {
        var n = 0
        for b in text.utf8 {
            out[n] = b
            n += 1
        }
        return n
    }
    /// Outside the years 1 to 9999: ISO 8601 expanded form.
    private static func farDate(_ days: Int32) -> String {
        let (year, month, day) = CanonicalText.civil(days: days)
        let digits = String(year.magnitude)
        return "\(year < 0 ? "-" : year > 9999 ? "+" : "")\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)"
            + "-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
    }
    /// Nanoseconds that are no whole microseconds keep nine digits.
    private static func write(timestamp value: Int64, scale: Int64, utc: Bool, to out: UnsafeMutablePointer<UInt8>) -> Int {
        var micros = value / scale
        var rest = value % scale
        if rest < 0 {
            rest += scale
            micros -= 1
        }
        var n = CanonicalText.write(timestamp: .init(micros: micros, isUTC: utc && rest == 0), to: out)
        if n == 0 {
            let perDay: Int64 = 86_400_000_000
            let day = micros >= 0 ? micros / perDay : (micros - perDay + 1) / perDay
            let clock = CanonicalText.write(timestamp: .init(micros: micros - day * perDay, isUTC: utc), to: out)
            let time = String(decoding: UnsafeBufferPointer(start: out + 10, count: max(clock - 10, 0)), as: UTF8.self)
            return write(farDate(Int32(clamping: day)) + time, to: out)
        }
        guard rest != 0 else { return n }
        if n == 19 { n += write(".000000", to: out + n) }
        for divisor in [Int64(100), 10, 1] {
            out[n] = 0x30 + UInt8(rest / divisor % 10)
            n += 1
        }
        if utc { n += write("Z", to: out + n) }
        return n
    }
}
