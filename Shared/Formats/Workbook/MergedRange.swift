internal import Tabular

/// Cells that are shown as one; numbers are 0-based and inclusive.
struct MergedRange {
    var rows: ClosedRange<Int>
    var columns: ClosedRange<Int>

    /// From `B2:D4`.
    init?(_ text: UnsafePointer<CChar>) {
        var p = text
        guard let first = CellReference(&p), p.pointee == 0x3A else { return nil }
        p += 1
        guard let last = CellReference(&p), first.row <= last.row, first.column <= last.column else { return nil }
        rows = first.row...last.row
        columns = first.column...last.column
    }
    init(rows: ClosedRange<Int>, columns: ClosedRange<Int>) {
        self.rows = rows
        self.columns = columns
    }
}

/// `AB12`: column and row, 0-based.
struct CellReference {
    var column = 0
    var row = 0

    /// Moves `p` behind the reference; dollar signs are passed over.
    init?(_ p: inout UnsafePointer<CChar>) {
        while p.pointee == 0x24 { p += 1 }
        var letters = 0
        while case let c = UInt8(bitPattern: p.pointee) & 0xDF, c >= 0x41, c <= 0x5A, letters < 4 {
            column = column * 26 + Int(c) - 0x40
            letters += 1
            p += 1
        }
        while p.pointee == 0x24 { p += 1 }
        var digits = 0
        while p.pointee >= 0x30, p.pointee <= 0x39, digits < 8 {
            row = row * 10 + Int(p.pointee) - 0x30
            digits += 1
            p += 1
        }
        guard letters > 0, digits > 0, row > 0, column <= CellReference.mostColumns else { return nil }
        column -= 1
        row -= 1
    }
    /// As many as the format allows (XFD).
    static let mostColumns = 16_384
}

/// Gives the cells of merged ranges the value of the range, row by row.
///
/// A row that is otherwise empty stays so, and a range that is alone in its row (a title) is not spread over its columns.
struct MergeFiller {
    private let ranges: [MergedRange]
    /// Columns of the sheet; what a range covers behind them is not there.
    private let width: Int
    private var next = 0
    private var active: [(range: MergedRange, value: [UInt8])] = []

    init(_ ranges: [MergedRange], width: Int) {
        self.ranges = ranges
        self.width = width
    }

    /// - Parameter number: 0-based; ascending from call to call.
    ///
    /// Ranges that overlap are not valid: no more columns are looked at than a row has.
    mutating func fill(_ row: SheetRow, number: Int) {
        guard next < ranges.count || !active.isEmpty else { return }
        active.removeAll { $0.range.rows.upperBound < number }
        var columns = active.reduce(0) { $0 + $1.range.columns.count }
        while next < ranges.count, ranges[next].rows.lowerBound <= number {
            let range = ranges[next]
            next += 1
            guard range.rows.lowerBound == number, row.isFilled(range.columns.lowerBound),
                columns + range.columns.count <= CellReference.mostColumns
            else { continue }
            columns += range.columns.count
            active.append((range, Array(row.text(range.columns.lowerBound))))
        }
        guard !row.isEmpty else { return }
        let own = row.filled
        for (range, value) in active {
            let isFirst = range.rows.lowerBound == number
            if isFirst, own == 1 { continue }
            row.fill(range.columns, width: width, value)
        }
    }
}
