internal import CScan
internal import Domain
public import Tabular

/// Collects changed cells and encodes them as one part of the provenance table: Parquet, one row group.
///
/// Parts are joined by ``OutputAssembler`` with ``schema`` and read with ``PartReader``. Not thread-safe.
public final class ProvenanceEncoder {
    public static let schema = TableSchema(columns: [
        .init(name: "row", type: .integer), .init(name: "column", type: .text), .init(name: "original", type: .text),
        .init(name: "cleaned", type: .text), .init(name: "transformation", type: .text),
        .init(name: "confidence", type: .decimal),
        .init(name: "source", type: .text),
    ])

    private let names: (columns: [String], transformations: [String], sources: [String])
    private var rows: [Int64] = []
    private var columns: [UInt32] = []
    private var transformations: [UInt32] = []
    private var sources: [UInt32] = []
    /// In ten thousandths: the confidences of the heuristics have few digits, their binary form has many.
    private var confidences: [UInt32] = []
    private var originals: [cscan_text] = []
    private var cleaned: [cscan_text] = []

    /// - Parameters:
    ///   - columns, transformations, sources: the names that the indices of ``append(row:column:original:cleaned:transformation:confidence:source:)`` stand for.
    ///   - capacity: expected number of changes.
    public init(columns: [String], transformations: [String], sources: [String], capacity: Int = 0) {
        names = (columns, transformations, sources)
        rows.reserveCapacity(capacity)
        self.columns.reserveCapacity(capacity)
        self.transformations.reserveCapacity(capacity)
        self.sources.reserveCapacity(capacity)
        confidences.reserveCapacity(capacity)
        originals.reserveCapacity(capacity)
        cleaned.reserveCapacity(capacity)
    }

    public var count: Int { rows.count }

    /// Adds one change. Texts are not copied: they must stay valid until ``encode()`` returns.
    ///
    /// - Parameters:
    ///   - row: 0-based input record number.
    ///   - original, cleaned: nil for a missing cell.
    ///   - confidence: 0...1, kept to four decimals.
    public func append(
        row: Int64, column: Int, original: UnsafeBufferPointer<UInt8>?, cleaned: UnsafeBufferPointer<UInt8>?, transformation: Int,
        confidence: Float, source: Int
    ) {
        rows.append(row)
        columns.append(UInt32(column))
        originals.append(Self.text(original))
        self.cleaned.append(Self.text(cleaned))
        transformations.append(UInt32(transformation))
        confidences.append(UInt32((max(0, min(1, confidence)) * 10_000).rounded()))
        sources.append(UInt32(source))
    }

    /// The part, in the order of ``append(row:column:original:cleaned:transformation:confidence:source:)``; the encoder is empty afterwards.
    public func encode() throws -> [UInt8] {
        defer { removeAll() }
        let writer = try ColumnChunkWriter(capacity: rows.count * 8 + 4096)
        var group = ParquetPartWriter.RowGroup(rows: rows.count)
        if !rows.isEmpty {
            try rows.withUnsafeBytes { bytes in
                group.add(try writer.write(input(0, .fixed(bytes, width: 8), nil)))
            }
            try words(1, columns, names.columns, writer, &group)
            try texts(2, originals, writer, &group)
            try texts(3, cleaned, writer, &group)
            try words(4, transformations, names.transformations, writer, &group)
            let (indices, distinct) = Self.compact(confidences)
            try indices.withUnsafeBufferPointer { indices in
                try distinct.map { Double($0) / 10_000 }.withUnsafeBytes { bytes in
                    group.add(try writer.write(input(5, .fixed(bytes, width: 8), indices)))
                }
            }
            try words(6, sources, names.sources, writer, &group)
        }
        writer.append(
            ParquetFile.footer(
                schema: Self.schema, rows: Int64(rows.count), rowGroups: rows.isEmpty ? [] : [group.encoded()], metadata: []))
        return writer.file
    }

    private func removeAll() {
        rows.removeAll()
        columns.removeAll()
        originals.removeAll()
        cleaned.removeAll()
        transformations.removeAll()
        confidences.removeAll()
        sources.removeAll()
    }

    private func input(_ c: Int, _ values: ColumnChunkInput.Values, _ indices: UnsafeBufferPointer<UInt32>?) -> ColumnChunkInput {
        let column = Self.schema.columns[c]
        return ColumnChunkInput(
            name: column.name, physical: ParquetFile.physical(column.type), rows: rows.count, present: rows.count, validity: nil,
            values: values, indices: indices)
    }

    /// A column of names: the dictionary holds those that occur, in order of first appearance.
    private func words(
        _ c: Int, _ codes: [UInt32], _ names: [String], _ writer: ColumnChunkWriter, _ group: inout ParquetPartWriter.RowGroup
    ) throws {
        let (indices, distinct) = Self.compact(codes)
        let arena = ByteArena()
        let lengths = distinct.map { code in
            let start = arena.count
            arena.append(names[Int(code)])
            return arena.count - start
        }
        var at = 0
        let texts = lengths.map { n in
            defer { at += n }
            return cscan_text(p: UnsafePointer(arena.base + at), n: n)
        }
        try withExtendedLifetime(arena) {
            try indices.withUnsafeBufferPointer { indices in
                try texts.withUnsafeBufferPointer { texts in
                    group.add(try writer.write(input(c, .texts(texts), indices)))
                }
            }
        }
    }

    private func texts(_ c: Int, _ texts: [cscan_text], _ writer: ColumnChunkWriter, _ group: inout ParquetPartWriter.RowGroup)
        throws
    {
        var column = cscan_column()
        guard cscan_column_init(&column, 0, texts.count) == 0 else { throw Self.outOfMemory }
        defer { cscan_column_free(&column) }
        guard cscan_column_add_texts(&column, texts, texts.count) == 0, cscan_column_finish(&column, 0) == 0 else {
            throw Self.outOfMemory
        }
        var input = input(
            c, .texts(UnsafeBufferPointer(start: UnsafePointer(column.values), count: column.value_count)),
            column.plain != 0 ? nil : UnsafeBufferPointer(start: UnsafePointer(column.indices), count: column.present))
        input.present = column.present
        input.validity = column.present == rows.count ? nil : UnsafePointer(column.validity)
        group.add(try writer.write(input))
    }

    /// Renumbers codes in order of first appearance.
    private static func compact(_ codes: [UInt32]) -> (indices: [UInt32], distinct: [UInt32]) {
        let unused = UInt32.max
        var number = [UInt32](repeating: unused, count: Int(codes.max() ?? 0) + 1)
        var distinct: [UInt32] = []
        let indices = codes.map { code in
            if number[Int(code)] == unused {
                number[Int(code)] = UInt32(distinct.count)
                distinct.append(code)
            }
            return number[Int(code)]
        }
        return (indices, distinct)
    }

    private static var outOfMemory: SanitizerError {
        SanitizerError(.internal, "out of memory while writing provenance", isRetryable: true)
    }

    /// Empty text still needs an address: NULL is missing.
    private static func text(_ bytes: UnsafeBufferPointer<UInt8>?) -> cscan_text {
        guard let bytes else { return cscan_text() }
        guard let base = bytes.baseAddress else { return cscan_text(p: UnsafePointer(bitPattern: 1), n: 0) }
        return cscan_text(p: base, n: bytes.count)
    }
}
