internal import Domain
internal import Formats
internal import Tabular

/// Reads chunks as rows of the table, whatever columns their source has.
enum ChunkReading {
    /// Blocks on I/O. Rows have the table's columns in the table's order.
    static func read(_ chunk: JobPlan.Chunk, _ source: OpenedSource, maxRows: Int? = nil) throws -> TextBatch {
        let batch = try source.reader.read(chunk.descriptor, maxRows: maxRows)
        return source.plan.isIdentity ? batch : remap(batch, source.plan.columnMap)
    }

    /// The same bytes under another column order; missing columns give missing cells.
    private static func remap(_ batch: TextBatch, _ columnMap: [Int]) -> TextBatch {
        let out = TextBatch(columns: columnMap.count, base: batch.base, owner: batch.owner, rowCapacity: batch.rows)
        // The arena is the old batch's: cells keep their offsets because its bytes are copied in front.
        out.arena.append(UnsafeBufferPointer(start: batch.arena.base, count: batch.arena.count))
        for row in 0..<batch.rows {
            let cells = out.reserveRow()
            for (column, own) in columnMap.enumerated() { cells[column] = own < 0 ? .missing : batch.cell(row, own) }
            out.commitRow(ordinal: Int(batch.ordinals[row]))
        }
        out.recordCount = batch.recordCount
        out.lineCount = batch.lineCount
        out.problems = batch.problems
        return out
    }
}
