internal import CScan
internal import Domain
internal import Tabular

/// Reads JSON Lines. Safe to share between threads.
///
/// Strings, numbers and words of a cell are the bytes of the input, so numbers of any size keep their digits; nested objects are
/// dotted columns, arrays stay JSON text, null is missing. Of equal keys the last one counts. A line that is no object is rejected
/// alone.
final class JSONLinesReader: TableReader {
    /// A chunk's cells cost 8 bytes each: with many columns it takes fewer rows.
    private static let maximumCells = 8 << 20
    private static let blockRows = 1024
    private static let rawLimit = 64 << 10

    let detection: Detection
    private let source: any ByteSource
    private let recordLimit: Int

    init(detection: Detection, source: any ByteSource) {
        self.detection = detection
        self.source = source
        recordLimit = InputLimits.jsonRecord.value(in: detection.limits)
    }

    func planChunks(targetBytes: Int) throws -> [ChunkDescriptor] {
        var chunks: [ChunkDescriptor] = []
        let maximumRows = max(Self.blockRows, Self.maximumCells / max(detection.columns.count, 1))
        let target = min(targetBytes, JSONParser.maximumRecordBytes)
        var line = 1
        var current = ChunkDescriptor(index: 0, firstLine: 1)
        var lines = 0
        func close() {
            if current.length > 0 { chunks.append(current) }
            current = ChunkDescriptor(index: chunks.count, offset: current.offset + current.length, firstLine: line)
            lines = 0
        }
        let size = source.size
        var start: Int64 = 0
        if try source.read(at: 0, count: 3) == [0xEF, 0xBB, 0xBF] { start = 3 }
        current.offset = start
        try LineScanner(source, limit: recordLimit).forEach(from: start) { found in
            let length = min(Int64(found.range.count + 1), size - found.offset)
            if lines == maximumRows || (current.length > 0 && current.length + length > Int64(target)) { close() }
            current.length += length
            lines += 1
            line += 1
            return true
        } oversized: { _, length in
            close()
            current.length = length
            current.isOversized = true
            line += 1
            close()
        }
        close()
        return chunks
    }

    func read(_ chunk: ChunkDescriptor, maxRows: Int?) throws -> TextBatch {
        if chunk.isOversized { return try rejectOversized(chunk) }
        guard chunk.length >= 0, chunk.length <= Int64(JSONParser.maximumRecordBytes) * 2 else {
            throw SanitizerError(.internal, "chunk of \(chunk.length) bytes")
        }
        let bytes = HeapBytes(capacity: Int(chunk.length))
        let n = try source.read(
            at: chunk.offset, into: UnsafeMutableRawBufferPointer(start: bytes.pointer, count: bytes.capacity))
        (bytes.pointer + n).update(repeating: 0, count: bytes.capacity - n)
        let batch = TextBatch(
            columns: detection.columns.count, base: UnsafePointer(bytes.pointer), owner: bytes,
            rowCapacity: max(16, min(n / 64, 1 << 16)))
        let parser = try JSONParser(
            columns: detection.columns, discover: false, limits: detection.limits,
            anyValue: detection.holdsValues == true)
        let base = UnsafePointer(bytes.pointer)
        var at = 0
        while at < n, batch.rows < maxRows ?? Int.max {
            let end = memchrLine(base, at, n)
            batch.lineCount += 1
            let range = at..<end
            at = end + 1
            if LineScanner.isBlank(.init(base: base, range: range, offset: 0)) { continue }
            let ordinal = batch.recordCount
            batch.recordCount += 1
            let cells = batch.reserveRow()
            let outcome = try parser.parse(base, range, into: cells)
            if let most = detection.limits?.fieldBytes, case .parsed = outcome,
                let longest = (0..<batch.columns).map({ cells[$0].length }).max(), longest > most
            {
                note(.tooLarge, isReject: true, "cell of \(longest) bytes exceeds \(most)", range, ordinal, chunk, batch)
                continue
            }
            switch outcome {
            case .parsed: batch.commitRow(ordinal: ordinal)
            case .repaired:
                batch.commitRow(ordinal: ordinal)
                note(
                    .badEncoding, isReject: false, "bytes that are not UTF-8 were read as Windows-1252", range, ordinal, chunk,
                    batch)
            case .failed(let code, let reason, let position):
                note(
                    code, isReject: true, "\(reason), at byte \(position) of the line", range, ordinal, chunk, batch,
                    shift: Int64(position))
            }
            guard parser.textBytes < Int(UInt32.max) - 2 * JSONParser.maximumRecordBytes else {
                throw SanitizerError(.limitExceeded, "json: a chunk unpacks to more than 4 GiB")
            }
        }
        parser.moveTexts(to: batch.arena)
        return batch
    }

    private func note(
        _ code: RowProblem.Code, isReject: Bool, _ reason: String, _ range: Range<Int>, _ ordinal: Int, _ chunk: ChunkDescriptor,
        _ batch: TextBatch, shift: Int64 = 0
    ) {
        let raw = UnsafeBufferPointer(start: batch.base + range.lowerBound, count: min(range.count, Self.rawLimit))
        batch.problems.append(
            RowProblem(
                code: code, isReject: isReject, record: ordinal, line: chunk.firstLine + batch.lineCount - 1,
                byteOffset: chunk.offset + Int64(range.lowerBound) + shift, reason: reason,
                raw: String(decoding: raw, as: UTF8.self)))
    }

    private func rejectOversized(_ chunk: ChunkDescriptor) throws -> TextBatch {
        let batch = ParquetReader.batch(columns: detection.columns.count, rows: 0)
        batch.recordCount = 1
        batch.lineCount = 1
        let raw = try source.read(at: chunk.offset, count: Self.rawLimit)
        batch.problems.append(
            RowProblem(
                code: .tooLarge, isReject: true, record: 0, line: chunk.firstLine, byteOffset: chunk.offset,
                reason: "record of \(chunk.length) bytes, above the limit of \(recordLimit)",
                raw: String(decoding: raw, as: UTF8.self)))
        return batch
    }
}

/// The next line feed in base[at..<end], or `end`.
private func memchrLine(_ base: UnsafePointer<UInt8>, _ at: Int, _ end: Int) -> Int {
    cscan_find(base + at, end - at, 10) + at
}
