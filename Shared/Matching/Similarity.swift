internal import CScan

/// Typo-tolerant comparison of short byte strings.
enum Similarity {
    /// 1 - optimal-string-alignment distance / longer length. Bytes, not characters: the forms compared are mostly ASCII.
    ///
    /// 0 where both are longer than 192 bytes, or one is much longer: such strings are compared by their words only.
    static func osa(_ a: UnsafePointer<UInt8>, _ n: Int, _ b: UnsafePointer<UInt8>, _ m: Int) -> Double {
        let longest = max(n, m)
        if longest == 0 { return 1 }
        // Every edit changes the length by at most one.
        let bound = 1 - Double(abs(n - m)) / Double(longest)
        if bound < 0.2 { return 0 }
        if longest > maximumEditBytes, min(n, m) > 64 { return 0 }
        return 1 - Double(cscan_osa(a, n, b, m)) / Double(longest)
    }
    private static let maximumEditBytes = Int(CSCAN_OSA_BYTES)
}
