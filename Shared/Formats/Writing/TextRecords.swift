internal import CScan
internal import Domain
internal import Tabular

/// CSV records: RFC 4180 with line feeds, quotes only where needed.
///
/// A missing cell is written as nothing, empty text as `""`, so that they differ. In a table of one column both are `""`, because
/// readers skip blank lines.
enum CSVRecords {
    static func header(schema: TableSchema, options: OutputOptions) -> [UInt8] {
        var out: [UInt8] = []
        for (i, column) in schema.columns.enumerated() {
            if i > 0 { out.append(UInt8(ascii: ",")) }
            out += TextRecords.field(column.name, room: 2) { cscan_csv_text($0, $1, options.spreadsheetSafe == true ? 1 : 0, $2) }
        }
        out.append(UInt8(ascii: "\n"))
        return out
    }

    static func encode(_ batch: TextBatch, rows: [Int], columnMap: [Int], schema: TableSchema, options: OutputOptions) -> [UInt8]
    {
        TextRecords.encode(
            batch, rows: rows, columnMap: columnMap, schema: schema, keys: [[]], spreadsheetSafe: options.spreadsheetSafe == true,
            bound: cscan_csv_bound, write: cscan_csv_rows)
    }
}

/// JSON Lines: one object per record, keys in column order; numbers and booleans are bare, missing is null.
enum JSONRecords {
    static func encode(_ batch: TextBatch, rows: [Int], columnMap: [Int], schema: TableSchema) -> [UInt8] {
        let keys = schema.columns.enumerated().map { i, column in
            [UInt8(ascii: i == 0 ? "{" : ",")] + TextRecords.field(column.name, room: 6) { cscan_json_text($0, $1, $2) }
                + [UInt8(ascii: ":")]
        }
        return TextRecords.encode(
            batch, rows: rows, columnMap: columnMap, schema: schema, keys: keys, spreadsheetSafe: false, bound: cscan_json_bound,
            write: cscan_json_rows)
    }
}

/// What both text formats share: calling the C kernels block by block.
enum TextRecords {
    private static let blockRows = 512

    typealias Bound = (UnsafePointer<cscan_batch>?, UnsafePointer<cscan_row_format>?, UnsafePointer<Int64>?, Int) -> Int
    typealias Write = (
        UnsafePointer<cscan_batch>?, UnsafePointer<cscan_row_format>?, UnsafePointer<Int64>?, Int, UnsafeMutablePointer<UInt8>?
    ) -> Int

    static func encode(
        _ batch: TextBatch, rows: [Int], columnMap: [Int], schema: TableSchema, keys: [[UInt8]], spreadsheetSafe: Bool,
        bound: Bound, write: Write
    ) -> [UInt8] {
        var ends: [Int] = []
        var end = 0
        for key in keys {
            end += key.count
            ends.append(end)
        }
        let keyBytes = Array(keys.joined())
        let map = columnMap.map(Int64.init)
        let types = schema.columns.map { code($0.type) }
        let out = ByteArena(capacity: 1 << 16)
        var view = cscan_batch(batch)
        map.withUnsafeBufferPointer { map in
            types.withUnsafeBufferPointer { types in
                keyBytes.withUnsafeBufferPointer { keyBytes in
                    ends.withUnsafeBufferPointer { ends in
                        var format = cscan_row_format(
                            map: map.baseAddress, types: types.baseAddress, columns: map.count,
                            spreadsheet_safe: spreadsheetSafe ? 1 : 0, keys: keyBytes.baseAddress, key_ends: ends.baseAddress)
                        rows.withUnsafeBytes { raw in
                            let rows = raw.bindMemory(to: Int64.self)
                            guard let first = rows.baseAddress else { return }
                            var at = 0
                            while at < rows.count {
                                let n = min(blockRows, rows.count - at)
                                let room = bound(&view, &format, first + at, n)
                                out.commit(write(&view, &format, first + at, n, out.reserve(room)))
                                at += n
                            }
                        }
                    }
                }
            }
        }
        return Array(UnsafeBufferPointer(start: out.base, count: out.count))
    }

    static func field(_ text: String, room: Int, _ write: (UnsafePointer<UInt8>, Int, UnsafeMutablePointer<UInt8>) -> Int)
        -> [UInt8]
    {
        let bytes = Array(text.utf8)
        return [UInt8](unsafeUninitializedCapacity: bytes.count * room + 20) { out, count in
            bytes.withUnsafeBufferPointer { bytes in
                guard let to = out.baseAddress else { return }
                count = write(bytes.baseAddress ?? UnsafePointer(to), bytes.count, to)
            }
        }
    }

    /// As numbered in text_write.h.
    private static func code(_ type: ColumnType) -> UInt8 {
        switch type {
        case .text: 0
        case .integer: 1
        case .decimal: 2
        case .boolean: 3
        case .date: 4
        case .timestamp: 5
        }
    }
}
