internal import CScan
internal import Domain
internal import Glibc
internal import Tabular

/// Where the text of a cell lies: in the text being read, or in the reader's scratch memory (unescaped or repaired).
struct FieldSpan {
    var start: Int
    var length: Int
    var inScratch: Bool
}

/// What one record turned out to be; its cells are in ``RecordReader/fields``.
struct RecordOutcome {
    enum Kind { case row, blank, oversized }
    var kind = Kind.row
    /// Start of the next record. For oversized records: where to look for the line end.
    var next: Int
    /// Physical lines of the record.
    var lines = 1
    /// How the record was repaired, or how it differs from a regular one.
    var problem: (code: RowProblem.Code, reason: String)?
}

/// Reads one record at a time by the tolerant rules. What ``record(at:)`` gives depends on the dialect and on the bytes from
/// the record's start to ``lookahead`` behind it only, so any chunk of the input can be read alone. Not thread-safe.
final class RecordReader {
    static let recordLines = 50_000
    /// Longer records are not read.
    let recordBytes: Int
    /// Bytes behind a record's start that must be in memory (unless the input ends before).
    var lookahead: Int { recordBytes + (16 << 10) }
    /// A sample's record of so few lines is taken as it stands.
    private static let fewLines = 50
    /// Lines of a multi-line record that vote whether a stray quote is likelier.
    private static let voters = 64

    let delimiter: [UInt8]
    let quote: UInt8?
    let escape: UInt8?
    let isPadded: Bool
    let loneCR: Bool
    let collapses: Bool
    /// Cells of a regular record; nil: rows are kept as read.
    let width: Int?
    let costs: CellCosts
    let alternatives: [UInt8]
    let isTrusted: Bool
    let first: UInt8

    private(set) var base: UnsafePointer<UInt8>
    /// Bytes in memory; the end of the input unless the caller keeps ``lookahead`` bytes behind every record it asks for.
    private(set) var count: Int
    /// The text ends inside a quoted cell of the record that was read last.
    private(set) var isOpen = false
    /// End of what the record being read may look at.
    private var limit = 0

    var fields: [FieldSpan] = []
    let scratch = ByteArena(capacity: 1024)

    init(_ dialect: CSVDialect, width: Int?, costs: CellCosts, alternatives: [UInt8] = []) {
        recordBytes = dialect.recordLimit ?? InputLimits.record.standard
        delimiter = dialect.delimiter
        first = dialect.delimiter.first ?? 0
        quote = dialect.quote
        escape = dialect.escape
        isPadded = dialect.isPadded
        loneCR = dialect.loneCarriageReturn
        collapses = dialect.collapsesSpaces
        self.width = width
        self.costs = costs
        self.alternatives = alternatives
        isTrusted = dialect.isTrusted == true
        base = UnsafePointer(scratch.base)
        count = 0
    }

    /// The reader for the rows of the table.
    convenience init(rowsOf dialect: CSVDialect) {
        self.init(
            dialect, width: dialect.isRigid ? dialect.width : nil,
            costs: dialect.isRigid ? dialect.profile.map(CellCosts.columns) ?? .none : .none, alternatives: dialect.alternatives)
    }

