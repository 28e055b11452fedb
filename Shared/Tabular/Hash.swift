internal import CScan

/// XXH3 of byte runs. Not cryptographic: use the salt as the seed where an adversary may choose the input.
public enum Hash {
    @inline(__always)
    public static func h64(_ bytes: UnsafeBufferPointer<UInt8>, seed: UInt64 = 0) -> UInt64 {
        cscan_hash64(bytes.baseAddress, bytes.count, seed)
    }
    @inline(__always)
    public static func h64(_ start: UnsafePointer<UInt8>, _ count: Int, seed: UInt64 = 0) -> UInt64 {
        cscan_hash64(start, count, seed)
    }
    public static func h128(_ start: UnsafePointer<UInt8>, _ count: Int, seed: UInt64 = 0) -> (low: UInt64, high: UInt64) {
        let h = cscan_hash128(start, count, seed)
        return (h.low, h.high)
    }
    public static func h64(_ text: String, seed: UInt64 = 0) -> UInt64 {
        var text = text
        return text.withUTF8 { h64($0, seed: seed) }
    }
    /// Bijective mixing of a 64-bit value (the finaliser of MurmurHash3).
    @inlinable @inline(__always)
    public static func mix(_ x: UInt64) -> UInt64 {
        var z = x
        z = (z ^ (z >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        z = (z ^ (z >> 33)) &* 0xC4CE_B9FE_1A85_EC53
        return z ^ (z >> 33)
    }
}
