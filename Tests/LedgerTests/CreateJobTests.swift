import Domain
@testable import Ledger
import TestSupport
import Testing

@Suite("Accepting jobs", .timeLimit(.minutes(5)))
struct CreateJobTests {
    private func job(_ key: String, hash: UInt8 = 1) -> NewJob {
        let spec = TestLedger.spec()
        return NewJob(
            spec: spec, inputBytes: 10, actor: "test", trace: "00-ab-cd-01",
            idempotency: .init(
                key: key, requestHash: Array(repeating: hash, count: 32), response: "{\"job_id\":\"\(spec.jobID)\"}"))
    }

    @Test("Fifty calls with one key at the same time make one job, and all learn of the same one")
    func idempotency() async throws {
        try await TestLedger.withLedger(adjust: { $0.poolSize = 8 }) { ledger in
            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<50 {
                    let job = job("k")
                    group.addTask {
                        switch try await ledger.createJob(job) {
                        case .created(let record, _): "{\"job_id\":\"\(record.jobID)\"}"
                        case .replayed(let response): response
                        case let other: throw Unexpected("\(other)")
                        }
                    }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(answers.count == 1)
            #expect(try await ledger.jobs(tenantID: "acme").items.count == 1)
            guard case .keyConflict = try await ledger.createJob(job("k", hash: 2)) else { throw Unexpected("no conflict") }
        }
    }

    @Test("A key is in flight until its call ends, and free again when the call came to nothing")
    func inFlight() async throws {
        try await TestLedger.withLedger { ledger in
            #expect(try await ledger.startIdempotency(tenantID: "acme", key: "k") == .started)
            #expect(try await ledger.startIdempotency(tenantID: "acme", key: "k") == .inFlight)
            #expect(try await ledger.startIdempotency(tenantID: "globex", key: "k") == .started)
            try await ledger.abandonIdempotency(tenantID: "acme", key: "k")
            #expect(try await ledger.startIdempotency(tenantID: "acme", key: "k") == .started)
            let job = job("k")
            _ = try await ledger.createJob(job)
            let hash = [UInt8](repeating: 1, count: 32)
            let expected = IdempotencyStart.finished(requestHash: hash, response: job.idempotency?.response ?? "")
            #expect(try await ledger.startIdempotency(tenantID: "acme", key: "k") == expected)
            try await ledger.abandonIdempotency(tenantID: "acme", key: "k")
            #expect(try await ledger.startIdempotency(tenantID: "acme", key: "k") == expected)
        }
    }

    @Test("The same job sent again is the same job")
    func sentAgain() async throws {
        try await TestLedger.withLedger { ledger in
            let spec = TestLedger.spec()
            for _ in 0..<3 {
                guard case .created(let record, _) = try await ledger.createJob(NewJob(spec: spec, inputBytes: 1, actor: "t"))
                else { throw Unexpected("refused") }
                #expect(record.jobID == spec.jobID && record.spec == spec)
            }
            #expect(try await ledger.column("SELECT stage FROM tasks") == ["plan"])
        }
    }

    @Test("Limits refuse with what is allowed, what is used, and when to come back")
    func limits() async throws {
        try await TestLedger.withLedger { ledger in
            func refusal() async throws -> LimitRefusal? {
                let outcome = try await ledger.createJob(NewJob(spec: TestLedger.spec(), inputBytes: 10, actor: "t"))
                if case .refused(let refusal) = outcome { return refusal }
                return nil
            }
            var limits = TenantLimits()
            limits.bytesPerJob = 9
            _ = try await ledger.setLimits(limits, tenantID: "acme", actor: "t")
            #expect(try await refusal() == LimitRefusal(limit: .bytesPerJob, allowed: 9, used: 10, retryAfter: nil))
            limits.bytesPerJob = 100
            limits.openJobs = 1
            _ = try await ledger.setLimits(limits, tenantID: "acme", actor: "t")
            let driver = JobDriver(ledger: ledger)
            let (_, messages) = try await driver.create()
            #expect(try await refusal()?.limit == .openJobs)
            _ = try await driver.finish(messages)
            limits.rowsPerMonth = 90
            _ = try await ledger.setLimits(limits, tenantID: "acme", actor: "t")
            #expect(try await refusal() == LimitRefusal(limit: .rowsPerMonth, allowed: 90, used: 90, retryAfter: .seconds(3600)))
            limits.rowsPerMonth = 91
            _ = try await ledger.setLimits(limits, tenantID: "acme", actor: "t")
            #expect(try await refusal() == nil)
        }
    }

    @Test("A tenant that is none is told so, and an id that is none is refused")
    func unknown() async throws {
        try await TestLedger.withLedger { ledger in
            guard
                case .unknownTenant = try await ledger.createJob(
                    NewJob(spec: TestLedger.spec(tenant: "nobody"), inputBytes: 1, actor: "t"))
            else { throw Unexpected("created") }
            var spec = TestLedger.spec()
            spec.jobID = "../../etc"
            let error = await #expect(throws: LedgerError.self) {
                try await ledger.createJob(NewJob(spec: spec, inputBytes: 1, actor: "t"))
            }
            #expect(error?.code == .invalidArgument)
            #expect(try await ledger.job("x' OR 1=1 --", tenantID: "acme") == nil)
        }
    }

    @Test("Pages are newest first and meet without gap or overlap")
    func paging() async throws {
        try await TestLedger.withLedger { ledger in
            let driver = JobDriver(ledger: ledger)
            var made: [String] = []
            for _ in 0..<7 { made.append(try await driver.create().0.jobID) }
            var seen: [String] = []
            var cursor: String?
            repeat {
                let page = try await ledger.jobs(tenantID: "acme", cursor: cursor, limit: 3)
                seen += page.items.map(\.jobID)
                cursor = page.nextCursor
            } while cursor != nil
            #expect(seen == made.sorted().reversed() && seen.count == 7)
            #expect(try await ledger.jobs(tenantID: "acme", state: .success).items.isEmpty)
        }
    }

    @Test("Erasing forgets results and names, keeps the audit, and names the objects that are to go")
    func erase() async throws {
        try await TestLedger.withLedger { ledger in
            let driver = JobDriver(ledger: ledger)
            let (job, messages) = try await driver.create(TestLedger.spec(dataset: "canary"))
            _ = try await driver.finish(messages)
            #expect(try await ledger.erase(job.jobID, tenantID: "globex", actor: "t") == nil)
            let erased = try #require(try await ledger.erase(job.jobID, tenantID: "acme", actor: "t"))
            #expect(erased.prefix == job.spec.keyPrefix)
            #expect(try await ledger.job(job.jobID, tenantID: "acme") == nil)
            #expect(try await ledger.erase(job.jobID, tenantID: "acme", actor: "t") == nil)
            for table in ["jobs", "tasks", "datasets", "cleaned_datasets", "audit_logs", "outbox", "imputation_stats"] {
                let text = try await ledger.column("SELECT string_agg(t::text, ' ') FROM \(table) t")[0] ?? ""
                #expect(!text.contains("canary"), "\(table)")
            }
            #expect(try await ledger.auditEntries(tenantID: "acme").items.first?.action == "job.erased")
            #expect(try await ledger.verifyAudit(tenantID: "acme") != .broken(at: 1))
        }
    }
}
