internal import Domain
internal import Tabular

/// The footer of a Parquet file that is put together from parts: row groups copied raw, offsets shifted.
final class ParquetAssembly {
    private let schema: TableSchema
    private let metadata: [(String, String)]
    private var rowGroups: [[UInt8]] = []
    private var rows: Int64 = 0
    /// Larger footers are refused before they are read.
    private static let maximumFooterBytes: Int64 = 64 << 20

    init(schema: TableSchema, metadata: [(String, String)]) {
        self.schema = schema
        self.metadata = metadata
    }

    /// Takes over the row groups of a part whose data will be put at `position`.
    /// - Returns: the bytes of the part to copy there.
    func add(part: any ByteSource, at position: Int64) throws -> Range<Int64> {
        let footer = try Self.footer(of: part)
        let data = Int64(ParquetFile.magic.count)..<footer.start
        guard let groups = footer.metadata[4]?.elements, let count = footer.metadata[3]?.integer, count >= 0,
            let elements = footer.metadata[2]?.elements
        else { throw Self.corrupt("fields are missing") }
        try checkSchema(elements)
        let delta = position - data.lowerBound
        for group in groups {
            rowGroups.append(try shifted(group, by: delta, data: data))
        }
        rows += count
        return data
    }

    func footer() -> [UInt8] {
        ParquetFile.footer(schema: schema, rows: rows, rowGroups: rowGroups, metadata: metadata)
    }

    private func checkSchema(_ elements: [ThriftValue]) throws {
        let names = elements.dropFirst().map { $0[4]?.binary ?? [] }
        let types = elements.dropFirst().map { $0[1]?.integer ?? -1 }
        guard names == schema.columns.map({ Array($0.name.utf8) }),
            types == schema.columns.map({ Int64(ParquetFile.physical($0.type).rawValue) })
        else { throw Self.corrupt("its columns are not those of the output") }
    }

    private func shifted(_ group: ThriftValue, by delta: Int64, data: Range<Int64>) throws -> [UInt8] {
        var group = group
        guard case .list(let type, var chunks)? = group[1], chunks.count == schema.columns.count else {
            throw Self.corrupt("row group without its columns")
        }
        for i in chunks.indices {
            guard var column = chunks[i][3], let first = column[11]?.integer ?? column[9]?.integer, let size = column[7]?.integer,
                size >= 0, data.contains(first), size <= data.upperBound - first
            else { throw Self.corrupt("column chunk outside the file") }
            for field: Int16 in [9, 10, 11] { column.shift(field, by: delta) }
            // Bloom filters and page indexes are not written by us; what is not copied must not be pointed at.
            for field: Int16 in [14, 15] { column[field] = nil }
            chunks[i][3] = column
            for field: Int16 in [4, 5, 6, 7] { chunks[i][field] = nil }
            if let offset = chunks[i][2]?.integer, offset != 0 { chunks[i].shift(2, by: delta) }
        }
        group[1] = .list(type, chunks)
        group.shift(5, by: delta)
        // The ordinal has 16 bits and is optional.
        let ordinal = rowGroups.count
        group[7] = ordinal <= Int(Int16.max) ? .integer(.i16, Int64(ordinal)) : nil
        var w = ThriftWriter()
        w.element(group)
        return w.bytes
    }

    /// Reads and checks a file's footer.
    static func footer(of part: any ByteSource) throws -> (metadata: ThriftValue, start: Int64) {
        let minimum = Int64(ParquetFile.magic.count * 2 + 4)
        guard part.size >= minimum else { throw corrupt("\(part.size) bytes are too few") }
        let tail = try part.read(at: part.size - 8, count: 8)
        guard tail.count == 8, Array(tail[4...]) == ParquetFile.magic else { throw corrupt("no magic number at its end") }
        let length = Int64(tail[0]) | Int64(tail[1]) << 8 | Int64(tail[2]) << 16 | Int64(tail[3]) << 24
        let start = part.size - 8 - length
        guard start >= Int64(ParquetFile.magic.count), length <= maximumFooterBytes else {
            throw corrupt("footer of \(length) bytes")
        }
        return (try ThriftReader.structure(try part.read(at: start, count: Int(length))), start)
    }

    private static func corrupt(_ what: String) -> SanitizerError {
        SanitizerError(.corruptIntermediate, "parquet part: \(what)")
    }
}
