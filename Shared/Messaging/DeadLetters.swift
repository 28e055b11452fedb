public import Domain
import Foundation

/// A message that was set aside.
public struct DeadLetter: Sendable, Equatable {
    public var queue: TaskQueue
    public var body: [UInt8]
    /// The task that it speaks of; nil for what is no message of ours.
    public var taskID: Int64?
    /// Why it lies here, as far as the message tells.
    public var reason: String

    init(queue: TaskQueue, body: [UInt8]) {
        self.queue = queue
        self.body = body
        do {
            taskID = try TaskMessage.decode(body).taskID
            struct Reason: Decodable { var reason: String? }
            reason = try JSONDecoder().decode(Reason.self, from: Data(body)).reason ?? "delivered too often"
        } catch {
            taskID = nil
            reason = (error as? TaskMessage.Poison)?.reason ?? "not a versioned JSON object"
        }
    }
}

/// The dead-letter queues, as an operator handles them: every letter is looked at, and goes or stays.
public struct DeadLetters: Sendable {
    public enum Fate: Sendable {
        case keep, discard
        /// To the queue that it came from.
        case sendBack
    }
    private let endpoint: BrokerEndpoint
    private let topology: Topology

    public init(_ endpoint: BrokerEndpoint, topology: Topology = Topology()) {
        self.endpoint = endpoint
        self.topology = topology
    }

    /// Shows each letter of the queue once, in order; a letter that stays keeps its place, more or less.
    /// - Throws: ``MessagingError``; letters handled before that stay handled.
    public func visit(_ queue: TaskQueue, _ decide: @Sendable (DeadLetter) async throws -> Fate) async throws {
        let connection = BrokerConnection(endpoint)
        do {
            try await connection.open()
            _ = try await connection.declare(topology)
            let name = topology.deadQueue(queue)
            var left = try await connection.depth(of: name).messages
            if left > 0 {
                let deliveries = try await connection.consume(name, prefetch: left)
                for await delivery in deliveries {
                    switch try await decide(DeadLetter(queue: queue, body: delivery.body)) {
                    case .keep: break
                    case .discard: try await connection.acknowledge(delivery.tag)
                    case .sendBack:
                        let message = WireMessage(
                            exchange: topology.tasks, routingKey: queue.rawValue, body: delivery.body, mandatory: true, id: "")
                        guard await connection.publish([message], timeout: .seconds(5)) == [.confirmed] else {
                            throw MessagingError(.connectionLost, "the queue did not take the message back")
                        }
                        try await connection.acknowledge(delivery.tag)
                    }
                    left -= 1
                    if left == 0 { break }
                }
                if let failure = await connection.failure { throw failure }
            }
        } catch {
            await connection.close()
            throw error
        }
        // What was kept goes back.
        await connection.close()
    }
}
