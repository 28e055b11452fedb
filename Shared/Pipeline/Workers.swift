internal import Foundation
internal import Synchronization

/// Threads for the engine's heavy work; never Swift's cooperative pool, which must stay free for I/O.
enum Workers {
    /// Runs `body(worker, item)` for every item in `0..<count` on up to `threads` threads and blocks until all are done.
    ///
    /// Items are taken in ascending order. The first error stops the taking of further items and is thrown; among
    /// errors of several items the one of the lowest item is thrown, so messages do not depend on timing more than needed.
    static func forEach(
        _ count: Int, threads: Int, _ body: @escaping @Sendable (_ worker: Int, _ item: Int) throws -> Void
    ) throws {
        guard count > 0 else { return }
        let lanes = max(1, min(threads, count))
        if lanes == 1 {
            for item in 0..<count { try body(0, item) }
            return
        }
        let next = Atomic<Int>(0)
        let failed = Atomic<Bool>(false)
        let failure = Mutex<(item: Int, error: any Error)?>(nil)
        withThreads(lanes) { lane in
            while !failed.load(ordering: .acquiring) {
                let item = next.wrappingAdd(1, ordering: .relaxed).oldValue
                if item >= count { return }
                do {
                    try body(lane, item)
                } catch {
                    failure.withLock { first in
                        if first == nil || item < first!.item { first = (item, error) }
                    }
                    failed.store(true, ordering: .releasing)
                }
            }
        }
        if let first = failure.withLock({ $0 }) { throw first.error }
    }

    /// Runs `body` once on each of `count` threads and waits for all of them.
    private static func withThreads(_ count: Int, _ body: @escaping (Int) -> Void) {
        // Safe to send: the closure outlives every thread, because this function joins them all.
        nonisolated(unsafe) let body = body
        let group = DispatchGroup()
        for lane in 0..<count {
            group.enter()
            let thread = Thread {
                body(lane)
                group.leave()
            }
            // Deep recursion happens nowhere, but the verification of a record may use a few hundred KiB of stack.
            thread.stackSize = 4 << 20
            thread.name = "engine-\(lane)"
            thread.start()
        }
        group.wait()
    }
}

/// Hands the results of items that finish in any order to `consume` in item order, holding back at most `window` items.
final class OrderedDrain<Value>: @unchecked Sendable {
    // Guarded by `condition`.
    private let condition = NSCondition()
    private var pending: [Int: Value] = [:]
    private var next = 0
    private var draining = false
    private var failure: (any Error)?
    private let window: Int
    private let consume: (Int, Value) throws -> Void

    init(window: Int, consume: @escaping (Int, Value) throws -> Void) {
        self.window = max(1, window)
        self.consume = consume
    }

    /// Blocks until item `index` may start: fewer than `window` items are ahead of the first one not yet consumed.
    func waitForTurn(_ index: Int) throws {
        condition.lock()
        defer { condition.unlock() }
        while failure == nil && index >= next + window { condition.wait() }
        if let failure { throw failure }
    }

    func finish(_ index: Int, _ value: Value) throws {
        condition.lock()
        pending[index] = value
        // One thread consumes at a time; the others leave their value and go on.
        while !draining, failure == nil, let value = pending.removeValue(forKey: next) {
            draining = true
            let item = next
            condition.unlock()
            do {
                try consume(item, value)
                condition.lock()
                next += 1
            } catch {
                condition.lock()
                failure = error
            }
            draining = false
            condition.broadcast()
        }
        let error = failure
        condition.unlock()
        if let error { throw error }
    }

    /// Wakes every waiting thread with an error; for a failure outside of `consume`.
    func fail(_ error: any Error) {
        condition.lock()
        if failure == nil { failure = error }
        condition.broadcast()
        condition.unlock()
    }
}
