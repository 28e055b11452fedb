import Domain
import HTTPTypes
import Hummingbird
import Ledger
import Logging
import Messaging
import NIOCore
import ServiceKit

/// The outermost layer: every failure leaves as problem+json, every request is counted, timed and has an id.
struct ProblemMiddleware: RouterMiddleware {
    let metrics: MetricsRegistry
    let known: KnownPaths

    func handle(
        _ request: Request, context: ApiContext, next: (Request, ApiContext) async throws -> Response
    ) async throws -> Response {
        let started = ContinuousClock.now
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            let problem = problem(error, request, context)
            response = Self.response(problem)
            if problem.status == 405 {
                response.headers[.allow] = known.methods(of: request.uri.path).joined(separator: ", ")
            }
        }
        response.headers[Self.requestID] = context.id
        // The endpoint's pattern, not the path: ids would make a series each.
        let route = context.endpointPath ?? "(none)"
        let method = Self.methods.contains(request.method) ? request.method.rawValue : "other"
        let labels = ["method": method, "route": route, "status": String(response.status.code)]
        metrics.counter("sanitizer_http_requests_total", "requests by route and status", labels).add()
        metrics.histogram("sanitizer_http_request_seconds", "time to the response's head", ["route": route])
            .observe(ContinuousClock.now - started)
        return response
    }

    /// Of metrics: what clients make up must not make series.
    private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]
    private static let requestID = HTTPField.Name("X-Request-Id")!

    private func problem(_ error: any Error, _ request: Request, _ context: ApiContext) -> Problem {
        switch error {
        case let error as Problem: return error
        case let error as SanitizerError:
            let problem = Problem(error)
            if problem.status >= 500 { log(error.message, request, context) }
            return problem
        case let error as LedgerError:
            log(error.description, request, context)
            if error.code == .invalidArgument { return .badRequest("bad_request", "a value in the request is not allowed here") }
            return error.isRetryable || error.code == .schemaMismatch || error.code == .closed
                ? .unavailable("the database does not answer: try again") : Self.inside
        case let error as MultipartError: return .badRequest("multipart_invalid", error.reason)
        case let error as any HTTPResponseError:
            let status = error.status.code
            if status == 404 {
                guard known.methods(of: request.uri.path).isEmpty else {
                    return Problem(405, "method_not_allowed", "this path does not take \(method(request)): see /api/docs")
                }
                return .notFound("no such path: see /api/docs")
            }
            return Problem(status, Self.code(status), error.status.reasonPhrase)
        case is CancellationError: return .unavailable("the service is stopping: try again", retryAfter: 1)
        default:
            log("\(type(of: error))", request, context)
            return Self.inside
        }
    }

    private static let inside = Problem(
        500, "internal", "the request failed inside the service: its log has the reason under this request's id")

    private static func code(_ status: Int) -> String {
        switch status {
        case 400: "bad_request"
        case 405: "method_not_allowed"
        case 413: "limit_exceeded"
        case 415: "unsupported_media_type"
        default: "http_\(status)"
        }
    }

    private func method(_ request: Request) -> String {
        Self.methods.contains(request.method) ? request.method.rawValue : "this method"
    }

    private func log(_ reason: String, _ request: Request, _ context: ApiContext) {
        context.logger.error(
            "request failed",
            metadata: [
                "reason": .string(reason), "method": .string(request.method.rawValue),
                "route": .string(context.endpointPath ?? ""),
            ])
    }

    static func response(_ problem: Problem) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = Problem.contentType
        headers[.cacheControl] = "no-store"
        if let seconds = problem.retryAfter { headers[.retryAfter] = String(seconds) }
        if problem.status == 401 { headers[.wwwAuthenticate] = "Bearer realm=\"data-sanitizer\"" }
        return Response(
            status: .init(code: problem.status), headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: problem.json())))
    }
}
