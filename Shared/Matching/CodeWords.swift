/// Words that look like model or part numbers: letters and digits, or many digits.
///
/// `PS-LX350H` counts as a whole without its hyphen; its parts count by themselves.
enum CodeWords {
    /// How a word was written: by itself, in parts that are taken together, or as one of those parts.
    enum Form { case plain, joined, part }

    static let minimumBytes = 4
    static let maximumBytes = 32
    private static let minimumDigits = 6

    /// Calls `body` with start, length and form of each; `scratch` holds at least 64 bytes.
    static func forEach(
        _ bytes: UnsafeBufferPointer<UInt8>, scratch: UnsafeMutablePointer<UInt8>,
        _ body: (UnsafeMutablePointer<UInt8>, Int, Form) -> Void
    ) {
        var i = 0
        let n = min(bytes.count, NormalForm.maximumBytes)
        while i < n {
            if !isWord(bytes[i]) {
                i += 1
                continue
            }
            // A run of word parts with single connectors between them.
            var length = 0
            var parts = 1
            var partStart = i
            while i < n {
                let c = bytes[i]
                if isWord(c) {
                    if length < maximumBytes + 1 { scratch[length] = c &- 65 < 26 ? c | 32 : c }
                    length += 1
                    i += 1
                } else if isConnector(c), i + 1 < n, isWord(bytes[i + 1]) {
                    emitPart(bytes, partStart, i, scratch, body)
                    parts += 1
                    i += 1
                    partStart = i
                } else {
                    break
                }
            }
            if parts == 1 {
                if isCode(scratch, length) { body(scratch, length, .plain) }
            } else {
                if isCode(scratch, length) { body(scratch, length, .joined) }
                emitPart(bytes, partStart, i, scratch, body)
            }
            i += 1
        }
    }

    /// Whether there is one at least.
    static func any(_ bytes: UnsafeBufferPointer<UInt8>, scratch: UnsafeMutablePointer<UInt8>) -> Bool {
        var found = false
        forEach(bytes, scratch: scratch) { _, _, _ in found = true }
        return found
    }

    /// A part of a joined word; written behind the joined one, which is still being collected.
    private static func emitPart(
        _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int, _ scratch: UnsafeMutablePointer<UInt8>,
        _ body: (UnsafeMutablePointer<UInt8>, Int, Form) -> Void
    ) {
        let length = end - start
        guard length >= minimumBytes, length < 30 else { return }
        let out = scratch + maximumBytes + 1
        for k in 0..<length {
            let c = bytes[start + k]
            out[k] = c &- 65 < 26 ? c | 32 : c
        }
        if isCode(out, length) { body(out, length, .part) }
    }

    private static func isCode(_ p: UnsafeMutablePointer<UInt8>, _ n: Int) -> Bool {
        guard n >= minimumBytes, n <= maximumBytes else { return false }
        var digits = 0
        for i in 0..<n where p[i] &- 48 < 10 { digits += 1 }
        if digits == 0 { return false }
        if digits == n { return n >= minimumDigits }
        // 54th, 2nd: not a code but a count.
        let isOrdinal = digits == n - 2 && p[n - 1] > 57 && p[n - 2] > 57 && "stndrdth".utf8.contains(p[n - 1])
        return !isOrdinal
    }

    @inline(__always)
    private static func isWord(_ c: UInt8) -> Bool { (c | 32) &- 97 < 26 || c &- 48 < 10 }
    @inline(__always)
    private static func isConnector(_ c: UInt8) -> Bool { c == 45 || c == 46 || c == 47 || c == 95 }
}
