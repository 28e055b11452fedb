import Domain
import Tabular
import Testing

@testable import Formats

@Suite("Bytes in Parquet")
struct ParquetBytesTests {
    @Test("cells that are no text are spelled in hexadecimal, others stay")
    func bytes() throws {
        let batch = TextBatch.of(columns: 1, [])
        let cells: [[UInt8]] = [Array("plain".utf8), [0x00, 0xFF, 0x1A], Array("ü".utf8), [0xC3]]
        for cell in cells {
            let row = batch.reserveRow()
            row[0] = cell.withUnsafeBufferPointer(batch.store)
            batch.commitRow(ordinal: batch.rows)
        }
        let schema = TableSchema(columns: [.init(name: "b", type: .text)])
        let part = try PartEncoder.encode(
            batch, rows: Array(0..<batch.rows), columnMap: [0], schema: schema, format: .parquet, options: OutputOptions())
        let read = try PartReader.rows(parquetPart: MemorySource(part))
        #expect((0..<read.rows).map { read.string($0, 0) } == ["plain", "0x00ff1a", "ü", "0xc3"])
    }
}
