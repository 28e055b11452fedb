internal import Domain
internal import Glibc
internal import Tabular

/// A stretch of an input in memory, without its zero bytes. Positions count the remaining bytes from the window's start.
final class TextWindow {
    private static let piece = 1 << 20
    private static let slack = 64 << 10
    /// Beyond so many runs of zero bytes, offsets are given too low by the later ones.
    private static let runLimit = 1 << 20

    private let source: any ByteSource
    private let rawStart: Int64
    private(set) var memory: HeapBytes
    /// Position of the first byte in memory, and bytes in memory.
    private(set) var start = 0
    private(set) var count = 0
    private var rawNext: Int64
    /// Removed bytes before a position, all told; ascending.
    private var runs: [(position: Int, removed: Int64)] = []

    init(_ source: any ByteSource, from rawStart: Int64, capacity: Int) {
        self.source = source
        self.rawStart = rawStart
        rawNext = rawStart
        memory = HeapBytes(capacity: capacity)
    }

    var end: Int { start + count }
    var isAtEnd: Bool { rawNext >= source.size }
    var hasZeros: Bool { !runs.isEmpty }

    /// The offset in the input of a position; zero bytes right before it are counted as before.
    func offset(_ position: Int) -> Int64 { rawStart + Int64(position) + removed(before: position) }
    func removed(before position: Int) -> Int64 {
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].position <= position { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? 0 : runs[low - 1].removed
    }

    /// Forgets what lies before `position` and reads on until the memory is full or the input ends.
    func refill(keepingFrom position: Int) throws {
        let drop = position - start
        count -= drop
        if drop > 0, count > 0 { memmove(memory.pointer, memory.pointer + drop, count) }
        start = position
        if runs.count > 1, let last = runs.lastIndex(where: { $0.position <= position }), last > 0 { runs.removeFirst(last) }
        // A nearly full memory is left so: a run of zero bytes would be read byte by byte.
        while memory.capacity - count >= Self.slack, !isAtEnd { try readPiece(until: source.size, limit: memory.capacity) }
        (memory.pointer + count).update(repeating: 0, count: 64)
    }

    /// Reads on to an offset of the input, growing the memory; returns the position there.
    func load(until rawEnd: Int64) throws -> Int {
        while rawNext < min(rawEnd, source.size) {
            let piece = Int(min(Int64(Self.piece), min(rawEnd, source.size) - rawNext))
            if memory.capacity - count < piece { grow(max(count + piece, memory.capacity * 2)) }
            try readPiece(until: rawEnd, limit: memory.capacity)
        }
        (memory.pointer + count).update(repeating: 0, count: 64)
        return end
    }

    /// Reads on until `bytes` more are in memory or the input ends.
    func extend(by bytes: Int) throws {
        let wanted = count + bytes
        if wanted + Self.slack > memory.capacity { grow(wanted + Self.slack) }
        while count < wanted, !isAtEnd { try readPiece(until: source.size, limit: wanted + Self.slack) }
        (memory.pointer + count).update(repeating: 0, count: 64)
    }

    private func grow(_ capacity: Int) {
        let bigger = HeapBytes(capacity: capacity)
        bigger.pointer.update(from: memory.pointer, count: count)
        memory = bigger
    }

    private func readPiece(until rawEnd: Int64, limit: Int) throws {
        let wanted = Int(min(Int64(min(Self.piece * 8, limit - count)), rawEnd - rawNext))
        let place = memory.pointer + count
        let got = try source.read(at: rawNext, into: UnsafeMutableRawBufferPointer(start: place, count: wanted))
        guard got > 0 else { throw SanitizerError(.inputUnreadable, "input ends at byte \(rawNext), expected \(source.size)") }
        let base = end
        rawNext += Int64(got)
        guard let first = memchr(place, 0, got) else {
            count += got
            return
        }
        var n = UnsafeMutableRawPointer(place).distance(to: first)
        var removed = runs.last?.removed ?? 0
        for i in n..<got {
            if place[i] != 0 {
                place[n] = place[i]
                n += 1
                continue
            }
            removed += 1
            if let last = runs.last, last.position == base + n {
                runs[runs.count - 1].removed = removed
            } else if runs.count < Self.runLimit {
                runs.append((base + n, removed))
            }
        }
        count += n
    }
}
