/// Encodings of text inputs, told apart by byte order marks and by where zero bytes stand.
enum TextEncoding: String {
    case utf8 = "utf-8"
    case utf16le = "utf-16le"
    case utf16be = "utf-16be"
    case utf32le = "utf-32le"
    case utf32be = "utf-32be"
    case windows1252 = "windows-1252"
    case latin1 = "latin-1"

    /// Structure characters are single ASCII bytes, so the input can be read as it is.
    var isASCIISuperset: Bool { self == .utf8 || self == .windows1252 || self == .latin1 }

    /// The name that a person may give it, in any case and with common spellings.
    init?(named name: String) {
        switch name.lowercased() {
        case "utf-8", "utf8", "utf-8-sig", "ascii", "us-ascii": self = .utf8
        case "utf-16le", "utf-16", "utf16", "utf-16-le": self = .utf16le
        case "utf-16be", "utf-16-be": self = .utf16be
        case "utf-32le", "utf-32", "utf32", "utf-32-le": self = .utf32le
        case "utf-32be", "utf-32-be": self = .utf32be
        case "windows-1252", "cp1252", "ansi": self = .windows1252
        case "latin-1", "latin1", "iso-8859-1": self = .latin1
        default: return nil
        }
    }

    /// The encoding that the first bytes speak for, and the length of the byte order mark.
    static func detect(_ head: [UInt8]) -> (encoding: TextEncoding, mark: Int) {
        if head.starts(with: [0xFF, 0xFE, 0, 0]) { return (.utf32le, 4) }
        if head.starts(with: [0, 0, 0xFE, 0xFF]) { return (.utf32be, 4) }
        if head.starts(with: [0xFF, 0xFE]) { return (.utf16le, 2) }
        if head.starts(with: [0xFE, 0xFF]) { return (.utf16be, 2) }
        if head.starts(with: [0xEF, 0xBB, 0xBF]) { return (.utf8, 3) }
        let window = head.prefix(64 << 10)
        var even = 0
        var odd = 0
        for (i, byte) in window.enumerated() where byte == 0 {
            if i & 1 == 0 { even += 1 } else { odd += 1 }
        }
        let half = Double(max(1, window.count / 2))
        if Double(odd) > 0.3 * half, Double(even) < 0.05 * half { return (.utf16le, 0) }
        if Double(even) > 0.3 * half, Double(odd) < 0.05 * half { return (.utf16be, 0) }
        return (.utf8, 0)
    }

    /// Rewrites UTF-16 and UTF-32 as UTF-8 (bad units become U+FFFD); other encodings stay as they are.
    func toUTF8(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        switch self {
        case .utf8, .windows1252, .latin1: return Array(bytes)
        case .utf16le, .utf16be:
            var units: [UInt16] = []
            units.reserveCapacity(bytes.count / 2)
            var i = bytes.startIndex
            while i + 1 < bytes.endIndex {
                let pair = UInt16(bytes[i]) << 8 | UInt16(bytes[i + 1])
                units.append(self == .utf16be ? pair : pair.byteSwapped)
                i += 2
            }
            return Array(String(decoding: units, as: UTF16.self).utf8)
        case .utf32le, .utf32be:
            var units: [UInt32] = []
            units.reserveCapacity(bytes.count / 4)
            var i = bytes.startIndex
            while i + 3 < bytes.endIndex {
                let high = UInt32(bytes[i]) << 24 | UInt32(bytes[i + 1]) << 16
                let low = UInt32(bytes[i + 2]) << 8 | UInt32(bytes[i + 3])
                units.append(self == .utf32be ? high | low : (high | low).byteSwapped)
                i += 4
            }
            return Array(String(decoding: units, as: UTF32.self).utf8)
        }
    }
}
