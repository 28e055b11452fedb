/// A failure of the ledger: what failed, whether it may pass, and whether the change may have been applied.
///
/// Carries the name of the statement, never its arguments: the server's own text is left out because it quotes values.
public struct LedgerError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case connectionFailed = "connection_failed"
        case connectionLost = "connection_lost"
        case timeout
        /// Serialization failure or deadlock: the server undid the transaction.
        case conflict
        case constraint
        case invalidArgument = "invalid_argument"
        case poolExhausted = "pool_exhausted"
        /// Out of disk, memory or connections, or shutting down.
        case serverUnavailable = "server_unavailable"
        /// The schema is missing, or older or newer than this program.
        case schemaMismatch = "schema_mismatch"
        case closed
        case server
    }
    /// Whether the statement's effect is in the database.
    public enum Outcome: String, Sendable {
        case notApplied = "not_applied"
        /// The connection ended after the statement was sent: only reading the ledger again can tell.
        case unknown
    }

    public var code: Code
    /// One line, lower case, no full stop, no values.
    public var message: String
    /// Name of the statement.
    public var statement: String?
    /// PostgreSQL's five characters.
    public var sqlState: String?
    public var outcome: Outcome

    public init(
        _ code: Code, _ message: String, statement: String? = nil, sqlState: String? = nil, outcome: Outcome = .notApplied
    ) {
        self.code = code
        self.message = message
        self.statement = statement
        self.sqlState = sqlState
        self.outcome = outcome
    }

    /// True when the same call may succeed later.
    public var isRetryable: Bool {
        switch code {
        case .connectionFailed, .connectionLost, .timeout, .conflict, .poolExhausted, .serverUnavailable: true
        case .constraint, .invalidArgument, .schemaMismatch, .closed, .server: false
        }
    }

    public var description: String {
        var text = "ledger: \(message) (\(code.rawValue)"
        if let statement { text += ", statement \(statement)" }
        if let sqlState { text += ", sqlstate \(sqlState)" }
        return text + ")"
    }
}
