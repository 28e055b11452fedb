internal import Domain
internal import Tabular

/// Numbers and structs of the Parquet format that our writer uses.
///
/// - Source: https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
enum ParquetFile {
    static let magic = Array("PAR1".utf8)
    static var createdBy: String { "data-sanitizer version \(Engine.version)" }

    enum Physical: Int {
        case boolean = 0
        case int32 = 1
        case int64 = 2
        case double = 5
        case byteArray = 6
        /// Size of a plain value in bytes; 0 where it varies or is a bit.
        var width: Int {
            switch self {
            case .boolean, .byteArray: 0
            case .int32: 4
            case .int64, .double: 8
            }
        }
    }
    enum Encoding {
        static let plain = 0
        static let rle = 3
        static let dictionary = 8
    }
    enum Codec: Int {
        case none = 0
        case zstd = 6
    }

    static func physical(_ type: ColumnType) -> Physical {
        switch type {
        case .text: .byteArray
        case .integer, .timestamp: .int64
        case .decimal: .double
        case .boolean: .boolean
        case .date: .int32
        }
    }

    /// The footer: metadata, its length, magic.
    static func footer(schema: TableSchema, rows: Int64, rowGroups: [[UInt8]], metadata: [(String, String)]) -> [UInt8] {
        var bytes = ThriftWriter.encode { w in
            w.i32(1, 2)
            w.list(2, .structure, count: schema.columns.count + 1)
            w.structure { w in
                w.binary(4, "schema".utf8)
                w.i32(5, schema.columns.count)
            }
            for column in schema.columns { w.structure { element(column, &$0) } }
            w.i64(3, rows)
            w.list(4, .structure, count: rowGroups.count)
            for group in rowGroups { w.raw(group) }
            if !metadata.isEmpty {
                w.list(5, .structure, count: metadata.count)
                for (key, value) in metadata {
                    w.structure { w in
                        w.binary(1, key.utf8)
                        w.binary(2, value.utf8)
                    }
                }
            }
            w.binary(6, createdBy.utf8)
            w.list(7, .structure, count: schema.columns.count)
            for _ in schema.columns { w.structure { $0.structure(1) { _ in } } }
        }
        let length = UInt32(bytes.count)
        withUnsafeBytes(of: length.littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: magic)
        return bytes
    }

    private static func element(_ column: TableSchema.Column, _ w: inout ThriftWriter) {
        w.i32(1, physical(column.type).rawValue)
        w.i32(3, 1)  // optional
        w.binary(4, column.name.utf8)
        switch column.type {
        case .text:
            w.i32(6, 0)
            w.structure(10) { $0.structure(1) { _ in } }
        case .date:
            w.i32(6, 6)
            w.structure(10) { $0.structure(6) { _ in } }
        case .timestamp:
            // The older annotation means UTC, so a local time must not carry it.
            if column.isUTC { w.i32(6, 10) }
            w.structure(10) { w in
                w.structure(8) { w in
                    w.bool(1, column.isUTC)
                    w.structure(2) { $0.structure(2) { _ in } }
                }
            }
        case .integer, .decimal, .boolean: break
        }
    }
}
