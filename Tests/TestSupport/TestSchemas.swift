internal import CLibPQ
import Foundation
import Ledger

/// Migrated schemas for tests, emptied and used again: making one costs as much as ten tests.
actor TestSchemas {
    static let shared = TestSchemas()

    private static let most = 4
    private var made = 0
    private var free: [String] = []
    private var waiting: [CheckedContinuation<String, Never>] = []

    /// A migrated, empty schema; give it back with `giveBack`.
    func take() async throws -> String {
        if let schema = free.popLast() { return schema }
        if made < Self.most {
            made += 1
            var isReady = false
            defer { if !isReady { made -= 1 } }
            if made == 1 { try dropAbandoned() }
            let schema = "test_\(getpid())_\(made)"
            var configuration = LedgerConfiguration(url: try TestServers.postgres())
            configuration.schema = schema
            let ledger = try JobLedger(configuration, logger: TestLedger.quiet)
            try await ledger.migrate()
            await ledger.close()
            isReady = true
            return schema
        }
        return await withCheckedContinuation { waiting.append($0) }
    }

    func giveBack(_ schema: String) throws {
        // Triggers that guard the tables are not asked: what they guard is thrown away.
        let tables = [
            "token_vault", "cleaned_datasets", "imputation_stats", "audit_logs", "audit_heads", "idempotency_keys", "outbox",
            "tasks", "jobs", "datasets", "api_keys", "tenant_usage", "tenants",
        ]
        let deletes = tables.map { "DELETE FROM \(schema).\($0)" }.joined(separator: ";")
        try Self.execute("BEGIN; SET LOCAL session_replication_role = replica; \(deletes); COMMIT")
        if waiting.isEmpty {
            free.append(schema)
        } else {
            waiting.removeFirst().resume(returning: schema)
        }
    }

    /// Schemas of test runs that have ended.
    private func dropAbandoned() throws {
        for schema in try Self.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'test\\_%'") {
            let parts = schema.split(separator: "_")
            guard parts.count == 3, let pid = Int32(parts[1]), kill(pid, 0) != 0, errno == ESRCH else { continue }
            try Self.execute("DROP SCHEMA IF EXISTS \(schema) CASCADE")
        }
    }

    @discardableResult static func execute(_ sql: String) throws -> [String] {
        let connection = PQconnectdb(try TestServers.postgres())
        defer { PQfinish(connection) }
        PQsetNoticeProcessor(connection, { _, _ in }, nil)
        let result = PQexec(connection, sql)
        defer { PQclear(result) }
        let status = PQresultStatus(result)
        guard status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK else {
            throw ProxyError(description: String(cString: PQerrorMessage(connection)))
        }
        return (0..<PQntuples(result)).map { String(cString: PQgetvalue(result, $0, 0)) }
    }
}
