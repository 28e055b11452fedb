import Domain
import Formats
import Tabular

/// Puts blocks of one format into one file. Blocks are filled on any thread and written in order, one at a time.
final class TableWriter: @unchecked Sendable {
    // @unchecked: `write` and `finish` are called by one thread at a time, the others are constant.
    private let options: GenerationOptions
    private let format: OutputFormat
    private let sink: FileSink
    private let schema: TableSchema
    private let assembler: OutputAssembler?

    init(options: GenerationOptions, format: OutputFormat, sink: FileSink) throws {
        self.options = options
        self.format = format
        self.sink = sink
        let columns = options.scenario.model.columns
        schema = TableSchema(columns: columns.map { TableSchema.Column(name: $0.name, type: .text) })
        assembler = format == .parquet ? try OutputAssembler(format: .parquet, schema: schema, sink: sink, metadata: []) : nil
        if format == .csv { try sink.write(CSVRowEncoder.header(columns)) }
    }

    func makeBlock(maker: RowMaker) -> TableBlock {
        switch format {
        case .csv: .init(maker: maker, encoder: CSVRowEncoder(), schema: schema)
        case .jsonl: .init(maker: maker, encoder: JSONLinesRowEncoder(columns: maker.columns, seed: options.seed), schema: schema)
        case .parquet: .init(maker: maker, encoder: nil, schema: schema)
        }
    }

    func write(_ block: EncodedBlock) throws {
        switch block {
        case .text(let arena): try sink.write(arena.contents)
        case .part(let bytes): try assembler?.append(part: MemorySource(bytes))
        }
    }
    /// Makes the file visible.
    func finish() throws {
        if let assembler {
            _ = try assembler.finish()
        } else {
            try sink.close()
        }
    }
}

enum EncodedBlock {
    /// Valid until the block is filled again.
    case text(ByteArena)
    case part([UInt8])
}

/// Collects the rows of one block; one per thread.
final class TableBlock {
    private let maker: RowMaker
    private let encoder: (any RowEncoder)?
    private let schema: TableSchema
    private let text = ByteArena(capacity: 12 << 20)
    private var batch: TextBatch?

    init(maker: RowMaker, encoder: (any RowEncoder)?, schema: TableSchema) {
        self.maker = maker
        self.encoder = encoder
        self.schema = schema
    }

    func append(_ row: Int) {
        if let encoder { return encoder.append(row: row, maker: maker, to: text) }
        let buffer = maker.buffer
        let batch = self.batch ?? newBatch()
        let cells = batch.reserveRow()
        for column in 0..<buffer.columns {
            let cell = buffer.cell(column)
            cells[column] = cell.isEmpty ? .missing : batch.store(cell)
        }
        batch.commitRow(ordinal: batch.rows)
        self.batch = batch
    }

    /// Forgets the block before.
    func begin() { text.removeAll() }

    /// What was collected.
    func finish() throws -> EncodedBlock {
        guard encoder == nil else { return .text(text) }
        let batch = self.batch ?? newBatch()
        self.batch = nil
        return .part(
            try PartEncoder.encode(
                batch, rows: Array(0..<batch.rows), columnMap: Array(schema.columns.indices), schema: schema, format: .parquet,
                options: OutputOptions()))
    }
    private func newBatch() -> TextBatch {
        let base = HeapBytes(capacity: 1)
        return TextBatch(
            columns: schema.columns.count, base: UnsafePointer(base.pointer), owner: base, rowCapacity: Generator.blockRows,
            arenaCapacity: 12 << 20)
    }
}

extension ByteArena {
    /// Everything that was committed; valid until the next change.
    var contents: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }
}
