public import Domain
internal import JobLifecycle
public import Logging

/// What became of one message.
public enum PublishOutcome: Sendable, Equatable {
    /// Stored by a queue (or by nobody, when it was not mandatory).
    case confirmed
    /// Mandatory, and no queue is bound for it.
    case returned(code: Int)
    /// The broker will not take it now, for example because the queue is full.
    case refused
    /// The connection ended, or time was up, before the confirm: it may or may not have been stored.
    case unknown
    /// It never left: no connection, or the broker is out of memory or disk.
    case notSent
}

/// Publishes with confirms on a connection of its own, which it makes and makes again as needed.
public actor Publisher {
    private static let pauseBeforeDeclaring: Duration = .milliseconds(400)

    private let endpoint: BrokerEndpoint
    private let topology: Topology
    private let logger: Logger
    private var connection: BrokerConnection?
    private var connecting: Task<BrokerConnection, any Error>?
    private var backoff = Backoff(first: .milliseconds(100), longest: .seconds(5))
    private var notBefore = ContinuousClock.now
    private var lost = LostQueues()
    private var closed = false

    public init(_ endpoint: BrokerEndpoint, topology: Topology = Topology(), logger: Logger) {
        self.endpoint = endpoint
        self.topology = topology
        self.logger = logger
    }

    /// Publishes all and returns when each one's fate is known, in order; at most about `timeout` (then `.unknown` or
    /// `.notSent`), plus the connect timeout when there is no connection yet.
    ///
    /// Does not throw: with no broker every outcome is `.notSent`. A message that no queue took is published once more after
    /// the topology was declared again.
    public func publish(_ messages: [OutboxMessage], timeout: Duration = .seconds(10)) async -> [PublishOutcome] {
        guard !messages.isEmpty else { return [] }
        let connection: BrokerConnection
        do {
            connection = try await usable()
        } catch {
            return messages.map { _ in .notSent }
        }
        let wire = messages.map { message in
            WireMessage(
                exchange: topology.prefix + message.exchange, routingKey: message.routingKey, body: message.body,
                mandatory: message.mandatory, id: String(message.id))
        }
        var outcomes = await connection.publish(wire, timeout: timeout)
        let returned = outcomes.indices.filter { if case .returned = outcomes[$0] { true } else { false } }
        if !returned.isEmpty {
            logger.warning("no queue took a message: declaring the topology again", metadata: ["messages": "\(returned.count)"])
            do {
                // Given time, the broker tells the consumers of a deleted queue; a queue that is back at once keeps them as they
                // are, and what it delivers to them is lost (RabbitMQ 3.10, quorum queues).
                try await Task.sleep(for: Self.pauseBeforeDeclaring)
                try await declare(connection)
                let again = await connection.publish(returned.map { wire[$0] }, timeout: timeout)
                for (index, outcome) in zip(returned, again) where outcome != .notSent { outcomes[index] = outcome }
            } catch {
                logger.warning("the topology cannot be declared", metadata: ["error": "\(error)"])
            }
        }
        return outcomes
    }

    /// Declares what is missing.
    /// - Throws: ``MessagingError``.
    public func declareTopology() async throws { try await declare(try await usable()) }

    /// Deletes the queues and exchanges, with all that is in them. For tests.
    public func removeTopology() async throws {
        let connection = try await usable()
        for queue in TaskQueue.allCases {
            try await connection.deleteQueue(topology.queue(queue))
            try await connection.deleteQueue(topology.deadQueue(queue))
        }
        for exchange in [topology.tasks, topology.dead, topology.events] { try await connection.deleteExchange(exchange) }
    }

    /// Messages ready in a queue, and its consumers.
    /// - Throws: ``MessagingError``.
    public func depth(of queue: TaskQueue) async throws -> (messages: Int, consumers: Int) {
        try await usable().depth(of: topology.queue(queue))
    }

    /// Dead letters of a queue.
    /// - Throws: ``MessagingError``.
    public func deadLetters(of queue: TaskQueue) async throws -> Int {
        try await usable().depth(of: topology.deadQueue(queue)).messages
    }

    /// Connected, and the broker is not blocking publishers. Connects when needed. For readiness.
    public var isReady: Bool {
        get async {
            do {
                return !(await (try usable()).isBlocked)
            } catch {
                return false
            }
        }
    }

    public func close() async {
        closed = true
        connecting?.cancel()
        await connection?.close()
        connection = nil
    }

    // MARK: connection

    /// The connection, made anew when it failed. After a failed attempt callers are turned away until the pause is over: they
    /// get an answer, not a wait.
    private func usable() async throws -> BrokerConnection {
        if closed { throw MessagingError(.closed, "the publisher was closed") }
        if let connection {
            if await connection.isUsable { return connection }
            if self.connection === connection { self.connection = nil }
            await connection.close()
        }
        if let connecting { return try await connecting.value }
        if let connection { return connection }
        guard .now >= notBefore else { throw MessagingError(.connectionFailed, "the broker cannot be reached") }
        let attempt = Task {
            let made = BrokerConnection(endpoint)
            do {
                try await made.open()
                try await declare(made)
                return made
            } catch {
                await made.close()
                throw error
            }
        }
        connecting = attempt
        defer { connecting = nil }
        do {
            let made = try await attempt.value
            connection = made
            backoff.reset()
            return made
        } catch {
            notBefore = .now + backoff.next(spread: Double.random(in: 0...1))
            logger.warning("the broker cannot be reached", metadata: ["error": "\(error)"])
            throw error
        }
    }

    private func declare(_ connection: BrokerConnection) async throws {
        let substituted = lost.substituted
        do {
            for queue in try await connection.declare(topology, classic: substituted) {
                logger.warning(
                    "a queue has other arguments than expected and is used as it is", metadata: ["queue": "\(queue)"])
            }
        } catch {
            lost.note(error)
            throw error
        }
        if !substituted.isEmpty {
            logger.error(
                "the broker cannot make a quorum queue: a classic queue takes its place",
                metadata: ["queues": "\(substituted.sorted())"])
        }
        lost.clear()
    }
}
