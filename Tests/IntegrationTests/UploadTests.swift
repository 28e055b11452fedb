import Foundation
import Ledger
import Testing

@testable import Api

enum TenantLimitsForTests { static let none = TenantLimits() }

@Suite("Uploads", .serialized, .timeLimit(.minutes(2)))
struct UploadTests {
    @Test("a client that goes away in the middle leaves no job and no object")
    func clientGone() async throws {
        try await Stack.with("gone", workers: false, settings: ["SANITIZER_UPLOAD_IDLE_SECONDS": "1"]) { stack in
            let api = await stack.api
            let port = await stack.port
            let head = "POST /api/v1/datasets/acme/ingest?dataset_name=x HTTP/1.1\r\nHost: h\r\nX-API-Key: \(api.key)\r\n"
            let form = "Content-Type: multipart/form-data; boundary=B\r\n"
            let part = "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.csv\"\r\n\r\na,b\r\n1,2\r\n"
            let line = [UInt8](repeating: 0x61, count: 1_500_000)
            for reset in [false, true] {
                let announced = try RawConnection(port: port)
                try announced.send(head + "Content-Length: 3000000\r\n\r\n")
                try announced.send(line)
                announced.leave(reset: reset)

                let chunked = try RawConnection(port: port)
                try chunked.send(head + "Transfer-Encoding: chunked\r\n\r\n\(String(line.count, radix: 16))\r\n")
                try chunked.send(line)
                try chunked.send("\r\n")
                chunked.leave(reset: reset)

                let multipart = try RawConnection(port: port)
                try multipart.send(head + form + "Content-Length: \(part.utf8.count + 5)\r\n\r\n" + part)
                multipart.leave(reset: reset)
            }
            // One that stays and sends nothing is given up after the idle time.
            let silent = try RawConnection(port: port)
            try silent.send(head + "Content-Length: 3000000\r\n\r\nabc")
            _ = silent.receive()
            silent.leave(reset: false)
            // One that closes its multipart body too early gets an answer.
            let cut = try await api.call(
                "POST", "/api/v1/datasets/acme/ingest", headers: ["Content-Type": "multipart/form-data; boundary=B"],
                body: Array(part.utf8))
            #expect(cut.status == 400)
            #expect(try cut.string("code") == "multipart_invalid")

            // Counted by the API itself: each of the uploads above has been answered or given up.
            try await expectEventually {
                try await api.get("/api/v1/metrics").text.contains(
                    "route=\"/api/v1/datasets/{tenant_id}/ingest\",status=\"400\"} 8")
            }
            #expect(try await stack.ledger.jobs(tenantID: "acme").items.isEmpty)
            #expect(JobTests.objects(stack.store).isEmpty)
        }
    }

