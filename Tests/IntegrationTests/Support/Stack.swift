import AsyncHTTPClient
import Foundation
import Ledger
import NIOCore
import NIOHTTP1
import ServiceKit
import Tabular
import TestSupport

/// The services as processes against the test servers, with a schema, queues and a store of their own.
actor Stack {
    nonisolated let environment: [String: String]
    nonisolated let store: URL
    nonisolated let ledger: JobLedger
    /// `<tenant>:<secret>` by tenant: engineers of `acme` and `globex`, and `reviewer` of acme.
    nonisolated let keys: [String: String]
    private(set) var processes: [ServiceProcess] = []
    private var apiPort = 0

    private init(environment: [String: String], store: URL, ledger: JobLedger, keys: [String: String]) {
        self.environment = environment
        self.store = store
        self.ledger = ledger
        self.keys = keys
    }

    /// Runs `body` with an API and, when asked, one worker of each kind; stops and removes everything afterwards.
    static func with<Value: Sendable>(
        _ name: String, workers: Bool = true, settings: [String: String] = [:], api: Bool = true,
        _ body: @Sendable (Stack) async throws -> Value
    ) async throws -> Value {
        try await TestLedger.withLedger { ledger in
            let store = URL(fileURLWithPath: NSTemporaryDirectory()).appendingPathComponent(
                "stack-" + Hex.encode(SecureRandom.bytes(6)))
            defer { removeFolder(store) }
            var environment = [
                "SANITIZER_DATABASE_URL": ledger.configuration.url, "SANITIZER_DATABASE_SCHEMA": ledger.configuration.schema,
                "SANITIZER_AMQP_URL": try TestServers.amqp(), "SANITIZER_AMQP_PREFIX": "it-\(name).",
                "SANITIZER_STORE_URL": "file://\(store.path)", "SANITIZER_HMAC_KEY": "a key for tests only",
                "SANITIZER_HTTP_PORT": "0", "SANITIZER_LOG_LEVEL": "debug", "SANITIZER_DISPATCH_MS": "200",
                "SANITIZER_SLOTS": "1",
            ]
            environment.merge(settings) { $1 }
            var keys: [String: String] = [:]
            for (label, tenant, role) in [
                ("acme", "acme", Role.dataEngineer), ("globex", "globex", .dataEngineer), ("reviewer", "acme", .reviewer),
            ] {
                let issued = try await ledger.createKey(tenantID: tenant, name: label, role: role, actor: "test")
                keys[label] = "\(tenant):\(issued.secret)"
            }
            let stack = Stack(environment: environment, store: store, ledger: ledger, keys: keys)
            let result: Result<Value, any Error>
            do {
                if api { _ = try await stack.startAPI() }
                if workers { for worker in ["pass1-worker", "pass2-worker", "reporter"] { _ = try await stack.start(worker) } }
                result = .success(try await body(stack))
            } catch {
                result = .failure(error)
            }
            await stack.stop()
            return try result.get()
        }
    }

    @discardableResult
    func start(_ name: String, _ extra: [String: String] = [:]) throws -> ServiceProcess {
        let process = try ServiceProcess(name, environment: environment.merging(extra) { $1 })
        processes.append(process)
        return process
    }

    func startAPI(_ extra: [String: String] = [:]) async throws -> ServiceProcess {
        let process = try start("api", extra)
        apiPort = try await process.port()
        // Ready means that its dependencies were reached: the database comes last.
        _ = try await process.line(containing: "\"dependency\":\"postgres\"")
        return process
    }

    var api: Api { Api(base: "http://127.0.0.1:\(apiPort)", key: keys["acme"] ?? "") }
    var port: Int { apiPort }
    func api(as label: String) -> Api { Api(base: "http://127.0.0.1:\(apiPort)", key: keys[label] ?? label) }

    private func stop() async {
        for process in processes.reversed() { await process.stop() }
        // For a look at what happened: SANITIZER_TEST_LOGS names a folder.
        guard let folder = ProcessInfo.processInfo.environment["SANITIZER_TEST_LOGS"] else { return }
        for (index, process) in processes.enumerated() {
            let file = "\(folder)/\(environment["SANITIZER_AMQP_PREFIX"] ?? "")\(index)-\(process.name).log"
            _ = FileManager.default.createFile(atPath: file, contents: Data(process.logText.utf8))
        }
    }
}

private func removeFolder(_ url: URL) {
    // What is left behind in the temporary folder does no harm.
    do { try FileManager.default.removeItem(at: url) } catch { return }
}

/// One answer, with its body in memory.
struct Answer: Sendable {
    var status: Int
    var headers: [String: String]
    var body: [UInt8]
    var text: String { String(decoding: body, as: UTF8.self) }
    func json() throws -> [String: Any] {
        guard let object = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] else {
            throw ServiceProcess.Failure(description: "no JSON object: \(text.prefix(200))")
        }
        return object
    }
    func string(_ key: String) throws -> String { try json()[key] as? String ?? "" }
}

/// A client with one key.
struct Api: Sendable {
    var base: String
    var key: String

    func call(_ method: String, _ path: String, headers: [String: String] = [:], body: [UInt8]? = nil) async throws -> Answer {
        var request = HTTPClientRequest(url: base + path)
        request.method = .init(rawValue: method)
        if !key.isEmpty { request.headers.add(name: "X-API-Key", value: key) }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let bytes = try await response.body.collect(upTo: 64 << 20)
        var headers: [String: String] = [:]
        for header in response.headers { headers[header.name.lowercased()] = header.value }
        return Answer(status: Int(response.status.code), headers: headers, body: Array(bytes.readableBytesView))
    }

    func get(_ path: String, headers: [String: String] = [:]) async throws -> Answer {
        try await call("GET", path, headers: headers)
    }

    /// Submits a raw body; returns the job's id.
    func submit(_ body: [UInt8], name: String = "orders.csv", query: String = "") async throws -> String {
        let answer = try await call(
            "POST", "/api/v1/datasets/acme/ingest?dataset_name=orders&file_name=\(name)\(query)",
            headers: ["Content-Type": "application/octet-stream"], body: body)
        guard answer.status == 202 else { throw ServiceProcess.Failure(description: "submit: \(answer.status) \(answer.text)") }
        return try answer.string("job_id")
    }

    /// Long-polls until the job has ended; the time limit of the test is the limit.
    func finish(_ id: String) async throws -> Answer {
        while true {
            let answer = try await get("/api/v1/jobs/\(id)", headers: ["Prefer": "wait=20"])
            guard answer.status == 200 else { throw ServiceProcess.Failure(description: "job: \(answer.status) \(answer.text)") }
            if ["success", "failed", "cancelled"].contains(try answer.string("status")) { return answer }
        }
    }
}
