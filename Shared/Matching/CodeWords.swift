internal import CScan

/// Words that look like model or part numbers: letters and digits, or many digits.
///
/// `PS-LX350H` counts as a whole without its hyphen.
enum CodeWords {
    static let minimumBytes = 4
    static let maximumBytes = 32
    private static let minimumDigits = 6

    /// Calls `body` with start, length and whether it was written in parts of each; `scratch` holds at least 64 bytes.
    @inline(__always)
    static func forEach(
        _ bytes: UnsafeBufferPointer<UInt8>, scratch: UnsafeMutablePointer<UInt8>,
        _ body: (UnsafeMutablePointer<UInt8>, Int, Bool) -> Void
    ) {
        forEachRun(bytes, scratch) { run in
            if isCode(scratch, run.length) { body(scratch, run.length, run.parts > 1) }
        }
    }

    /// Whether there is one at least, if only as a part of a longer word.
    static func any(_ bytes: UnsafeBufferPointer<UInt8>, scratch: UnsafeMutablePointer<UInt8>) -> Bool {
        var found = false
        forEachRun(bytes, scratch) { run in
            found = found || isCode(scratch, run.length) || (run.parts > 1 && hasCodePart(bytes[run.start..<run.end]))
        }
        return found
    }

    @inline(__always)
    private static func forEachRun(
        _ bytes: UnsafeBufferPointer<UInt8>, _ scratch: UnsafeMutablePointer<UInt8>, _ body: (cscan_word_run) -> Void
    ) {
        var run = cscan_word_run()
        let n = min(bytes.count, NormalForm.maximumBytes)
        while cscan_next_run(bytes.baseAddress, n, run.end, scratch, maximumBytes, &run) != 0 { body(run) }
    }

    private static func hasCodePart(_ run: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        run.split { !isWord($0) }.contains { part in
            part.count < mostBytesOfPart && Array(part).withUnsafeBufferPointer { isCode($0.baseAddress!, $0.count) }
        }
    }
    private static let mostBytesOfPart = 30

    private static func isCode(_ p: UnsafePointer<UInt8>, _ n: Int) -> Bool {
        guard n >= minimumBytes, n <= maximumBytes else { return false }
        var digits = 0
        for i in 0..<n where p[i] &- 48 < 10 { digits += 1 }
        if digits == 0 { return false }
        if digits == n { return n >= minimumDigits }
        // 54th, 2nd: not a code but a count.
        let isOrdinal = digits == n - 2 && p[n - 1] > 57 && p[n - 2] > 57 && "stndrdth".utf8.contains(p[n - 1] | 32)
        return !isOrdinal
    }

    @inline(__always)
    private static func isWord(_ c: UInt8) -> Bool { (c | 32) &- 97 < 26 || c &- 48 < 10 }
}
