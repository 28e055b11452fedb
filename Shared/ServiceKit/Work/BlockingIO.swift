import Dispatch

/// Runs short blocking calls (files, objects) on threads of their own, so that the cooperative pool stays free.
public enum BlockingIO {
    private static let queue = DispatchQueue(label: "blocking-io", attributes: .concurrent)

    public static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: body)) }
        }
    }

    public static func perform<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body()) }
        }
    }
}
