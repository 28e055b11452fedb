import Domain
import Failpoints
import HTTPTypes
import Hummingbird
import Ledger
import Logging
import Messaging
import NIOCore
import ObjectStore
import Pipeline
import ServiceKit
import Tabular

/// `POST /api/v1/datasets/{tenant_id}/ingest`: takes a file in, makes a job of it, answers 202.
///
/// Order: the object is durable before the job exists, the job is committed before the answer. A failure on the way leaves neither.
struct IngestRoute: Sendable {
    let dependencies: Dependencies
    let settings: ApiSettings
    let admission: Admission
    let liveKeys = LiveKeys()
    let roots: SourceRoots

    func handle(_ request: Request, _ context: ApiContext) async throws -> Response {
        let caller = try context.caller
        guard context.parameters.get("tenant_id") == caller.tenantID else { throw Problem.notFound() }
        try Access.require(.dataEngineer, caller)
        guard dependencies.health.isUp("postgres") else { throw Problem.unavailable("the database does not answer: try again") }
        guard let key = try Self.idempotencyKey(request) else {
            return try await ingest(request, context, caller, key: nil)
        }
        guard liveKeys.take(caller.tenantID, key) else { throw Self.keyInFlight }
        defer { liveKeys.giveBack(caller.tenantID, key) }
        switch try await dependencies.ledger.startIdempotency(
            tenantID: caller.tenantID, key: key, holder: dependencies.worker)
        {
        case .inFlight:
            throw Self.keyInFlight
        case .finished(let hash, let response):
            let repeated = try await read(request, context, caller, store: nil)
            guard repeated.requestHash == hash else { throw Self.keyConflict }
            return try await accepted(replaying: response, caller)
        case .started:
            do {
                return try await ingest(request, context, caller, key: key)
            } catch {
                // A fresh task: the key must be given back also when this one was cancelled. When the commit's fate is unknown
                // too: a key that stands for a job stays, and the next call finds it.
                await Task { await giveBack(key, caller, context.logger) }.value
                throw error
            }
        }
    }

    /// Now, or as soon as the database is back; other processes turn the key away until then.
    private func giveBack(_ key: String, _ caller: Principal, _ logger: Logger) async {
        let ledger = dependencies.ledger
        do {
            try await ledger.abandonIdempotency(tenantID: caller.tenantID, key: key)
        } catch {
            logger.warning(
                "an idempotency key is given back later", metadata: ["reason": .string(Supervisor.reason(error))])
            Task {
                // It expires by itself after 15 minutes.
                for _ in 0..<90 {
                    try await Task.sleep(for: .seconds(2))
                    do {
                        return try await ledger.abandonIdempotency(tenantID: caller.tenantID, key: key)
                    } catch {
                        logger.debug("the database is still away")
                    }
                }
            }
        }
    }

    // MARK: - steps

    private struct Received: Sendable {
        var form: IngestForm.Checked
        var bytes: Int64
        var requestHash: [UInt8]
        var contentSHA256: String
    }

    private func ingest(_ request: Request, _ context: ApiContext, _ caller: Principal, key: String?) async throws -> Response {
        try admission.begin()
        defer { admission.end() }
        let jobID = JobID.make()
        let prefix = "tenants/\(caller.tenantID)/jobs/\(jobID)/"
        let inputKey = prefix + "input"
        let received = try await read(request, context, caller, store: inputKey)
        CrashPoint.pass(.uploadAfterStore)
        let estimate = Self.estimateMilliseconds(bytes: received.bytes)
        let spec = JobSpec(
            jobID: jobID, tenantID: caller.tenantID, datasetName: received.form.datasetName, inputKey: inputKey,
            inputName: received.form.fileName, recipe: received.form.recipe, salt: received.form.salt,
            outputFormat: received.form.format, keyPrefix: prefix, inputSHA256: received.contentSHA256)
        var job = NewJob(spec: spec, inputBytes: received.bytes, actor: "key:\(caller.keyID)", trace: Self.trace(request))
        if let key {
            job.idempotency = NewJob.Idempotency(
                key: key, requestHash: received.requestHash,
                response: String(decoding: try StableJSON.encode(Receipt(jobID: jobID, estimate: estimate)), as: UTF8.self))
        }
        let outcome: CreateOutcome
        do {
            outcome = try await dependencies.ledger.createJob(job)
        } catch {
            // When the commit's fate is unknown the job may exist: its input must stay.
            if (error as? LedgerError)?.outcome != .unknown { await remove(inputKey, context) }
            throw error
        }
        CrashPoint.pass(.jobAfterCommit)
        switch outcome {
        case .created(let record, let outbox):
            // The job is durable: the answer does not wait for the broker's confirm.
            dependencies.relayLater(outbox)
            context.logger.info(
                "job accepted", metadata: ["job_id": .string(jobID), "bytes": .stringConvertible(Int(received.bytes))])
            return try accepted(jobID, datasetID: record.datasetID, estimate)
        case .replayed(let response):
            await remove(inputKey, context)
            return try await accepted(replaying: response, caller)
        case .keyConflict:
            await remove(inputKey, context)
            throw Self.keyConflict
        case .refused(let refusal):
            await remove(inputKey, context)
            throw Self.problem(refusal)
        case .unknownTenant:
            await remove(inputKey, context)
            throw Problem.notFound()
        }
    }

