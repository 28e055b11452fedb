internal import Domain
internal import Glibc
internal import Tabular

/// Where the table starts in the sample, and what its columns are called.
struct TableStructure {
    private static let headRows = 64
    private static let headerRowLimit = 4

    /// First row of the table (header or data), as an offset in the sample and a 1-based line.
    var start = 0
    var startLine = 1
    /// First data row.
    var body = 0
    var bodyLine = 1
    /// Where another table follows in the sample.
    var end: Int?
    var header: [[UInt8]]?
    var headerRows = 0
    /// Rows that repeat the header exactly: the same table goes on behind them.
    var repeatedHeaders = 0
    var skippedRows = 0
    /// Cells of the widest row of the sample.
    var widest = 0

    private let dialect: CSVDialect
    private let appendsTables: Bool
    private let values: [[UnsafeBufferPointer<UInt8>]]

    init(_ text: UnsafeBufferPointer<UInt8>, isPart: Bool, _ choice: DialectSniffer.Choice, options: InputOptions) {
        let wantsHeader = options.header
        appendsTables = options.tables != .first
        dialect = choice.dialect
        values = choice.values
        let sample = SampleRows(RecordReader(rowsOf: dialect), text, isPart: isPart, limit: DialectSniffer.sampleRows)
        let rows = sample.rows
        guard !rows.isEmpty else { return }
        let head = min(Self.headRows, rows.count)
        var first = bodyStart(sample, head)
        if wantsHeader != false, let name = otherHeader(sample, text, first) {
            first -= 1
            header = name
            headerRows = 1
        }
        skippedRows = (0..<first).reduce(0) { $0 + (sample.isEmpty($1) ? 0 : 1) }
        guard first < rows.count else {
            (start, startLine) = (sample.end, rows.count + 1)
            (body, bodyLine) = (start, startLine)
            return
        }
        (start, startLine) = (rows[first].offset, rows[first].line)
        if header == nil {
            headerRows = wantsHeader == false ? 0 : headerCount(sample, first)
            if wantsHeader == true { headerRows = max(1, headerRows) }
            if headerRows > 0 { header = joinedHeader(sample, text, first) }
        }
        let data = first + headerRows
        if data < rows.count {
            (body, bodyLine) = (rows[data].offset, rows[data].line)
        } else {
            (body, bodyLine) = (sample.end, rows[rows.count - 1].line + 1)
        }
        if let header { findOtherTable(sample, header, data) }
        let own = rows.indices.filter { $0 >= data && rows[$0].offset < end ?? .max }
        widest = max(header?.count ?? 0, own.map(sample.width).max() ?? 0)
    }

    /// Skips titles, notes and blank rows above the table.
    private func bodyStart(_ sample: SampleRows, _ head: Int) -> Int {
        let full = max(2, Int((0.5 * Double(dialect.width)).rounded(.up)))
        guard var i = (0..<head).first(where: { sample.filled($0) >= full }) else {
            return (0..<head).first { !sample.isEmpty($0) } ?? 0
        }
        while i > 0, sample.width(i - 1) == dialect.width, sample.filled(i - 1) >= 2 { i -= 1 }
        return i
    }

    /// The row above the body, read as a header that uses another delimiter.
    private func otherHeader(_ sample: SampleRows, _ text: UnsafeBufferPointer<UInt8>, _ first: Int) -> [[UInt8]]? {
        let n = dialect.width
        guard dialect.isRigid, let profile = dialect.profile, n >= 3, first > 0, first < sample.rows.count,
            sample.width(first - 1) == 1, Self.isHeader(sample.cells(first), profile) != true
        else { return nil }
        let names = names(at: sample.rows[first - 1].offset, text)
        let filled = names.reduce(0) { $0 + ($1.contains { !isSpaceByte($0) } ? 1 : 0) }
        return names.count == n && filled == n ? names : nil
    }
    private func names(at offset: Int, _ text: UnsafeBufferPointer<UInt8>) -> [[UInt8]] {
        let reader = RecordReader(
            dialect, width: dialect.width, costs: .names(quote: dialect.quote), alternatives: dialect.alternatives)
        guard let base = text.baseAddress else { return [] }
        reader.setText(base, count: text.count)
        _ = reader.record(at: offset)
        return reader.fields.map { Array(reader.text($0)) }
    }

    /// Whether a row is unlike the typed columns below it; nil without typed columns.
    static func isHeader(_ row: [UnsafeBufferPointer<UInt8>], _ profile: [ColumnShape], strictly: Bool = false) -> Bool? {
        let typed = (0..<min(profile.count, row.count)).filter { profile[$0].isTyped }
        if typed.isEmpty { return nil }
        var sum = 0
        var total = 0
        for j in typed {
            let cell = trimmed(row[j])
            if cell.isEmpty { continue }
            total += 1
            if profile[j].knows(cell) {
                sum -= 1
            } else if cell.contains(where: isLetterByte) {
                sum += 1
            }
        }
        if total == 0 { return false }
        return strictly ? Double(sum) >= 0.9 * Double(total) : sum > 0
    }
    private static func trimmed(_ cell: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        var a = 0
        var b = cell.count
        while a < b, isSpaceByte(cell[a]) { a += 1 }
        while b > a, isSpaceByte(cell[b - 1]) { b -= 1 }
        return UnsafeBufferPointer(rebasing: cell[a..<b])
    }

