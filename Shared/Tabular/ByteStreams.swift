/// Random-access bytes: a local file, an object, a staged copy. Safe to read from several threads at once. Calls block.
public protocol ByteSource: AnyObject, Sendable {
    /// In bytes.
    var size: Int64 { get }
    /// Reads up to `buffer.count` bytes at `offset`; fewer only at the end.
    func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

extension ByteSource {
    public func read(at offset: Int64, count: Int) throws -> [UInt8] {
        let n = Int(max(0, min(Int64(count), size - offset)))
        return try [UInt8](unsafeUninitializedCapacity: n) { buffer, used in
            used = try read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
        }
    }
}

/// Sequential output that becomes visible at once on ``close()`` and never when aborted or dropped. Calls block.
public protocol ByteSink: AnyObject {
    func write(_ bytes: UnsafeRawBufferPointer) throws
    /// Makes what was written durable and visible.
    func close() throws
    /// Throws away what was written. Safe to call after a failure, and twice.
    func abort()
}

extension ByteSink {
    public func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }
    public func write(_ text: String) throws {
        var text = text
        try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
    }
}

/// Bytes in memory as a source.
public final class MemorySource: ByteSource {
    private let bytes: [UInt8]
    public init(_ bytes: [UInt8]) { self.bytes = bytes }
    public var size: Int64 { Int64(bytes.count) }
    public func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard offset >= 0, offset < size else { return 0 }
        let n = min(buffer.count, bytes.count - Int(offset))
        bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[Int(offset)..<Int(offset) + n])) }
        return n
    }
}

/// Collects what is written in memory.
public final class MemorySink: ByteSink {
    public private(set) var bytes: [UInt8] = []
    public private(set) var isClosed = false
    public init() {}
    public func write(_ b: UnsafeRawBufferPointer) throws { bytes.append(contentsOf: b) }
    public func close() throws { isClosed = true }
    public func abort() { bytes = [] }
}
