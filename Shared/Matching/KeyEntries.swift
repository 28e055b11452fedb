internal import Tabular

/// Fingerprint of one row of a chunk, as stored: 20 bytes.
struct ExactEntry {
    var low: UInt64
    var high: UInt64
    var ordinal: UInt32
    static let bytes = 20
}

/// Band key of one row of a chunk, as stored: 20 bytes.
struct NearEntry {
    /// Decides the partition by its upper bits.
    var key: UInt32
    /// With ``Canaries/flag`` set, the keys are those of the row's canary.
    var ordinal: UInt32
    /// 32 MinHash values, two bits each.
    var signature: UInt64
    /// Part of the exact fingerprint: rows that are equal as a whole are one row here.
    var row: UInt32
    static let bytes = 20
}

/// A row of the hash-chosen sample, with its text.
struct SampledRow: Equatable {
    var hash: UInt64
    var id: UInt64
    /// One per column; missing and empty are the same.
    var cells: [[UInt8]]
}

enum Partitioning {
    @inline(__always)
    static func of(_ key: UInt32, _ partitions: Int) -> Int { Int((UInt64(key) &* UInt64(partitions)) >> 32) }
    @inline(__always)
    static func of(_ high: UInt64, _ partitions: Int) -> Int {
        Int(truncatingIfNeeded: high.multipliedFullWidth(by: UInt64(partitions)).high)
    }
}
