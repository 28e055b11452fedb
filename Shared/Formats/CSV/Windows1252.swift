internal import CScan
internal import Tabular

/// Text that is not valid UTF-8 is taken for Windows-1252; its five undefined bytes are taken for Latin-1.
enum Windows1252 {
    /// Code points of the bytes 0x80...0x9F.
    private static let high: [UInt16] = [
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F,
        0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E,
        0x0178,
    ]

    /// Writes the text as UTF-8 to the arena and returns its cell.
    static func decode(_ text: UnsafeBufferPointer<UInt8>, isLatin1: Bool, into arena: ByteArena) -> Cell {
        // The text may lie in the arena itself, which moves when it grows.
        let copy = Array(text)
        let out = arena.reserve(copy.count * 3)
        var n = 0
        for b in copy {
            if b < 0x80 {
                out[n] = b
                n += 1
                continue
            }
            let point = b < 0xA0 && !isLatin1 ? high[Int(b) - 0x80] : UInt16(b)
            if point >= 0x800 {
                out[n] = UInt8(0xE0 | point >> 12)
                n += 1
                out[n] = UInt8(0x80 | (point >> 6 & 0x3F))
            } else {
                out[n] = UInt8(0xC0 | point >> 6)
            }
            out[n + 1] = UInt8(0x80 | (point & 0x3F))
            n += 2
        }
        return Cell(arena: arena.commit(n), length: n)
    }

    /// The text as a string: UTF-8 where valid.
    static func string(_ text: UnsafeBufferPointer<UInt8>) -> String {
        guard let start = text.baseAddress, cscan_utf8_valid(start, text.count) == 0 else {
            return String(decoding: text, as: UTF8.self)
        }
        let arena = ByteArena(capacity: text.count * 3)
        let cell = decode(text, isLatin1: false, into: arena)
        return String(decoding: UnsafeBufferPointer(start: arena.base + Int(cell.offset), count: cell.length), as: UTF8.self)
    }
}
