/// Where the text of one cell lives: 8 bytes.
///
/// Bit 31 of `meta`: the bytes are in the batch's arena instead of its base buffer.
/// Bit 30 of `meta`: the cell is missing (no value at all; different from nothing only for formats that have null).
/// Bits 0...29 of `meta`: length in bytes, at most ``maximumLength``.
@frozen public struct Cell: Equatable, Sendable {
    public var offset: UInt32
    public var meta: UInt32

    public static let arenaFlag: UInt32 = 1 << 31
    public static let missingFlag: UInt32 = 1 << 30
    public static let lengthMask: UInt32 = (1 << 30) - 1
    public static let maximumLength = Int(lengthMask)

    @inlinable @inline(__always)
    public init(offset: UInt32, meta: UInt32) {
        self.offset = offset
        self.meta = meta
    }
    @inlinable @inline(__always)
    public init(base offset: Int, length: Int) {
        self.offset = UInt32(truncatingIfNeeded: offset)
        self.meta = UInt32(truncatingIfNeeded: length)
    }
    @inlinable @inline(__always)
    public init(arena offset: Int, length: Int) {
        self.offset = UInt32(truncatingIfNeeded: offset)
        self.meta = UInt32(truncatingIfNeeded: length) | Cell.arenaFlag
    }
    @inlinable @inline(__always) public static var missing: Cell { Cell(offset: 0, meta: missingFlag) }

    @inlinable @inline(__always) public var length: Int { Int(meta & Cell.lengthMask) }
    @inlinable @inline(__always) public var isMissing: Bool { meta & Cell.missingFlag != 0 }
    @inlinable @inline(__always) public var isInArena: Bool { meta & Cell.arenaFlag != 0 }
    /// Missing or of length zero.
    @inlinable @inline(__always) public var isEmpty: Bool { meta & Cell.lengthMask == 0 }
}