    @Test("the same Idempotency-Key many times at once makes one job; another body is refused")
    func idempotency() async throws {
        try await Stack.with("idempotency", workers: false) { stack in
            let api = await stack.api
            let path = "/api/v1/datasets/acme/ingest?dataset_name=orders"
            let headers = ["Idempotency-Key": "once", "Content-Type": "text/csv"]
            let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                for _ in 0..<50 { group.addTask { try await api.call("POST", path, headers: headers, body: Samples.orders()) } }
                return try await group.reduce(into: [Answer]()) { $0.append($1) }
            }
            #expect(Set(answers.map(\.status)).isSubset(of: [202, 409]))
            let ids = try Set(answers.filter { $0.status == 202 }.map { try $0.string("job_id") })
            #expect(ids.count == 1)
            let again = try await api.call("POST", path, headers: headers, body: Samples.orders())
            #expect(again.status == 202)
            #expect(ids == [try again.string("job_id")])
            #expect(again.headers["idempotency-replayed"] == "true")
            let other = try await api.call("POST", path, headers: headers, body: Samples.orders(10))
            #expect(other.status == 422)
            #expect(try other.string("code") == "idempotency_key_reused")
            #expect(try await stack.ledger.jobs(tenantID: "acme").items.count == 1)
            #expect(JobTests.objects(stack.store).count == 1)
        }
    }

    @Test("a refused call gives its Idempotency-Key back")
    func refusedCallGivesKeyBack() async throws {
        try await Stack.with("key-back", workers: false) { stack in
            let api = await stack.api
            let headers = ["Idempotency-Key": "again"]
            let path = "/api/v1/datasets/acme/ingest?dataset_name=orders"
            let refused = try await api.call("POST", path, headers: headers, body: [])
            #expect(refused.status == 422)
            let accepted = try await api.call("POST", path, headers: headers, body: Samples.orders())
            #expect(accepted.status == 202)
        }
    }

    @Test("wrong requests get a 4xx problem with a code, never a 5xx, and leave nothing")
    func wrongRequests() async throws {
        try await Stack.with("wrong", workers: false, settings: ["SANITIZER_UPLOAD_LIMIT": "2000"]) { stack in
            let api = await stack.api
            let ingest = "/api/v1/datasets/acme/ingest"
            let json = ["Content-Type": "application/json"]
            let calls: [(String, String, [String: String], [UInt8]?, Int, String)] = [
                ("POST", ingest, [:], [1], 400, "bad_request"),
                ("POST", ingest + "?dataset_name=x", [:], [], 422, "input_empty"),
                ("POST", ingest + "?dataset_name=x", [:], [UInt8](repeating: 1, count: 2001), 413, "limit_exceeded"),
                ("POST", ingest + "?dataset_name=x&format=xml", [:], [1], 400, "bad_request"),
                ("POST", ingest + "?dataset_name=x&nonsense=1", [:], [1], 400, "unknown_field"),
                ("POST", ingest + "?dataset_name=x&dataset_name=y", [:], [1], 400, "bad_request"),
                ("POST", ingest + "?dataset_name=a%00b", [:], [1], 400, "bad_request"),
                ("POST", ingest + "?dataset_name=x&recipe=no_such_key:%201", [:], [1], 422, "recipe_invalid"),
                ("POST", ingest, ["Content-Type": "multipart/form-data"], [1], 400, "multipart_invalid"),
                (
                    "POST", ingest, ["Content-Type": "multipart/form-data; boundary=B"], Array("junk".utf8), 400,
                    "multipart_invalid"
                ),
                ("POST", ingest, json, Array("{".utf8), 400, "bad_request"),
                ("POST", ingest, json, Array("{}".utf8), 400, "bad_request"),
                ("POST", ingest, json, Array(String(repeating: "[", count: 60_000).utf8), 400, "bad_request"),
                ("POST", ingest, json, Array(#"{"source_uri":"file:///etc/passwd"}"#.utf8), 422, "source_not_allowed"),
                ("POST", ingest, json, Array(#"{"source_uri":"http://169.254.169.254/"}"#.utf8), 422, "source_not_allowed"),
                (
                    "POST", ingest + "?dataset_name=x", ["Idempotency-Key": String(repeating: "k", count: 300)], [1], 400,
                    "bad_request"
                ),
                ("GET", "/api/v1/jobs?status=nonsense", [:], nil, 400, "bad_request"),
                ("GET", "/api/v1/jobs?limit=0", [:], nil, 400, "bad_request"),
                ("GET", "/api/v1/jobs?cursor='%20OR%201=1", [:], nil, 400, "bad_request"),
                ("GET", "/api/v1/jobs/..%2f..%2fetc", [:], nil, 404, "not_found"),
                ("GET", "/api/v1/nothing", [:], nil, 404, "not_found"),
                ("PUT", "/api/v1/jobs", [:], nil, 405, "method_not_allowed"),
            ]
            for (method, path, headers, body, status, code) in calls {
                let answer = try await api.call(method, path, headers: headers, body: body)
                #expect(answer.status == status, "\(method) \(path): \(answer.text)")
                #expect(answer.headers["content-type"] == "application/problem+json")
                #expect(try answer.string("code") == code, "\(method) \(path)")
            }
            #expect(JobTests.objects(stack.store).isEmpty)
            #expect(try await stack.ledger.jobs(tenantID: "acme").items.isEmpty)
        }
    }

    @Test("a source_uri is read only below an allowed folder, links resolved")
    func sourceRoots() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("roots-\(UUID().uuidString)")
        let allowed = folder.appendingPathComponent("allowed")
        try FileManager.default.createDirectory(at: allowed, withIntermediateDirectories: true)
        defer { do { try FileManager.default.removeItem(at: folder) } catch { Issue.record("\(error)") } }
        try Data(Samples.orders()).write(to: folder.appendingPathComponent("secret.csv"))
        try Data(Samples.orders()).write(to: allowed.appendingPathComponent("orders 1.csv"))
        try FileManager.default.createSymbolicLink(
            at: allowed.appendingPathComponent("link.csv"), withDestinationURL: folder.appendingPathComponent("secret.csv"))
        try await Stack.with("roots", workers: false, settings: ["SANITIZER_SOURCE_ROOTS": allowed.path]) { stack in
            let api = await stack.api
            func submit(_ uri: String) async throws -> Answer {
                try await api.call(
                    "POST", "/api/v1/datasets/acme/ingest", headers: ["Content-Type": "application/json"],
                    body: Array("{\"source_uri\":\"\(uri)\"}".utf8))
            }
            let good = try await submit("file://\(allowed.path)/orders%201.csv")
            #expect(good.status == 202, "\(good.text)")
            let path = allowed.path
            for bad in [
                "\(path)/../secret.csv", "\(path)/link.csv", "\(path)/missing.csv", path, "\(path)/%2e%2e/secret.csv",
                "\(path)%00",
            ] {
                #expect(try await submit("file://\(bad)").status == 422, "\(bad)")
            }
        }
    }

    private func expectEventually(_ condition: () async throws -> Bool) async throws {
        // The API has nothing to wait on for a client that has gone: its own count is polled, bounded by the time limit.
        while try await !condition() { await Task.yield() }
    }
}
