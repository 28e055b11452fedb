internal import CArrowShim
internal import Domain
internal import Tabular

/// Prints the values of one decoded column as canonical text into cells. Texts are UTF-8: the shim has seen to that.
struct ColumnPrinter {
    /// Cells address their text with 32 bits; a chunk that comes near is a bomb or a mistake.
    private static let textLimit = 1 << 30
    private let column: sarrow_column
    private let arena: ByteArena

    init(_ column: sarrow_column, arena: ByteArena) {
        self.column = column
        self.arena = arena
    }

    /// Lets the shim put texts into an arena, see `sarrow_arena`.
    static let takeText:
        @convention(c) (UnsafeMutableRawPointer?, Int64, UnsafeMutablePointer<UInt32>?) -> UnsafeMutablePointer<UInt8>? = {
            context, count, offset in
            guard let context, let offset else { return nil }
            let arena = Unmanaged<ByteArena>.fromOpaque(context).takeUnretainedValue()
            let n = Int(count)
            guard n <= textLimit, arena.count <= textLimit - n else { return nil }
            let to = arena.reserve(n)
            offset.pointee = UInt32(arena.commit(n))
            return to
        }

    /// Writes the cells of some rows, `step` apart.
    func print(_ rows: Range<Int>, to: UnsafeMutablePointer<Cell>, step: Int) throws {
        switch Int(column.kind) {
        case SARROW_TEXT32: try texts(rows, Int32.self, to, step)
        case SARROW_TEXT64: try texts(rows, Int64.self, to, step)
        case SARROW_INT64:
            try values(rows, Int64.self, to, step) { CanonicalText.write(integer: $0, to: $1) }
        case SARROW_DOUBLE:
            try values(rows, Double.self, to, step) {
                $0.isFinite
                    ? CanonicalText.write(decimal: $0, to: $1) : Self.write($0.isNaN ? "NaN" : $0 < 0 ? "-inf" : "inf", to: $1)
            }
        case SARROW_FLOAT:
            // The shortest text of the single value: 0.1, not 0.10000000149011612.
            try values(rows, Float.self, to, step) {
                $0.isFinite
                    ? CanonicalText.write(decimal: $0, to: $1)
                    : Self.write($0.isNaN ? "NaN" : $0 < 0 ? "-inf" : "inf", to: $1)
            }
        case SARROW_DATE:
            try values(rows, Int32.self, to, step) { days, out in
                let n = CanonicalText.write(date: days, to: out)
                return n > 0 ? n : Self.write(Self.farDate(days), to: out)
            }
        case SARROW_TIMESTAMP:
            let utc = column.utc
            let scale = column.scale
            try values(rows, Int64.self, to, step) { Self.write(timestamp: $0, scale: scale, utc: utc, to: $1) }
        case SARROW_BOOL:
            let bits = column.values?.assumingMemoryBound(to: UInt8.self)
            try each(rows, to, step, room: 8) { row, out in
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
        _ rows: Range<Int>, _ to: UnsafeMutablePointer<Cell>, _ step: Int, room: Int,
        _ write: (Int, UnsafeMutablePointer<UInt8>) -> Int
    ) throws {
        try check(adding: rows.count * room)
        let start = arena.count
        let out = arena.reserve(rows.count * room)
        var used = 0
        var cell = to
        for row in rows {
            if isMissing(row) {
                cell.pointee = .missing
            } else {
                let n = write(row, out + used)
                cell.pointee = Cell(arena: start &+ used, length: n)
                used &+= n
            }
            cell += step
        }
        arena.commit(used)
    }

    @inline(__always)
    private func values<T>(
        _ rows: Range<Int>, _: T.Type, _ to: UnsafeMutablePointer<Cell>, _ step: Int,
        _ write: (T, UnsafeMutablePointer<UInt8>) -> Int
    ) throws {
        guard let values = column.values?.assumingMemoryBound(to: T.self) else {
            for i in 0..<rows.count { to[i * step] = .missing }
            return
        }
        try each(rows, to, step, room: 64) { write(values[$0], $1) }
    }

    private func texts<Offset: FixedWidthInteger>(
        _ rows: Range<Int>, _: Offset.Type, _ to: UnsafeMutablePointer<Cell>, _ step: Int
    ) throws {
        guard let offsets = column.offsets?.assumingMemoryBound(to: Offset.self), !rows.isEmpty else {
            for i in 0..<rows.count { to[i * step] = .missing }
            return
        }
        // All the texts are copied in one go; cells then point into the copy.
        let start = Int(offsets[rows.lowerBound])
        let length = Int(offsets[rows.upperBound]) - start
        guard start >= 0, length >= 0 else { throw SanitizerError(.inputUnreadable, "parquet: text offsets are out of order") }
        try check(adding: length)
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
    }

    private func check(adding n: Int) throws {
        guard n <= Self.textLimit, arena.count <= Self.textLimit - n else {
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
            var day = micros / perDay
            var clockMicros = micros % perDay
            if clockMicros < 0 {
                clockMicros += perDay
                day -= 1
            }
            let clock = CanonicalText.write(timestamp: .init(micros: clockMicros, isUTC: utc), to: out)
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
