import Tabular

/// A small generator of pseudo-random numbers with a stream per (seed, row, purpose). Integer arithmetic only, so every machine
/// gives the same numbers.
///
/// - Source: wyrand, from https://github.com/wangyi-fudan/wyhash (public domain).
struct RowRandom {
    /// Streams of one row that must not influence each other.
    enum Purpose: UInt64 {
        case kind = 1
        case source
        case content
        case dirt
        case near
        case copy
        case drift
        case household
    }
    private var state: UInt64

    @inline(__always)
    init(seed: UInt64, row: Int, _ purpose: Purpose) {
        state = Hash.mix(seed &+ 0x9E37_79B9_7F4A_7C15 &* (UInt64(bitPattern: Int64(row)) &* 16 &+ purpose.rawValue))
    }

    @inline(__always)
    mutating func next() -> UInt64 {
        state &+= 0xA076_1D64_78BD_642F
        let product = state.multipliedFullWidth(by: state ^ 0xE703_7ED1_A0B4_28DB)
        return product.high ^ product.low
    }
    /// A number in 0..<n.
    @inline(__always)
    mutating func below(_ n: Int) -> Int {
        Int(truncatingIfNeeded: UInt64(n).multipliedFullWidth(by: next()).high)
    }
    /// True with probability `percent` / 100.
    @inline(__always)
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
}
