import Foundation
import JobLifecycle
import Ledger
import Logging
import Messaging

/// The settings that every service reads from its environment. Keys are documented in `docs/configuration.md`.
public struct ServiceSettings: Sendable {
    /// `api`, `pass1-worker`, `pass2-worker` or `reporter`.
    public var name: String
    public var httpHost: String
    public var httpPort: Int
    public var databaseURL: Secret
    public var databaseSchema: String
    public var databasePool: Int
    /// Longest time of one statement.
    public var statement: Duration
    public var brokerURL: Secret
    public var topologyPrefix: String
    public var storeURL: Secret
    /// Master key of the per-tenant keys for hashed personal data, at least 16 bytes.
    public var hmacKey: Secret
    public var logLevel: Logger.Level
    public var lease: Duration
    public var maximumAttempts: Int
    /// Time between SIGTERM and exit.
    public var drain: Duration
    public var dispatchEvery: Duration
    public var migrates: Bool
    /// Chunks worked on at a time.
    public var slots: Int
    public var memoryBytes: Int

    /// - Throws: ``SettingsError`` after every setting was looked at.
    public init(name: String, defaultPort: Int, reader: inout SettingsReader) throws {
        self.name = name
        httpHost = reader.text("SANITIZER_HTTP_HOST", default: "127.0.0.1", "address that the HTTP port binds to")
        httpPort = reader.integer(
            "SANITIZER_HTTP_PORT", default: defaultPort, in: 0...65535, "port of the HTTP server; 0 takes a free one")
        databaseURL = reader.secret(
            "SANITIZER_DATABASE_URL", default: nil, "PostgreSQL", range: "postgres://user:password@host:port/database")
        databaseSchema = reader.text(
            "SANITIZER_DATABASE_SCHEMA", default: "sanitizer", "schema of the tables",
            range: "lower-case letters, digits and _"
        ) { !$0.isEmpty && $0.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F } }
        databasePool = reader.integer(
            "SANITIZER_DATABASE_POOL", default: 4, in: 1...64, "connections to PostgreSQL (twice as many at most)")
        statement = reader.seconds(
            "SANITIZER_STATEMENT_SECONDS", default: 10, in: 1...600, "longest time of one statement in PostgreSQL")
        brokerURL = reader.secret(
            "SANITIZER_AMQP_URL", default: nil, "RabbitMQ", range: "amqp://user:password@host:port/vhost or amqps://...")
        topologyPrefix = reader.text("SANITIZER_AMQP_PREFIX", default: "", "put before every exchange and queue name")
        storeURL = reader.secret(
            "SANITIZER_STORE_URL", default: nil, "object store, shared by all services",
            range: "file:///folder or s3://bucket/prefix?endpoint=...")
        hmacKey = reader.secret(
            "SANITIZER_HMAC_KEY", default: nil, "master key for hashed personal data, the same for all services",
            range: "at least 16 characters"
        ) { $0.utf8.count >= 16 }
        let level = reader.text(
            "SANITIZER_LOG_LEVEL", default: "info", "least level that is logged",
            range: "trace, debug, info, notice, warning, error or critical"
        ) { Logger.Level(rawValue: $0) != nil }
        logLevel = Logger.Level(rawValue: level) ?? .info
        lease = reader.seconds("SANITIZER_LEASE_SECONDS", default: 15, in: 1...3600, "how long a claimed task is held")
        maximumAttempts = reader.integer("SANITIZER_MAX_ATTEMPTS", default: 5, in: 1...100, "attempts before a task is set aside")
        drain = reader.seconds("SANITIZER_DRAIN_SECONDS", default: 25, in: 1...3600, "time from SIGTERM to exit")
        dispatchEvery = .milliseconds(
            reader.integer(
                "SANITIZER_DISPATCH_MS", default: 1000, in: 20...60_000, "pause between two rounds of the dispatcher, in ms"))
        migrates =
            reader.text("SANITIZER_MIGRATE", default: "on", "apply missing migrations at the start", range: "on or off") {
                $0 == "on" || $0 == "off"
            } == "on"
        slots = reader.integer(
            "SANITIZER_SLOTS", default: 1, in: 1...64, "tasks at a time of one worker; they share its memory")
        memoryBytes = reader.bytes("SANITIZER_MEMORY", default: "512MiB", atLeast: 64 << 20, "memory ceiling of the process")
    }

    /// Reads the settings; for `--help` or when something is wrong, prints and ends the process (exit code 0 or 2).
    public static func load<Settings>(
        _ name: String, _ summary: String, arguments: [String] = CommandLine.arguments,
        _ read: (inout SettingsReader) throws -> Settings
    ) -> Settings {
        var reader = SettingsReader()
        let settings = Result {
            let settings = try read(&reader)
            try reader.validate()
            return settings
        }
        if arguments.count > 1 {
            let isHelp = arguments[1] == "--help" || arguments[1] == "-h"
            let text = help(name, summary, reader.descriptions)
            FileHandle(fileDescriptor: isHelp ? 1 : 2).write(
                Data(
                    (isHelp
                        ? text : "\(name): unknown argument '\(arguments[1])': it takes settings from the environment\n\(text)")
                        .utf8))
            exit(isHelp ? 0 : 2)
        }
        switch settings {
        case .success(let settings): return settings
        case .failure(let error):
            let lines = "\(error)".split(separator: "\n").map { "\(name): \($0)\n" }.joined()
            FileHandle.standardError.write(Data((lines + "\(name): see '\(name) --help' for every setting\n").utf8))
            exit(2)
        }
    }

    static func help(_ name: String, _ summary: String, _ settings: [SettingDescription]) -> String {
        var out = "\(name): \(summary)\n\nSettings (environment variables; a secret may be given as <NAME>_FILE):\n"
        for setting in settings {
            let value =
                setting.isSecret ? "secret" : setting.defaultValue.map { "default \($0.isEmpty ? "none" : $0)" } ?? "required"
            out += "  \(setting.name)  \(setting.summary) (\(setting.type), \(value); \(setting.range))\n"
        }
        return out
    }

    var ledger: LedgerConfiguration {
        var configuration = LedgerConfiguration(url: databaseURL.value)
        configuration.schema = databaseSchema
        configuration.poolSize = databasePool
        configuration.statementTimeout = statement
        configuration.tenantPoolSize = databasePool
        configuration.lease = LeasePolicy(duration: lease)
        configuration.retry = RetryPolicy(maximumAttempts: maximumAttempts)
        configuration.applicationName = "sanitizer-" + name
        return configuration
    }
}
