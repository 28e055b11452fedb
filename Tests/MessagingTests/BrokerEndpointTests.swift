import Messaging
import Testing

@Suite("Broker URLs")
struct BrokerEndpointTests {
    @Test("A URL gives every part, with escapes undone")
    func full() throws {
        let endpoint = try BrokerEndpoint(url: "amqps://us%40er:p%2Fw@mq.example:7000/a%2Fb?heartbeat=9&cacertfile=/ca.pem")
        #expect(endpoint.host == "mq.example" && endpoint.port == 7000 && endpoint.virtualHost == "a/b")
        #expect(endpoint.user == "us@er" && endpoint.password == "p/w" && endpoint.heartbeat == .seconds(9))
        #expect(endpoint.tls?.authorities == "/ca.pem")
    }

    @Test("What is left out has its usual value", arguments: ["amqp://localhost", "amqp://localhost/"])
    func defaults(_ url: String) throws {
        let endpoint = try BrokerEndpoint(url: url)
        #expect(endpoint.port == 5672 && endpoint.virtualHost == "/" && endpoint.user == "guest" && endpoint.tls == nil)
        #expect(try BrokerEndpoint(url: "amqps://h").port == 5671)
    }

    @Test(
        "A bad URL is refused without being quoted, and verification cannot be turned off",
        arguments: [
            "", "http://u:hunter2@h", "amqp://u:hunter2@/", "amqp://u:hunter2@h:99999/", "amqp://u:hunter2@h/a/b",
            "amqp://u:hunter2@h/?heartbeat=0", "amqp://u:hunter2@h/?bogus=1", "amqps://u:hunter2@h/?verify=verify_none",
            "amqps://u:hunter2@h/?certfile=/c.pem", "amqp://u:hunter2@h/?cacertfile=/ca.pem",
        ])
    func bad(_ url: String) {
        let error = #expect(throws: MessagingError.self) { try BrokerEndpoint(url: url) }
        #expect(error?.code == .invalidEndpoint)
        #expect(error.map { "\($0)" }?.contains("hunter2") == false)
    }
}
