import Failpoints
import Foundation
import Ledger
import ServiceKit
import Tabular
import Testing

@Suite("Workers that die", .serialized, .timeLimit(.minutes(5)))
struct CrashTests {
    /// Where each service passes, in the commit order.
    static let points: [(String, CrashPoint)] = [
        ("pass1-worker", .claimBefore), ("pass1-worker", .claimAfter), ("pass1-worker", .runBefore), ("pass1-worker", .runAfter),
        ("pass1-worker", .completeBefore), ("pass1-worker", .completeAfter), ("pass1-worker", .publishBefore),
        ("pass1-worker", .publishAfter), ("pass1-worker", .ackBefore), ("pass2-worker", .runAfter),
        ("pass2-worker", .completeAfter),
        ("reporter", .completeBefore), ("reporter", .completeAfter), ("reporter", .ackBefore),
    ]

    @Test("a worker killed at any step of the commit order changes nothing but the time")
    func killedWorker() async throws {
        try await Stack.with("crash", workers: false) { stack in
            let api = await stack.api
            let names = ["pass1-worker", "pass2-worker", "reporter"]
            let healthy = try await stack.startAll(names)
            let expected = try await Self.digest(api, try await api.submit(Samples.orders()))
            for process in healthy { await process.stop() }

            for (victim, point) in Self.points {
                let doomed = try await stack.start(victim, ["SANITIZER_CRASHPOINT": point.rawValue])
                let others = try await stack.startAll(names.filter { $0 != victim })
                let id = try await api.submit(Samples.orders())
                let status = await doomed.waitForExit()
                #expect(status == SIGKILL, "\(victim) at \(point.rawValue)")
                let heir = try await stack.start(victim)
                #expect(try await Self.digest(api, id) == expected, "\(victim) at \(point.rawValue)")
                for process in others + [heir] { await process.stop() }
            }
            guard case .intact = try await stack.ledger.verifyAudit(tenantID: "acme") else {
                Issue.record("the audit chain is broken")
                return
            }
        }
    }

    @Test("a stopped worker exits with 0 and its task goes to the next one without a charged attempt")
    func drain() async throws {
        try await Stack.with("drain", workers: false, settings: ["SANITIZER_DRAIN_SECONDS": "10"]) { stack in
            let api = await stack.api
            let first = try await stack.start("pass1-worker")
            _ = try await first.line(containing: "\"dependency\":\"postgres\"")
            let id = try await api.submit(Samples.orders())
            first.signal(SIGTERM)
            #expect(await first.waitForExit() == 0)
            #expect(first.logText.contains("service stopped"))
            _ = try await stack.startAll(["pass1-worker", "pass2-worker", "reporter"])
            #expect(try await api.finish(id).string("status") == "success")
        }
    }

    @Test("an API killed after the job was committed leaves a job that runs; killed before, none")
    func killedAPI() async throws {
        try await Stack.with("api-crash", api: false) { stack in
            for (point, jobs) in [(CrashPoint.uploadAfterStore, 0), (.jobAfterCommit, 1)] {
                let doomed = try await stack.startAPI(["SANITIZER_CRASHPOINT": point.rawValue])
                let api = await stack.api
                await #expect(throws: (any Error).self) { try await api.submit(Samples.orders()) }
                #expect(await doomed.waitForExit() == SIGKILL)
                let page = try await stack.ledger.jobs(tenantID: "acme")
                #expect(page.items.count == jobs)
            }
            _ = try await stack.startAPI()
            let api = await stack.api
            let id = try #require(try await stack.ledger.jobs(tenantID: "acme").items.first?.jobID)
            #expect(try await api.finish(id).string("status") == "success")
        }
    }

    private static func digest(_ api: Api, _ id: String) async throws -> String {
        let job = try await api.finish(id)
        #expect(try job.string("status") == "success", "\(job.text)")
        return SHA256.hex(try await api.get("/api/v1/jobs/\(id)/download").body)
    }
}

extension Stack {
    func startAll(_ names: [String]) throws -> [ServiceProcess] { try names.map { try start($0) } }
}
