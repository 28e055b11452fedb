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

/// Looks again until `condition` holds.
/// - Throws: ``WaitedInVain`` when it does not hold in time: a test that hangs would say nothing.
public func eventually(
    within limit: Duration = .seconds(60), file: StaticString = #fileID, line: UInt = #line, _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while !(try await condition()) {
        if .now > end { throw WaitedInVain(place: "\(file):\(line)") }
        try await Task.sleep(for: .milliseconds(20))
    }
}

/// A condition did not hold in time.
public struct WaitedInVain: Error { public let place: String }
