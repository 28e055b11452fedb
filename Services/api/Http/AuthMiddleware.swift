import HTTPTypes
import Hummingbird
import Ledger
import ServiceKit
import Tabular

/// Lets in who has a valid key, within the tenant's calls per second.
struct AuthMiddleware: RouterMiddleware {
    let authenticator: Authenticator
    let limiter: RateLimiter

    static let unauthorized = Problem(
        401, "unauthorized", "send a valid key as 'X-API-Key: <tenant>:<secret>' or 'Authorization: Bearer <tenant>:<secret>'")

    func handle(
        _ request: Request, context: ApiContext, next: (Request, ApiContext) async throws -> Response
    ) async throws -> Response {
        guard let credentials = Self.credentials(request.headers),
            let principal = try await authenticator.authenticate(credentials.tenant, credentials.secret)
        else { throw Self.unauthorized }
        let verdict = limiter.take(principal.tenantID, perSecond: principal.limits.callsPerSecond, now: .now)
        guard verdict.isAllowed else {
            var response = ProblemMiddleware.response(
                Problem(
                    429, "rate_limited", "more than \(verdict.limit) calls per second: slow down and try again",
                    retryAfter: verdict.resetSeconds))
            Self.describe(verdict, &response.headers)
            return response
        }
        var context = context
        context.principal = principal
        var response = try await next(request, context)
        if verdict.limit > 0 { Self.describe(verdict, &response.headers) }
        return response
    }

    static func credentials(_ headers: HTTPFields) -> (tenant: String, secret: String)? {
        var text: Substring?
        if let key = headers[HTTPField.Name("X-API-Key")!] {
            text = key[...]
        } else if let authorization = headers[.authorization], authorization.lowercased().hasPrefix("bearer ") {
            text = authorization.dropFirst(7)
        }
        guard let text, text.utf8.count <= 512, let colon = text.firstIndex(of: ":") else { return nil }
        let tenant = text[..<colon]
        let secret = text[text.index(after: colon)...]
        return tenant.isEmpty || secret.isEmpty ? nil : (String(tenant), String(secret))
    }

    private static func describe(_ verdict: RateLimiter.Verdict, _ headers: inout HTTPFields) {
        headers[HTTPField.Name("RateLimit-Limit")!] = String(verdict.limit)
        headers[HTTPField.Name("RateLimit-Remaining")!] = String(verdict.remaining)
        headers[HTTPField.Name("RateLimit-Reset")!] = String(verdict.resetSeconds)
    }
}

/// Checks keys against the ledger and remembers good ones for a few seconds: a revoked key stops working within that time.
final class Authenticator: Sendable {
    private struct Entry {
        var principal: Principal
        var until: ContinuousClock.Instant
    }
    private static let remember: Duration = .seconds(5)
    private static let capacity = 10_000
    private let ledger: JobLedger
    private let known = Locked<[[UInt8]: Entry]>([:])

    init(_ ledger: JobLedger) { self.ledger = ledger }

    /// Nil for a key that is unknown, expired or revoked.
    func authenticate(_ tenantID: String, _ secret: String) async throws -> Principal? {
        // Keyed by a hash of the whole credential: looking it up tells nothing about a secret byte by byte.
        let hash = SHA256()
        hash.update(Array("\(tenantID.utf8.count):\(tenantID):\(secret)".utf8))
        let key = hash.finish()
        let now = ContinuousClock.now
        if let entry = known.withLock({ $0[key] }), entry.until > now { return entry.principal }
        guard let principal = try await ledger.authenticate(tenantID: tenantID, secret: secret) else {
            known.withLock { $0[key] = nil }
            return nil
        }
        known.withLock {
            if $0.count >= Self.capacity { $0.removeAll() }
            $0[key] = Entry(principal: principal, until: now + Self.remember)
        }
        return principal
    }
}

/// One token bucket per tenant, in this process: a tenant has its calls per second on each API replica.
final class RateLimiter: Sendable {
    struct Verdict: Equatable {
        var isAllowed: Bool
        /// Calls per second; 0 when there is no limit.
        var limit: Int
        var remaining: Int
        var resetSeconds: Int
    }
    private struct Bucket {
        var tokens: Double
        var at: ContinuousClock.Instant
    }
    private let buckets = Locked<[String: Bucket]>([:])

    func take(_ tenantID: String, perSecond: Int?, now: ContinuousClock.Instant) -> Verdict {
        guard let perSecond else { return Verdict(isAllowed: true, limit: 0, remaining: 0, resetSeconds: 0) }
        guard perSecond > 0 else { return Verdict(isAllowed: false, limit: 0, remaining: 0, resetSeconds: 60) }
        let limit = Double(perSecond)
        return buckets.withLock { buckets in
            var bucket = buckets[tenantID] ?? Bucket(tokens: limit, at: now)
            let passed = (now - bucket.at).components
            bucket.tokens = min(limit, bucket.tokens + limit * (Double(passed.seconds) + Double(passed.attoseconds) * 1e-18))
            bucket.at = now
            let isAllowed = bucket.tokens >= 1
            if isAllowed { bucket.tokens -= 1 }
            buckets[tenantID] = bucket
            return Verdict(isAllowed: isAllowed, limit: perSecond, remaining: Int(bucket.tokens), resetSeconds: 1)
        }
    }
}
