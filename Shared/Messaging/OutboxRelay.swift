public import Domain
internal import Failpoints
public import Logging

/// Carries committed messages to the broker: at least once, marked only after the broker's confirm.
///
/// Any number of relays may run: the source gives a message to one of them at a time, and a message that is published twice
/// is only a hint given twice.
public final class OutboxRelay: Sendable {
    private let source: any OutboxSource
    private let publisher: Publisher
    private let logger: Logger

    public init(source: any OutboxSource, publisher: Publisher, logger: Logger) {
        self.source = source
        self.publisher = publisher
        self.logger = logger
    }

    /// Publishes messages that were just committed (the ledger holds them for this caller) and marks the confirmed ones.
    /// What fails stays in the outbox for a later `drainOnce`.
    /// - Returns: the number confirmed.
    @discardableResult public func send(_ messages: [OutboxMessage]) async -> Int {
        guard !messages.isEmpty else { return 0 }
        CrashPoint.pass(.publishBefore)
        let outcomes = await publisher.publish(messages)
        CrashPoint.pass(.publishConfirmed)
        var confirmed: [Int64] = []
        var back: [Int64] = []
        for (message, outcome) in zip(messages, outcomes) {
            if outcome == .confirmed {
                confirmed.append(message.id)
            } else {
                back.append(message.id)
            }
        }
        do {
            try await source.markPublished(confirmed)
            try await source.returnToOutbox(back)
        } catch {
            // They are published again when the hold is over: twice is allowed, never is not.
            logger.warning("published messages could not be marked", metadata: ["error": "\(error)"])
        }
        CrashPoint.pass(.publishAfter)
        if !back.isEmpty {
            logger.warning(
                "messages stay in the outbox",
                metadata: ["count": "\(back.count)", "first": "\(outcomes.first { $0 != .confirmed }.map { "\($0)" } ?? "")"])
        }
        return confirmed.count
    }

    /// Takes and sends until the outbox is empty or the broker takes no more.
    /// - Returns: the number confirmed.
    /// - Throws: what the source throws.
    @discardableResult public func drainOnce(window: Int = 256) async throws -> Int {
        var total = 0
        while true {
            let messages = try await source.takeOutbox(limit: window)
            if messages.isEmpty { return total }
            let confirmed = await send(messages)
            total += confirmed
            if confirmed < messages.count || messages.count < window { return total }
        }
    }
}
