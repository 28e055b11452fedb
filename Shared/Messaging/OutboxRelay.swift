public import Domain
public import Logging

/// Carries committed messages to the broker: at least once, marked only after the broker's confirm.
public final class OutboxRelay: Sendable {
    private let source: any OutboxSource
    private let publisher: Publisher
    private let logger: Logger

    public init(source: any OutboxSource, publisher: Publisher, logger: Logger) {
        self.source = source
        self.publisher = publisher
        self.logger = logger
    }
    /// Publishes messages that were just committed and marks the confirmed ones.
    /// What fails stays in the outbox for a later `drainOnce`. Returns the number confirmed.
    @discardableResult public func send(_ messages: [OutboxMessage]) async -> Int { 0 }
    /// Takes and sends until the outbox is empty or the broker takes no more. Returns the number confirmed.
    /// - Throws: what the source throws.
    @discardableResult public func drainOnce(window: Int = 256) async throws -> Int { 0 }
}