    /// Reads the body into the store under `key` (nil: only to compare it) and checks what came with it.
    private func read(_ request: Request, _ context: ApiContext, _ caller: Principal, store key: String?) async throws -> Received
    {
        let limit = min(Int64(settings.uploadLimit), caller.limits.bytesPerJob ?? .max)
        if let length = request.headers[.contentLength].flatMap({ Int64($0) }), length > limit + 1 << 20 {
            throw Problem(413, "limit_exceeded", "the upload is larger than \(limit) bytes: split it, or ask for a higher limit")
        }
        var form = try Self.queryForm(request)
        let type = HeaderText.parameters(request.headers[.contentType] ?? "application/octet-stream")
        if type?.value == "application/json", request.uri.queryParameters["dataset_name"] == nil {
            return try await readSource(request, context, caller, store: key, limit: limit)
        }
        CrashPoint.pass(.uploadBeforeStore)
        let upload =
            if let key { try await UploadWriter.open(dependencies.store, key: key, limit: limit) } else {
                UploadWriter.digestOnly(limit: limit)
            }
        do {
            let body = IngestBody(idle: settings.uploadIdle)
            if type?.value == "multipart/form-data" {
                guard let boundary = type?.parameters["boundary"] else {
                    throw Problem.badRequest("multipart_invalid", "the Content-Type has no boundary")
                }
                try await body.readMultipart(request, context, boundary: boundary, into: upload, form: &form)
            } else {
                // Checked first: a wrong query should not cost an upload.
                _ = try form.checked()
                try await body.readRaw(request, context, into: upload)
            }
            return try await finish(upload, form)
        } catch {
            await upload.abort()
            throw error
        }
    }

    private func finish(_ upload: UploadWriter, _ form: IngestForm) async throws -> Received {
        let checked = try form.checked()
        guard upload.bytes > 0 else {
            throw Problem(422, "input_empty", "the upload has no bytes: send a file with at least a header")
        }
        let content = try await upload.finish()
        return Received(
            form: checked, bytes: upload.bytes, requestHash: checked.requestHash(content: content), contentSHA256: content)
    }

    private struct SourceCall: Decodable {
        var sourceURI: String
        var datasetName: String?
        var recipe: String?
        var format: String?
        var salt: String?
        enum CodingKeys: String, CodingKey {
            case sourceURI = "source_uri"
            case datasetName = "dataset_name"
            case recipe, format, salt
        }
    }

    /// The input is copied: the job must not depend on a file that may change.
    private func readSource(
        _ request: Request, _ context: ApiContext, _ caller: Principal, store key: String?, limit: Int64
    ) async throws -> Received {
        let call = try await CallArguments.decode(SourceCall.self, request)
        let path = try roots.resolve(call.sourceURI)
        let form = IngestForm(
            datasetName: call.datasetName, fileName: path.split(separator: "/").last.map(String.init), recipe: call.recipe,
            format: call.format, salt: call.salt)
        _ = try form.checked()
        let upload =
            if let key { try await UploadWriter.open(dependencies.store, key: key, limit: limit) } else {
                UploadWriter.digestOnly(limit: limit)
            }
        do {
            let source = try await BlockingIO.run {
                do { return try FileSource(path: path) } catch { throw SourceRoots.refused }
            }
            var at: Int64 = 0
            while at < source.size {
                let block = try await BlockingIO.run { [at] in try source.read(at: at, count: 1 << 20) }
                if block.isEmpty { break }
                at += Int64(block.count)
                try block.withUnsafeBytes { try upload.append($0) }
                try await upload.flushIfFull()
            }
            return try await finish(upload, form)
        } catch {
            await upload.abort()
            throw error
        }
    }

