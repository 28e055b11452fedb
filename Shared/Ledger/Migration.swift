internal import Tabular

/// One numbered step of the schema.
struct Migration: Sendable {
    let version: Int
    let name: String
    let up: String
    let down: String
    /// Of `up`: a migration that was applied is never edited.
    var checksum: String { SHA256.hex(up) }

    private init(_ version: Int, _ name: String, up: [UInt8], down: [UInt8]) {
        self.version = version
        self.name = name
        self.up = String(decoding: up, as: UTF8.self)
        self.down = String(decoding: down, as: UTF8.self)
    }

    static let all: [Migration] = [
        Migration(1, "tables", up: PackageResources.m0001_tables_up_sql, down: PackageResources.m0001_tables_down_sql),
        Migration(2, "lifecycle", up: PackageResources.m0002_lifecycle_up_sql, down: PackageResources.m0002_lifecycle_down_sql),
        Migration(3, "jobs", up: PackageResources.m0003_jobs_up_sql, down: PackageResources.m0003_jobs_down_sql),
        Migration(4, "tasks", up: PackageResources.m0004_tasks_up_sql, down: PackageResources.m0004_tasks_down_sql),
        Migration(5, "access", up: PackageResources.m0005_access_up_sql, down: PackageResources.m0005_access_down_sql),
        Migration(6, "recovery", up: PackageResources.m0006_recovery_up_sql, down: PackageResources.m0006_recovery_down_sql),
        Migration(
            7, "dead_letters", up: PackageResources.m0007_dead_letters_up_sql, down: PackageResources.m0007_dead_letters_down_sql),
        Migration(8, "own_keys", up: PackageResources.m0008_own_keys_up_sql, down: PackageResources.m0008_own_keys_down_sql),
    ]
}
