internal import CScan

/// Null count, least and greatest value of a column chunk, as Parquet stores them.
struct ColumnStatistics {
    var nulls: Int
    var least: [UInt8]?
    var greatest: [UInt8]?
    var distinct: Int?

    /// Longer texts are left out: statistics are for skipping, and a cut bound would be taken for a value by older readers.
    private static let maximumTextBytes = 256

    init(_ input: ColumnChunkInput) {
        nulls = input.rows - input.present
        if input.indices != nil { distinct = input.values.count }
        guard input.values.count > 0 else { return }
        switch input.values {
        case .texts(let texts):
            var low = cscan_text()
            var high = cscan_text()
            cscan_text_range(texts.baseAddress, texts.count, &low, &high)
            if low.n <= Self.maximumTextBytes { least = Array(UnsafeBufferPointer(start: low.p, count: low.n)) }
            if high.n <= Self.maximumTextBytes { greatest = Array(UnsafeBufferPointer(start: high.p, count: high.n)) }
        case .fixed(let bytes, _):
            switch input.physical {
            case .int32: take(bytes.bindMemory(to: Int32.self))
            case .double:
                take(bytes.bindMemory(to: Double.self))
                // The sign of zero does not order: both bounds must cover both zeros.
                if least == Self.encode(0.0) { least = Self.encode(-0.0) }
                if greatest == Self.encode(-0.0) { greatest = Self.encode(0.0) }
            default: take(bytes.bindMemory(to: Int64.self))
            }
        case .booleans(let values):
            least = [values.min() ?? 0]
            greatest = [values.max() ?? 0]
        }
    }

    private mutating func take<T: Comparable>(_ values: UnsafeBufferPointer<T>) {
        var low = values[0]
        var high = values[0]
        for v in values {
            if v < low { low = v }
            if v > high { high = v }
        }
        least = Self.encode(low)
        greatest = Self.encode(high)
    }
    private static func encode<T>(_ value: T) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }

    func write(to w: inout ThriftWriter) {
        w.i64(3, Int64(nulls))
        if let distinct { w.i64(4, Int64(distinct)) }
        if let greatest { w.binary(5, greatest) }
        if let least { w.binary(6, least) }
    }
}
