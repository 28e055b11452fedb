internal import CUtf8proc
internal import Foundation
internal import Tabular

/// Cleans the surface of a text: outer and inner white space, invisible and control characters, Unicode NFC.
struct Surface {
    struct Flags: OptionSet {
        var rawValue: UInt8
        static let trim = Flags(rawValue: 1)
        static let whitespace = Flags(rawValue: 2)
        static let control = Flags(rawValue: 4)
        static let nfc = Flags(rawValue: 8)
    }
    /// Line breaks inside a free text carry meaning and stay.
    var keepsLines = false
    /// A run of blanks inside a text becomes one blank.
    var foldsBlanks = true

    /// Writes the clean text to `out` (room: `n` bytes) and returns its length.
    func clean(_ p: UnsafePointer<UInt8>, _ n: Int, _ out: UnsafeMutablePointer<UInt8>, _ flags: inout Flags) -> Int {
        var o = 0
        var blank = false
        var i = 0
        var composes = false
        // Blanks of a run that are kept.
        var pending = 0
        while i < n {
            let c = p[i]
            var size = 1
            if c > 0x20 && c < 0x7F {
                // The common case first.
            } else if c == 0x20 || c == 0x09 || c == 0x0A || c == 0x0D || c == 0x0B || c == 0x0C {
                if keepsLines, c == 0x0A {
                    if o > 0 {
                        out[o] = 0x0A
                        o += 1
                    } else {
                        flags.insert(.trim)
                    }
                    blank = false
                    pending = 0
                    i += 1
                    continue
                }
                if !foldsBlanks, c == 0x20, blank, o > 0 {
                    pending += 1
                } else if c != 0x20 || blank {
                    flags.insert(o == 0 ? .trim : .whitespace)
                }
                blank = true
                i += 1
                continue
            } else if c < 0x80 {
                flags.insert(.control)
                i += 1
                continue
            } else {
                size = c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4
                if i + size > n { size = n - i }
                switch Self.role(p + i, size) {
                case .blank:
                    flags.insert(o == 0 ? .trim : .whitespace)
                    blank = true
                    i += size
                    continue
                case .invisible:
                    flags.insert(.control)
                    i += size
                    continue
                case .joiner:
                    // Joiners and direction marks shape Indic and Arabic words and emoji; next to ASCII or an edge they are debris.
                    if i == 0 || i + size >= n || p[i - 1] < 0x80 || p[i + size] < 0x80 {
                        flags.insert(.control)
                        i += size
                        continue
                    }
                case .letter: break
                }
                if c >= 0xCC { composes = true }
            }
            if blank {
                if o == 0 {
                    flags.insert(.trim)
                } else if out[o - 1] != 0x0A {
                    for _ in 0...pending {
                        out[o] = 0x20
                        o += 1
                    }
                } else {
                    flags.insert(.whitespace)
                }
                blank = false
                pending = 0
            }
            for k in 0..<size { out[o + k] = p[i + k] }
            o += size
            i += size
        }
        if blank { flags.insert(.trim) }
        while o > 0, out[o - 1] == 0x0A {
            o -= 1
            flags.insert(.trim)
        }
        return composes ? Self.compose(out, o, room: n, &flags) : o
    }

    private enum Role { case letter, blank, invisible, joiner }
    private static func role(_ p: UnsafePointer<UInt8>, _ size: Int) -> Role {
        if size == 2, p[0] == 0xC2 { return p[1] == 0xA0 ? .blank : p[1] == 0xAD ? .invisible : .letter }
        guard size == 3 else { return .letter }
        let v = UInt32(p[0]) << 16 | UInt32(p[1]) << 8 | UInt32(p[2])
        switch v {
        case 0xE28080...0xE2808A, 0xE280AF, 0xE2819F, 0xE38080, 0xE19A80, 0xE280A8, 0xE280A9: return .blank
        case 0xE2808B, 0xE281A0, 0xEFBBBF: return .invisible
        case 0xE2808C...0xE2808F: return .joiner
        default: return .letter
        }
    }

    /// NFC in place; a text that would grow beyond its room, or is not valid UTF-8, stays as it is.
    private static func compose(_ out: UnsafeMutablePointer<UInt8>, _ n: Int, room: Int, _ flags: inout Flags) -> Int {
        var result: UnsafeMutablePointer<utf8proc_uint8_t>?
        let options = utf8proc_option_t(rawValue: UTF8PROC_STABLE.rawValue | UTF8PROC_COMPOSE.rawValue)
        let length = utf8proc_map(out, n, &result, options)
        guard let text = result else { return n }
        // utf8proc_map: "the returned string is allocated by malloc and has to be freed by the caller".
        defer { free(text) }
        guard length > 0, length <= room else { return n }
        if length == n, (0..<n).allSatisfy({ text[$0] == out[$0] }) { return n }
        flags.insert(.nfc)
        out.update(from: text, count: length)
        return length
    }
}
