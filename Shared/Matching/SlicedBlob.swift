internal import Domain
internal import Tabular

/// The layout of what is read in slices: magic, number of slices, one end offset per slice, slices.
///
/// The keys of a chunk have a slice for each partition; the matches of a partition have a head and a slice for each stripe of pairs.
public enum SlicedBlob {
    static let magic: UInt32 = 0x314B_4D44

    /// Bytes at the start of a blob that ``range(_:_:)`` needs.
    public static func headerLength(slices: Int) -> Int { 8 + 8 * slices }

    /// Header and slices, in order: together the whole blob.
    /// - Throws: `corrupt_intermediate` for bytes of another layout.
    public static func parts(_ blob: [UInt8], slices: Int) throws -> [Range<Int>] {
        [0..<headerLength(slices: slices)] + (try (0..<slices).map { try range(blob, $0) })
    }

    /// Where slice `slice` lies in the blob.
    /// - Throws: `corrupt_intermediate` for a header of another layout.
    public static func range(_ header: [UInt8], _ slice: Int) throws -> Range<Int> {
        var r = ByteReader(header)
        guard try r.u32() == magic, slice >= 0, slice < Int(try r.u32()) else {
            throw SanitizerError(.corruptIntermediate, "the intermediate result has no slice \(slice)")
        }
        var start = 0
        var end = 0
        for _ in 0...slice {
            start = end
            end = try r.int()
        }
        let base = headerLength(slices: Int(header.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 4, as: UInt32.self) }))
        guard start >= 0, end >= start, end <= Int.max - base else {
            throw SanitizerError(.corruptIntermediate, "the intermediate result has a broken index")
        }
        return base + start..<base + end
    }

    static func writeHeader(_ out: UnsafeMutableRawPointer, ends: some Collection<Int>) {
        out.storeBytes(of: magic, as: UInt32.self)
        out.storeBytes(of: UInt32(ends.count), toByteOffset: 4, as: UInt32.self)
        for (slice, end) in ends.enumerated() { out.storeBytes(of: Int64(end), toByteOffset: 8 + 8 * slice, as: Int64.self) }
    }
}
