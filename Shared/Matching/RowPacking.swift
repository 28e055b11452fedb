/// Rows (chunk above 32 bits of ordinal) with chunk and ordinal side by side in as few bits as the table needs, in the rows' order.
struct RowPacking {
    /// Of an ordinal.
    let ordinalBits: UInt64
    /// Of chunk and ordinal together.
    let bits: Int

    /// - Parameters: at least as high as any chunk and ordinal of a row.
    init(highestChunk: UInt64, highestOrdinal: UInt64) {
        let width = highestOrdinal.bitWidth - highestOrdinal.leadingZeroBitCount
        ordinalBits = UInt64(width)
        bits = highestChunk.bitWidth - highestChunk.leadingZeroBitCount + width
    }

    @inline(__always)
    func pack(_ row: UInt64) -> UInt64 { (row >> 32) << ordinalBits | row & 0xFFFF_FFFF }
    @inline(__always)
    func row(_ packed: UInt64) -> UInt64 { Self.row(packed, ordinalBits: ordinalBits) }
    /// Of a number that was packed with so many bits for the ordinal.
    @inline(__always)
    static func row(_ packed: UInt64, ordinalBits: UInt64) -> UInt64 {
        (packed >> ordinalBits) << 32 | packed & (1 << ordinalBits - 1)
    }
}
