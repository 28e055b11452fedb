/// The cells of one row in fixed slots, with the clean value beside every corrupted cell. Reused for all rows of a thread.
final class RowBuffer {
    /// Bytes per cell; writers never go past ``usable``.
    static let slot = 160
    static let usable = 120
    let columns: Int
    let bytes: UnsafeMutablePointer<UInt8>
    let lengths: UnsafeMutablePointer<Int>
    /// Why the cell differs from its clean value; `.none` for clean cells.
    let corruption: UnsafeMutablePointer<Corruption>
    private let cleanBytes: UnsafeMutablePointer<UInt8>
    private let cleanLengths: UnsafeMutablePointer<Int>
    var kind = RowKind.original
    /// The row that this one duplicates; -1 for originals.
    var source = -1

    init(columns: Int) {
        self.columns = columns
        bytes = .allocate(capacity: columns * Self.slot)
        bytes.initialize(repeating: 0, count: columns * Self.slot)
        cleanBytes = .allocate(capacity: columns * Self.slot)
        cleanBytes.initialize(repeating: 0, count: columns * Self.slot)
        lengths = .allocate(capacity: columns)
        lengths.initialize(repeating: 0, count: columns)
        cleanLengths = .allocate(capacity: columns)
        cleanLengths.initialize(repeating: 0, count: columns)
        corruption = .allocate(capacity: columns)
        corruption.initialize(repeating: .none, count: columns)
    }
    deinit {
        bytes.deallocate()
        cleanBytes.deallocate()
        lengths.deallocate()
        cleanLengths.deallocate()
        corruption.deallocate()
    }

    @inline(__always) func start(_ column: Int) -> UnsafeMutablePointer<UInt8> { bytes + column &* Self.slot }
    @inline(__always) func cell(_ column: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: start(column), count: lengths[column])
    }
    /// The value before corruption.
    func cleanCell(_ column: Int) -> UnsafeBufferPointer<UInt8> {
        guard corruption[column] != .none else { return cell(column) }
        return UnsafeBufferPointer(start: cleanBytes + column * Self.slot, count: cleanLengths[column])
    }
    /// Forgets what was corrupted.
    func markClean() { corruption.update(repeating: .none, count: columns) }
    /// Remembers the present value as the clean one, if the cell is not corrupted yet, and notes the reason of the change to come.
    func willCorrupt(_ column: Int, _ reason: Corruption) {
        if corruption[column] == .none {
            (cleanBytes + column * Self.slot).update(from: start(column), count: lengths[column])
            cleanLengths[column] = lengths[column]
        }
        corruption[column] = reason
    }
    func set(_ column: Int, _ text: StaticString) {
        start(column).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        lengths[column] = text.utf8CodeUnitCount
    }
    /// Starts writing a cell from its beginning.
    @inline(__always) func writer(_ column: Int) -> CellWriter { CellWriter(start(column)) }
    @inline(__always) func finish(_ column: Int, _ writer: CellWriter) { lengths[column] = writer.count }
}

/// Appends text to one slot of a ``RowBuffer``.
struct CellWriter {
    private let start: UnsafeMutablePointer<UInt8>
    private var at: UnsafeMutablePointer<UInt8>

    @inline(__always) init(_ start: UnsafeMutablePointer<UInt8>) {
        self.start = start
        at = start
    }
    @inline(__always) var count: Int { at - start }

    @inline(__always) mutating func byte(_ b: UInt8) {
        at.pointee = b
        at += 1
    }
    @inline(__always) mutating func text(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let base = bytes.baseAddress else { return }
        at.update(from: base, count: bytes.count)
        at += bytes.count
    }
    @inline(__always) mutating func text(_ literal: StaticString) {
        at.update(from: literal.utf8Start, count: literal.utf8CodeUnitCount)
        at += literal.utf8CodeUnitCount
    }
    /// ASCII letters in lower case; other bytes, spaces and apostrophes left out.
    mutating func lowerLetters(_ bytes: UnsafeBufferPointer<UInt8>) {
        for b in bytes {
            let folded = b | 0x20
            if folded >= 0x61, folded <= 0x7A, b < 0x80 { byte(folded) }
        }
    }
    /// Exactly `digits` digits, with leading zeros.
    @inline(__always) mutating func fixed(_ value: Int, digits: Int) {
        var v = value
        var i = digits
        while i > 0 {
            i &-= 1
            at[i] = 0x30 &+ UInt8(truncatingIfNeeded: v % 10)
            v /= 10
        }
        at += digits
    }
    @inline(__always) mutating func number(_ value: Int) {
        var limit = 10
        var digits = 1
        while value >= limit {
            limit &*= 10
            digits &+= 1
        }
        fixed(value, digits: digits)
    }
    /// Hundredths as a decimal number: 1234 gives `12.34`.
    mutating func hundredths(_ value: Int) {
        number(value / 100)
        byte(0x2E)
        fixed(value % 100, digits: 2)
    }
    /// `YYYY-MM-DD` of a day counted from 1970-01-01.
    mutating func day(_ days: Int) {
        let date = CivilDate(daysSince1970: days)
        fixed(date.year, digits: 4)
        byte(0x2D)
        fixed(date.month, digits: 2)
        byte(0x2D)
        fixed(date.day, digits: 2)
    }
    /// `YYYY-MM-DDTHH:MM:SS` of a second counted from 1970-01-01.
    mutating func second(_ seconds: Int) {
        day(seconds / 86_400)
        let s = seconds % 86_400
        byte(0x54)
        fixed(s / 3600, digits: 2)
        byte(0x3A)
        fixed(s / 60 % 60, digits: 2)
        byte(0x3A)
        fixed(s % 60, digits: 2)
    }
}

/// A day of the proleptic Gregorian calendar.
///
/// - Source: "chrono-compatible low-level date algorithms", https://howardhinnant.github.io/date_algorithms.html
struct CivilDate {
    var year: Int
    var month: Int
    var day: Int

    @inline(__always) init(daysSince1970 days: Int) {
        let shifted = days &+ 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted &- era &* 146_097
        let yearOfEra = (dayOfEra &- dayOfEra / 1460 &+ dayOfEra / 36_524 &- dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra &- (365 &* yearOfEra &+ yearOfEra / 4 &- yearOfEra / 100)
        let shiftedMonth = (5 &* dayOfYear &+ 2) / 153
        day = dayOfYear &- (153 &* shiftedMonth &+ 2) / 5 &+ 1
        month = shiftedMonth < 10 ? shiftedMonth &+ 3 : shiftedMonth &- 9
        year = yearOfEra &+ era &* 400 &+ (month <= 2 ? 1 : 0)
    }
}
