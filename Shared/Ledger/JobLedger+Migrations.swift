internal import Logging

extension JobLedger {
    /// Applies the migrations that are missing, one transaction each, under an advisory lock: any number of processes may call
    /// it at the same time.
    /// - Returns: the schema's version.
    /// - Throws: ``LedgerError``; ``LedgerError/Code/schemaMismatch`` when the schema is newer than this program, or when an
    ///   applied migration differs from the one that this program knows.
    @discardableResult public func migrate() async throws -> Int {
        try await migrating { connection in
            let applied = try await self.applied(connection)
            for (version, checksum) in applied {
                guard let known = Migration.all.first(where: { $0.version == version }) else {
                    throw LedgerError(.schemaMismatch, "the schema has migration \(version), which this program does not know")
                }
                guard known.checksum == checksum else {
                    throw LedgerError(.schemaMismatch, "migration \(version) was applied in another form")
                }
            }
            let last = applied.map(\.0).max() ?? 0
            for migration in Migration.all where migration.version > last {
                let script = """
                    BEGIN; SET LOCAL statement_timeout = 0;
                    \(migration.up)
                    INSERT INTO schema_migrations (version, name, checksum)
                        VALUES (\(migration.version), '\(migration.name)', '\(migration.checksum)');
                    COMMIT
                    """
                try await self.apply(script, "migration_\(migration.version)_up", connection)
            }
            return Migration.all.last?.version ?? 0
        }
    }

    /// Takes the schema back to `version`; 0 leaves nothing, not even the schema. For tests: data goes.
    public func migrateDown(to version: Int) async throws {
        try await migrating { connection in
            let last = try await self.applied(connection).map(\.0).max() ?? 0
            for migration in Migration.all.reversed() where migration.version > version && migration.version <= last {
                let script = """
                    BEGIN; SET LOCAL statement_timeout = 0;
                    \(migration.down)
                    DELETE FROM schema_migrations WHERE version = \(migration.version);
                    COMMIT
                    """
                try await self.apply(script, "migration_\(migration.version)_down", connection)
            }
            if version == 0 {
                // No CASCADE: what is not ours is not dropped.
                let script = "DROP TABLE schema_migrations; DROP SCHEMA \(self.configuration.schema)"
                try await self.apply(script, "migration_0_down", connection)
            }
        }
    }

    /// 0 when nothing was ever applied.
    public func schemaVersion() async throws -> Int {
        let rows: Rows
        do {
            rows = try await run(Statement("schema_version", Array("SELECT max(version) FROM schema_migrations".utf8)))
        } catch let error as LedgerError where error.code == .schemaMismatch {
            return 0
        }
        return Int(rows.int(0, 0) ?? 0)
    }

    private func migrating<Value: Sendable>(_ body: @Sendable (PostgresConnection) async throws -> Value) async throws -> Value {
        let connection = PostgresConnection(
            try PostgresParameters(configuration, role: nil, suffix: "-migration"), name: "pg-migrate")
        do {
            // One lock for all schemas of the database: the role that they share is made once.
            let prelude = """
                SET statement_timeout = 0;
                SELECT pg_advisory_lock(7316489021);
                SET client_min_messages = warning;
                CREATE SCHEMA IF NOT EXISTS \(configuration.schema);
                CREATE TABLE IF NOT EXISTS schema_migrations (version integer PRIMARY KEY, name text NOT NULL,
                    checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());
                """
            try await connection.execute(script: prelude, name: "migration_lock", timeout: .seconds(600))
            let value = try await body(connection)
            await connection.close(forGood: true)  // gives the lock back
            return value
        } catch {
            await connection.close(forGood: true)
            throw error
        }
    }

    /// A failed script leaves its transaction open and failed; the connection is closed by the caller.
    private func apply(_ script: String, _ name: String, _ connection: PostgresConnection) async throws {
        try await connection.execute(script: script, name: name, timeout: .seconds(3600))
        logger.info("migration applied", metadata: ["migration": "\(name)"])
    }

    private func applied(_ connection: PostgresConnection) async throws -> [(Int, String)] {
        let statement = Statement("applied", Array("SELECT version, checksum FROM schema_migrations ORDER BY version".utf8))
        let rows = try await connection.run([Call(statement)])[0]
        return (0..<rows.count).map { (Int(rows.int($0, 0) ?? 0), rows.text($0, 1) ?? "") }
    }
}
