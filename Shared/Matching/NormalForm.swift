internal import CUtf8proc
internal import Tabular

#if canImport(Glibc)
    internal import Glibc
#endif

/// The form in which cells are compared: lower case, no accents, no punctuation; so that only what may be a real difference is left.
///
/// Text keeps single blanks between words and points inside numbers; codes, dates and phone numbers keep letters and digits only.
enum NormalForm {
    /// Cells are compared by their first bytes only: a bound on the time of one comparison.
    static let maximumBytes = 1024

    /// Writes the normal form of `bytes` to `out`, which has room for three times the input; returns its length.
    static func write(_ bytes: UnsafeBufferPointer<UInt8>, kind: MatchPlan.Kind, to out: UnsafeMutablePointer<UInt8>) -> Int {
        let n = min(bytes.count, maximumBytes)
        let slice = UnsafeBufferPointer(rebasing: bytes[0..<n])
        var any: UInt8 = 0
        for b in slice { any |= b }
        guard any >= 0x80 else { return fold(slice, kind: kind, to: out) }
        var mapped: UnsafeMutablePointer<UInt8>?
        let options = utf8proc_option_t(
            UTF8PROC_STABLE.rawValue | UTF8PROC_COMPAT.rawValue | UTF8PROC_DECOMPOSE.rawValue | UTF8PROC_STRIPMARK.rawValue
                | UTF8PROC_CASEFOLD.rawValue)
        let length = utf8proc_map(slice.baseAddress, n, &mapped, options)
        defer { free(mapped) }
        // Text that was cut inside a character or is not UTF-8 is compared as it is.
        guard length >= 0, let mapped else { return fold(slice, kind: kind, to: out) }
        return fold(UnsafeBufferPointer(start: mapped, count: min(length, 3 * maximumBytes)), kind: kind, to: out)
    }

    private static func fold(_ b: UnsafeBufferPointer<UInt8>, kind: MatchPlan.Kind, to out: UnsafeMutablePointer<UInt8>) -> Int {
        let form = wordBytes
        if kind == .number { return number(b, to: out) }
        var n = 0
        if kind != .text {
            for c in b {
                let lower = form[Int(c)]
                out[n] = lower
                n &+= lower == 0 ? 0 : 1
            }
            return n
        }
        for i in 0..<b.count {
            let c = b[i]
            let lower = form[Int(c)]
            if lower != 0 {
                out[n] = lower
                n &+= 1
            } else if c == 46, i > 0, i + 1 < b.count, b[i - 1] &- 48 < 10, b[i + 1] &- 48 < 10 {
                out[n] = c
                n &+= 1
            } else if c != 39, n > 0, out[n &- 1] != 32 {
                out[n] = 32
                n &+= 1
            }
        }
        return n > 0 && out[n - 1] == 32 ? n - 1 : n
    }

    /// The number without its unit, and then without zeros that say nothing: `12.50 %` and `12.5 %` are one. Without a unit it is
    /// canonical already. What has no digits stays as it is, and punctuation alone is nothing.
    private static func number(_ b: UnsafeBufferPointer<UInt8>, to out: UnsafeMutablePointer<UInt8>) -> Int {
        func isDigit(_ i: Int) -> Bool { b[i] &- 48 < 10 }
        guard let first = b.indices.first(where: isDigit), let last = b.indices.last(where: isDigit) else {
            guard b.contains(where: { isWord($0 | 32) }) else { return 0 }
            out.update(from: b.baseAddress!, count: b.count)
            return b.count
        }
        var start = first
        if start > 0, b[start - 1] == 46 { start -= 1 }
        if start > 0, b[start - 1] == 45 { start -= 1 }
        var end = last + 1
        if end - start < b.count, b[start..<end].contains(46),
            !b[start..<end].contains(where: { isWord($0 | 32) && $0 &- 48 >= 10 })
        {
            while b[end - 1] == 48 { end -= 1 }
            if b[end - 1] == 46 { end -= 1 }
        }
        out.update(from: b.baseAddress! + start, count: end - start)
        return end - start
    }

    /// Per byte: its lower case where it belongs to a word, else 0.
    // Never written after it was made.
    private nonisolated(unsafe) static let wordBytes: UnsafePointer<UInt8> = {
        let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
        for c in UInt8.min...UInt8.max {
            let lower = c &- 65 < 26 ? c | 32 : c
            table[Int(c)] = isWord(lower) ? lower : 0
        }
        return UnsafePointer(table)
    }()

    @inline(__always)
    static func isWord(_ c: UInt8) -> Bool { c &- 97 < 26 || c &- 48 < 10 || c >= 0x80 }
}
