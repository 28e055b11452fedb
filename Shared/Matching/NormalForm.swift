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
        if kind == .number {
            // Canonical already where it is a number.
            out.update(from: b.baseAddress!, count: b.count)
            return b.count
        }
        let keepsBlanks = kind == .text
        var n = 0
        var pendingBlank = false
        for i in 0..<b.count {
            var c = b[i]
            if c &- 65 < 26 { c |= 32 }
            if isWord(c) {
                if pendingBlank, n > 0 {
                    out[n] = 32
                    n += 1
                }
                pendingBlank = false
                out[n] = c
                n += 1
            } else if keepsBlanks {
                if c == 46, i > 0, i + 1 < b.count, b[i - 1] &- 48 < 10, b[i + 1] &- 48 < 10 {
                    out[n] = c
                    n += 1
                } else if c != 39 {
                    pendingBlank = true
                }
            }
        }
        return n
    }

    @inline(__always)
    static func isWord(_ c: UInt8) -> Bool { c &- 97 < 26 || c &- 48 < 10 || c >= 0x80 }
}
