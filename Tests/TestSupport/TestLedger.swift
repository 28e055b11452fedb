public import Domain
public import Ledger
public import Logging
import Tabular

/// Ledgers for tests, each in a schema that no other test uses at the time.
public enum TestLedger {
    /// For a schema of its own that is not there yet.
    public static func configuration() throws -> LedgerConfiguration {
        var configuration = LedgerConfiguration(url: try TestServers.postgres())
        configuration.schema = "t" + Hex.encode(SecureRandom.bytes(8))
        return configuration
    }

    /// A migrated ledger with the tenants `acme` and `globex`; `adjust` may change its settings.
    public static func withLedger<Value: Sendable>(
        adjust: (inout LedgerConfiguration) -> Void = { _ in }, _ body: @Sendable (JobLedger) async throws -> Value
    ) async throws -> Value {
        var configuration = try configuration()
        configuration.schema = try await TestSchemas.shared.take()
        adjust(&configuration)
        let ledger = try JobLedger(configuration, logger: quiet)
        let result: Result<Value, any Error>
        do {
            for tenant in ["acme", "globex"] { try await ledger.createTenant(tenant, name: tenant, actor: "test") }
            result = .success(try await body(ledger))
        } catch {
            result = .failure(error)
        }
        await ledger.close()
        try await TestSchemas.shared.giveBack(configuration.schema)
        return try result.get()
    }

    /// A second process's view of the same tables.
    public static func peer(of ledger: JobLedger, url: String? = nil) throws -> JobLedger {
        var configuration = ledger.configuration
        if let url { configuration.url = url }
        return try JobLedger(configuration, logger: quiet)
    }

    public static var quiet: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .error
        return logger
    }

    public static func spec(tenant: String = "acme", dataset: String = "orders") -> JobSpec {
        let id = Identifier.make()
        return JobSpec(
            jobID: id, tenantID: tenant, datasetName: dataset, inputKey: "tenants/\(tenant)/jobs/\(id)/input",
            inputName: "orders.csv", recipe: nil, salt: "salt", outputFormat: .parquet, keyPrefix: "tenants/\(tenant)/jobs/\(id)/"
        )
    }
}
