/// Rewrites JSON of any layout as JSON Lines, as a stream: the elements of a top-level array, or values one after the other.
///
/// What is wrong between the values (a comma too many, text behind the array, an array that is never closed) becomes a line of its own
/// that is no JSON, so the reader rejects it with its place. A line feed inside a string, which JSON forbids, ends the record: a string
/// that was never closed then costs one record and not the rest of the file.
struct JSONSplitter {
    private enum Place { case outside, inArray, behindArray }

    private var place = Place.outside
    /// Inside the array: a value may follow (at its start, and behind a comma).
    private var expectsValue = true
    /// The last thing inside the array was a comma.
    private var isBehindComma = false
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    /// Something of the current record was written.
    private var isOpen = false

    /// Appends the rewritten form of `bytes` to `out`.
    mutating func split(_ bytes: some Collection<UInt8>, into out: inout [UInt8]) {
        out.reserveCapacity(out.count + bytes.count + 16)
        for b in bytes {
            if isInString {
                if b == UInt8(ascii: "\n") {
                    end(&out)
                    expectsValue = true
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
                put(b, &out)
                isInString = true
            case UInt8(ascii: "{"):
                // Objects behind the array are records too.
                if place == .behindArray, !isOpen { place = .outside }
                put(b, &out)
                depth += 1
            case UInt8(ascii: "["):
                if depth == 0, !isOpen, place == .outside {
                    place = .inArray
                } else {
                    put(b, &out)
                    depth += 1
                }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                close(b, &out)
            case UInt8(ascii: ","):
                comma(&out)
            default: put(b, &out)
            }
        }
    }

    /// Ends the last record, whole or not.
    mutating func finish(into out: inout [UInt8]) {
        end(&out)
        if place == .inArray { fault(UInt8(ascii: "["), &out) }
    }

    private mutating func put(_ b: UInt8, _ out: inout [UInt8]) {
        // Text behind the array starts a record that cannot be read: the bracket is no value.
        if place == .behindArray, !isOpen { out.append(UInt8(ascii: "]")) }
        // A value right behind another one belongs to it, so that both are seen to be wrong.
        if place == .inArray, !isOpen, !expectsValue { out.append(UInt8(ascii: ",")) }
        isOpen = true
        isBehindComma = false
        out.append(b)
    }

    private mutating func close(_ b: UInt8, _ out: inout [UInt8]) {
        guard depth == 0 else {
            put(b, &out)
            depth -= 1
            // What stands behind a value of an array up to the comma belongs to the record, and makes it a bad one.
            if depth == 0, place == .outside { end(&out) }
            return
        }
        guard place == .inArray, b == UInt8(ascii: "]") else { return put(b, &out) }
        end(&out)
        if isBehindComma { fault(UInt8(ascii: ","), &out) }
        place = .behindArray
    }

    private mutating func comma(_ out: inout [UInt8]) {
        guard depth == 0 else { return put(UInt8(ascii: ","), &out) }
        if place == .inArray {
            if !isOpen, expectsValue { fault(UInt8(ascii: ","), &out) }
            end(&out)
            expectsValue = true
            isBehindComma = true
        } else if place == .outside, isOpen {
            // Objects with commas between them and no array around.
            end(&out)
        } else {
            fault(UInt8(ascii: ","), &out)
        }
    }

    private mutating func fault(_ b: UInt8, _ out: inout [UInt8]) {
        out.append(b)
        out.append(UInt8(ascii: "\n"))
    }

    private mutating func end(_ out: inout [UInt8]) {
        if isOpen {
            out.append(UInt8(ascii: "\n"))
            expectsValue = false
        }
        isOpen = false
        isInString = false
        isEscaped = false
        depth = 0
    }
}
