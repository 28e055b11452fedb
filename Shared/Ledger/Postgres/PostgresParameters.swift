internal import CLibPQ
internal import JobLifecycle
internal import PollThread

/// What every connection of a ledger is made with.
struct PostgresParameters: Sendable {
    /// Keys and values for libpq. Secret.
    let list: [(String, String)]
    let connectTimeout: Duration
    /// Longer than the server's own limit, so that the server's answer is preferred.
    let clientTimeout: Duration

    /// - Parameter role: role to take on after the login; nil for the login's own.
    /// - Throws: ``LedgerError`` that does not quote the URL, which holds the password.
    init(_ configuration: LedgerConfiguration, role: String?, suffix: String = "") throws(LedgerError) {
        guard Self.isPlain(configuration.schema) else {
            throw LedgerError(.invalidArgument, "the schema's name must be lower-case letters, digits and _")
        }
        var values: [(String, String)] = []
        // libpq's account of a bad URL quotes it, so it is not asked for.
        guard let parsed = PQconninfoParse(configuration.url, nil) else {
            throw LedgerError(.invalidArgument, "the database URL is not valid")
        }
        var at = parsed
        while let keyword = at.pointee.keyword {
            if let value = at.pointee.val { values.append((String(cString: keyword), String(cString: value))) }
            at += 1
        }
        PQconninfoFree(parsed)

        let own = values.first { $0.0 == "options" }?.1
        let settings: [(String, Int64)] = [
            ("statement_timeout", configuration.statementTimeout.wholeMilliseconds),
            ("idle_in_transaction_session_timeout", configuration.statementTimeout.wholeMilliseconds),
            ("sanitizer.lease_ms", configuration.lease.duration.wholeMilliseconds),
            ("sanitizer.max_attempts", Int64(configuration.retry.maximumAttempts)),
            ("sanitizer.dispatch_window", Int64(configuration.dispatchWindow)),
            ("sanitizer.redispatch_ms", configuration.redispatchAfter.wholeMilliseconds),
            ("sanitizer.lost_ms", configuration.lostAfter.wholeMilliseconds),
            ("sanitizer.outbox_hold_ms", configuration.outboxHold.wholeMilliseconds),
        ]
        var options = settings.map { "-c \($0.0)=\($0.1)" }
        options += ["-c search_path=\(configuration.schema)", "-c jit=off", "-c TimeZone=UTC"]
        if let role { options.append("-c role=\(role)") }
        values.removeAll { ["options", "application_name", "client_encoding", "fallback_application_name"].contains($0.0) }
        values += [
            ("options", ((own.map { [$0] } ?? []) + options).joined(separator: " ")),
            ("application_name", configuration.applicationName + suffix),
            ("client_encoding", "UTF8"),
        ]
        // A peer that vanished without a word is noticed in about 20 s.
        for (key, value) in [
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "2"), ("tcp_user_timeout", "20000"),
        ] where !values.contains(where: { $0.0 == key }) {
            values.append((key, value))
        }
        list = values
        connectTimeout = configuration.connectTimeout
        clientTimeout = configuration.statementTimeout + .seconds(2)
    }

    private static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 48
            && name.utf8.allSatisfy { ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) || $0 == 95 }
    }
}
