import Domain
import JobLifecycle
@testable import Ledger
import TestSupport
import Testing

@Suite("Migrations", .timeLimit(.minutes(5)))
struct MigrationTests {
    private func withEmpty(_ body: @Sendable (JobLedger) async throws -> Void) async throws {
        let ledger = try JobLedger(try TestLedger.configuration(), logger: TestLedger.quiet)
        let result: Result<Void, any Error>
        do { result = .success(try await body(ledger)) } catch { result = .failure(error) }
        try await ledger.sql("DROP SCHEMA IF EXISTS \(ledger.configuration.schema) CASCADE")
        await ledger.close()
        try result.get()
    }

    @Test("Each step goes up and down again and leaves nothing behind")
    func upDownUp() async throws {
        try await withEmpty { ledger in
            let latest = Migration.all.count
            #expect(try await ledger.schemaVersion() == 0)
            #expect(try await ledger.migrate() == latest)
            for version in stride(from: latest - 1, through: 0, by: -1) {
                try await ledger.migrateDown(to: version)
                #expect(try await ledger.schemaVersion() == version)
                if version > 0 {
                    #expect(try await ledger.migrate() == latest)
                    try await ledger.migrateDown(to: version)
                }
            }
            let left = try await ledger.column(
                "SELECT count(*)::text FROM pg_namespace WHERE nspname = '\(ledger.configuration.schema)'")
            #expect(left == ["0"])
            #expect(try await ledger.migrate() == latest)
        }
    }

    @Test("Processes that start at the same time migrate once")
    func concurrent() async throws {
        try await withEmpty { ledger in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 { group.addTask { try await ledger.migrate() } }
                for try await version in group { #expect(version == Migration.all.count) }
            }
            #expect(try await ledger.column("SELECT count(*)::text FROM schema_migrations") == ["\(Migration.all.count)"])
        }
    }

    @Test("A schema from a newer or an edited program is not touched")
    func drift() async throws {
        try await withEmpty { ledger in
            try await ledger.migrate()
            try await ledger.sql("INSERT INTO schema_migrations VALUES (999, 'future', 'x')")
            #expect(await #expect(throws: LedgerError.self) { try await ledger.migrate() }?.code == .schemaMismatch)
            try await ledger.sql("DELETE FROM schema_migrations WHERE version = 999")
            try await ledger.sql("UPDATE schema_migrations SET checksum = 'x' WHERE version = 2")
            #expect(await #expect(throws: LedgerError.self) { try await ledger.migrate() }?.code == .schemaMismatch)
        }
    }

    @Test("Without a schema every call says what to do")
    func missing() async throws {
        try await withEmpty { ledger in
            let error = await #expect(throws: LedgerError.self) { try await ledger.claim(1, worker: "w") }
            #expect(error?.code == .schemaMismatch && error?.message.contains("migrations") == true)
        }
    }

    @Test("The database knows the same stages and transitions as the pure state machine")
    func mirror() async throws {
        try await TestLedger.withLedger { ledger in
            let stages = try await ledger.column(
                "SELECT stage || ' ' || ordinal || ' ' || queue || ' ' || job_state FROM stage_order ORDER BY ordinal")
            #expect(
                stages
                    == Stage.allCases.map {
                        "\($0.rawValue) \($0.ordinal) \($0.queue.rawValue) \(JobTransitions.state(during: $0).rawValue)"
                    })
            let jobs = Set(try await ledger.column("SELECT from_state || ' ' || to_state FROM job_transitions"))
            #expect(
                jobs
                    == Set(
                        JobState.allCases.flatMap { from in
                            JobTransitions.targets(from: from).map { "\(from.rawValue) \($0.rawValue)" }
                        }))
            let tasks = Set(try await ledger.column("SELECT from_state || ' ' || to_state FROM task_transitions"))
            #expect(
                tasks
                    == Set(
                        TaskState.allCases.flatMap { from in
                            TaskTransitions.targets(from: from).map { "\(from.rawValue) \($0.rawValue)" }
                        }))
        }
    }
}
