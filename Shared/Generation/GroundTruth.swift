import Tabular

/// How much of the truth is written beside the data.
public enum TruthDetail: String, Sendable, CaseIterable {
    /// Counts and parameters only.
    case summary
    /// And every duplicate pair.
    case pairs
    /// And every corrupted cell with its clean value.
    case full
}

/// What was planted, counted.
struct TruthCounts {
    var exact = 0
    var near = 0
    /// Cells by ``Corruption`` raw value.
    var cells = [Int](repeating: 0, count: Corruption.allCases.count)

    static func += (a: inout TruthCounts, b: TruthCounts) {
        a.exact += b.exact
        a.near += b.near
        for i in a.cells.indices { a.cells[i] += b.cells[i] }
    }
}

/// Renders the truth of one block of rows: duplicate pairs `row,of_row,kind` and corrupted cells `row,column,kind,clean_value`.
struct TruthBlock {
    static let pairsHeader = "row,of_row,kind\n"
    static let cellsHeader = "row,column,kind,clean_value\n"
    let pairs = ByteArena(capacity: 1 << 17)
    let cells = ByteArena(capacity: 1 << 20)
    var counts = TruthCounts()
    private let names: [[UInt8]]
    private let kinds = Corruption.allCases.map { Array($0.name.utf8) }
    private let detail: TruthDetail

    init(columns: [ColumnSpec], detail: TruthDetail) {
        names = columns.map { Array($0.name.utf8) }
        self.detail = detail
    }

    mutating func removeAll() {
        pairs.removeAll()
        cells.removeAll()
        counts = TruthCounts()
    }

    mutating func append(row: Int, _ buffer: RowBuffer) {
        switch buffer.kind {
        case .original: break
        case .exact: counts.exact += 1
        case .near: counts.near += 1
        }
        if buffer.kind != .original, detail != .summary {
            var writer = CellWriter(pairs.reserve(64))
            writer.number(row)
            writer.byte(0x2C)
            writer.number(buffer.source)
            writer.text(buffer.kind == .exact ? ",exact\n" : ",near\n")
            pairs.commit(writer.count)
        }
        for column in 0..<buffer.columns where buffer.corruption[column] != .none {
            let kind = Int(buffer.corruption[column].rawValue)
            counts.cells[kind] += 1
            if detail == .full { appendCell(row: row, column: column, kind: kind, clean: buffer.cleanCell(column)) }
        }
    }

    private func appendCell(row: Int, column: Int, kind: Int, clean: UnsafeBufferPointer<UInt8>) {
        let start = cells.reserve(128 + 2 * RowBuffer.slot)
        var writer = CellWriter(start)
        writer.number(row)
        writer.byte(0x2C)
        names[column].withUnsafeBufferPointer { writer.text($0) }
        writer.byte(0x2C)
        kinds[kind].withUnsafeBufferPointer { writer.text($0) }
        writer.byte(0x2C)
        let length = CSVText.write(clean, to: start + writer.count)
        start[writer.count + length] = 0x0A
        cells.commit(writer.count + length + 1)
    }
}
