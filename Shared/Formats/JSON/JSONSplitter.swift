/// Rewrites JSON of any layout as JSON Lines, as a stream: the elements of a top-level array, or objects one after the other.
///
/// A line feed inside a string, which JSON forbids, ends the record: a string that was never closed then costs one record and not the
/// rest of the file.
struct JSONSplitter {
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    private var isInArray = false
    /// Something of the current record was written.
    private var isOpen = false

    /// Appends the rewritten form of `bytes` to `out`.
    mutating func split(_ bytes: some Collection<UInt8>, into out: inout [UInt8]) {
        out.reserveCapacity(out.count + bytes.count + 16)
        for b in bytes {
            if isInString {
                if b == UInt8(ascii: "\n") {
                    end(&out)
                    continue
                }
                out.append(b)
                if isEscaped {
                    isEscaped = false
                } else if b == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if b == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch b {
            case 0x20, 0x09, 0x0A, 0x0D:
                if isOpen { out.append(0x20) }
            case UInt8(ascii: "\""):
                isInString = true
                put(b, &out)
            case UInt8(ascii: "{"):
                depth += 1
                put(b, &out)
            case UInt8(ascii: "["):
                if depth == 0, !isOpen, !isInArray {
                    isInArray = true
                } else {
                    depth += 1
                    put(b, &out)
                }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0, b == UInt8(ascii: "]"), isInArray {
                    isInArray = false
                    end(&out)
                } else {
                    put(b, &out)
                    depth = max(0, depth - 1)
                    if depth == 0 { end(&out) }
                }
            case UInt8(ascii: ","):
                if depth > 0 { put(b, &out) } else { end(&out) }
            default: put(b, &out)
            }
        }
    }

    /// Ends the last record, whole or not.
    mutating func finish(into out: inout [UInt8]) { end(&out) }

    private mutating func put(_ b: UInt8, _ out: inout [UInt8]) {
        isOpen = true
        out.append(b)
    }
    private mutating func end(_ out: inout [UInt8]) {
        if isOpen { out.append(UInt8(ascii: "\n")) }
        isOpen = false
        isInString = false
        isEscaped = false
        depth = 0
    }
}
