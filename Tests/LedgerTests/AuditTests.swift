import Domain
@testable import Ledger
import TestSupport
import Testing

@Suite("The audit chain", .timeLimit(.minutes(5)))
struct AuditTests {
    private func withChain(_ body: @escaping @Sendable (JobLedger, Int64) async throws -> Void) async throws {
        try await TestLedger.withLedger { ledger in
            let driver = JobDriver(ledger: ledger)
            let (_, messages) = try await driver.create()
            _ = try await driver.finish(messages)
            guard case .intact(let entries, _) = try await ledger.verifyAudit(tenantID: "acme") else {
                throw Unexpected("broken")
            }
            try await body(ledger, entries)
        }
    }

    @Test("Every step of a job is in the chain, in order and without gaps")
    func entries() async throws {
        try await withChain { ledger, count in
            let page = try await ledger.auditEntries(tenantID: "acme", limit: 3)
            #expect(page.items.map(\.sequence) == [count, count - 1, count - 2])
            let rest = try await ledger.auditEntries(tenantID: "acme", cursor: page.nextCursor)
            #expect(rest.items.map(\.sequence) == Array((1...(count - 3)).reversed()))
            let states = (page.items + rest.items).reversed().filter { $0.action == "job.state" }.map(\.detail)
            #expect(
                states == ["queued", "pass1_running", "pass2_running", "reporting", "success"].map { "{\"state\": \"\($0)\"}" })
            let later = try await ledger.auditEntries(
                tenantID: "acme", filter: .init(action: "job.created", since: "2000-01-01T00:00:00Z"))
            #expect(later.items.count == 1)
        }
    }

    @Test("Appends at the same time make one chain")
    func concurrent() async throws {
        try await TestLedger.withLedger(adjust: { $0.poolSize = 8 }) { ledger in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for i in 0..<40 {
                    group.addTask { try await ledger.audit(tenantID: "acme", jobID: nil, actor: "a\(i)", action: "test") }
                }
                try await group.waitForAll()
            }
            guard case .intact(41, _) = try await ledger.verifyAudit(tenantID: "acme") else { throw Unexpected("broken") }
        }
    }

    @Test(
        "The table refuses changes",
        arguments: ["UPDATE audit_logs SET actor = 'x'", "DELETE FROM audit_logs", "TRUNCATE audit_logs"])
    func appendOnly(_ change: String) async throws {
        try await withChain { ledger, count in
            let error = await #expect(throws: LedgerError.self) { try await ledger.sql(change) }
            #expect(error?.code == .constraint)
            guard case .intact(count, _) = try await ledger.verifyAudit(tenantID: "acme") else { throw Unexpected("broken") }
        }
    }

    @Test(
        "Whoever gets round the triggers is found out",
        arguments: [
            ("UPDATE audit_logs SET actor = 'x' WHERE sequence = 3", 3), ("DELETE FROM audit_logs WHERE sequence = 2", 2),
            ("UPDATE audit_logs SET at = at + interval '1 us' WHERE sequence = 4", 4),
            (
                "UPDATE audit_logs SET sequence = 100 WHERE sequence = 3; UPDATE audit_logs SET sequence = 3 WHERE sequence = 4; UPDATE audit_logs SET sequence = 4 WHERE sequence = 100",
                3
            ),
            ("DELETE FROM audit_logs WHERE sequence = (SELECT max(sequence) FROM audit_logs WHERE tenant_id = 'acme')", 7),
            ("UPDATE audit_logs SET detail = '{\"state\": \"failed\"}' WHERE sequence = 5", 5),
        ])
    func tampering(_ change: String, _ place: Int64) async throws {
        try await withChain { ledger, _ in
            try await ledger.sql("BEGIN; SET LOCAL session_replication_role = replica; \(change); COMMIT")
            #expect(try await ledger.verifyAudit(tenantID: "acme") == .broken(at: place))
        }
    }
}
