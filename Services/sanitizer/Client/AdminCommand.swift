import ArgumentParser
import Domain
import Foundation
import Ledger
import Logging

/// Tenants, keys and the schema; talks to PostgreSQL, not to the API.
struct AdminCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin", abstract: "Tenants, keys and the database schema (for operators).",
        subcommands: [Migrate.self, TenantCommand.self, KeyCommand.self, DeadLettersCommand.self])

    struct DatabaseOptions: ParsableArguments {
        @Option(
            help: ArgumentHelp(
                "PostgreSQL; default: SANITIZER_DATABASE_URL, or the file named by SANITIZER_DATABASE_URL_FILE.", valueName: "url"
            ))
        var database: String?

        func with<Value>(_ body: (JobLedger) async throws -> Value) async throws -> Value {
            let environment = ProcessInfo.processInfo.environment
            guard let url = try database ?? OperatorSetting.value("SANITIZER_DATABASE_URL") else {
                throw ClientUsageError("no database: set SANITIZER_DATABASE_URL, or give --database URL")
            }
            var configuration = LedgerConfiguration(url: url)
            if let schema = environment["SANITIZER_DATABASE_SCHEMA"], !schema.isEmpty { configuration.schema = schema }
            configuration.applicationName = "sanitizer-admin"
            var logger = Logger(label: "admin") { StreamLogHandler.standardError(label: $0) }
            logger.logLevel = .error
            do {
                let ledger = try JobLedger(configuration, logger: logger)
                do {
                    let value = try await body(ledger)
                    await ledger.close()
                    return value
                } catch {
                    await ledger.close()
                    throw error
                }
            } catch let error as LedgerError {
                throw SanitizerError(
                    .dependencyUnavailable, "\(error.description): check the database address and run 'sanitizer admin migrate'")
            }
        }
    }

    static let actor = "operator:" + NSUserName()

    struct Migrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "migrate", abstract: "Bring the schema to this program's version.")
        @OptionGroup var database: DatabaseOptions
        func run() async throws {
            try await ClientRun.run {
                let version = try await database.with { try await $0.migrate() }
                print("schema version \(version)")
            }
        }
    }
}

extension AdminCommand {
    struct TenantCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "tenant", abstract: "Create and list tenants.", subcommands: [Create.self, List.self])

        struct Create: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "Create a tenant.")
            @Argument(help: "Id: lower-case letters, digits, - and _.")
            var tenant: String
            @Option(help: "Name for people; default: the id.")
            var name: String?
            @Option(help: "Calls per second.")
            var callsPerSecond: Int?
            @Option(help: "Jobs that run at the same time; the others wait, so that other tenants need not.")
            var runningJobs: Int = 16
            @Option(help: "Jobs accepted and not ended.")
            var openJobs: Int?
            @Option(help: "Bytes per upload.")
            var bytesPerJob: Int64?
            @Option(help: "Rows per month.")
            var rowsPerMonth: Int64?
            @OptionGroup var database: DatabaseOptions

            func run() async throws {
                try await ClientRun.run {
                    guard tenant.wholeMatch(of: /[a-z0-9][a-z0-9_-]{0,62}/) != nil else {
                        throw ClientUsageError("'\(tenant)' is no tenant id: lower-case letters, digits, - and _, at most 63")
                    }
                    var limits = TenantLimits()
                    if let callsPerSecond { limits.callsPerSecond = callsPerSecond }
                    limits.runningJobs = runningJobs
                    if let openJobs { limits.openJobs = openJobs }
                    if let bytesPerJob { limits.bytesPerJob = bytesPerJob }
                    if let rowsPerMonth { limits.rowsPerMonth = rowsPerMonth }
                    let isNew = try await database.with { [limits] in
                        try await $0.createTenant(tenant, name: name ?? tenant, limits: limits, actor: AdminCommand.actor)
                    }
                    print(isNew ? "tenant \(tenant) created" : "tenant \(tenant) exists already")
                }
            }
        }

        struct List: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "List tenants.")
            @OptionGroup var database: DatabaseOptions
            func run() async throws {
                try await ClientRun.run {
                    for tenant in try await database.with({ try await $0.tenants() }) {
                        print("\(tenant.id)\t\(tenant.name)\t\(tenant.createdAt)")
                    }
                }
            }
        }
    }

    struct KeyCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "key", abstract: "Create, rotate and revoke API keys.",
            subcommands: [Create.self, Rotate.self, Revoke.self])

        struct Create: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Create a key; prints <tenant>:<secret> on standard output, once: only its hash is stored.")
            @Argument(help: "Tenant id.")
            var tenant: String
            @Option(help: "Name of the key.")
            var name: String = "default"
            @Option(help: "admin, data_engineer or reviewer.")
            var role: String = "data_engineer"
            @Option(help: "Days until it expires; default: never.")
            var days: Int?
            @OptionGroup var database: DatabaseOptions

            func run() async throws {
                try await ClientRun.run {
                    guard let known = Role(rawValue: role) else {
                        throw ClientUsageError(
                            "--role must be \(Role.allCases.map(\.rawValue).joined(separator: ", ")), not '\(role)'")
                    }
                    let issued = try await database.with {
                        try await $0.createKey(
                            tenantID: tenant, name: name, role: known, lifetime: days.map { .seconds($0 * 86_400) },
                            actor: AdminCommand.actor)
                    }
                    FileHandle.standardError.write(
                        Data("key \(issued.keyID) (\(issued.role.rawValue)): shown once, keep it safe\n".utf8))
                    print("\(issued.tenantID):\(issued.secret)")
                }
            }
        }

        struct Rotate: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "Make a new key; the old one works a while longer.")
            @Argument(help: "Id of the key.")
            var keyID: String
            @Option(help: "Hours that the old key still works.")
            var overlapHours: Int = 24
            @OptionGroup var database: DatabaseOptions

            func run() async throws {
                try await ClientRun.run {
                    let issued = try await database.with {
                        try await $0.rotateKey(keyID, overlap: .seconds(overlapHours * 3600), actor: AdminCommand.actor)
                    }
                    guard let issued else {
                        throw SanitizerError(.inputMissing, "no working key \(keyID), list it in the database")
                    }
                    FileHandle.standardError.write(Data("key \(issued.keyID): shown once, keep it safe\n".utf8))
                    print("\(issued.tenantID):\(issued.secret)")
                }
            }
        }

        struct Revoke: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "End a key now.")
            @Argument(help: "Id of the key.")
            var keyID: String
            @OptionGroup var database: DatabaseOptions

            func run() async throws {
                try await ClientRun.run {
                    let revoked = try await database.with { try await $0.revokeKey(keyID, actor: AdminCommand.actor) }
                    guard revoked else { throw SanitizerError(.inputMissing, "no working key \(keyID)") }
                    print("key \(keyID) revoked")
                }
            }
        }
    }
}
