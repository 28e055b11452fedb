import Foundation
import ServiceKit
import TestSupport
import Testing

@Suite("Dependencies that are away", .serialized, .timeLimit(.minutes(3)))
struct OutageTests {
    /// The URL with host and port replaced, and the relay to the real server.
    static func relay(_ url: String) throws -> (url: String, relay: Forwarder) {
        guard var parts = URLComponents(string: url), let host = parts.host, let port = parts.port else {
            throw ServiceProcess.Failure(description: "the test servers' addresses must have host and port")
        }
        let relay = try Forwarder(host: host, port: port)
        parts.host = "127.0.0.1"
        parts.port = relay.port
        return (parts.string ?? "", relay)
    }

    @Test("services started before their servers wait, say so, and recover; a cut database gives 503, not a hang")
    func startsBeforeServers() async throws {
        try await Stack.with("outage", workers: false, api: false) { stack in
            let (databaseURL, database) = try Self.relay(stack.environment["SANITIZER_DATABASE_URL"] ?? "")
            let (brokerURL, broker) = try Self.relay(stack.environment["SANITIZER_AMQP_URL"] ?? "")
            let away = ["SANITIZER_DATABASE_URL": databaseURL, "SANITIZER_AMQP_URL": brokerURL]
            let process = try await stack.start("api", away)
            let port = try await process.port()
            let api = Api(base: "http://127.0.0.1:\(port)", key: stack.keys["acme"] ?? "")
            for worker in ["pass1-worker", "pass2-worker", "reporter"] { _ = try await stack.start(worker, away) }
            _ = try await process.line(containing: "dependency is down")

            #expect(try await api.get("/api/v1/health/live").status == 200)
            let health = try await api.get("/api/v1/health/ready")
            #expect(health.status == 503)
            #expect(health.text.contains("\"postgres\":{\"reason\""))
            #expect(try await api.call("POST", "/api/v1/datasets/acme/ingest?dataset_name=x", body: [1]).status == 503)

            try database.up()
            // Without a broker a job is accepted: it is durable in the ledger.
            _ = try await process.line(containing: "\"dependency\":\"postgres\",\"worker\"")
            let id = try await api.submit(Samples.orders(10))
            #expect(try await api.get("/api/v1/jobs/\(id)").string("status") == "queued")
            try broker.up()
            #expect(try await api.finish(id).string("status") == "success")
            // The workers may have found the broker before the API tries again.
            try await eventually { try await api.get("/api/v1/health/ready").status == 200 }

            database.down()
            let cut = try await api.get("/api/v1/jobs/\(id)")
            #expect(cut.status == 503)
            #expect(cut.headers["retry-after"] != nil)
            try database.up()
            let later = try await Self.untilSubmitted(api)
            broker.down()
            try broker.up()
            #expect(try await api.finish(later).string("status") == "success")
        }
    }

    private static func untilSubmitted(_ api: Api) async throws -> String {
        while true {
            let answer = try await api.call(
                "POST", "/api/v1/datasets/acme/ingest?dataset_name=orders&file_name=o.csv",
                headers: ["Idempotency-Key": "outage"],
                body: Samples.orders(10))
            if answer.status == 202 { return try answer.string("job_id") }
            #expect(answer.status == 503 || answer.status == 409)
        }
    }

    @Test("wrong settings end a service with exit code 2 and a line for each")
    func wrongSettings() async throws {
        let process = try ServiceProcess("reporter", environment: ["SANITIZER_HTTP_PORT": "many"])
        #expect(await process.waitForExit() == 2)
        _ = try? await process.line(containing: "never there")
        #expect(process.logText.contains("SANITIZER_DATABASE_URL is not set"))
        #expect(process.logText.contains("SANITIZER_HTTP_PORT must be 0 to 65535, not 'many'"))
    }
}
