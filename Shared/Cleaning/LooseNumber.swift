internal import Tabular

/// Reads numbers as people write them and prints the canonical form. Refuses what may be a code instead of a quantity.
struct LooseNumber {
    /// `1.234,5` instead of `1,234.5`.
    var decimalComma = false
    /// Currency or percent sign that belongs to the whole column, in UTF-8; empty: none is accepted.
    var symbol: [UInt8] = []
    /// Digits behind the point that every number keeps or gets, unless it then had more than 15 digits in all.
    var decimals = 0

    /// Writes the canonical text of a number to `out` (room: 40 bytes) and returns its length, 0 when the text is not a number.
    ///
    /// Refused on purpose: leading zeros (`007`), exponents without point or sign (`1e5` is a code as often as a number), a leading plus
    /// before many digits (a phone number), thousands groups of other than three digits, more than 17 significant digits.
    func canonical(_ source: UnsafePointer<UInt8>, _ length: Int, _ out: UnsafeMutablePointer<UInt8>) -> Int {
        var p = source
        var n = length
        guard n > 0, n <= 40 else { return 0 }
        var negative = false
        if p[0] == 0x28, n > 2, p[n - 1] == 0x29 {  // (12.50): accountants' minus
            negative = true
            p += 1
            n -= 2
        }
        var sawSymbol = false
        func skipSymbol() {
            guard !sawSymbol, !symbol.isEmpty, n > symbol.count else { return }
            if (0..<symbol.count).allSatisfy({ p[$0] == symbol[$0] }) {
                p += symbol.count
                n -= symbol.count
                sawSymbol = true
                while n > 0, p[0] == 0x20 {
                    p += 1
                    n -= 1
                }
            } else if (0..<symbol.count).allSatisfy({ p[n - symbol.count + $0] == symbol[$0] }) {
                n -= symbol.count
                sawSymbol = true
                while n > 0, p[n - 1] == 0x20 { n -= 1 }
            }
        }
        skipSymbol()
        if n > 1, p[0] == 0x2D || p[0] == 0x2B {
            if negative { return 0 }
            if p[0] == 0x2B, n > 10 { return 0 }
            negative = p[0] == 0x2D
            p += 1
            n -= 1
            while n > 0, sawSymbol == false, !symbol.isEmpty, p[0] == 0x20 {
                p += 1
                n -= 1
            }
            skipSymbol()
        } else if n > 3, p[0] == 0xE2, p[1] == 0x88, p[2] == 0x92 {  // U+2212 minus
            if negative { return 0 }
            negative = true
            p += 3
            n -= 3
        }
        return digits(p, n, negative, out)
    }

