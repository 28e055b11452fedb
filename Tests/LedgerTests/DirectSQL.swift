@testable import Ledger

extension JobLedger {
    /// Meddles with the tables behind the ledger's back. `set local` and triggers included.
    func sql(_ script: String) async throws {
        try await service.withConnection { try await $0.execute(script: script, name: "test", timeout: .seconds(10)) }
    }

    /// The first column of a query's rows.
    func column(_ sql: String, asTenant tenantID: String? = nil) async throws -> [String?] {
        let call = Call(Statement("test_\(sql.hashValue)", Array(sql.utf8)))
        let rows: Rows
        if let tenantID {
            rows = try await tenant.withConnection { try await $0.run([Call(Statements.setTenant, [tenantID]), call])[1] }
        } else {
            rows = try await service.withConnection { try await $0.run([call])[0] }
        }
        return (0..<rows.count).map { rows.text($0, 0) }
    }

    /// The lease of a task ends now.
    func endLease(_ taskID: Int64) async throws {
        try await sql(
            "UPDATE tasks SET lease_until = clock_timestamp() - interval '1 ms' WHERE id = \(taskID) AND state = 'running'")
    }
}
