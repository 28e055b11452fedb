public import Tabular

/// An approximate functional dependency: rows that agree in the left columns mostly agree in the right one.
public struct Dependency: Codable, Sendable, Hashable {
    /// One column, or two that determine the right one together.
    public var lhs: [Int]
    public var rhs: Int

    public init(lhs: [Int], rhs: Int) {
        self.lhs = lhs
        self.rhs = rhs
    }

    /// The key of a pair of left values; each is the hash of a filled cell. Never 0.
    @inlinable @inline(__always)
    public static func combine(_ a: UInt64, _ b: UInt64) -> UInt64 {
        max(Hash.mix(a) ^ (b &* 0x9E37_79B9_7F4A_7C15), 1)
    }
}
