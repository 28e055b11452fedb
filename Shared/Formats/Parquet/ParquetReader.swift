internal import Domain
internal import Synchronization
internal import Tabular

/// Reads Parquet row groups in slices. Safe to share between threads.
///
/// Slices of one row group are decoded by one cursor, in turn: the format has no way to enter a row group in the middle, so
/// every further cursor would decode again what lies before its slice.
final class ParquetReader: TableReader {
    static let maximumRows = 65_536
    /// A forged row count must not fill memory with descriptors.
    private static let maximumChunks = 1 << 20
    /// Row groups that stay open between reads.
    private static let openGroups = 4

    let detection: Detection
    private let table: ParquetTable
    private let typedColumns: Int
    private let open = Mutex<[GroupCursor]>([])

    init(detection: Detection, source: any ByteSource) throws {
        self.detection = detection
        table = try ParquetTable(source, limits: detection.limits, isOwn: false)
        guard table.columns.count == detection.columns.count else {
            throw SanitizerError(.inputUnreadable, "parquet: the file does not have the columns that were detected")
        }
        typedColumns = table.columns.count { $0.type != nil }
    }

    func planChunks(targetBytes: Int) throws -> [ChunkDescriptor] {
        var chunks: [ChunkDescriptor] = []
        for (group, rows) in table.groupRows.enumerated() {
            let step = rowsPerChunk(group, targetBytes: targetBytes)
            guard rows / Int64(step) + Int64(chunks.count) < Int64(Self.maximumChunks) else {
                throw SanitizerError(
                    .inputUnreadable, "parquet: row group \(group) announces \(rows) rows, more than the file can hold")
            }
            var first = 0
            while first < Int(rows) {
                let n = min(step, Int(rows) - first)
                chunks.append(ChunkDescriptor(index: chunks.count, rowGroup: group, firstRow: first, rows: n))
                first += n
            }
        }
        return chunks
    }

    func read(_ chunk: ChunkDescriptor, maxRows: Int?) throws -> TextBatch {
        let rows = min(chunk.rows, maxRows ?? chunk.rows)
        let batch = Self.batch(columns: table.columns.count, rows: rows, textBytes: textBytes(chunk, rows))
        batch.recordCount = rows
        guard rows > 0 else { return batch }
        guard table.groupRows.indices.contains(chunk.rowGroup), chunk.firstRow >= 0 else {
            throw SanitizerError(.inputUnreadable, "parquet: there is no row group \(chunk.rowGroup)")
        }
        let wanted = chunk.firstRow..<chunk.firstRow + rows
        if rows < chunk.rows {
            // A sample: small batches, and no cursor is kept for it.
            let cursor = try table.cursor(group: chunk.rowGroup, batchRows: rows)
            try cursor.skip(to: wanted.lowerBound)
            try cursor.read(wanted, into: batch)
        } else {
            try group(chunk.rowGroup).read(wanted, batchRows: chunk.rows, from: table, into: batch)
        }
        return batch
    }

    static func batch(columns: Int, rows: Int, textBytes: Int = 1 << 16) -> TextBatch {
        let none = HeapBytes(capacity: 0)
        return TextBatch(
            columns: columns, base: UnsafePointer(none.pointer), owner: none, rowCapacity: rows, arenaCapacity: textBytes)
    }

    /// About what the texts of a chunk take, so that their memory need not grow; the footer may say anything.
    private func textBytes(_ chunk: ChunkDescriptor, _ rows: Int) -> Int {
        guard table.groupRows.indices.contains(chunk.rowGroup), table.groupRows[chunk.rowGroup] > 0 else { return 1 << 16 }
        let share = Double(rows) / Double(table.groupRows[chunk.rowGroup])
        // Printed values take about twice their bytes.
        let texts = Double(max(table.groupBytes[chunk.rowGroup], 0)) * share * 1.125 + Double(16 * typedColumns * rows)
        return Int(min(max(texts, Double(1 << 16)), Double(32 << 20)))
    }

    /// The row group's shared cursor; the least recently used one gives way.
    private func group(_ index: Int) -> GroupCursor {
        open.withLock { open in
            let at = open.firstIndex { $0.group == index }
            let found = at.map { open.remove(at: $0) } ?? GroupCursor(group: index)
            open.append(found)
            if open.count > Self.openGroups { open.removeFirst() }
            return found
        }
    }

    /// Wide or long rows make smaller chunks: a text cell costs 8 bytes beside its text.
    private func rowsPerChunk(_ group: Int, targetBytes: Int) -> Int {
        let rows = max(table.groupRows[group], 1)
        let perRow = Double(max(table.groupBytes[group], 0)) / Double(rows) + Double(8 * table.columns.count)
        // Cells need some eight times the target at most.
        return max(1, min(Self.maximumRows, Int(Double(targetBytes) * 8 / max(perRow, 1))))
    }
}

/// The one cursor of a row group, handed from thread to thread.
private final class GroupCursor: @unchecked Sendable {
    let group: Int
    // Guards `cursor`, which is not Sendable.
    private let lock = Mutex<Void>(())
    private var cursor: ParquetCursor?

    init(group: Int) { self.group = group }

    func read(_ wanted: Range<Int>, batchRows: Int, from table: ParquetTable, into batch: TextBatch) throws {
        try lock.withLock { _ in
            if cursor == nil || cursor?.position ?? 0 > wanted.lowerBound { cursor = nil }
            let current = try cursor ?? table.cursor(group: group, batchRows: max(batchRows, 1024))
            // Kept only after success: a failed cursor is in an unknown place.
            cursor = nil
            try current.skip(to: wanted.lowerBound)
            try current.read(wanted, into: batch)
            // At its end it only holds memory.
            if current.position < Int(table.groupRows[group]) { cursor = current }
        }
    }
}
