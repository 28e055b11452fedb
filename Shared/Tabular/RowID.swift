/// The place of a record in the input: chunk, then ordinal inside the chunk. Order is input order.
///
/// The global record number is `firstRecord(of: chunk) + ordinal`, known once every chunk was scanned.
@frozen public struct RowID: Hashable, Comparable, Sendable {
    public var raw: UInt64
    @inlinable @inline(__always) public init(raw: UInt64) { self.raw = raw }
    @inlinable @inline(__always) public init(chunk: Int, ordinal: Int) {
        raw = UInt64(truncatingIfNeeded: chunk) << 32 | UInt64(UInt32(truncatingIfNeeded: ordinal))
    }
    @inlinable @inline(__always) public var chunk: Int { Int(raw >> 32) }
    @inlinable @inline(__always) public var ordinal: Int { Int(raw & 0xFFFF_FFFF) }
    @inlinable @inline(__always) public static func < (a: RowID, b: RowID) -> Bool { a.raw < b.raw }
}
