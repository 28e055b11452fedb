import Domain
import Foundation
import Logging
@testable import Messaging
import TestSupport

/// A publisher and a private topology on the test broker, taken down afterwards.
struct BrokerFixture {
    let endpoint: BrokerEndpoint
    let topology: Topology
    let publisher: Publisher

    static func run<Value: Sendable>(
        endpoint: BrokerEndpoint? = nil, adjust: (inout Topology) -> Void = { _ in },
        _ body: @Sendable (BrokerFixture) async throws -> Value
    ) async throws -> Value {
        let endpoint = try endpoint ?? TestTopology.endpoint()
        var topology = TestTopology.make()
        adjust(&topology)
        let publisher = Publisher(endpoint, topology: topology, logger: quiet)
        try await publisher.declareTopology()
        let fixture = BrokerFixture(endpoint: endpoint, topology: topology, publisher: publisher)
        let result: Result<Value, any Error>
        do { result = .success(try await body(fixture)) } catch { result = .failure(error) }
        await publisher.close()
        let janitor = Publisher(endpoint, topology: topology, logger: quiet)
        try await janitor.removeTopology()
        await janitor.close()
        return try result.get()
    }

    /// A connection to meddle with.
    @discardableResult func admin<Value: Sendable>(
        _ body: @Sendable (BrokerConnection) async throws -> Value
    ) async throws -> Value {
        let connection = BrokerConnection(endpoint)
        try await connection.open()
        let result: Result<Value, any Error>
        do { result = .success(try await body(connection)) } catch { result = .failure(error) }
        await connection.close()
        return try result.get()
    }

    func consumer(_ queue: TaskQueue = .pass1, idleLimit: Duration = .seconds(30)) -> TaskConsumer {
        TaskConsumer(endpoint, topology: topology, queue: queue, idleLimit: idleLimit, logger: Self.quiet)
    }

    static func message(_ task: Int64, queue: TaskQueue = .pass1) -> OutboxMessage {
        OutboxMessage(
            id: task, exchange: "sanitizer.tasks", routingKey: queue.rawValue,
            body: TaskMessage(taskID: task, jobID: "j").encode(), mandatory: true)
    }
    static func poison(_ text: String) -> OutboxMessage {
        OutboxMessage(id: 1, exchange: "sanitizer.tasks", routingKey: "pass1", body: Array(text.utf8), mandatory: true)
    }

    /// Quiet, but never silent about what should not happen.
    static var quiet: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }
}

/// What a handler saw, and a way to wait for it.
actor Seen {
    private(set) var deliveries: [TaskDelivery] = []

    @discardableResult func add(_ delivery: TaskDelivery) -> Int {
        deliveries.append(delivery)
        return deliveries.count
    }
    nonisolated func wait(for count: Int, file: StaticString = #fileID, line: UInt = #line) async throws {
        try await eventually(file: file, line: line) { await deliveries.count >= count }
    }
    var tasks: [Int64] { deliveries.map(\.message.taskID) }
}
