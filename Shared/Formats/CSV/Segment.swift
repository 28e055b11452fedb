internal import Tabular

/// The text between two chosen delimiters, read as one cell.
struct Segment {
    /// The cell's text: inside the quotes when wrapped.
    var inner: FieldSpan
    /// How far the quotes are from the rules; 0 for a proper cell.
    var fault: Double
    /// Starts and ends with the quote.
    var isWrapped: Bool
    /// Starts with the quote.
    var opens: Bool
    private var needsUnescape: Bool

    init(_ reader: RecordReader, _ span: FieldSpan, delimiter: [UInt8]? = nil) {
        let delimiter = delimiter ?? reader.delimiter
        var span = span
        let base = (span.inScratch ? UnsafePointer(reader.scratch.base) : reader.base)
        if reader.isPadded, span.length > 0, base[span.start] == 0x20 {
            span.start += 1
            span.length -= 1
        }
        inner = span
        fault = 0
        isWrapped = false
        opens = false
        needsUnescape = false
        guard let quote = reader.quote, reader.text(span).contains(quote) else { return }
        var a = span.start
        var b = span.start + span.length
        if delimiter.first != 0x20 {
            while a < b, base[a] == 0x20 { a += 1 }
            while b > a, base[b - 1] == 0x20 { b -= 1 }
        }
        opens = a < b && base[a] == quote
        guard b - a >= 2, opens, base[b - 1] == quote else {
            let closes = a < b && base[b - 1] == quote
            let quotes = reader.text(span).reduce(0) { $0 + ($1 == quote ? 1 : 0) }
            fault = opens ? 1.5 : closes ? 1 : 0.25 * Double(quotes)
            return
        }
        a += 1
        b -= 1
        isWrapped = true
        inner = FieldSpan(start: a, length: b - a, inScratch: span.inScratch)
        var i = a
        while i < b {
            if let escape = reader.escape, base[i] == escape, i + 1 < b, base[i + 1] == quote {
                needsUnescape = true
                i += 2
                continue
            }
            guard base[i] == quote else {
                i += 1
                continue
            }
            var run = 1
            while i + run < b, base[i + run] == quote { run += 1 }
            if run > 1 { needsUnescape = true }
            fault += Double(run % 2)
            if Self.has(delimiter, base, i + run, b) { fault += 2 }
            if i - delimiter.count >= a, Self.has(delimiter, base, i - delimiter.count, b) { fault += 2 }
            i += run
        }
    }

    private static func has(_ delimiter: [UInt8], _ base: UnsafePointer<UInt8>, _ at: Int, _ end: Int) -> Bool {
        guard !delimiter.isEmpty, at + delimiter.count <= end else { return false }
        for i in 0..<delimiter.count where base[at + i] != delimiter[i] { return false }
        return true
    }

    /// The cell's final text; doubled and escaped quotes are halved into the reader's scratch memory.
    func value(_ reader: RecordReader) -> FieldSpan {
        guard needsUnescape, let quote = reader.quote else { return inner }
        let text = Array(reader.text(inner))
        var out: [UInt8] = []
        out.reserveCapacity(text.count)
        var i = 0
        while i < text.count {
            if i + 1 < text.count, text[i + 1] == quote, text[i] == quote || text[i] == reader.escape { i += 1 }
            out.append(text[i])
            i += 1
        }
        return reader.store(out)
    }

    /// The text that the column's profile judges: without outer quotes where they are at fault.
    func judged(_ reader: RecordReader) -> UnsafeBufferPointer<UInt8> {
        let text = reader.text(inner)
        guard fault > 0, let quote = reader.quote else { return text }
        var a = 0
        var b = text.count
        while a < b, text[a] == quote { a += 1 }
        while b > a, text[b - 1] == quote { b -= 1 }
        return UnsafeBufferPointer(rebasing: text[a..<b])
    }
}
