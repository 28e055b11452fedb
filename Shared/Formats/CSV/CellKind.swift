internal import Tabular

/// What the text of one cell looks like to the dialect sniffer: its type, and its masked shape.
enum CellKind: Int, CaseIterable {
    case number, date, time, network, identifier, text

    static let longest = 200

    init(_ v: UnsafeBufferPointer<UInt8>) {
        guard v.count < CellKind.longest else {
            self = .text
            return
        }
        var i = 0
        var end = v.count
        while i < end, isSpaceByte(v[i]) { i += 1 }
        while end > i, isSpaceByte(v[end - 1]) { end -= 1 }
        let t = UnsafeBufferPointer(rebasing: v[i..<end])
        if CellKind.isNumber(t) {
            self = .number
        } else if CellKind.isDate(t) {
            self = .date
        } else if CellKind.timeEnd(t, 0, hasZone: false) == t.count {
            self = .time
        } else if CellKind.isNetwork(t) {
            self = .network
        } else if CellKind.isIdentifier(t) {
            self = .identifier
        } else {
            self = .text
        }
    }

    /// Number with optional sign, grouping, currency, unit of three letters or percent sign.
    private static func isNumber(_ t: UnsafeBufferPointer<UInt8>) -> Bool {
        let n = t.count
        var i = 0
        if i < n, t[i] == UInt8(ascii: "-") || t[i] == UInt8(ascii: "+") || t[i] == UInt8(ascii: "(") { i += 1 }
        while i < n, isSpaceByte(t[i]) { i += 1 }
        var signs = 0
        while i < n, signs < 3, isCurrency(t[i]) {
            i += 1
            signs += 1
        }
        if i < n, isSpaceByte(t[i]) { i += 1 }
        if i < n, t[i] == UInt8(ascii: "-") || t[i] == UInt8(ascii: "+") { i += 1 }
        var plain = i
        while plain < n, isDigitByte(t[plain]) { plain += 1 }
        if plain - i >= 1, plain - i <= 3 {
            var end = plain
            while end + 3 < n, isGroupMark(t[end]), isDigitByte(t[end + 1]), isDigitByte(t[end + 2]), isDigitByte(t[end + 3]) {
                end += 4
                if numberTail(t, end) { return true }
            }
        }
        if numberTail(t, plain) { return true }
        return plain > i && numberTail(t, i)
    }
    private static func numberTail(_ t: UnsafeBufferPointer<UInt8>, _ start: Int) -> Bool {
        let n = t.count
        var i = start
        if i + 1 < n, t[i] == UInt8(ascii: ".") || t[i] == UInt8(ascii: ","), isDigitByte(t[i + 1]) {
            i += 1
            while i < n, isDigitByte(t[i]) { i += 1 }
        }
        if i < n, t[i] | 0x20 == UInt8(ascii: "e") {
            var k = i + 1
            if k < n, t[k] == UInt8(ascii: "-") || t[k] == UInt8(ascii: "+") { k += 1 }
            if k < n, isDigitByte(t[k]) {
                while k < n, isDigitByte(t[k]) { k += 1 }
                i = k
            }
        }
        if i < n, isSpaceByte(t[i]) { i += 1 }
        if i < n, t[i] == UInt8(ascii: "%") {
            i += 1
        } else if i < n, isCurrency(t[i]) {
            var signs = 0
            while i < n, signs < 3, isCurrency(t[i]) {
                i += 1
                signs += 1
            }
        } else if i + 2 < n, isAsciiLetter(t[i]), isAsciiLetter(t[i + 1]), isAsciiLetter(t[i + 2]) {
            i += 3
        }
        if i < n, t[i] == UInt8(ascii: ")") { i += 1 }
        return i == n
    }

    private static func isDate(_ t: UnsafeBufferPointer<UInt8>) -> Bool {
        guard var i = digits(t, 0, 1, 4), i < t.count, isDateMark(t[i]) else { return false }
        guard let second = digits(t, i + 1, 1, 2), second < t.count, isDateMark(t[second]) else { return false }
        guard let third = digits(t, second + 1, 1, 4) else { return false }
        i = third
        if i == t.count { return true }
        guard t[i] | 0x20 == UInt8(ascii: "t") || t[i] == UInt8(ascii: " ") else { return false }
        return timeEnd(t, i + 1, hasZone: true) == t.count
    }
    /// The end of a time that starts at `start`, or -1.
    private static func timeEnd(_ t: UnsafeBufferPointer<UInt8>, _ start: Int, hasZone: Bool) -> Int {
        let colon = UInt8(ascii: ":")
        guard var i = digits(t, start, 1, 2), i < t.count, t[i] == colon, let minutes = digits(t, i + 1, 2, 2) else { return -1 }
        i = minutes
        if i < t.count, t[i] == colon, let seconds = digits(t, i + 1, 2, 2) {
            i = seconds
            if i < t.count, t[i] == UInt8(ascii: ".") || hasZone && t[i] == UInt8(ascii: ","), let part = digits(t, i + 1, 1, 64)
            {
                i = part
            }
        }
        var k = i
        if k < t.count, isSpaceByte(t[k]) { k += 1 }
        if k + 1 < t.count, t[k] | 0x20 == UInt8(ascii: "a") || t[k] | 0x20 == UInt8(ascii: "p"),
            t[k + 1] | 0x20 == UInt8(ascii: "m")
        {
            return k + 2
        }
        guard hasZone, k < t.count else { return i }
        if t[k] | 0x20 == UInt8(ascii: "z") { return k + 1 }
        if t[k] == UInt8(ascii: "+") || t[k] == UInt8(ascii: "-"), let hours = digits(t, k + 1, 2, 2) {
            return digits(t, hours < t.count && t[hours] == colon ? hours + 1 : hours, 2, 2) ?? i
        }
        return i
    }