    private func digits(_ p: UnsafePointer<UInt8>, _ n: Int, _ negative: Bool, _ out: UnsafeMutablePointer<UInt8>) -> Int {
        guard n > 0 else { return 0 }
        let point: UInt8 = decimalComma ? 0x2C : 0x2E
        let comma: UInt8 = decimalComma ? 0x2E : 0x2C
        // Digits go to out[1...]; out[0] is for the sign.
        var o = 1
        var whole = 0
        var fraction = 0
        var separator: UInt8 = 0
        var group = 0
        var seenPoint = false
        var i = 0
        while i < n {
            let c = p[i]
            if c &- 0x30 < 10 {
                guard o < 38 else { return 0 }
                out[o] = c
                o += 1
                if seenPoint { fraction += 1 } else { whole += 1 }
                group += 1
            } else if c == point, !seenPoint {
                if separator != 0, group != 3 { return 0 }
                seenPoint = true
                out[o] = 0x2E
                o += 1
            } else if !seenPoint, c == comma || c == 0x20 || c == 0x27, whole > 0 {
                if separator == 0 ? group > 3 : (c != separator || group != 3) { return 0 }
                separator = c
                group = 0
            } else if c | 0x20 == 0x65, whole + fraction > 0, separator == 0, !decimalComma {
                return scientific(p, n, i, seenPoint, negative, out)
            } else {
                return 0
            }
            i += 1
        }
        if separator != 0, !seenPoint, group != 3 { return 0 }
        guard whole + fraction > 0 else { return 0 }
        if whole > 1, out[1] == 0x30 { return 0 }
        if separator != 0, out[1] == 0x30 { return 0 }
        let kept = max(whole, 1) + decimals <= 15 ? decimals : 0
        if seenPoint {
            while fraction > kept, out[o - 1] == 0x30 {
                o -= 1
                fraction -= 1
            }
            if out[o - 1] == 0x2E {
                o -= 1
                seenPoint = false
            }
        }
        if kept > fraction, !seenPoint {
            out[o] = 0x2E
            o += 1
            seenPoint = true
        }
        while fraction < kept {
            out[o] = 0x30
            o += 1
            fraction += 1
        }
        if o == 1 { return put0(out) }  // ".0"
        var start = 1
        if whole == 0 {
            // ".5" gets its zero.
            var k = o
            while k > 1 {
                out[k] = out[k - 1]
                k -= 1
            }
            out[1] = 0x30
            o += 1
        }
        if o == 2, out[1] == 0x30 { return put0(out) }
        if negative, (1..<o).contains(where: { out[$0] &- 0x31 < 9 }) {
            out[0] = 0x2D
            start = 0
        }
        var length = o - start
        if start == 1 { for k in 0..<length { out[k] = out[k + 1] } }
        if !seenPoint { return CanonicalText.parseInteger(out, length) != nil ? length : 0 }
        // Up to 15 significant digits the shortest text of the double is the text itself.
        let significant = length - (negative ? 2 : 1)
        let first = negative ? 1 : 0
        if significant <= 15, kept > 0 || out[first] != 0x30 || length - first <= 7 || out[first + 2] != 0x30 { return length }
        guard significant <= 18, let x = CanonicalText.parseDecimal(out, length) else { return 0 }
        length = CanonicalText.write(decimal: x, to: out)
        return length
    }

    private func put0(_ out: UnsafeMutablePointer<UInt8>) -> Int {
        out[0] = 0x30
        return 1
    }

    private func scientific(
        _ p: UnsafePointer<UInt8>, _ n: Int, _ e: Int, _ seenPoint: Bool, _ negative: Bool, _ out: UnsafeMutablePointer<UInt8>
    ) -> Int {
        var i = e + 1
        let signed = i < n && (p[i] == 0x2B || p[i] == 0x2D)
        if signed { i += 1 }
        guard seenPoint || signed, i < n, n - i <= 3, (i..<n).allSatisfy({ p[$0] &- 0x30 < 10 }) else { return 0 }
        if p[0] == 0x30, e > 1, p[1] != 0x2E { return 0 }
        guard let x = Double(String(decoding: UnsafeBufferPointer(start: p, count: n), as: UTF8.self)), x.isFinite else {
            return 0
        }
        // Underflow to zero would lose the value.
        if x == 0, (0..<e).contains(where: { p[$0] != 0x30 && p[$0] != 0x2E }) { return 0 }
        let length = CanonicalText.write(decimal: negative ? -x : x, to: out)
        if decimals == 0 || (0..<length).contains(where: { out[$0] == 0x65 }) { return length }
        let plain = (0..<length).map { out[$0] }
        return LooseNumber(decimals: decimals).canonical(plain, length, out)
    }

    /// The text that a column of this many digits behind the point has for a number.
    static func text(_ x: Double, decimals: Int) -> String {
        let text = CanonicalText.text(x)
        guard decimals > 0 else { return text }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { out in
            guard let out = out.baseAddress else { return text }
            let plain = Array(text.utf8)
            let n = LooseNumber(decimals: decimals).canonical(plain, plain.count, out)
            return n > 0 ? String(decoding: UnsafeBufferPointer(start: out, count: n), as: UTF8.self) : text
        }
    }
}
