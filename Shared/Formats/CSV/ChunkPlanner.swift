internal import CScan
internal import Domain
internal import Glibc
internal import Tabular

/// Cuts delimited text at record starts in one pass, by the same rules that read the records.
///
/// Stretches whose lines are clean are passed 64 bytes at a time; only other records are read one by one.
struct ChunkPlanner {
    private static let windowBytes = 8 << 20
    private static let footnoteLimit = 50

    private let source: any ByteSource
    private let dialect: CSVDialect

    init(_ source: any ByteSource, _ dialect: CSVDialect) {
        self.source = source
        self.dialect = dialect
    }

    func plan(targetBytes: Int) throws -> [ChunkDescriptor] {
        let end = try tableEnd()
        let start = min(dialect.bodyOffset, end)
        var chunks: [ChunkDescriptor] = []
        if end - start <= Int64(targetBytes) {
            chunks = [ChunkDescriptor(index: 0, offset: start, length: end - start, firstLine: dialect.bodyLine)]
        } else {
            chunks = try cut(start, end, targetBytes)
        }
        try dropFootnotes(&chunks, end: end)
        let last = chunks.count - 1
        chunks[last].trailingLength = source.size - chunks[last].offset - chunks[last].length
        return chunks
    }

    /// The end of the table; one-column text ends before its trailing blank lines.
    private func tableEnd() throws -> Int64 {
        var end = min(dialect.bodyEnd ?? source.size, source.size)
        guard dialect.width == 1 else { return end }
        let floor = dialect.bodyOffset
        while end > floor {
            let size = Int(min(64 << 10, end - floor))
            let bytes = try source.read(at: end - Int64(size), count: size)
            guard bytes.count == size else { throw SanitizerError(.inputUnreadable, "input ends before byte \(end)") }
            if let last = bytes.lastIndex(where: { !isSpaceByte($0) && $0 != 0 }) {
                // The line end of the last record stays.
                let content = end - Int64(size) + Int64(last) + 1
                let rest = try source.read(at: content, count: 64 << 10)
                let isEnd: (UInt8) -> Bool = { $0 == 0x0A || (dialect.loneCarriageReturn && $0 == 0x0D) }
                guard var cut = rest.firstIndex(where: isEnd) else { return min(dialect.bodyEnd ?? source.size, source.size) }
                if rest[cut] == 0x0D, cut + 1 < rest.count, rest[cut + 1] == 0x0A { cut += 1 }
                return min(content + Int64(cut) + 1, source.size)
            }
            end -= Int64(size)
        }
        return end
    }

    // MARK: - Cutting

    private func cut(_ start: Int64, _ end: Int64, _ target: Int) throws -> [ChunkDescriptor] {
        var chunks: [ChunkDescriptor] = []
        let window = TextWindow(source, from: start, capacity: Self.windowBytes)
        let reader = RecordReader(rowsOf: dialect)
        var position = 0
        var line = dialect.bodyLine
        var first = (position: 0, line: line, offset: start)

        func emit(isOversized: Bool = false) {
            guard position > first.position else { return }
            let to = min(window.offset(position), end)
            if to > first.offset {
                chunks.append(
                    ChunkDescriptor(
                        index: chunks.count, offset: first.offset, length: to - first.offset, firstLine: first.line,
                        isOversized: isOversized))
            }
            first = (position, line, to)
        }

        try window.refill(keepingFrom: 0)
        while true {
            if position - first.position >= target { emit() }
            if position >= window.end {
                if window.isAtEnd { break }
                try window.refill(keepingFrom: position)
                continue
            }
            if window.offset(position) >= end { break }
            if let passed = pass(window, position, wanted: first.position + target) {
                line += passed.lines
                let moved = passed.position > position
                position = passed.position
                if moved { continue }
            }
            if window.end - position < reader.lookahead, !window.isAtEnd {
                try window.refill(keepingFrom: position)
                continue
            }
            reader.setText(UnsafePointer(window.memory.pointer), count: window.count)
            let outcome = reader.record(at: position - window.start)
            let next = outcome.next + window.start
            guard outcome.kind == .oversized else {
                position = max(next, position + 1)
                line += outcome.lines
                continue
            }
            let before = (position: position, line: line)
            position = try skipLine(window, next)
            if position - first.position > target + reader.lookahead {
                let after = position
                position = before.position
                emit()
                position = after
                line = before.line + 1
                emit(isOversized: true)
            } else {
                line += 1
            }
        }
        emit()
        return chunks
    }

    /// Passes over clean lines from `position` on; nil where the dialect needs every record read.
    private func pass(_ window: TextWindow, _ position: Int, wanted: Int) -> (position: Int, lines: Int)? {
        guard !dialect.loneCarriageReturn else { return nil }
        var scan = cscan_scan_lines_t()
        scan.base = UnsafePointer(window.memory.pointer)
        scan.position = UInt64(position - window.start)
        scan.end = UInt64(window.count)
        scan.record_limit = UInt64(dialect.recordLimit ?? InputLimits.record.standard)
        scan.wanted = UInt64(max(position + 1, wanted) - window.start)
        if dialect.delimiter.count == 1 {
            scan.delimiter = dialect.delimiter[0]
            scan.quote = dialect.quote ?? scan.delimiter
            scan.escape = dialect.escape ?? scan.delimiter
        } else {
            // A quote anywhere makes the line one to be read.
            scan.escape = dialect.delimiter.isEmpty ? 0 : dialect.quote ?? 0
        }
        _ = cscan_scan_lines(&scan)
        return (Int(scan.position) + window.start, Int(scan.lines))
    }

