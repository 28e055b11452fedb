internal import Tabular

/// Fingerprint of one row of a chunk, as stored: 20 bytes.
struct ExactEntry {
    var low: UInt64
    var high: UInt64
    var ordinal: UInt32
    static let bytes = 20
}

/// The value of a column that looks like a key in one row of a chunk, as stored: 16 bytes.
struct KeyEntry {
    /// Hash of the value; its three lowest bits are the place among the columns. Decides the partition by its upper bits.
    var key: UInt64
    /// Part of the exact fingerprint of the row.
    var content: UInt32
    var ordinal: UInt32
    static let bytes = 16
    static let maximumColumns = 8

    @inline(__always)
    static func key(_ value: UnsafeBufferPointer<UInt8>, column: Int) -> UInt64 {
        Hash.mix(Hash.h64(value) &+ UInt64(column)) & ~7 | UInt64(column)
    }
    @inline(__always)
    static func column(_ key: UInt64) -> Int { Int(key & 7) }

    /// Of the stored key, without its column.
    @inline(__always)
    static func hash(_ raw: UnsafeRawBufferPointer, at: Int) -> UInt64 {
        raw.loadUnaligned(fromByteOffset: at, as: UInt64.self) >> 3
    }

    static func areValid(_ bytes: [UInt8], columns: Int) -> Bool {
        bytes.count % Self.bytes == 0
            && stride(from: 0, to: bytes.count, by: Self.bytes).allSatisfy { Int(bytes[$0] & 7) < columns }
    }

    func store(_ out: UnsafeMutableRawPointer) {
        out.storeBytes(of: key, as: UInt64.self)
        out.storeBytes(of: content, toByteOffset: 8, as: UInt32.self)
        out.storeBytes(of: ordinal, toByteOffset: 12, as: UInt32.self)
    }
    @inline(__always)
    static func load(_ raw: UnsafeRawBufferPointer, at: Int) -> KeyEntry {
        KeyEntry(
            key: raw.loadUnaligned(fromByteOffset: at, as: UInt64.self),
            content: raw.loadUnaligned(fromByteOffset: at + 8, as: UInt32.self),
            ordinal: raw.loadUnaligned(fromByteOffset: at + 12, as: UInt32.self))
    }
}

/// A row of the hash-chosen sample, with its text.
struct SampledRow: Equatable {
    var hash: UInt64
    var id: UInt64
    /// Of the table.
    var columns: Int
    /// As many ``PackedCells``; missing and empty are the same.
    var packed: [UInt8]

    init(hash: UInt64, id: UInt64, cells: [[UInt8]]) {
        self.init(hash: hash, id: id, columns: cells.count, packed: PackedCells.pack(cells))
    }
    init(hash: UInt64, id: UInt64, columns: Int, packed: [UInt8]) {
        (self.hash, self.id, self.columns, self.packed) = (hash, id, columns, packed)
    }

    var cells: [[UInt8]] {
        var cells: [[UInt8]] = []
        forEachCell { cells.append(Array($1)) }
        return cells
    }

    @inline(__always)
    func forEachCell(_ body: (Int, UnsafeBufferPointer<UInt8>) -> Void) {
        packed.withUnsafeBufferPointer { packed in
            if let start = packed.baseAddress { PackedCells.forEach(start, columns: columns, body) }
        }
    }
}

enum Partitioning {
    @inline(__always)
    static func of(_ key: UInt32, _ partitions: Int) -> Int { Int((UInt64(key) &* UInt64(partitions)) >> 32) }
    @inline(__always)
    static func of(_ high: UInt64, _ partitions: Int) -> Int {
        Int(truncatingIfNeeded: high.multipliedFullWidth(by: UInt64(partitions)).high)
    }
}
