internal import Domain
internal import Tabular

/// Writes the rows of a worksheet as delimited text: comma, quotes only where needed, doubled inside.
///
/// A run of empty rows is written as one blank line, and not at all at the end.
final class SheetWriter {
    private static let blockBytes = 1 << 18
    private static let pieceBytes = 1 << 14

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
        var column = 0
        while column < width {
            let start = buffer.count
            if column > 0 { buffer.append(UInt8(ascii: ",")) }
            append(row.text(column), isAlone: width == 1)
            // In the first column there is no comma to repeat.
            let end = column > 0 ? row.endOfRun(column, width: width) : 1
            try repeatEnd(from: start, times: end - column - 1)
            column = end
            if buffer.count >= Self.blockBytes { try flush() }
        }
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= Self.blockBytes { try flush() }
    }

    /// Writes what stands from `start` on again, some times.
    private func repeatEnd(from start: Int, times: Int) throws {
        guard times > 0 else { return }
        var piece = Array(buffer[start...])
        let count = piece.count
        // Short ones are put together first.
        let together = max(1, min(times, Self.pieceBytes / count))
        piece.reserveCapacity(together * count)
        while piece.count < together * count { piece.append(contentsOf: piece.prefix(together * count - piece.count)) }
        var left = times
        while left > 0 {
            let n = min(left, together)
            buffer.append(contentsOf: piece.prefix(n * count))
            left -= n
            if buffer.count >= Self.blockBytes { try flush() }
        }
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
