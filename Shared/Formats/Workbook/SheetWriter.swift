internal import Domain
internal import Tabular

/// Writes the rows of a worksheet as delimited text: comma, quotes only where needed, doubled inside.
///
/// A run of empty rows is written as one blank line, and not at all at the end.
final class SheetWriter {
    private static let blockBytes = 1 << 18

    private let sink: any ByteSink
    private let name: String
    /// Bytes that may be written: a small file can repeat a row a million times.
    private let most: Int64
    private var buffer: [UInt8] = []
    private var written: Int64 = 0
    private var isBehindGap = false
    private var hasRows = false

    /// - Parameter packedBytes: size of the workbook, for the ratio.
    init(_ sink: any ByteSink, name: String, packedBytes: Int64, limits: InputLimits?) {
        self.sink = sink
        self.name = name
        let ratio = Int64(InputLimits.ratio.value(in: limits))
        let free = Decompression.freeBytes
        most = min(
            Int64(InputLimits.unpacked.value(in: limits)),
            max(free, packedBytes.multipliedReportingOverflow(by: ratio).partialValue))
        buffer.reserveCapacity(Self.blockBytes * 2)
    }

    /// Writes a row of `width` cells; the rest is empty.
    func write(_ row: SheetRow, width: Int) throws {
        guard !row.isEmpty else {
            isBehindGap = hasRows
            return
        }
        if isBehindGap { buffer.append(UInt8(ascii: "\n")) }
        isBehindGap = false
        hasRows = true
        for column in 0..<width {
            if column > 0 { buffer.append(UInt8(ascii: ",")) }
            append(row.text(column), isAlone: width == 1)
        }
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= Self.blockBytes { try flush() }
    }

    func finish() throws { try flush() }

    private func append(_ text: UnsafeBufferPointer<UInt8>, isAlone: Bool) {
        guard isAlone && text.isEmpty || text.contains(where: Self.needsQuotes) || text.first == 0x20 || text.last == 0x20 else {
            buffer.append(contentsOf: text)
            return
        }
        buffer.append(UInt8(ascii: "\""))
        for b in text {
            if b == UInt8(ascii: "\"") { buffer.append(b) }
            buffer.append(b)
        }
        buffer.append(UInt8(ascii: "\""))
    }
    @inline(__always)
    private static func needsQuotes(_ b: UInt8) -> Bool {
        b == UInt8(ascii: ",") || b == UInt8(ascii: "\"") || b == 0x0A || b == 0x0D
    }

    private func flush() throws {
        written += Int64(buffer.count)
        guard written <= most else {
            throw SanitizerError(
                .limitExceeded,
                "\(name): the sheet unpacks to more than \(most >> 20) MiB; raise the limit unpack_ratio if that is meant")
        }
        try buffer.withUnsafeBytes { try sink.write($0) }
        buffer.removeAll(keepingCapacity: true)
    }
}

/// The cells of one row, by column; reused from row to row.
final class SheetRow {
    private var arena: [UInt8] = []
    private var spans: [(start: Int, count: Int)] = []
    /// Columns that were set, one behind the last.
    private(set) var width = 0
    private(set) var filled = 0

    var isEmpty: Bool { filled == 0 }

    func removeAll() {
        arena.removeAll(keepingCapacity: true)
        for i in 0..<width { spans[i] = (0, 0) }
        width = 0
        filled = 0
    }

    func set(_ column: Int, _ text: some Sequence<UInt8>) {
        while spans.count <= column { spans.append((0, 0)) }
        let start = arena.count
        arena.append(contentsOf: text)
        let count = arena.count - start
        filled += (count > 0 ? 1 : 0) - (spans[column].count > 0 ? 1 : 0)
        spans[column] = (start, count)
        width = max(width, column + 1)
    }

    func text(_ column: Int) -> UnsafeBufferPointer<UInt8> {
        guard column < width, spans[column].count > 0 else { return UnsafeBufferPointer(start: nil, count: 0) }
        let span = spans[column]
        return arena.withUnsafeBufferPointer { UnsafeBufferPointer(rebasing: $0[span.start..<(span.start + span.count)]) }
    }
    func isFilled(_ column: Int) -> Bool { column < width && spans[column].count > 0 }
}
