import Domain
import HTTPTypes
import Hummingbird
import Ledger
import Logging
import Messaging
import NIOCore
import ObjectStore
import ServiceKit
import ServiceLifecycle

/// Status, list, cancel and erase.
struct JobRoutes: Sendable {
    let dependencies: Dependencies
    let settings: ApiSettings

    func add(to group: RouterGroup<ApiContext>) {
        group.get("jobs") { try await list($0, $1) }
        group.get("jobs/{job_id}") { try await get($0, $1) }
        group.post("jobs/{job_id}/cancel") { try await cancel($0, $1) }
        group.delete("jobs/{job_id}") { try await erase($0, $1) }
    }

    // MARK: - status

    private func get(_ request: Request, _ context: ApiContext) async throws -> Response {
        var job = try await Self.job(context, dependencies.ledger)
        var headers: [HTTPField.Name: String] = [:]
        let known = request.headers[.ifNoneMatch].flatMap(JobView.revision(etag:))
        if let seconds = Self.preferredWait(request.headers, longest: settings.longestWait), !job.state.isFinal,
            known.map({ $0 == job.revision }) ?? true
        {
            // With an ETag: until something changes. Without one: until the job ends.
            let (ledger, jobID, tenantID) = (dependencies.ledger, job.jobID, job.tenantID)
            let after = known ?? .max
            let changed = try await cancelWhenGracefulShutdown {
                try await Self.wait(ledger, jobID, tenantID, after: after, for: .seconds(seconds))
            }
            guard let changed else { throw Problem.notFound() }
            job = changed
            headers[HTTPField.Name("Preference-Applied")!] = "wait=\(seconds)"
        }
        headers[.eTag] = JobView.etag(job)
        headers[.vary] = "Prefer, X-API-Key, Authorization"
        if !job.state.isFinal { headers[.retryAfter] = "1" }
        if known == job.revision {
            var response = Reply.json(bytes: [], status: .notModified, headers)
            response.headers[.contentType] = nil
            return response
        }
        return try Reply.json(JobView(job), status: .ok, headers)
    }

    /// Waits in slices: should a notification ever be lost, the job is looked at again soon all the same.
    static func wait(
        _ ledger: JobLedger, _ jobID: String, _ tenantID: String, after revision: Int64, for time: Duration
    ) async throws -> JobRecord? {
        let deadline = ContinuousClock.now + time
        while true {
            let left = deadline - ContinuousClock.now
            let job = try await ledger.waitForChange(
                jobID, tenantID: tenantID, after: revision, timeout: min(max(left, .zero), .seconds(3)))
            guard let job, job.revision <= revision, !job.state.isFinal, ContinuousClock.now < deadline else { return job }
        }
    }

    /// `Prefer: wait=20` (RFC 7240), within the server's limit.
    static func preferredWait(_ headers: HTTPFields, longest: Int) -> Int? {
        for value in headers[values: HTTPField.Name("Prefer")!] {
            for preference in value.split(separator: ",") {
                let pieces = preference.split(separator: "=", maxSplits: 1).map { $0.trimmingPrefix { $0 == " " } }
                if pieces.count == 2, pieces[0].lowercased() == "wait", let n = Int(pieces[1].filter { $0 != " " }), n >= 0 {
                    return min(n, longest)
                }
            }
        }
        return nil
    }

    /// The job of the path.
    /// - Throws: 404 for one that does not exist or is another tenant's.
    static func job(_ context: ApiContext, _ ledger: JobLedger) async throws -> JobRecord {
        let id = try jobID(context)
        guard let job = try await ledger.job(id, tenantID: try context.tenantID) else { throw Problem.notFound("no such job") }
        return job
    }

    static func jobID(_ context: ApiContext) throws -> String {
        guard let id = context.parameters.get("job_id").flatMap({ JobID.canonical($0) }) else {
            throw Problem.notFound("no such job")
        }
        return id
    }

    // MARK: - list

    private struct Listing: Encodable {
        var jobs: [JobView]
        var nextCursor: String?
        enum CodingKeys: String, CodingKey {
            case jobs
            case nextCursor = "next_cursor"
        }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(jobs, forKey: .jobs)
            try container.encode(nextCursor, forKey: .nextCursor)
        }
    }

    private func list(_ request: Request, _ context: ApiContext) async throws -> Response {
        let query = request.uri.queryParameters
        let tenantID = try context.tenantID
        if let asked = query["tenant_id"], String(asked) != tenantID { throw Problem.notFound() }
        var state: JobState?
        if let text = query["status"] {
            guard let known = JobState(rawValue: String(text)) else {
                throw Problem.badRequest(
                    "bad_request", "'status' must be one of \(JobState.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            state = known
        }
        let limit = try PageLimit.of(query["limit"].map { String($0) }, default: 50, most: 200)
        let cursor = query["cursor"].map { String($0) }
        guard cursor.map({ JobID.canonical($0) != nil }) ?? true else {
            throw Problem.badRequest("bad_request", "'cursor' is not one that this call returned")
        }
        let page = try await dependencies.ledger.jobs(tenantID: tenantID, state: state, cursor: cursor, limit: limit)
        return try Reply.json(Listing(jobs: page.items.map { JobView($0) }, nextCursor: page.nextCursor))
    }

    // MARK: - cancel and erase

    private func cancel(_ request: Request, _ context: ApiContext) async throws -> Response {
        let caller = try context.caller
        let id = try Self.jobID(context)
        try Access.require(.dataEngineer, caller)
        guard
            let (job, outbox) = try await dependencies.ledger.cancel(id, tenantID: caller.tenantID, actor: "key:\(caller.keyID)")
        else { throw Problem.notFound("no such job") }
        guard job.state == .cancelled else {
            throw Problem(409, "job_finished", "the job has ended as \(job.state.rawValue): there is nothing to cancel")
        }
        dependencies.relayLater(outbox)
        return try Reply.json(JobView(job), status: .ok, [.eTag: JobView.etag(job)])
    }

    private func erase(_ request: Request, _ context: ApiContext) async throws -> Response {
        let caller = try context.caller
        let id = try Self.jobID(context)
        try Access.require(.dataEngineer, caller)
        guard
            let (prefix, outbox) = try await dependencies.ledger.erase(
                id, tenantID: caller.tenantID, actor: "key:\(caller.keyID)")
        else { throw Problem.notFound("no such job") }
        dependencies.relayLater(outbox)
        let store = dependencies.store
        try await BlockingIO.run { try store.deletePrefix(prefix) }
        return Response(status: .noContent)
    }
}

enum PageLimit {
    /// - Throws: 400 outside 1 to `most`.
    static func of(_ text: String?, default standard: Int, most: Int) throws -> Int {
        guard let text else { return standard }
        guard let n = Int(text), (1...most).contains(n) else {
            throw Problem.badRequest("bad_request", "'limit' must be 1 to \(most)")
        }
        return n
    }
}
