internal import Domain
internal import Tabular

/// The layout of what ``KeyBuilder/finish()`` writes: magic, partition count, one end offset per partition, slices.
public enum KeyBlob {
    static let magic: UInt32 = 0x314B_4D44

    /// Bytes at the start of a blob that ``partitionRange(_:_:)`` needs.
    public static func headerLength(partitions: Int) -> Int { 8 + 8 * partitions }

    /// Head and slices, in order: together the whole blob.
    /// - Throws: `corrupt_intermediate` for a blob that no key builder wrote.
    public static func parts(_ blob: [UInt8], partitions: Int) throws -> [Range<Int>] {
        [0..<headerLength(partitions: partitions)] + (try (0..<partitions).map { try partitionRange(blob, $0) })
    }

    /// Where the slice of partition `p` lies in the blob.
    /// - Throws: `corrupt_intermediate` for a header that no key builder wrote.
    public static func partitionRange(_ header: [UInt8], _ p: Int) throws -> Range<Int> {
        var r = ByteReader(header)
        guard try r.u32() == magic, p >= 0, p < Int(try r.u32()) else {
            throw SanitizerError(.corruptIntermediate, "key blob has no partition \(p)")
        }
        var start = 0
        var end = 0
        for _ in 0...p {
            start = end
            end = try r.int()
        }
        let base = headerLength(partitions: Int(header.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 4, as: UInt32.self) }))
        guard start >= 0, end >= start, end <= Int.max - base else {
            throw SanitizerError(.corruptIntermediate, "key blob has a broken index")
        }
        return base + start..<base + end
    }
}
