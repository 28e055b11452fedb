internal import Dispatch

/// Work on slices of an index range, each slice on a thread of its own.
public enum Parallel {
    /// Runs `body(worker, range)` on slices of `0..<n`, one per worker, on as many threads; returns when all are done.
    /// - Parameter least: a slice is not made smaller than this, because a thread would cost more than it saves.
    public static func slices(_ n: Int, threads: Int, least: Int = 512, _ body: @Sendable (Int, Range<Int>) -> Void) {
        let workers = max(1, min(threads, n / least))
        if workers == 1 {
            body(0, 0..<n)
            return
        }
        DispatchQueue.concurrentPerform(iterations: workers) { w in body(w, n * w / workers..<n * (w + 1) / workers) }
    }
}

/// A pointer that several threads write through, each to its own part.
public struct SharedPointer<T>: @unchecked Sendable {
    public let base: UnsafeMutablePointer<T>
    public init(base: UnsafeMutablePointer<T>) { self.base = base }
}