    private static func isNetwork(_ t: UnsafeBufferPointer<UInt8>) -> Bool {
        for prefix in ["http://", "https://", "www."] as [StaticString] where hasPrefix(t, prefix) {
            return t.count > prefix.utf8CodeUnitCount && !t.contains(where: isSpaceByte)
        }
        if let at = t.firstIndex(of: UInt8(ascii: "@")) {
            guard at > 0, t[..<at].allSatisfy({ isWordByte($0) || [0x2E, 0x2B, 0x2D].contains($0) }) else { return false }
            let host = t[(at + 1)...]
            guard let dot = host.firstIndex(of: UInt8(ascii: ".")), dot > at + 1, dot + 1 < t.count else { return false }
            return host[..<dot].allSatisfy { isWordByte($0) || $0 == 0x2D }
                && host[(dot + 1)...].allSatisfy { isWordByte($0) || $0 == 0x2E }
        }
        var i = 0
        for part in 0..<4 {
            guard let end = digits(t, i, 1, 3) else { return false }
            i = end
            if part < 3 {
                guard i < t.count, t[i] == UInt8(ascii: ".") else { return false }
                i += 1
            }
        }
        return i == t.count
    }
    private static func isIdentifier(_ t: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = t.first, isWordByte(first) else { return false }
        return t.allSatisfy { isWordByte($0) || $0 == 0x2E || $0 == 0x2D || $0 == 0x2F }
    }

    /// The end of a run of `least`...`most` digits at `start`; nil when there are fewer.
    private static func digits(_ t: UnsafeBufferPointer<UInt8>, _ start: Int, _ least: Int, _ most: Int) -> Int? {
        var i = start
        while i < t.count, i - start < most, isDigitByte(t[i]) { i += 1 }
        return i - start >= least ? i : nil
    }
    private static func hasPrefix(_ t: UnsafeBufferPointer<UInt8>, _ prefix: StaticString) -> Bool {
        guard t.count >= prefix.utf8CodeUnitCount else { return false }
        for i in 0..<prefix.utf8CodeUnitCount where t[i] | 0x20 != prefix.utf8Start[i] | 0x20 { return false }
        return true
    }
    private static func isCurrency(_ b: UInt8) -> Bool { b == UInt8(ascii: "$") || b >= 0x80 }
    private static func isGroupMark(_ b: UInt8) -> Bool { b == 0x2C || b == 0x2E || b == 0x20 || b == 0x27 }
    private static func isDateMark(_ b: UInt8) -> Bool { b == 0x2D || b == 0x2F || b == 0x2E }
}

@inline(__always) func isSpaceByte(_ b: UInt8) -> Bool { b == 0x20 || (b >= 0x09 && b <= 0x0D) }
@inline(__always) func isDigitByte(_ b: UInt8) -> Bool { b &- 0x30 < 10 }
@inline(__always) func isAsciiLetter(_ b: UInt8) -> Bool { (b | 0x20) &- 0x61 < 26 }
/// Bytes of 0x80 and above count as letters.
@inline(__always) func isLetterByte(_ b: UInt8) -> Bool { isAsciiLetter(b) || b >= 0x80 }
@inline(__always) func isWordByte(_ b: UInt8) -> Bool { isLetterByte(b) || isDigitByte(b) || b == 0x5F }

/// Masks of a cell's text, as hashes: runs of digits and of letters count, other characters stand for themselves.
enum CellMask {
    /// Runs keep their length (up to 8) and the case of letters; the first 64 bytes.
    static func exact(_ v: UnsafeBufferPointer<UInt8>) -> UInt32 { mask(v, limit: 64, keepsLength: true) }
    /// Runs are one mark; the first 200 bytes.
    static func loose(_ v: UnsafeBufferPointer<UInt8>) -> UInt32 { mask(v, limit: 200, keepsLength: false) }

    private static func mask(_ v: UnsafeBufferPointer<UInt8>, limit: Int, keepsLength: Bool) -> UInt32 {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: limit + 8) { out in
            let n = min(limit, v.count)
            var used = 0
            var i = 0
            while i < n {
                let b = v[i]
                var mark = b
                var run = 1
                if isDigitByte(b) {
                    while i + run < n, isDigitByte(v[i + run]) { run += 1 }
                    mark = UInt8(ascii: "9")
                } else if isLetterByte(b) {
                    var hasLower = false
                    var hasUpper = false
                    while i + run < n, isLetterByte(v[i + run]) { run += 1 }
                    for k in i..<i + run where v[k] < 0x80 {
                        if v[k] & 0x20 != 0 { hasLower = true } else { hasUpper = true }
                    }
                    // Lower, upper or mixed case.
                    mark = !keepsLength || (hasLower && !hasUpper) ? 0x61 : hasUpper && !hasLower ? 0x41 : 0x01
                }
                for _ in 0..<(keepsLength ? min(run, 8) : 1) {
                    out[used] = mark
                    used += 1
                }
                i += run
            }
            return UInt32(truncatingIfNeeded: Hash.h64(UnsafeBufferPointer(rebasing: out[..<used])))
        }
    }
}
