/// RFC 4648 section 4, for the bitmap inside the plan's JSON.
enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        for i in stride(from: 0, to: bytes.count, by: 3) {
            let b = (0..<3).map { i + $0 < bytes.count ? UInt32(bytes[i + $0]) : 0 }
            let v = b[0] << 16 | b[1] << 8 | b[2]
            for k in 0..<4 {
                out.append(k <= bytes.count - i ? digits[Int(v >> UInt32(18 - 6 * k) & 63)] : 61)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// The bytes, up to the first character that is none of the 64.
    static func decode(_ text: String) -> [UInt8] {
        var table = [Int](repeating: -1, count: 256)
        for (i, d) in digits.enumerated() { table[Int(d)] = i }
        var out: [UInt8] = []
        var bits = 0
        var v = 0
        for c in text.utf8 {
            let d = table[Int(c)]
            if d < 0 { break }
            v = (v << 6 | d) & 0xFFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                out.append(UInt8(truncatingIfNeeded: v >> bits))
            }
        }
        return out
    }
}
