internal import Domain
internal import Glibc
internal import Tabular

/// Passes over the lines of a source in bounded memory.
struct LineScanner {
    private static let windowBytes = 4 << 20
    let source: any ByteSource
    let limit: Int

    /// A line without its end; `base[range.upperBound]` is a line feed or zero, and 64 bytes behind are readable.
    struct Line {
        var base: UnsafePointer<UInt8>
        var range: Range<Int>
        /// Place of the line in the source.
        var offset: Int64
    }

    /// - Parameter limit: longer lines are not loaded; they come as nil with their offset and length (line end included).
    init(_ source: any ByteSource, limit: Int) {
        self.source = source
        self.limit = limit
    }

    /// Calls `line` for every line, the last one with or without line end; stops early when it returns false.
    func forEach(from start: Int64, line: (Line) throws -> Bool, oversized: (_ offset: Int64, _ length: Int64) throws -> Void)
        throws
    {
        var buffer = HeapBytes(capacity: Self.windowBytes)
        var filled = 0
        var offset = start
        while true {
            let room = UnsafeMutableRawBufferPointer(start: buffer.pointer + filled, count: buffer.capacity - filled)
            let n = try source.read(at: offset + Int64(filled), into: room)
            filled += n
            let atEnd = n < room.count
            // The bytes behind the data must not look like a line that goes on.
            if filled < buffer.capacity { memset(buffer.pointer + filled, 0, min(64, buffer.capacity - filled)) }
            var at = 0
            while at < filled {
                let found = memchr(buffer.pointer + at, 10, filled - at)
                guard found != nil || atEnd else { break }
                let end = found.map { $0.assumingMemoryBound(to: UInt8.self) - buffer.pointer } ?? filled
                let line_ = Line(base: UnsafePointer(buffer.pointer), range: at..<end, offset: offset + Int64(at))
                guard try line(line_) else { return }
                at = found == nil ? filled : end + 1
            }
            if atEnd { return }
            if at == 0, filled == buffer.capacity {
                if buffer.capacity < limit {
                    let bigger = HeapBytes(capacity: min(buffer.capacity * 4, limit))
                    bigger.pointer.update(from: buffer.pointer, count: filled)
                    buffer = bigger
                } else {
                    let length = try lengthOfLine(at: offset, known: filled)
                    try oversized(offset, length)
                    offset += length
                    filled = 0
                }
                continue
            }
            let rest = filled - at
            memmove(buffer.pointer, buffer.pointer + at, rest)
            offset += Int64(at)
            filled = rest
        }
    }

    /// Length of a line that is too long to load, with its end.
    private func lengthOfLine(at offset: Int64, known: Int) throws -> Int64 {
        let window = HeapBytes(capacity: Self.windowBytes)
        var length = Int64(known)
        while true {
            let n = try source.read(
                at: offset + length, into: UnsafeMutableRawBufferPointer(start: window.pointer, count: window.capacity))
            if n == 0 { return length }
            if let found = memchr(window.pointer, 10, n) {
                return length + Int64(found.assumingMemoryBound(to: UInt8.self) - window.pointer) + 1
            }
            length += Int64(n)
        }
    }

    static func isBlank(_ line: Line) -> Bool {
        for i in line.range where line.base[i] != 0x20 && line.base[i] != 0x09 && line.base[i] != 0x0D { return false }
        return true
    }
}
