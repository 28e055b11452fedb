import Domain
import Foundation

/// An answer that says what went wrong: `application/problem+json`.
///
/// - Source: RFC 9457
public struct Problem: Error, Codable, Equatable, Sendable {
    public static let contentType = "application/problem+json"

    /// `about:blank` is the type: `code` is the stable machine-readable name.
    public var status: Int
    public var code: String
    public var title: String
    /// One sentence: what, where, what to do. Never holds data of a table or a secret.
    public var detail: String
    /// Seconds after which a repeat may succeed; sent as `Retry-After`.
    public var retryAfter: Int?

    enum CodingKeys: String, CodingKey {
        case status, code, title, detail
        case retryAfter = "retry_after"
    }

    public init(_ status: Int, _ code: String, _ detail: String, retryAfter: Int? = nil) {
        self.status = status
        self.code = code
        title = Self.titles[status] ?? "Error"
        self.detail = detail
        self.retryAfter = retryAfter
    }

    public static func badRequest(_ code: String, _ detail: String) -> Problem { Problem(400, code, detail) }
    /// Also the answer for what belongs to another tenant, so that its existence does not show.
    public static func notFound(_ what: String = "no such resource") -> Problem { Problem(404, "not_found", what) }
    public static func unavailable(_ what: String, retryAfter: Int = 2) -> Problem {
        Problem(503, "dependency_unavailable", what, retryAfter: retryAfter)
    }

    private static let titles = [
        400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
        406: "Not Acceptable", 408: "Request Timeout", 409: "Conflict", 411: "Length Required", 413: "Content Too Large",
        415: "Unsupported Media Type", 416: "Range Not Satisfiable", 422: "Unprocessable Content", 429: "Too Many Requests",
        500: "Internal Server Error", 501: "Not Implemented", 503: "Service Unavailable",
    ]

    /// The body, with sorted keys.
    public func json() -> [UInt8] {
        var text = "{\"code\":\(JSONText.quoted(code)),\"detail\":\(JSONText.quoted(detail))"
        if let retryAfter { text += ",\"retry_after\":\(retryAfter)" }
        return Array((text + ",\"status\":\(status),\"title\":\(JSONText.quoted(title)),\"type\":\"about:blank\"}").utf8)
    }

    /// The problem that a failure of the engine or of a dependency shows to a client.
    public init(_ error: SanitizerError) {
        switch error.code {
        case .recipeInvalid: self.init(422, error.code.rawValue, error.message)
        case .limitExceeded: self.init(413, error.code.rawValue, error.message)
        case .inputMissing: self.init(404, error.code.rawValue, error.message)
        case .inputEmpty, .inputUnreadable, .formatUnknown, .formatUnsupported:
            self.init(422, error.code.rawValue, error.message)
        case .dependencyUnavailable: self.init(503, error.code.rawValue, error.message, retryAfter: 2)
        case .cancelled, .outputExists, .preflightRefused: self.init(409, error.code.rawValue, error.message)
        default:
            if error.isRetryable {
                self = .unavailable("a part of the service does not answer: try again", retryAfter: 2)
            } else {
                self.init(
                    500, "internal", "the request failed inside the service: the log has the reason under this request's id")
            }
        }
    }
}

/// JSON with sorted keys and plain slashes: the same value gives the same bytes.
public enum StableJSON {
    public static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }
    public static func decode<T: Decodable>(_ type: T.Type, _ bytes: [UInt8]) throws -> T {
        try JSONDecoder().decode(type, from: Data(bytes))
    }
}
