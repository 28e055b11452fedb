/// A growable run of bytes addressed by offset, so growth does not invalidate cells. Not thread-safe.
public final class ByteArena {
    public private(set) var base: UnsafeMutablePointer<UInt8>
    public private(set) var capacity: Int
    public private(set) var count = 0

    public init(capacity: Int = 4096) {
        self.capacity = max(capacity, 64)
        base = .allocate(capacity: self.capacity)
    }
    deinit { base.deallocate() }

    /// Makes room for `n` more bytes and returns the pointer where they go; follow with ``commit(_:)``.
    @inline(__always)
    public func reserve(_ n: Int) -> UnsafeMutablePointer<UInt8> {
        if count &+ n > capacity { grow(n) }
        return base + count
    }
    /// Takes `n` bytes written at the reserved place; returns their offset.
    @inline(__always) @discardableResult
    public func commit(_ n: Int) -> Int {
        let at = count
        count = at &+ n
        return at
    }
    @discardableResult
    public func append(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        if bytes.count > 0 { reserve(bytes.count).update(from: bytes.baseAddress!, count: bytes.count) }
        return commit(bytes.count)
    }
    @discardableResult
    public func append(_ text: String) -> Int {
        var text = text
        return text.withUTF8 { append($0) }
    }
    public func removeAll() { count = 0 }

    @inline(never)
    private func grow(_ n: Int) {
        var next = capacity
        while next < count + n { next *= 2 }
        let bigger = UnsafeMutablePointer<UInt8>.allocate(capacity: next)
        LargeBlocks.advise(bigger, bytes: next)
        bigger.update(from: base, count: count)
        base.deallocate()
        base = bigger
        capacity = next
    }
}
