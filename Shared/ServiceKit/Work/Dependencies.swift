import Domain
import Foundation
import JobLifecycle
import Ledger
import Logging
import Messaging
import ObjectStore
import ServiceLifecycle
import Tabular

/// What every service stands on. Opening it connects to nothing: ``Supervisor`` does.
public final class Dependencies: Sendable {
    public let settings: ServiceSettings
    public let ledger: JobLedger
    public let endpoint: BrokerEndpoint
    public let topology: Topology
    public let publisher: Publisher
    public let relay: OutboxRelay
    public let store: any ObjectStore
    public let metrics: MetricsRegistry
    public let health: HealthRegistry
    /// Opens when every dependency was reached for the first time.
    public let ready = Gate()
    public let logger: Logger
    /// Unique per process start: host, process id, random digits.
    public let worker: String

    /// - Throws: when an address cannot be read; never because a server is away.
    public init(_ settings: ServiceSettings) throws {
        self.settings = settings
        let host = ProcessInfo.processInfo.hostName
        worker = "\(settings.name)@\(host):\(getpid()):\(Hex.encode(SecureRandom.bytes(4)))"
        let level = settings.logLevel
        var logger = Logger(label: settings.name) { JSONLogHandler(label: $0, level: level) }
        logger[metadataKey: "worker"] = .string(worker)
        self.logger = logger
        ledger = try JobLedger(settings.ledger, logger: logger)
        endpoint = try BrokerEndpoint(url: settings.brokerURL.value)
        topology = Topology(prefix: settings.topologyPrefix)
        publisher = Publisher(endpoint, topology: topology, logger: logger)
        relay = OutboxRelay(source: ledger, publisher: publisher, logger: logger)
        store = try Self.openStore(settings.storeURL.value)
        metrics = MetricsRegistry()
        health = HealthRegistry(dependencies: ["object_store", "postgres", "rabbitmq"])
    }

    private static func openStore(_ url: String) throws -> any ObjectStore {
        // Keys for S3 come from the default chain of AWS: environment, profile, instance role.
        try StoreLocation(url).open()
    }

    /// Sends what was committed without waiting for the broker; what fails stays in the outbox.
    public func relayLater(_ outbox: [OutboxMessage]) {
        let relay = relay
        if !outbox.isEmpty { Task { await relay.send(outbox) } }
    }

    public func close() async {
        await publisher.close()
        await ledger.close()
    }
}

/// Reaches the dependencies, for as long as it takes, opens the gate, and keeps the health entries true from then on.
public struct Supervisor: Service {
    private let dependencies: Dependencies

    public init(_ dependencies: Dependencies) { self.dependencies = dependencies }

    public func run() async throws {
        let d = dependencies
        try await cancelWhenGracefulShutdown {
            async let store: Void = keep(
                "object_store", first: {}, then: { try await BlockingIO.run { _ = try d.store.size("health/probe") } })
            async let database: Void = keep(
                "postgres",
                first: {
                    if d.settings.migrates { try await d.ledger.migrate() } else { _ = try await d.ledger.schemaVersion() }
                    try await d.ledger.announce(worker: d.worker)
                }, then: { try await d.ledger.ping() })
            async let broker: Void = keep(
                "rabbitmq", first: { try await d.publisher.declareTopology() },
                then: {
                    if await !d.publisher.isReady { try await d.publisher.declareTopology() }
                    guard await d.publisher.isReady else {
                        throw MessagingError(.connectionLost, "no connection, or the broker blocks publishers")
                    }
                })
            _ = try await (store, database, broker)
        }
    }

    /// Runs `first` until it succeeds, then `then` every few seconds; says each change once.
    private func keep(
        _ name: String, first: @escaping @Sendable () async throws -> Void,
        then probe: @escaping @Sendable () async throws -> Void
    ) async throws {
        let health = dependencies.health
        var backoff = Backoff(first: .milliseconds(100), longest: .seconds(2))
        var isFirst = true
        var said: String?
        while true {
            do {
                if isFirst { try await first() }
                try await probe()
                if isFirst || said != nil {
                    dependencies.logger.notice("dependency is up", metadata: ["dependency": .string(name)])
                }
                isFirst = false
                said = nil
                backoff.reset()
                health.up(name)
                if health.snapshot.dependencies.values.allSatisfy({ $0.status == "up" }) { dependencies.ready.open() }
                try await Task.sleep(for: .seconds(2))
            } catch is CancellationError {
                return
            } catch {
                if Task.isCancelled { return }
                let reason = Self.reason(error)
                health.down(name, reason)
                if said != reason {
                    dependencies.logger.warning(
                        "dependency is down, waiting for it", metadata: ["dependency": .string(name), "reason": .string(reason)])
                    said = reason
                }
                try await Task.sleep(for: backoff.next(spread: .random(in: 0...1)))
            }
        }
    }

    /// Errors of our own modules hold no secrets; of any other error only the type is told.
    public static func reason(_ error: any Error) -> String {
        switch error {
        case let error as LedgerError: error.description
        case let error as MessagingError: error.description
        case let error as SanitizerError: error.message
        default: "\(type(of: error))"
        }
    }
}
