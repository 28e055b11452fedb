import Foundation

/// What is wrong with a multipart body; always the client's fault.
public struct MultipartError: Error, Equatable, Sendable, CustomStringConvertible {
    public var reason: String
    public var description: String { reason }
}

/// The headers of one part that matter for a form.
public struct MultipartPart: Equatable, Sendable {
    /// `name` of the Content-Disposition.
    public var name: String
    /// `filename` as sent by the client: a hint, never to be used as a path.
    public var filename: String?
    public var contentType: String?
}

/// Splits a `multipart/form-data` body into parts while it streams in; the same events for any cut of the input.
///
/// Holds at most one header block (16 KiB), or a delimiter's length of data, between calls.
/// - Source: RFC 7578, RFC 2046 section 5.1
public struct MultipartParser {
    public enum Event {
        case begin(MultipartPart)
        /// A non-empty piece of the part's body; valid only during the call.
        case data(UnsafeRawBufferPointer)
        case end
    }

    private enum State { case preamble, headers, bodyStart, body, epilogue }
    private static let maxHeaderBytes = 16 << 10
    private static let maxParts = 64
    private static let maxPadding = 128

    private let delimiter: [UInt8]
    private var state = State.preamble
    private var pending: [UInt8]
    private var parts = 0
    private var searched = 0

    /// - Parameter boundary: 1 to 70 characters, from the Content-Type.
    public init(boundary: String) throws {
        let bytes = Array(boundary.utf8)
        guard (1...70).contains(bytes.count), bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }), bytes.last != 0x20 else {
            throw MultipartError(reason: "the multipart boundary must be 1 to 70 printable characters")
        }
        delimiter = Array("\r\n--".utf8) + bytes
        // The first delimiter may stand at the very start: as if a line end came before it.
        pending = [0x0D, 0x0A]
    }

    /// Takes the next bytes of the body and reports what became complete.
    public mutating func feed(_ input: UnsafeRawBufferPointer, _ emit: (Event) throws -> Void) throws {
        if state == .epilogue { return }
        pending.append(contentsOf: input)
        var at = 0
        while try step(&at, emit) {}
        pending.removeFirst(at)
    }

    public mutating func feed(_ input: [UInt8], _ emit: (Event) throws -> Void) throws {
        try input.withUnsafeBytes { try feed($0, emit) }
    }

    /// Call at the end of the body.
    /// - Throws: ``MultipartError`` when the closing delimiter was not seen: the body was cut.
    public func finish() throws {
        guard state == .epilogue else { throw MultipartError(reason: "the multipart body ends before its closing boundary") }
    }

    /// Consumes from `pending[at...]`; false when more input is needed.
    private mutating func step(_ at: inout Int, _ emit: (Event) throws -> Void) throws -> Bool {
        switch state {
        case .preamble:
            return try stepToDelimiter(&at) { _ in }
        case .headers:
            return try stepHeaders(&at, emit)
        case .bodyStart:
            return stepBodyStart(&at)
        case .body:
            return try stepToDelimiter(&at) { try emit($0.map(Event.data) ?? .end) }
        case .epilogue:
            at = pending.count
            return false
        }
    }

    private enum Suffix { case close(Int), next(Int), needMore, none }

    /// Passes bytes before the delimiter to `data`, then nil when the delimiter was found.
    private mutating func stepToDelimiter(_ at: inout Int, _ data: (UnsafeRawBufferPointer?) throws -> Void) throws -> Bool {
        var nextState = state
        var finished = false
        try pending.withUnsafeBytes { bytes in
            var scan = at
            while true {
                let candidate = Self.find(0x0D, in: bytes, from: scan) ?? bytes.count
                let available = min(delimiter.count, bytes.count - candidate)
                guard matches(bytes, candidate, available) else {
                    scan = candidate + 1
                    continue
                }
                let after = candidate + delimiter.count
                let suffix = available < delimiter.count ? .needMore : Self.suffix(bytes, after)
                if case .none = suffix {
                    scan = candidate + 1
                    continue
                }
                if candidate > at { try data(UnsafeRawBufferPointer(rebasing: bytes[at..<candidate])) }
                at = candidate
                switch suffix {
                case .needMore, .none: return
                case .close(let length):
                    nextState = .epilogue
                    at = after + length
                case .next(let length):
                    nextState = .headers
                    at = after + length
                }
                finished = true
                try data(nil)
                return
            }
        }
        state = nextState
        return finished
    }

    /// True when `count` bytes at `start` equal the delimiter's beginning (also for none: the end of the input).
    private func matches(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> Bool {
        if count == 0 { return true }
        return delimiter.withUnsafeBytes { memcmp(bytes.baseAddress! + start, $0.baseAddress!, count) == 0 }
    }

    private static func find(_ byte: UInt8, in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard start < bytes.count, let base = bytes.baseAddress else { return nil }
        guard let hit = memchr(base + start, Int32(byte), bytes.count - start) else { return nil }
        return UnsafeRawPointer(hit) - base
    }

    /// What follows a delimiter: `--`, or spaces and a line end; anything else means that it was data.
    private static func suffix(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Suffix {
        var i = start
        while i < bytes.count, bytes[i] == 0x20 || bytes[i] == 0x09 {
            i += 1
            if i - start > maxPadding { return .none }
        }
        guard i < bytes.count else { return .needMore }
        if i == start, bytes[i] == 0x2D {
            guard i + 1 < bytes.count else { return .needMore }
            return bytes[i + 1] == 0x2D ? .close(2) : .none
        }
        guard bytes[i] == 0x0D else { return .none }
        guard i + 1 < bytes.count else { return .needMore }
        return bytes[i + 1] == 0x0A ? .next(i + 2 - start) : .none
    }

    private mutating func stepHeaders(_ at: inout Int, _ emit: (Event) throws -> Void) throws -> Bool {
        guard let end = headerEnd(from: at) else {
            guard pending.count - at <= Self.maxHeaderBytes else {
                throw MultipartError(reason: "the headers of a multipart part are larger than 16 KiB")
            }
            return false
        }
        guard let block = String(validating: pending[at..<end], as: UTF8.self) else {
            throw MultipartError(reason: "the headers of a multipart part are not UTF-8")
        }
        parts += 1
        guard parts <= Self.maxParts else {
            throw MultipartError(reason: "the multipart body has more than \(Self.maxParts) parts")
        }
        try emit(.begin(MultipartPart(headerBlock: block)))
        at = end
        state = .bodyStart
        return true
    }

    /// Where the empty line after the headers begins; resumes where the last call stopped looking.
    private mutating func headerEnd(from start: Int) -> Int? {
        var i = start + searched
        while i + 1 < pending.count {
            if pending[i] == 0x0D, pending[i + 1] == 0x0A {
                if i == start {
                    searched = 0
                    return i
                }
                guard i + 3 < pending.count else { break }
                if pending[i + 2] == 0x0D, pending[i + 3] == 0x0A {
                    searched = 0
                    return i + 2
                }
            }
            i += 1
        }
        searched = i - start
        return nil
    }

    /// The empty line's end is still pending: it belongs to the delimiter when the part has no body at all.
    private mutating func stepBodyStart(_ at: inout Int) -> Bool {
        let available = min(delimiter.count, pending.count - at)
        let isPrefix = pending.withUnsafeBytes { matches($0, at, available) }
        if isPrefix, available < delimiter.count { return false }
        if !isPrefix { at += 2 }
        state = .body
        return true
    }
}
