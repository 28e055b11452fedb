internal import Dispatch

/// Runs `body(worker, range)` on slices of `0..<n`, one per worker, on as many threads; returns when all are done.
enum Parallel {
    static func slices(_ n: Int, threads: Int, _ body: @Sendable (Int, Range<Int>) -> Void) {
        let workers = max(1, min(threads, n / 512))
        if workers == 1 {
            body(0, 0..<n)
            return
        }
        DispatchQueue.concurrentPerform(iterations: workers) { w in body(w, n * w / workers..<n * (w + 1) / workers) }
    }
}

/// A pointer that several threads write through, each to its own part.
struct SharedPointer<T>: @unchecked Sendable {
    let base: UnsafeMutablePointer<T>
}
