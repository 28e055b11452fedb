/// UTF-8 that was once read as Windows-1252 and written again: `CafÃ©` for `Café`.
enum Mojibake {
    /// Windows-1252 code points of the bytes 0x80...0x9F; the others are Latin-1. 0: not assigned.
    /// - Source: WHATWG Encoding Standard, index windows-1252.
    private static let high: [UInt32] = [
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F,
        0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E,
        0x0178,
    ]

    /// Writes the text as it was meant to `out` (room: `n` bytes) and returns its length; nil when the text shows no such damage, or when undoing
    /// it does not give valid UTF-8.
    static func repair(_ p: UnsafePointer<UInt8>, _ n: Int, _ out: UnsafeMutablePointer<UInt8>) -> Int? {
        guard shows(p, n) else { return nil }
        var length = 0
        var i = 0
        var changed = false
        while i < n {
            let c = p[i]
            if c < 0x80 {
                out[length] = c
                i += 1
            } else {
                let size = c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4
                guard i + size <= n, size < 4 else { return nil }
                var scalar = UInt32(c) & (size == 2 ? 0x1F : 0x0F)
                for k in 1..<size { scalar = scalar << 6 | UInt32(p[i + k] & 0x3F) }
                if scalar < 0x100, scalar >= 0xA0 {
                    out[length] = UInt8(scalar)
                } else if let at = high.firstIndex(of: scalar) {
                    out[length] = UInt8(0x80 + at)
                } else {
                    return nil
                }
                changed = true
                i += size
            }
            length += 1
        }
        return changed && isUTF8(out, length) ? length : nil
    }

    /// Holds U+FFFD, which stands for characters that were lost when the text was decoded: nothing brings them back.
    static func isLossy(_ p: UnsafePointer<UInt8>, _ n: Int) -> Bool {
        for i in 0..<max(0, n - 2) where p[i] == 0xEF && p[i + 1] == 0xBF && p[i + 2] == 0xBD { return true }
        return false
    }

    /// A lead byte of UTF-8 read as a letter (Â, Ã, Ä, Å, â) before something that a continuation byte becomes.
    private static func shows(_ p: UnsafePointer<UInt8>, _ n: Int) -> Bool {
        var i = 0
        while i + 3 < n {
            if p[i] == 0xC3, (0x82...0x85).contains(p[i + 1]) || p[i + 1] == 0xA2, p[i + 2] >= 0xC2 { return true }
            i += 1
        }
        return false
    }

    private static func isUTF8(_ p: UnsafeMutablePointer<UInt8>, _ n: Int) -> Bool {
        String(validating: UnsafeBufferPointer(start: p, count: n), as: UTF8.self) != nil
    }
}
