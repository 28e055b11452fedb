public import Domain
public import Logging

/// A message that a worker has in hand.
public struct TaskDelivery: Sendable {
    public var message: TaskMessage
    /// True: somebody had it before and did not finish.
    public var redelivered: Bool
}

/// What to tell the broker about a message.
public enum Disposition: Sendable, Equatable {
    /// The ledger has the outcome.
    case done
    /// Nothing could be decided (the ledger is away): back into the queue after a pause.
    case tryAgain
    /// Can never be handled: to the dead letters.
    case reject(reason: String)
}

/// Takes tasks from one queue, one at a time, reconnecting and subscribing again as needed.
///
/// Poison goes to the dead letters without reaching the handler.
public final class TaskConsumer: Sendable {
    public init(_ endpoint: BrokerEndpoint, topology: Topology = .init(), queue: TaskQueue, prefetch: Int = 1, logger: Logger) {}
    /// Runs until `drain()` is called or the task is cancelled; the handler in flight is waited for in both cases.
    public func run(_ handle: @Sendable (TaskDelivery) async -> Disposition) async {}
    /// Stops taking new messages; `run` returns after the handler in flight.
    public func drain() async {}
    /// Subscribed now. For readiness.
    public var isSubscribed: Bool { false }
}
