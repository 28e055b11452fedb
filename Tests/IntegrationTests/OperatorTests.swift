import Domain
import Foundation
import Ledger
import Messaging
import ServiceKit
import TestSupport
import Testing

@testable import Api

@Suite("What operators do", .serialized, .timeLimit(.minutes(5)))
struct OperatorTests {
    /// A command of the operator's tool with the services' settings: exit code and standard output.
    static func admin(_ stack: Stack, _ arguments: String...) async throws -> (code: Int32, output: String) {
        let process = Process()
        process.executableURL = ServiceProcess.folder.appendingPathComponent("sanitizer")
        process.arguments = ["admin"] + arguments
        // A secret in a file, as the services take it too.
        var environment = stack.environment
        let file = stack.store.deletingLastPathComponent().appendingPathComponent("url-\(UUID().uuidString)")
        try Data((environment.removeValue(forKey: "SANITIZER_DATABASE_URL") ?? "").utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        environment["SANITIZER_DATABASE_URL_FILE"] = file.path
        process.environment = environment
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = try await BlockingIO.run { try pipe.fileHandleForReading.readToEnd() ?? Data() }
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    @Test("a quarantined task and a poison message are listed, requeued and discarded, one to one with the dead letters")
    func deadLetters() async throws {
        try await Stack.with("letters") { stack in
            let api = await stack.api
            let endpoint = try BrokerEndpoint(url: stack.environment["SANITIZER_AMQP_URL"] ?? "")
            let topology = Topology(prefix: stack.environment["SANITIZER_AMQP_PREFIX"] ?? "")
            let publisher = Publisher(endpoint, topology: topology, logger: TestLedger.quiet)
            let id = try await api.submit(Array("PK\u{3}\u{4} no table".utf8), name: "broken.xlsx")
            #expect(try await api.finish(id).string("status") == "failed")
            let poison = OutboxMessage(
                id: 1, exchange: "sanitizer.tasks", routingKey: "pass2", body: Array("garbage".utf8), mandatory: true)
            #expect(await publisher.publish([poison]) == [.confirmed])
            try await eventually { try await publisher.deadLetters(of: .pass1) == 1 }
            try await eventually { try await publisher.deadLetters(of: .pass2) == 1 }

            var lines = try await Self.admin(stack, "dead-letters", "list").output.split(separator: "\n")
            #expect(lines.count == 2)
            let task = try #require(lines.first { $0.contains(id) }?.split(separator: "\t").first.map(String.init))
            let foreign = try #require(lines.first { !$0.contains(id) }?.split(separator: "\t").first.map(String.init))

            // Its job is tried again as a new one, which fails for the same reason.
            let requeued = try await Self.admin(stack, "dead-letters", "requeue", task)
            #expect(requeued.code == 0)
            let again = requeued.output.trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(again != id)
            #expect(try await api.finish(again).string("status") == "failed")
            #expect(try await api.get("/api/v1/jobs/\(id)").string("status") == "failed")
            try await eventually { try await publisher.deadLetters(of: .pass1) == 1 }
            lines = try await Self.admin(stack, "dead-letters", "list").output.split(separator: "\n")
            let second = try #require(lines.first { $0.contains(again) }?.split(separator: "\t").first.map(String.init))

            #expect(try await Self.admin(stack, "dead-letters", "discard", second).code == 0)
            #expect(try await Self.admin(stack, "dead-letters", "discard", foreign).code == 0)
            #expect(try await Self.admin(stack, "dead-letters", "discard", foreign).code == 1)
            #expect(try await Self.admin(stack, "dead-letters", "list").output == "")
            try await eventually { try await publisher.deadLetters(of: .pass1) == 0 }
            try await eventually { try await publisher.deadLetters(of: .pass2) == 0 }
            await publisher.close()
        }
    }

    @Test("the collector leaves a job's input and what its results name, and nothing else")
    func collects() async throws {
        let settings = ["SANITIZER_COLLECT_SECONDS": "1", "SANITIZER_COLLECT_AFTER_SECONDS": "1"]
        try await Stack.with("collect", settings: settings) { stack in
            let api = await stack.api
            let id = try await api.submit(Samples.orders())
            #expect(try await api.finish(id).string("status") == "success")
            let folder = stack.store.appendingPathComponent("tenants/acme/jobs/\(id)")
            let stray = folder.appendingPathComponent("clean/0/99-part-0000")
            let torn = folder.appendingPathComponent("input.part-abc123")
            for file in [stray, torn] { try Data([1]).write(to: file) }
            // Uploads without a job, taken by servers whose clocks were right, days ahead and days behind.
            let jobs = folder.deletingLastPathComponent()
            let orphans = [0, 3, -3].map { days in
                let made = Date().timeIntervalSince1970 * 1000 + days * 86_400_000
                return jobs.appendingPathComponent(JobID.make(milliseconds: UInt64(made)))
            }
            let foreign = jobs.appendingPathComponent("backup")
            for place in orphans + [foreign] {
                try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
                try Data([1]).write(to: place.appendingPathComponent("input"))
            }
            let past = try #require(Calendar.current.date(byAdding: .hour, value: -1, to: Date()))
            try FileManager.default.setAttributes([.modificationDate: past], ofItemAtPath: torn.path)
            try await eventually {
                let gone = [stray, torn, folder.appendingPathComponent("plan")]
                let inputs = orphans.map { $0.appendingPathComponent("input") }
                return (gone + inputs).allSatisfy { !FileManager.default.fileExists(atPath: $0.path) }
            }
            #expect(FileManager.default.fileExists(atPath: foreign.appendingPathComponent("input").path))
            #expect(try await api.get("/api/v1/jobs/\(id)/download").status == 200)
            #expect(try await api.get("/api/v1/jobs/\(id)/confidence-scores").status == 200)
        }
    }

    @Test("a worker told to stop in the middle of a long task hands it back in time and exits with 0")
    func handsBack() async throws {
        try await Stack.with("handback", workers: false, settings: ["SANITIZER_DRAIN_SECONDS": "1"]) { stack in
            let api = await stack.api
            let worker = try await stack.start("pass1-worker")
            _ = try await worker.line(containing: "\"dependency\":\"rabbitmq\"")
            let id = try await api.submit(Samples.orders(1_200_000))
            try await eventually { try await api.get("/api/v1/jobs/\(id)").string("status") == "pass1_running" }
            let began = ContinuousClock.now
            worker.signal(SIGTERM)
            #expect(await worker.waitForExit() == 0)
            #expect(ContinuousClock.now - began < .seconds(3))
            #expect(worker.logText.contains("task handed back"))
            #expect(try await api.call("POST", "/api/v1/jobs/\(id)/cancel").status < 300)
        }
    }

    @Test("an API told to stop amid uploads that do not end exits with 0 when its drain time is used up")
    func endlessUploads() async throws {
        try await Stack.with("endless", workers: false, api: false) { stack in
            for _ in 0..<3 {
                let process = try await stack.startAPI(["SANITIZER_DRAIN_SECONDS": "1"])
                let port = await stack.port
                let key = await stack.api.key
                let chunk = "40000\r\n" + String(repeating: "a,b,c,d\n", count: 0x40000 / 8) + "\r\n"
                for _ in 0..<6 {
                    Thread {
                        do {
                            let client = try RawConnection(port: port)
                            try client.send(
                                "POST /api/v1/datasets/acme/ingest?dataset_name=x&file_name=x.csv HTTP/1.1\r\nHost: h\r\n"
                                    + "X-API-Key: \(key)\r\nTransfer-Encoding: chunked\r\n\r\n")
                            while true { try client.send(chunk) }
                        } catch {
                            return  // the server is gone
                        }
                    }.start()
                }
                try await Task.sleep(for: .milliseconds(500))
                let stopped = ContinuousClock.now
                process.signal(SIGTERM)
                #expect(await process.waitForExit() == 0)
                #expect(.now - stopped > .milliseconds(800))
            }
        }
    }

    @Test("beyond the limit of open jobs uploads are turned away with 503 and Retry-After, and later taken")
    func backpressure() async throws {
        try await Stack.with("pressure", workers: false, settings: ["SANITIZER_OPEN_JOBS": "3"]) { stack in
            let api = await stack.api
            var ids: [String] = []
            // A job may count twice while it is being counted: turned away too early is fine, taken too late is not.
            while ids.count < 3 {
                let answer = try await api.call(
                    "POST", "/api/v1/datasets/acme/ingest?dataset_name=x&file_name=x.csv", body: Samples.orders(5))
                if answer.status == 202 {
                    ids.append(try answer.string("job_id"))
                } else {
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
            let refused = try await api.call(
                "POST", "/api/v1/datasets/acme/ingest?dataset_name=x&file_name=x.csv", body: Samples.orders(5))
            #expect(refused.status == 503)
            #expect(refused.headers["retry-after"] == "5")
            for worker in ["pass1-worker", "pass2-worker", "reporter"] { _ = try await stack.start(worker) }
            for id in ids { #expect(try await api.finish(id).string("status") == "success") }
            try await eventually {
                try await api.call(
                    "POST", "/api/v1/datasets/acme/ingest?dataset_name=x&file_name=x.csv", body: Samples.orders(5)
                ).status == 202
            }
        }
    }

    @Test("a tenant with many jobs waits for itself: another tenant's job goes on after a few of them")
    func fairness() async throws {
        try await Stack.with("fair", workers: false) { stack in
            var limits = TenantLimits()
            limits.runningJobs = 2
            #expect(try await stack.ledger.setLimits(limits, tenantID: "acme", actor: "test"))
            let api = await stack.api
            for _ in 0..<12 { _ = try await api.submit(Samples.orders(20)) }
            let other = await stack.api(as: "globex")
            let answer = try await other.call(
                "POST", "/api/v1/datasets/globex/ingest?dataset_name=x&file_name=x.csv", body: Samples.orders(20))
            let id = try answer.string("job_id")
            for worker in ["pass1-worker", "pass2-worker", "reporter"] { _ = try await stack.start(worker) }
            #expect(try await other.finish(id).string("status") == "success")
            let done = try await stack.ledger.jobs(tenantID: "acme", state: .success).items.count
            #expect(done <= 6, "\(done) of the other tenant's jobs came first")
        }
    }
}