    func setText(_ base: UnsafePointer<UInt8>, count: Int) {
        self.base = base
        self.count = count
    }
    func text(_ span: FieldSpan) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: (span.inScratch ? UnsafePointer(scratch.base) : base) + span.start, count: span.length)
    }
    func store(_ bytes: some Sequence<UInt8>) -> FieldSpan {
        let start = scratch.count
        for b in bytes {
            scratch.reserve(1).pointee = b
            scratch.commit(1)
        }
        return FieldSpan(start: start, length: scratch.count - start, inScratch: true)
    }

    // MARK: - Lines

    /// End of the content and start of the next line; `found` is false where the text ends first.
    func lineEnd(_ p: Int) -> (end: Int, next: Int, found: Bool) {
        if loneCR {
            var i = p
            while i < limit, base[i] != 0x0A, base[i] != 0x0D { i &+= 1 }
            guard i < limit else { return (limit, limit, false) }
            var next = i + 1
            if base[i] == 0x0D {
                while next + 1 < count, base[next] == 0x0D, base[next + 1] == 0x0A { next += 1 }
                if next < count, base[next] == 0x0A { next += 1 }
            }
            return (i, next, true)
        }
        var end = limit
        var next = limit
        var found = false
        if p < limit, let hit = memchr(base + p, 0x0A, limit - p) {
            end = UnsafeRawPointer(base).distance(to: UnsafeRawPointer(hit))
            next = end + 1
            found = true
        }
        if end > p, base[end - 1] == 0x0D { end -= 1 }
        if found, end > p, base[end - 1] == 0x0D { end -= 1 }
        return (end, next, found)
    }
    /// Line ends in a run of text.
    func lineEnds(_ start: Int, _ end: Int) -> Int {
        guard start < end else { return 0 }
        let feeds = cscan_count(base + start, end - start, 0x0A)
        guard loneCR else { return feeds }
        var ends = 0
        var i = start
        while i < end {
            if base[i] == 0x0A {
                ends += 1
            } else if base[i] == 0x0D {
                ends += 1
                while i + 1 < end, base[i + 1] == 0x0D, i + 2 < count, base[i + 2] == 0x0A { i += 1 }
                if i + 1 < end, base[i + 1] == 0x0A { i += 1 }
            }
            i += 1
        }
        return ends
    }
    func find(_ byte: UInt8, _ start: Int, _ end: Int) -> Int? {
        guard start < end, let hit = memchr(base + start, Int32(byte), end - start) else { return nil }
        return UnsafeRawPointer(base).distance(to: UnsafeRawPointer(hit))
    }
    @inline(__always)
    func hasDelimiter(_ p: Int) -> Bool {
        guard p < limit, base[p] == first, !delimiter.isEmpty else { return false }
        if delimiter.count == 1 { return true }
        guard p + delimiter.count <= limit else { return false }
        for i in 1..<delimiter.count where base[p + i] != delimiter[i] { return false }
        return true
    }
    func delimiters(_ start: Int, _ end: Int) -> Int {
        guard start < end else { return 0 }
        if delimiter.count == 1 { return cscan_count(base + start, end - start, first) }
        var n = 0
        var i = start
        while i < end {
            if hasDelimiter(i) {
                n += 1
                i += delimiter.count
            } else {
                i += 1
            }
        }
        return n
    }

    // MARK: - The strict rules

    /// An RFC 4180 record at `p`: a quote opens only at a field's start and closes only before a delimiter or a record's end.
    ///
    /// Anything else makes the record not clean. Appends to ``fields``.
    func strict(_ p: Int) -> (next: Int, isClean: Bool, lines: Int) {
        var (end, next, _) = lineEnd(p)
        guard let quote, find(quote, p, end) != nil else {
            splitPlain(p, end)
            return (next, true, 1)
        }
        let skipsSpaces = first != 0x20
        var lines = 1
        var isClean = true
        var i = p
        if collapses { while i < end, base[i] == 0x20 { i += 1 } }
        let start = fields.count
        while true {
            var k = i
            if skipsSpaces || collapses { while k < end, base[k] == 0x20 { k += 1 } }
            if k < end, base[k] == quote {
                guard let (close, isEscaped) = closingQuote(k + 1, quote) else {
                    isOpen = limit == count
                    return (next, false, 1)
                }
                let content = k + 1
                k = close + 1
                if skipsSpaces { while k < limit, base[k] == 0x20 { k += 1 } }
                let inner = lineEnds(content, close)
                if inner > 0 {
                    lines += inner
                    if lines > Self.recordLines { return (next, false, 1) }
                    let line = lineEnd(k)
                    if !line.found, limit < count { return (next, false, 1) }
                    (end, next) = (line.end, line.next)
                }
                fields.append(
                    isEscaped ? unescaped(content, close) : FieldSpan(start: content, length: close - content, inScratch: false))
                if k >= end { return (next, isClean, lines) }
                guard hasDelimiter(k) else { return (next, false, lines) }
                i = k + delimiter.count
                if collapses { while i < end, base[i] == 0x20 { i += 1 } }
                if collapses, i >= end { return (next, isClean, lines) }
                continue
            }
            var m = i
            var sawQuote = false
            while m < end, !hasDelimiter(m) {
                if base[m] == quote { sawQuote = true }
                m &+= 1
            }
            let from = isPadded && fields.count > start && i < m && base[i] == 0x20 ? i + 1 : i
            if sawQuote {
                var last = m
                while last > from, base[last - 1] == 0x20 { last -= 1 }
                if last > from, base[last - 1] == quote { isClean = false }
            }
            fields.append(FieldSpan(start: from, length: m - from, inScratch: false))
            if m >= end { return (next, isClean, lines) }
            i = m + delimiter.count
            if collapses {
                while i < end, base[i] == 0x20 { i += 1 }
                if i >= end { return (next, isClean, lines) }
            }
        }
    }

    private func closingQuote(_ start: Int, _ quote: UInt8) -> (at: Int, isEscaped: Bool)? {
        var k = start
        var isEscaped = false
        while true {
            guard let m = find(quote, k, limit) else { return nil }
            if let escape {
                var run = 0
                while m - 1 - run >= start, base[m - 1 - run] == escape { run += 1 }
                if run % 2 == 0 { return (m, isEscaped) }
                k = m + 1
            } else if m + 1 < limit, base[m + 1] == quote {
                k = m + 2
            } else {
                return (m, isEscaped)
            }
            isEscaped = true
        }
    }
    private func unescaped(_ start: Int, _ end: Int) -> FieldSpan {
        let out = scratch.reserve(end - start)
        var used = 0
        var i = start
        while i < end {
            if let escape {
                // The escape stays where it is not before a quote.
                if base[i] == escape, i + 1 < end, base[i + 1] == quote, escapeRunIsOdd(i, start) { i += 1 }
            } else if base[i] == quote, i + 1 < end, base[i + 1] == quote {
                i += 1
            }
            out[used] = base[i]
            used += 1
            i += 1
        }
        return FieldSpan(start: scratch.commit(used), length: used, inScratch: true)
    }
    private func escapeRunIsOdd(_ at: Int, _ start: Int) -> Bool {
        var run = 0
        while at - run >= start, base[at - run] == escape { run += 1 }
        return run % 2 == 1
    }

    /// Splits a line without quotes.
    private func splitPlain(_ start: Int, _ end: Int) {
        if collapses { return splitRuns(start, end) }
        var from = start
        var isFirst = true
        var i = start
        while true {
            while i < end, !hasDelimiter(i) { i &+= 1 }
            let at = isPadded && !isFirst && from < i && base[from] == 0x20 ? from + 1 : from
            fields.append(FieldSpan(start: at, length: i - at, inScratch: false))
            if i >= end { return }
            i += delimiter.count
            from = i
            isFirst = false
        }
    }
    private func splitRuns(_ start: Int, _ end: Int) {
        var from = start
        var last = end
        while from < last, base[from] == 0x20 { from += 1 }
        while last > from, base[last - 1] == 0x20 { last -= 1 }
        while true {
            var i = from
            while i < last, base[i] != 0x20 { i += 1 }
            fields.append(FieldSpan(start: from, length: i - from, inScratch: false))
            while i < last, base[i] == 0x20 { i += 1 }
            if i >= last { return }
            from = i
        }
    }

    // MARK: - Records

    /// Reads the record at `p`, repairing it where the profile says how. Its cells replace ``fields``.
    func record(at p: Int) -> RecordOutcome {
        fields.removeAll(keepingCapacity: true)
        scratch.removeAll()
        return appendRecord(at: p)
    }

    /// Takes back the cells from the given one on.
    func forget(from cell: Int) { fields.removeSubrange(cell...) }

    /// The same, keeping the cells of earlier records.
    func appendRecord(at p: Int) -> RecordOutcome {
        limit = min(count, p + recordBytes)
        isOpen = false
        let line = lineEnd(p)
        if !line.found, limit < count { return RecordOutcome(kind: .oversized, next: limit) }
        if delimiter.isEmpty {
            let segment = Segment(self, FieldSpan(start: p, length: line.end - p, inScratch: false))
            fields.append(segment.value(self))
            return RecordOutcome(next: line.next)
        }
        let mark = fields.count
        let read = strict(p)
        guard let width else {
            if read.isClean, read.lines <= Self.fewLines || !straysAreLikelier(p, read.next, fields.count - mark) {
                return RecordOutcome(next: read.next, lines: read.lines)
            }
            fields.removeSubrange(mark...)
            lenientLine(p, line.end)
            return RecordOutcome(next: line.next, problem: (.brokenQuote, "unbalanced quote; line kept as read"))
        }
        let found = fields.count - mark
        if read.isClean, found == width, read.lines == 1 || isTrusted || !straysAreLikelier(p, read.next, width) {
            return RecordOutcome(next: read.next, lines: read.lines)
        }
        if width > 1, isBlank(p, line.end) {
            fields.removeSubrange(mark...)
            return RecordOutcome(kind: .blank, next: line.next)
        }
        return recover(p, line: (line.end, line.next), read: read, found: found, mark: mark, width: width)
    }

    private func isBlank(_ start: Int, _ end: Int) -> Bool {
        for i in start..<max(start, end) where base[i] != 0x20 && base[i] != 0x09 { return false }
        return true
    }

    /// Lines inside a multi-line record look like records of their own, so an unbalanced quote joined them.
    private func straysAreLikelier(_ start: Int, _ end: Int, _ width: Int) -> Bool {
        guard width >= 3 else { return false }
        var p = start
        var inner = 0
        var whole = 0
        var edgesAreWhole = true
        var number = 0
        while p < end {
            let line = lineEnd(p)
            let isEdge = number == 0 || line.next >= end
            if number <= Self.voters || isEdge {
                let isWhole = delimiters(p, line.end) == width - 1
                if isEdge {
                    if !isWhole { edgesAreWhole = false }
                } else {
                    inner += 1
                    whole += isWhole ? 1 : 0
                }
            }
            number += 1
            if !isEdge, number > Self.voters { break }
            p = line.next
        }
        return inner > 0 ? whole * 2 >= inner : edgesAreWhole
    }

    /// A record that the strict rules do not explain: the cheapest reading of its first line, or of a few lines joined.
    private func recover(
        _ p: Int, line: (end: Int, next: Int), read: (next: Int, isClean: Bool, lines: Int), found: Int, mark: Int, width: Int
    ) -> RecordOutcome {
        let isMultiLine = read.isClean && read.lines > 1 && found != width
        let worst = costs.isProfile ? 6 + 0.25 * Double(width) : 5
        let span = FieldSpan(start: p, length: line.end - p, inScratch: false)
        let count = delimiters(p, line.end)
        let quotes = quote.map { cscan_count(base + p, line.end - p, $0) } ?? 0
        var best: Alignment?
        if count > 0 || quotes > 0 {
            best = Aligner(self, span, width: width, splits: false, worst: worst).solve()
            if best.map({ $0.cost > 2 }) ?? true, count < width - 1 || quotes > 0 {
                let limit = min(worst, best?.cost ?? 99)
                if let other = Aligner(self, span, width: width, splits: true, worst: limit).solve(),
                    other.cost < best?.cost ?? 99
                {
                    best = other
                }
            }
        }
        if !isMultiLine, !read.isClean, best?.cost ?? 99 > 4, quotes % 2 == 1, let joined = joined(p, line.next, width) {
            fields.removeSubrange(mark...)
            joined.alignment.append(to: self)
            return RecordOutcome(
                next: joined.next, lines: max(1, lineEnds(p, joined.next)),
                problem: joined.alignment.problem ?? (.brokenQuote, "multi-line field"))
        }
        if count < width - 1, best?.cost ?? 99 > 3 {
            for other in alternatives where cscan_count(base + p, line.end - p, other) >= width - 1 {
                guard var found = Aligner(self, span, width: width, splits: false, worst: worst, delimiter: [other]).solve(),
                    found.cost + 3 < best?.cost ?? 99
                else { continue }
                found.cost += 3
                found.note("row uses another delimiter", .ragged)
                best = found
            }
        }
        if let best, best.cost <= worst, !(isMultiLine && best.cost > 2) {
            fields.removeSubrange(mark...)
            best.append(to: self)
            return RecordOutcome(next: line.next, problem: best.problem)
        }
        if read.isClean {
            // Else its lines only looked like records of their own.
            let problem: (RowProblem.Code, String)? = found == width ? nil : (.ragged, "\(found) cells, expected \(width)")
            return RecordOutcome(next: read.next, lines: read.lines, problem: problem)
        }
        fields.removeSubrange(mark...)
        lenientLine(p, line.end)
        return RecordOutcome(next: line.next, problem: (.brokenQuote, "unbalanced quote; line kept as read"))
    }

    /// The first of up to 16 joins with the following lines that reads as a whole row.
    private func joined(_ p: Int, _ second: Int, _ width: Int) -> (alignment: Alignment, next: Int)? {
        guard let quote else { return nil }
        var q = second
        for _ in 0..<16 {
            guard q < limit else { return nil }
            let line = lineEnd(q)
            if line.end - p > 8192 { return nil }
            q = line.next
            guard find(quote, second, line.end) != nil else { continue }
            let span = FieldSpan(start: p, length: line.end - p, inScratch: false)
            if let found = Aligner(self, span, width: width, splits: false, worst: 4).solve() { return (found, q) }
        }
        return nil
    }

    /// One physical line read with the fewest quote faults, whatever its width.
    private func lenientLine(_ start: Int, _ end: Int) {
        var cuts = [start]
        var i = start
        while i < end {
            if hasDelimiter(i) {
                i += delimiter.count
                cuts.append(i)
            } else {
                i += 1
            }
        }
        func piece(_ a: Int, _ b: Int) -> FieldSpan {
            let stop = b < cuts.count ? cuts[b] - delimiter.count : end
            return FieldSpan(start: cuts[a], length: max(0, stop - cuts[a]), inScratch: false)
        }
        var t = 0
        while t < cuts.count {
            var segment = Segment(self, piece(t, t + 1))
            var step = 1
            if segment.fault >= 1, segment.opens {
                for k in stride(from: t + 2, through: min(cuts.count, t + 200), by: 1) {
                    let longer = Segment(self, piece(t, k))
                    if longer.isWrapped, longer.fault <= 1 {
                        segment = longer
                        step = k - t
                        break
                    }
                }
            }
            fields.append(segment.value(self))
            t += step
        }
    }
}
