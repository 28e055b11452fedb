public import JobLifecycle

/// How to reach the ledger and which limits it keeps.
public struct LedgerConfiguration: Sendable {
    /// `postgres://user:password@host:port/database?...` or libpq's `key=value` form. Secret.
    public var url: String
    /// Schema that holds the tables; lower-case letters, digits and `_`.
    public var schema = "sanitizer"
    /// Connections for the service's own work, opened when needed.
    public var poolSize = 4
    /// Connections for reads on behalf of one tenant (row-level security), opened when needed.
    public var tenantPoolSize = 4
    public var connectTimeout: Duration = .seconds(5)
    /// Enforced by the server; the client waits two seconds longer before it gives the connection up.
    public var statementTimeout: Duration = .seconds(10)
    /// How long one operation is tried again after failures that may pass, before it throws.
    public var retryFor: Duration = .seconds(5)
    public var lease = LeasePolicy()
    public var retry = RetryPolicy()
    /// Tasks of one job that may wait in a queue at a time: keeps a large job from standing before everybody else's.
    public var dispatchWindow = 16
    /// A task that was published but not claimed for this long is published again; doubled each time, at most 32-fold.
    public var redispatchAfter: Duration = .seconds(20)
    /// A task that was published this long ago, is not claimed, and whose queue is empty has lost its message.
    public var lostAfter: Duration = .seconds(2)
    /// An outbox row that somebody took but did not confirm may be taken by others after this time.
    public var outboxHold: Duration = .seconds(2)
    /// Shown by the server in its activity view.
    public var applicationName = "sanitizer"

    public init(url: String) { self.url = url }
}