    /// The position behind the next line end at or after `position`.
    private func skipLine(_ window: TextWindow, _ position: Int) throws -> Int {
        var at = position
        while true {
            if at >= window.end {
                if window.isAtEnd { return window.end }
                try window.refill(keepingFrom: at)
                continue
            }
            let base = window.memory.pointer
            var i = at - window.start
            if dialect.loneCarriageReturn {
                while i < window.count, base[i] != 0x0A, base[i] != 0x0D { i += 1 }
            } else if let hit = memchr(base + i, 0x0A, window.count - i) {
                i = UnsafeRawPointer(base).distance(to: UnsafeRawPointer(hit))
            } else {
                i = window.count
            }
            at = i + window.start
            guard i < window.count else { continue }
            guard base[i] == 0x0D else { return at + 1 }
            if i + 1 >= window.count, !window.isAtEnd {
                try window.refill(keepingFrom: at)
                continue
            }
            return i + 1 < window.count && base[i + 1] == 0x0A ? at + 2 : at + 1
        }
    }

    // MARK: - Footnotes

    /// Up to 50 rows at the end with one cell at most (and one physical cell, or behind a blank line) are notes, not records.
    private func dropFootnotes(_ chunks: inout [ChunkDescriptor], end: Int64) throws {
        guard dialect.width >= 3, var index = chunks.lastIndex(where: { $0.length > 0 }) else { return }
        if try endsInFullRow(end) { return }
        var end = end
        while !chunks[index].isOversized, let run = try footnotes(from: chunks[index].offset, end, isFirst: index == 0) {
            if !run.isWhole || index == 0 {
                chunks.removeSubrange((index + 1)...)
                chunks[index].length = run.start - chunks[index].offset
                return
            }
            // Blank lines alone need not be read again.
            if run.start == end { end = chunks[index].offset }
            index -= 1
        }
    }

    /// The last line is plainly a record: nothing has to be read to know that no notes follow the table.
    private func endsInFullRow(_ end: Int64) throws -> Bool {
        guard dialect.delimiter.count == 1, !dialect.collapsesSpaces else { return false }
        let size = Int(min(end - dialect.bodyOffset, 64 << 10))
        let bytes = try source.read(at: end - Int64(size), count: size)
        guard let last = bytes.lastIndex(where: { !isSpaceByte($0) || $0 == dialect.delimiter[0] }) else { return false }
        let isEnd: (UInt8) -> Bool = { $0 == 0x0A || $0 == 0x0D }
        guard let before = bytes[..<last].lastIndex(where: isEnd) else { return false }
        let line = bytes[(before + 1)...last]
        if let quote = dialect.quote, line.contains(quote) { return false }
        let cells = line.split(separator: dialect.delimiter[0], omittingEmptySubsequences: false)
        let filled = cells.reduce(0) { $0 + ($1.contains { !isSpaceByte($0) } ? 1 : 0) }
        return filled >= 2 && (!dialect.isRigid || cells.count == dialect.width)
    }

    /// The run of note-like rows that ends the table, when records are read from `offset`; nil when there is none.
    ///
    /// `isWhole`: every row from `offset` on is note-like, or there is none (`start` is the end then), so the run may start earlier.
    /// The first row of a later chunk is given the benefit of the doubt: what lies before it is not known here.
    private func footnotes(from offset: Int64, _ end: Int64, isFirst: Bool) throws -> (start: Int64, isWhole: Bool)? {
        let window = TextWindow(source, from: offset, capacity: Self.windowBytes)
        let reader = RecordReader(rowsOf: dialect)
        try window.refill(keepingFrom: 0)
        var position = 0
        var run: (start: Int64, rows: Int)?
        var rows = 0
        var isAfterBlank = !isFirst
        while true {
            if window.end - position < reader.lookahead, !window.isAtEnd { try window.refill(keepingFrom: position) }
            guard position < window.end, window.offset(position) < end else { break }
            reader.setText(UnsafePointer(window.memory.pointer), count: window.count)
            let outcome = reader.record(at: position - window.start)
            let start = window.offset(position)
            position = max(outcome.next + window.start, position + 1)
            if outcome.kind == .oversized {
                position = try skipLine(window, position)
                rows += 1
                run = nil
                continue
            }
            let isBlank = reader.fields.count == 1 && reader.fields[0].length == 0
            if outcome.kind == .blank || isBlank {
                isAfterBlank = true
                continue
            }
            let filled = reader.fields.reduce(0) { $0 + (reader.text($1).contains { !isSpaceByte($0) } ? 1 : 0) }
            let isNote = filled <= 1 && (reader.fields.count == 1 || isAfterBlank)
            isAfterBlank = false
            rows += 1
            run = isNote ? (run?.start ?? start, (run?.rows ?? 0) + 1) : nil
        }
        if rows == 0 { return (end, isWhole: true) }
        guard let run, run.rows <= Self.footnoteLimit else { return nil }
        return (run.start, isWhole: run.rows == rows)
    }
}
