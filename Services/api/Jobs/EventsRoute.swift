import Domain
import HTTPTypes
import Hummingbird
import Ledger
import NIOCore
import ServiceKit
import ServiceLifecycle

/// `GET /api/v1/jobs/{job_id}/events`: the job's body after each change, as server-sent events, until it ends.
///
/// - Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
struct EventsRoute: Sendable {
    let dependencies: Dependencies
    /// A comment line goes out at least this often, so that proxies keep the connection and a gone client is noticed.
    private static let heartbeat: Duration = .seconds(15)

    func handle(_ request: Request, _ context: ApiContext) async throws -> Response {
        let job = try await JobRoutes.job(context, dependencies.ledger)
        let seen = request.headers[HTTPField.Name("Last-Event-ID")!].flatMap { Int64($0) }
        var headers = HTTPFields()
        headers[.contentType] = "text/event-stream"
        headers[.cacheControl] = "no-store"
        headers[HTTPField.Name("X-Accel-Buffering")!] = "no"
        let ledger = dependencies.ledger
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                var current = job
                if seen != current.revision { try await writer.write(try Self.event(current)) }
                while !current.state.isFinal {
                    let last = current
                    let changed: JobRecord?
                    do {
                        changed = try await cancelWhenGracefulShutdown {
                            try await JobRoutes.wait(
                                ledger, last.jobID, last.tenantID, after: last.revision, for: Self.heartbeat)
                        }
                    } catch is CancellationError {
                        break
                    }
                    guard let changed else { break }
                    current = changed
                    if current.revision == last.revision {
                        try await writer.write(ByteBuffer(string: ": waiting\n\n"))
                    } else {
                        try await writer.write(try Self.event(current))
                    }
                }
                try await writer.finish(nil)
            })
    }

    private static func event(_ job: JobRecord) throws -> ByteBuffer {
        let body = String(decoding: try StableJSON.encode(JobView(job)), as: UTF8.self)
        return ByteBuffer(string: "id: \(job.revision)\nevent: \(job.state.isFinal ? "end" : "progress")\ndata: \(body)\n\n")
    }
}