    private func headerCount(_ sample: SampleRows, _ first: Int) -> Int {
        let row = sample.cells(first)
        let n = dialect.width
        guard let profile = dialect.profile else {
            let isNamed = Double(sample.filled(first)) >= 0.5 * Double(row.count)
            return isNamed && !row.contains { Self.isNumberLike(Self.trimmed($0)) } ? 1 : 0
        }
        let numbers = leavesNumbersUnnamed(row) ? 1 : 0
        let isTold = numbers == 0 || profile.dropFirst().contains(where: \.isTyped)
        let told = isTold ? Self.isHeader(row, profile) : nil
        guard told ?? isDistinctHeader(Array(row.dropFirst(numbers)), from: numbers) else { return 0 }
        let typed = profile.reduce(0) { $0 + ($1.isTyped ? 1 : 0) }
        var count = 1
        while count < min(Self.headerRowLimit, sample.rows.count - first - 1) {
            let next = first + count
            guard Double(sample.width(next)) >= 0.8 * Double(n), Double(typed) >= max(2, 0.3 * Double(n)),
                Double(sample.filled(next)) >= max(2, 0.25 * Double(n)),
                Self.isHeader(sample.cells(next), profile, strictly: true) == true
            else { break }
            count += 1
        }
        return count
    }
    private static func isNumberLike(_ cell: UnsafeBufferPointer<UInt8>) -> Bool {
        var i = 0
        if let sign = cell.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") || sign == UInt8(ascii: "$") { i = 1 }
        guard i < cell.count else { return false }
        return cell[i...].allSatisfy { isDigitByte($0) || [0x2E, 0x2C, 0x3A, 0x2F, 0x25, 0x2D].contains($0) }
    }
    /// Rows are numbered in a first column that has no name, as data frames write it: that tells nothing of the other names.
    private func leavesNumbersUnnamed(_ row: [UnsafeBufferPointer<UInt8>]) -> Bool {
        guard row.count > 1, let first = row.first, Self.trimmed(first).isEmpty, let column = values.first else { return false }
        let numbers = column.map { Self.trimmed($0) }.filter { !$0.isEmpty }.map { Int(String(decoding: $0, as: UTF8.self)) }
        guard numbers.count > 1, let start = numbers[0], (0...1).contains(start) else { return false }
        return numbers.enumerated().allSatisfy { $1 == start + $0 }
    }
    /// Without typed columns: the cells are unique, mostly there, and none is a value of its repetitive column.
    /// - Parameter start: column of the first cell.
    private func isDistinctHeader(_ row: [UnsafeBufferPointer<UInt8>], from start: Int) -> Bool {
        let seen = row.filter { $0.contains { !isSpaceByte($0) } }.map { Array($0) }
        guard Set(seen).count == seen.count, Double(seen.count) >= 0.8 * Double(row.count) else { return false }
        for (j, cell) in zip(start..., row) where j < values.count {
            let distinct = Set(values[j].map { Array($0) })
            if Double(distinct.count) < 0.5 * Double(values[j].count), distinct.contains(Array(cell)) { return false }
        }
        return true
    }

    private func joinedHeader(_ sample: SampleRows, _ text: UnsafeBufferPointer<UInt8>, _ first: Int) -> [[UInt8]] {
        let parts = (first..<min(sample.rows.count, first + headerRows)).map { row -> [[UInt8]] in
            guard dialect.isRigid, !dialect.delimiter.isEmpty else { return sample.cells(row).map { Array($0) } }
            let found = names(at: sample.rows[row].offset, text)
            return found + Array(repeating: [], count: max(0, dialect.width - found.count))
        }
        guard parts.count > 1 else { return parts.first ?? [] }
        let width = parts.map(\.count).max() ?? 0
        var joined: [[UInt8]] = []
        for j in 0..<width {
            let pieces = parts.filter { j < $0.count && !$0[j].isEmpty }.map { $0[j] }
            joined.append(Array(pieces.joined(separator: [0x20])))
        }
        return joined
    }

    private mutating func findOtherTable(_ sample: SampleRows, _ header: [[UInt8]], _ data: Int) {
        let names = header.map(Self.folded)
        for row in data..<max(data, sample.rows.count) {
            let cells = sample.cells(row)
            let m = min(cells.count, names.count)
            guard m >= 2, sample.filled(row) >= 2 else { continue }
            let equal = (0..<m).reduce(0) { $0 + (!names[$1].isEmpty && Self.folded(Array(cells[$1])) == names[$1] ? 1 : 0) }
            guard Double(equal) >= max(2, 0.75 * max(Double(m), 0.6 * Double(names.count))) else { continue }
            if equal == names.count, cells.count == names.count, appendsTables {
                repeatedHeaders += 1
            } else {
                end = sample.rows[row].offset
                return
            }
        }
    }
    private static func folded(_ name: [UInt8]) -> [UInt8] {
        name.withUnsafeBufferPointer { trimmed($0).map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 } }
    }
}
