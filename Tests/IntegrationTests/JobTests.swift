import Domain
import Foundation
import Pipeline
import Tabular
import Testing

@Suite("A job through the four services", .serialized, .timeLimit(.minutes(5)))
struct JobTests {
    @Test("a form upload becomes a clean table with a balanced report, and equals the embedded run")
    func endToEnd() async throws {
        try await Stack.with("end-to-end") { stack in
            let api = await stack.api
            let input = Samples.orders()
            let boundary = "----form"
            var form = Array(
                "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"orders.csv\"\r\n\r\n".utf8)
            form +=
                input
                + Array(
                    "\r\n--\(boundary)\r\nContent-Disposition: form-data; name=\"dataset_name\"\r\n\r\nmärz/..\r\n--\(boundary)--\r\n"
                        .utf8)
            let accepted = try await api.call(
                "POST", "/api/v1/datasets/acme/ingest", headers: ["Content-Type": "multipart/form-data; boundary=\(boundary)"],
                body: form)
            #expect(accepted.status == 202)
            let id = try accepted.string("job_id")
            #expect(accepted.headers["location"] == "/api/v1/jobs/\(id)")
            #expect(accepted.headers["retry-after"] != nil)
            #expect(try accepted.string("status") == "queued")
            #expect(try accepted.json()["estimated_completion_ms"] is Int)

            let job = try await api.finish(id)
            #expect(try job.string("status") == "success", "\(job.text)")
            #expect(try job.string("dataset_name") == "märz/..")

            let report = try await api.get("/api/v1/jobs/\(id)/report")
            #expect(report.status == 200)
            let conservation = try #require(try report.json()["conservation"] as? [String: Any])
            #expect(conservation["balanced"] as? Bool == true)
            #expect(conservation["input"] as? Int == 60)
            #expect(conservation["exact_duplicates"] as? Int == 6)

            let digest = try #require((try report.json()["output"] as? [String: Any])?["digest"] as? String)
            let parquet = try await api.get("/api/v1/jobs/\(id)/download")
            #expect(SHA256.hex(parquet.body) == digest)
            #expect(parquet.headers["etag"] == "\"\(digest)\"")
            #expect(parquet.headers["content-disposition"]?.contains("..") == true)
            #expect(parquet.headers["content-disposition"]?.contains("/") == false)

            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("embedded-\(id)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let file = folder.appendingPathComponent("orders.csv").path
            try Data(input).write(to: URL(fileURLWithPath: file))
            let embedded = try EmbeddedRun(
                .init(inputs: [file], output: folder.appendingPathComponent("clean.parquet").path, format: .parquet)
            ).run()
            #expect(embedded.output.digest == digest)

            try await downloads(api, id, parquet)
            try await sideCalls(api, id)
        }
    }

    private func downloads(_ api: Api, _ id: String, _ parquet: Answer) async throws {
        let path = "/api/v1/jobs/\(id)/download"
        let part = try await api.get(path, headers: ["Range": "bytes=4-9"])
        #expect(part.status == 206 && part.body == Array(parquet.body[4...9]))
        #expect(part.headers["content-range"] == "bytes 4-9/\(parquet.body.count)")
        #expect(try await api.get(path, headers: ["Range": "bytes=99999999-"]).status == 416)
        #expect(try await api.get(path, headers: ["If-None-Match": parquet.headers["etag"] ?? ""]).status == 304)
        let csv = try await api.get(path + "?format=csv")
        let lines = csv.text.split(separator: "\n")
        #expect(lines.first == "id,name,city,amount,day" && lines.count == 55)
        #expect(csv.headers["content-type"]?.hasPrefix("text/csv") == true)
        let jsonl = try await api.get(path + "?format=jsonl")
        #expect(jsonl.text.split(separator: "\n").count == 54)
        #expect(try await api.get(path + "?format=xml").status == 400)
    }

    private func sideCalls(_ api: Api, _ id: String) async throws {
        let scores = try await api.get("/api/v1/jobs/\(id)/confidence-scores?transformation=trim&limit=2")
        #expect(scores.status == 200)
        let first = try #require(try scores.json()["scores"] as? [[String: Any]])
        #expect(first.map { $0["transformation"] as? String } == ["trim", "trim"])
        let cursor = try #require(try scores.json()["next_cursor"] as? String)
        let next = try await api.call(
            "POST", "/api/v1/jobs/\(id)/confidence-scores", headers: ["Content-Type": "application/json"],
            body: Array("{\"transformation\":\"trim\",\"limit\":2,\"cursor\":\"\(cursor)\"}".utf8))
        let second = try #require(try next.json()["scores"] as? [[String: Any]])
        #expect(second.first?["row"] as? Int != first.first?["row"] as? Int)

        let audit = try await api.get("/api/v1/jobs/\(id)/audit-log")
        let actions = try #require(try audit.json()["entries"] as? [[String: Any]]).compactMap { $0["action"] as? String }
        #expect(actions.last == "job.created")

        let events = try await api.get("/api/v1/jobs/\(id)/events")
        #expect(events.text.contains("event: end\n") && events.text.contains("\"status\":\"success\""))

        let job = try await api.get("/api/v1/jobs/\(id)")
        #expect(try await api.get("/api/v1/jobs/\(id)", headers: ["If-None-Match": job.headers["etag"] ?? ""]).status == 304)
        let list = try await api.get("/api/v1/jobs?status=success&tenant_id=acme")
        let listed = try list.json()["jobs"] as? [[String: Any]]
        #expect(listed?.first?["job_id"] as? String == id)
        #expect(try await api.get("/api/v1/metrics").text.contains("sanitizer_http_requests_total"))

        #expect(try await api.call("POST", "/api/v1/jobs/\(id)/cancel").status == 409)
        #expect(try await api.call("DELETE", "/api/v1/jobs/\(id)").status == 204)
        for rest in ["", "/report", "/download", "/audit-log"] {
            #expect(try await api.get("/api/v1/jobs/\(id)\(rest)").status == 404)
        }
    }

    @Test("erasing a job removes its objects")
    func eraseRemovesObjects() async throws {
        try await Stack.with("erase", workers: false) { stack in
            let api = await stack.api
            let id = try await api.submit(Samples.orders())
            #expect(Self.objects(stack.store).contains { $0.contains(id) })
            #expect(try await api.call("DELETE", "/api/v1/jobs/\(id)").status == 204)
            #expect(Self.objects(stack.store).isEmpty)
        }
    }

    @Test("a job that cannot be read fails with a reason, and its report says so")
    func badInput() async throws {
        try await Stack.with("bad-input") { stack in
            let api = await stack.api
            let id = try await api.submit(
                [0x00, 0xFF, 0x01, 0x00, 0xFE, 0x00] + [UInt8](repeating: 0, count: 300), name: "x.bin")
            let job = try await api.finish(id)
            #expect(try job.string("status") == "failed")
            let error = try #require(try job.json()["error"] as? [String: Any])
            #expect((error["code"] as? String)?.isEmpty == false && (error["message"] as? String)?.isEmpty == false)
            let report = try await api.get("/api/v1/jobs/\(id)/report")
            #expect(report.status == 409)
            #expect(try report.string("code") == "job_failed")
        }
    }

    @Test("a cancelled job stays cancelled, and its watchers are told at once")
    func cancel() async throws {
        try await Stack.with("cancel", workers: false) { stack in
            let api = await stack.api
            let id = try await api.submit(Samples.orders())
            async let watched = api.finish(id)
            async let events = api.get("/api/v1/jobs/\(id)/events")
            let cancelled = try await api.call("POST", "/api/v1/jobs/\(id)/cancel")
            #expect(cancelled.status == 200)
            #expect(try await watched.string("status") == "cancelled")
            #expect(try await events.text.contains("event: end\n"))
            #expect(try await api.call("POST", "/api/v1/jobs/\(id)/cancel").status == 200)
            // A worker that gets the stale message finds nothing to do.
            try await stack.start("pass1-worker")
            let other = try await api.submit(Samples.orders(5))
            _ = try await stack.start("pass2-worker")
            _ = try await stack.start("reporter")
            #expect(try await api.finish(other).string("status") == "success")
            #expect(try await api.get("/api/v1/jobs/\(id)").string("status") == "cancelled")
        }
    }

    static func objects(_ store: URL) -> [String] {
        let found = FileManager.default.enumerator(at: store, includingPropertiesForKeys: [.isRegularFileKey])?.compactMap {
            $0 as? URL
        }
        return (found ?? []).filter { !$0.hasDirectoryPath }.map(\.path)
    }
}
