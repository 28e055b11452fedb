import Foundation
import Ledger
import Testing

@testable import Api

@Suite("Tenants", .serialized, .timeLimit(.minutes(2)))
struct TenantTests {
    @Test("another tenant's job answers 404 on every endpoint, as if it did not exist")
    func isolation() async throws {
        try await Stack.with("tenants", workers: false) { stack in
            let owner = await stack.api
            let id = try await owner.submit(Samples.orders())
            let stranger = await stack.api(as: "globex")
            let missing = "01a1fbfb-aa68-7114-bc74-0c3f531be87b"
            var visited = 0
            for (pattern, methods) in try KnownPaths(document: OpenAPIDocument.json).all where pattern.contains("{job_id}") {
                for method in methods {
                    let answer = try await stranger.call(method, pattern.replacing("{job_id}", with: id))
                    let nothing = try await stranger.call(method, pattern.replacing("{job_id}", with: missing))
                    #expect(answer.status == 404, "\(method) \(pattern)")
                    #expect(answer.body == nothing.body, "\(method) \(pattern)")
                    visited += 1
                }
            }
            #expect(visited >= 10)
            #expect(try await stranger.get("/api/v1/jobs?tenant_id=acme").status == 404)
            let own = try await stranger.get("/api/v1/jobs").json()
            #expect((own["jobs"] as? [Any])?.isEmpty == true)
            #expect(try await stranger.call("POST", "/api/v1/datasets/acme/ingest?dataset_name=x", body: [1]).status == 404)
            #expect(try await owner.get("/api/v1/jobs/\(id)").string("status") == "queued")
        }
    }

    @Test("without a valid key every call of a tenant is refused the same way")
    func authentication() async throws {
        try await Stack.with("keys", workers: false) { stack in
            let paths = ["/api/v1/jobs", "/api/v1/jobs/01a1fbfb-aa68-7114-bc74-0c3f531be87b"]
            var bodies: Set<[UInt8]> = []
            for key in [
                "", "acme:wrong", "nobody:x", "acme:", ":", String(repeating: "a", count: 5000) + ":b",
                "acme:'; DROP TABLE jobs; --",
            ] {
                for path in paths {
                    let answer = try await stack.api(as: key).get(path)
                    #expect(answer.status == 401)
                    #expect(answer.headers["www-authenticate"] != nil)
                    bodies.insert(answer.body)
                }
            }
            #expect(bodies.count == 1)
            let good = await stack.api
            let bearer = Api(base: good.base, key: "")
            #expect(try await bearer.get("/api/v1/jobs", headers: ["Authorization": "Bearer \(good.key)"]).status == 200)
        }
    }

    @Test("a reviewer reads and changes nothing")
    func roles() async throws {
        try await Stack.with("roles", workers: false) { stack in
            let id = try await stack.api.submit(Samples.orders())
            let reviewer = await stack.api(as: "reviewer")
            #expect(try await reviewer.get("/api/v1/jobs/\(id)").status == 200)
            #expect(try await reviewer.call("POST", "/api/v1/jobs/\(id)/cancel").status == 403)
            #expect(try await reviewer.call("DELETE", "/api/v1/jobs/\(id)").status == 403)
            #expect(try await reviewer.call("POST", "/api/v1/datasets/acme/ingest?dataset_name=x", body: [1]).status == 403)
        }
    }

    @Test("more calls per second than allowed answer 429 with Retry-After")
    func callLimit() async throws {
        try await Stack.with("calls", workers: false) { stack in
            var limits = TenantLimitsForTests.none
            limits.callsPerSecond = 3
            _ = try await stack.ledger.setLimits(limits, tenantID: "globex", actor: "test")
            let api = await stack.api(as: "globex")
            var statuses: [Int] = []
            for _ in 0..<30 {
                let answer = try await api.get("/api/v1/jobs")
                statuses.append(answer.status)
                if answer.status == 429 {
                    #expect(answer.headers["retry-after"] == "1")
                    #expect(answer.headers["ratelimit-limit"] == "3")
                    #expect(answer.headers["content-type"] == "application/problem+json")
                }
            }
            #expect(statuses.contains(200) && statuses.contains(429))
        }
    }
}
