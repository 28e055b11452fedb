import Foundation

/// Runs blocking or CPU-bound work outside Swift's cooperative pool, which has one thread per core and must stay free.
public enum WorkThread {
    /// Runs `body` on a new thread with an 8 MiB stack and waits without blocking. Starting one costs about 30 µs.
    ///
    /// Cancelling the task does not stop the body: it must look at a flag of its own.
    public static func run<Value: Sendable>(
        _ name: String, _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Result(catching: body)) }
            thread.name = name
            thread.stackSize = 8 << 20
            thread.start()
        }
    }
}
