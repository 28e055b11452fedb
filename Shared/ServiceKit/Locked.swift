import Foundation

/// A value behind a lock, for short critical sections; never held over an `await`.
///
/// `NSLock` and not `Synchronization.Mutex`: the thread sanitizer understands it.
public final class Locked<Value>: @unchecked Sendable {  // every access to `value` holds `lock`
    private let lock = NSLock()
    private var value: Value

    public init(_ value: Value) { self.value = value }

    @discardableResult
    public func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
