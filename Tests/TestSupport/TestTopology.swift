import Domain
import Logging
public import Messaging
import Tabular

/// A set of queues of its own, so that tests do not take each other's messages.
public enum TestTopology {
    public static func make() -> Topology { Topology(prefix: "t" + Hex.encode(SecureRandom.bytes(8)) + ".") }

    public static func endpoint() throws -> BrokerEndpoint { try BrokerEndpoint(url: try TestServers.amqp()) }
}
