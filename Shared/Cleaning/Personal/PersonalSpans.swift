public import Domain
internal import Profiling

/// Finds personal data inside running text. What has a form of its own is cut at characters that the form cannot contain, then checked as whole values
/// are; addresses and names of people are known by the words around them, see ``AddressSpans`` and ``NameSpans``.
public enum PersonalSpans {
    public struct Span: Sendable, Equatable {
        public var type: SemanticType
        /// Bytes of the text.
        public var range: Range<Int>
    }

    /// Spans in order, without overlaps.
    public static func find(_ v: UnsafeBufferPointer<UInt8>) -> [Span] {
        var out = forms(v)
        let tokens = TextTokens(v).tokens
        for range in BirthDateSpans.find(tokens) { add(Span(type: .dateOfBirth, range: range), to: &out) }
        for range in AddressSpans.find(tokens, taken: out.map(\.range)) {
            // `03262 2437 Main St` is no telephone.
            out.removeAll { $0.type == .phone && $0.range.overlaps(range) && $0.range.upperBound < range.upperBound }
            add(Span(type: .address, range: range), to: &out)
        }
        for range in NameSpans.find(tokens) { add(Span(type: .personName, range: range), to: &out) }
        return out.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }

    /// What was found before stays.
    private static func add(_ span: Span, to spans: inout [Span]) {
        if !spans.contains(where: { $0.range.overlaps(span.range) }) { spans.append(span) }
    }

    private static func forms(_ v: UnsafeBufferPointer<UInt8>) -> [Span] {
        // Nearly all texts without a digit and without an at sign or a dot inside hold nothing of the kind.
        var hasDigit = false
        var hasMark = false
        for c in v {
            if c &- 0x30 < 10 { hasDigit = true }
            if c == 0x40 || c == 0x2E || c == 0x3A { hasMark = true }
        }
        guard hasDigit || hasMark else { return [] }
        var out: [Span] = []
        var i = 0
        while i < v.count {
            if let span = word(v, at: i) ?? (hasDigit ? number(v, at: i) : nil) {
                out.append(span)
                i = span.range.upperBound
            } else {
                // On to the start of the next word.
                let start = i
                repeat { i += 1 } while i < v.count && isWord(v[i]) == isWord(v[start]) && v[i] != 0x2B && v[i] != 0x28
            }
        }
        return out
    }

    /// The text with labels in place of the spans; nil when there are none.
    static func redact(_ v: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        let spans = find(v)
        guard !spans.isEmpty else { return nil }
        var out: [UInt8] = []
        var at = 0
        for span in spans {
            out += v[at..<span.range.lowerBound]
            out += Array(Cleaner.label(span.type).utf8)
            at = span.range.upperBound
        }
        return out + v[at...]
    }

