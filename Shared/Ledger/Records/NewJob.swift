public import Domain

/// A job to be accepted.
public struct NewJob: Sendable {
    public var spec: JobSpec
    public var inputBytes: Int64
    /// Who asks, for the audit log: a key's name or id, never the secret.
    public var actor: String
    /// Trace context (W3C `traceparent`), passed on in messages.
    public var trace: String?
    public var idempotency: Idempotency?

    /// The client's `Idempotency-Key` with what it stands for.
    public struct Idempotency: Sendable {
        public var key: String
        /// SHA-256 of everything that makes the request what it is.
        public var requestHash: [UInt8]
        /// What a repeated call is answered with.
        public var response: String
        public init(key: String, requestHash: [UInt8], response: String) {
            self.key = key
            self.requestHash = requestHash
            self.response = response
        }
    }

    public init(
        spec: JobSpec, inputBytes: Int64, actor: String, trace: String? = nil, idempotency: Idempotency? = nil
    ) {
        self.spec = spec
        self.inputBytes = inputBytes
        self.actor = actor
        self.trace = trace
        self.idempotency = idempotency
    }
}

public enum CreateOutcome: Sendable {
    /// Publish `outbox` now and mark what was confirmed; what is left, the relay sends later.
    case created(JobRecord, outbox: [OutboxMessage])
    /// The same idempotency key and request were answered before: answer the same.
    case replayed(response: String)
    /// The idempotency key stands for another request.
    case keyConflict
    case refused(LimitRefusal)
    case unknownTenant
}

/// A tenant's limit that a call would break.
public struct LimitRefusal: Sendable, Equatable {
    public enum Limit: String, Sendable {
        case openJobs = "open_jobs"
        case rowsPerMonth = "rows_per_month"
        case bytesPerJob = "bytes_per_job"
    }
    public var limit: Limit
    public var allowed: Int64
    public var used: Int64
    /// When it is worth trying again; nil when it never is (the input is too large).
    public var retryAfter: Duration?
}

/// The first answer to an `Idempotency-Key`.
public enum IdempotencyStart: Sendable, Equatable {
    /// Go on; finish with `createJob`, or give the key back with `abandonIdempotency`.
    case started
    /// Another call with this key is still running.
    case inFlight
    /// Compare the request's hash with this one: equal means answer `response`, else refuse.
    case finished(requestHash: [UInt8], response: String)
}
