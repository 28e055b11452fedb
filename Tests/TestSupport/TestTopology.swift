import Domain
import Logging
public import Messaging
import Tabular

/// A set of queues of its own, so that tests do not take each other's messages.
public enum TestTopology {
    public static func make() -> Topology { Topology(prefix: "t" + Hex.encode(SecureRandom.bytes(8)) + ".") }

    /// Takes down what was declared.
    public static func remove(_ topology: Topology) async throws {
        let publisher = Publisher(try endpoint(), topology: topology, logger: TestLedger.quiet)
        try await publisher.removeTopology()
        await publisher.close()
    }

    public static func endpoint() throws -> BrokerEndpoint { try BrokerEndpoint(url: try TestServers.amqp()) }
}

/// Looks again until `condition` holds; the test's time limit ends a wait that is in vain.
public func eventually(_ condition: () async throws -> Bool) async throws {
    while !(try await condition()) { try await Task.sleep(for: .milliseconds(20)) }
}
