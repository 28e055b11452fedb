public import Domain
public import Logging

/// What became of one message.
public enum PublishOutcome: Sendable, Equatable {
    /// Stored by a queue (or by nobody, when it was not mandatory).
    case confirmed
    /// Mandatory, and no queue is bound for it.
    case returned(code: Int)
    /// The broker will not take it now, for example because the queue is full.
    case refused
    /// The connection ended before the confirm: it may or may not have been stored.
    case unknown
    /// It never left: no connection, or the broker is out of memory or disk.
    case notSent
}

/// Publishes with confirms on a connection of its own, which it makes and makes again as needed.
public final class Publisher: Sendable {
    public init(_ endpoint: BrokerEndpoint, topology: Topology = .init(), logger: Logger) {}
    /// Publishes all and returns when each one's fate is known, in order; at most `timeout` (then `.unknown` or `.notSent`).
    /// Does not throw: with no broker every outcome is `.notSent`.
    public func publish(_ messages: [OutboxMessage], timeout: Duration = .seconds(10)) async -> [PublishOutcome] {
        messages.map { _ in .notSent }
    }
    /// Declares what is missing. - Throws: ``MessagingError``.
    public func declareTopology() async throws {}
    /// Messages ready in a queue and its consumers. - Throws: ``MessagingError``.
    public func depth(of queue: TaskQueue) async throws -> (messages: Int, consumers: Int) { (0, 0) }
    /// Connected, and the broker is not blocking publishers. For readiness.
    public var isReady: Bool { get async { false } }
    public func close() async {}
}
