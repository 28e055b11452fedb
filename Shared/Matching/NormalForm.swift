internal import CScan
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

    /// What a text has among its bytes.
    struct Bytes: OptionSet {
        let rawValue: UInt32
        static let notASCII = Bytes(rawValue: UInt32(CSCAN_NOT_ASCII))
        static let digits = Bytes(rawValue: UInt32(CSCAN_DIGIT))
        /// One of `-./_`.
        static let connectors = Bytes(rawValue: UInt32(CSCAN_CONNECTOR))
    }

    /// Writes the normal form of `bytes` to `out`, which has room for three times the input; returns its length, and what the text has.
    @inline(__always)
    static func write(
        _ bytes: UnsafeBufferPointer<UInt8>, kind: MatchPlan.Kind, to out: UnsafeMutablePointer<UInt8>
    ) -> (count: Int, has: Bytes) {
        let slice = UnsafeBufferPointer(rebasing: bytes.prefix(maximumBytes))
        if kind == .number, !slice.contains(where: { $0 >= 0x80 }) { return (number(slice, to: out), []) }
        let folded = fold(slice, kind, to: out)
        return folded.has.contains(.notASCII) ? (writeDecomposed(slice, kind, to: out), folded.has) : folded
    }

    private static func writeDecomposed(
        _ slice: UnsafeBufferPointer<UInt8>, _ kind: MatchPlan.Kind, to out: UnsafeMutablePointer<UInt8>
    ) -> Int {
        var mapped: UnsafeMutablePointer<UInt8>?
        let options = utf8proc_option_t(
            UTF8PROC_STABLE.rawValue | UTF8PROC_COMPAT.rawValue | UTF8PROC_DECOMPOSE.rawValue | UTF8PROC_STRIPMARK.rawValue
                | UTF8PROC_CASEFOLD.rawValue)
        let length = utf8proc_map(slice.baseAddress, slice.count, &mapped, options)
        defer { free(mapped) }
        // Text that was cut inside a character or is not UTF-8 is compared as it is.
        let text =
            length < 0
            ? slice : UnsafeBufferPointer(start: mapped.map { UnsafePointer($0) }, count: min(length, 3 * maximumBytes))
        return kind == .number ? number(text, to: out) : fold(text, kind, to: out).count
    }

    @inline(__always)
    private static func fold(
        _ text: UnsafeBufferPointer<UInt8>, _ kind: MatchPlan.Kind, to out: UnsafeMutablePointer<UInt8>
    ) -> (count: Int, has: Bytes) {
        guard let start = text.baseAddress else { return (0, []) }
        var has: UInt32 = 0
        let fold = kind == .text ? cscan_fold_text : cscan_fold_code
        return (fold(start, text.count, out, &has), Bytes(rawValue: has))
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

    @inline(__always)
    static func isWord(_ c: UInt8) -> Bool { c &- 97 < 26 || c &- 48 < 10 || c >= 0x80 }
}