    private static func isWord(_ c: UInt8) -> Bool { c &- 0x30 < 10 || (c | 0x20) &- 0x61 < 26 || c >= 0x80 }
    private static func slice(_ v: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: v[range])
    }

    /// E-mail addresses, links and IBANs without blanks: up to the next blank, punctuation at the end left out.
    private static func word(_ v: UnsafeBufferPointer<UInt8>, at start: Int) -> Span? {
        guard isWord(v[start]) else { return nil }
        var end = start
        while end < v.count, v[end] > 0x20, v[end] != 0x2C, v[end] != 0x3B, v[end] != 0x3C, v[end] != 0x3E, v[end] != 0x22,
            v[end] != 0x29
        { end += 1 }
        while end > start, !isWord(v[end - 1]), v[end - 1] != 0x2F { end -= 1 }
        guard end - start >= 6 else { return nil }
        let text = slice(v, start..<end)
        if text.contains(0x40), PersonalData.isEmail(text) { return Span(type: .email, range: start..<end) }
        if PersonalData.isURL(text) || isBareAddress(text) { return Span(type: .url, range: start..<end) }
        return nil
    }
    /// `www.example.org/x` without a scheme.
    private static func isBareAddress(_ v: UnsafeBufferPointer<UInt8>) -> Bool {
        guard v.count > 7, (v[0] | 0x20) == 0x77, (v[1] | 0x20) == 0x77, (v[2] | 0x20) == 0x77, v[3] == 0x2E else { return false }
        return v.dropFirst(4).contains(0x2E)
    }

    /// Runs of digits and the marks that group them; letters only for an IBAN.
    private static func number(_ v: UnsafeBufferPointer<UInt8>, at start: Int) -> Span? {
        if let span = iban(v, at: start) { return span }
        let c = v[start]
        guard c &- 0x30 < 10 || c == 0x28 || c == 0x2B else { return nil }
        // Part of a longer word, such as a model number.
        if start > 0, isWord(v[start - 1]) { return nil }
        var end = start
        while end < v.count, end - start < 40, v[end] &- 0x30 < 10 || "+-. ()/".utf8.contains(v[end]) { end += 1 }
        if end < v.count, v[end] | 0x20 == 0x78, end + 1 < v.count, v[end + 1] &- 0x30 < 10 {
            end += 1
            while end < v.count, v[end] &- 0x30 < 10 { end += 1 }
        }
        if end < v.count, isWord(v[end]) { while end > start, v[end - 1] &- 0x30 < 10 { end -= 1 } }
        while end > start, v[end - 1] &- 0x30 >= 10 { end -= 1 }
        // The longest reading first: a run may end with digits of something else.
        while end - start >= 7 {
            let before = slice(v, max(0, start - 24)..<start)
            if let type = type(slice(v, start..<end), before: before, after: slice(v, end..<min(v.count, end + 10))) {
                return Span(type: type, range: start..<end)
            }
            while end > start, v[end - 1] &- 0x30 < 10 { end -= 1 }
            while end > start, v[end - 1] &- 0x30 >= 10 { end -= 1 }
        }
        return nil
    }

    private static func type(
        _ v: UnsafeBufferPointer<UInt8>, before: UnsafeBufferPointer<UInt8>, after: UnsafeBufferPointer<UInt8>
    ) -> SemanticType? {
        if isYears(v) { return nil }
        if PersonalData.isIPv4(v) { return .ipAddress }
        if PersonalData.isSSN(v) { return .nationalID }
        let digits = v.reduce(0) { $0 + ($1 &- 0x30 < 10 ? 1 : 0) }
        if digits >= 12, PersonalData.isCard(v) { return .paymentCard }
        if let found = PersonalData.detect(v), found != .phone || digits >= 7 { return found }
        // A bare number is one by what is said before it.
        let words = String(decoding: before, as: UTF8.self).lowercased()
        if digits >= 12, ["card", "cc "].contains(where: words.contains), PersonalData.isLuhn(v) { return .paymentCard }
        if PersonalData.isPhone(v), hasTrunkPrefix(v) || callWords.contains(where: words.contains) { return .phone }
        if PersonalData.isPhone(v) {
            let next = String(decoding: after, as: UTF8.self).lowercased()
            if ["office", "mobile", "-fax", " fax", " cell", "-mobile", "-office"].contains(where: next.hasPrefix) {
                return .phone
            }
        }
        if digits == 9, ["ssn", "social security"].contains(where: words.contains) { return .nationalID }
        return nil
    }

    /// `(1806-1843`: when somebody lived.
    private static func isYears(_ v: UnsafeBufferPointer<UInt8>) -> Bool {
        let numbers = v.split(whereSeparator: { $0 &- 0x30 >= 10 })
        guard numbers.count == 2, numbers.allSatisfy({ $0.count == 4 }), v.contains(0x2D) else { return false }
        return numbers.allSatisfy { $0.first == 0x31 || $0.starts(with: "20".utf8) }
    }

    private static let callWords = [
        "phone", "call", "tel", "mobile", "fax", "cell", "dial", "my number is", "contact", "desk:", "office:", "answering at",
        "messages to",
        "text me", "whatsapp", "sms", "reach me", "ring",
    ]
    /// `0688 872 49 99`: a zero, at least three digits in the first group, nine to eleven in all.
    private static func hasTrunkPrefix(_ v: UnsafeBufferPointer<UInt8>) -> Bool {
        let groups = v.split(whereSeparator: { $0 == 0x20 || $0 == 0x2D })
        guard v.first == 0x30, groups.count >= 2, groups.allSatisfy({ $0.allSatisfy { $0 &- 0x30 < 10 } }) else { return false }
        return groups[0].count >= 3 && groups[0].count <= 5 && (9...11).contains(groups.reduce(0) { $0 + $1.count })
    }

    private static func iban(_ v: UnsafeBufferPointer<UInt8>, at start: Int) -> Span? {
        guard start + 15 <= v.count, v[start] &- 0x41 < 26, v[start + 1] &- 0x41 < 26, v[start + 2] &- 0x30 < 10,
            v[start + 3] &- 0x30 < 10, start == 0 || !isWord(v[start - 1])
        else { return nil }
        var end = start
        while end < v.count, end - start < 42, isWord(v[end]) || (v[end] == 0x20 && end + 1 < v.count && isWord(v[end + 1])) {
            end += 1
        }
        while end - start >= 15 {
            if end == v.count || !isWord(v[end]), PersonalData.isIBAN(slice(v, start..<end)) {
                return Span(type: .iban, range: start..<end)
            }
            end -= 1
        }
        return nil
    }
}