    private func remove(_ key: String, _ context: ApiContext) async {
        let store = dependencies.store
        do {
            try await Task { try await BlockingIO.run { try store.delete(key) } }.value
        } catch {
            context.logger.warning(
                "an unused upload was not removed",
                metadata: ["reason": .string((error as? SanitizerError)?.code.rawValue ?? "storage")])
        }
    }

    // MARK: - answers

    private struct Receipt: Codable {
        var jobID: String
        var estimate: Int
        enum CodingKeys: String, CodingKey {
            case jobID = "job_id"
            case estimate = "estimated_completion_ms"
        }
    }
    private struct Accepted: Encodable {
        var jobID: String
        var datasetID: String?
        var status = "queued"
        var estimate: Int
        enum CodingKeys: String, CodingKey {
            case jobID = "job_id"
            case datasetID = "dataset_id"
            case status
            case estimate = "estimated_completion_ms"
        }
    }

    private func accepted(_ jobID: String, datasetID: String?, _ estimate: Int) throws -> Response {
        try Reply.json(
            Accepted(jobID: jobID, datasetID: datasetID, estimate: estimate), status: .accepted,
            [.location: "/api/v1/jobs/\(jobID)", .retryAfter: "1"])
    }

    private func accepted(replaying response: String, _ caller: Principal) async throws -> Response {
        let receipt = try StableJSON.decode(Receipt.self, Array(response.utf8))
        // Whoever committed the job may have died before it told the broker.
        dependencies.relayLater(try await dependencies.ledger.takeOutbox(job: receipt.jobID))
        let job = try await dependencies.ledger.job(receipt.jobID, tenantID: caller.tenantID)
        var reply = try accepted(receipt.jobID, datasetID: job?.datasetID, receipt.estimate)
        reply.headers[HTTPField.Name("Idempotency-Replayed")!] = "true"
        return reply
    }

    private static let keyInFlight = Problem(
        409, "idempotency_in_flight", "a call with this Idempotency-Key is still running", retryAfter: 1)
    private static let keyConflict = Problem(
        422, "idempotency_key_reused", "this Idempotency-Key stands for another request: use a new key")

    private static func problem(_ refusal: LimitRefusal) -> Problem {
        let text = "the limit \(refusal.limit.rawValue) is \(refusal.allowed), used \(refusal.used)"
        guard let wait = refusal.retryAfter else { return Problem(413, "limit_exceeded", "\(text): the input is too large") }
        return Problem(429, "limit_reached", "\(text): try again later", retryAfter: max(1, Int(wait.components.seconds)))
    }

    /// Start-up plus a careful rate; the status of the job knows better once it runs.
    private static func estimateMilliseconds(bytes: Int64) -> Int { 100 + Int(bytes / 20_000) }

    private static func queryForm(_ request: Request) throws -> IngestForm {
        var form = IngestForm()
        for (key, value) in request.uri.queryParameters { try form.set(String(key), String(value)) }
        return form
    }

    private static func idempotencyKey(_ request: Request) throws -> String? {
        guard let key = request.headers[HTTPField.Name("Idempotency-Key")!] else { return nil }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Problem.badRequest("bad_request", "the Idempotency-Key must be 1 to 255 printable ASCII characters")
        }
        return key
    }

    private static func trace(_ request: Request) -> String? {
        guard let trace = request.headers[HTTPField.Name("traceparent")!], trace.utf8.count == 55,
            trace.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) || $0 == 0x2D })
        else { return nil }
        return trace
    }
}

/// What a role may do: reviewers read, engineers also submit, cancel and erase, admins everything.
enum Access {
    static func require(_ role: Role, _ caller: Principal) throws {
        let isAllowed =
            switch role {
            case .reviewer: true
            case .dataEngineer: caller.role != .reviewer
            case .admin: caller.role == .admin
            }
        guard isAllowed else { throw Problem(403, "forbidden", "this key's role is \(caller.role.rawValue): it may not do that") }
    }
}
