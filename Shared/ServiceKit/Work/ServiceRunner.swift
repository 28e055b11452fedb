import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import ServiceLifecycle
import UnixSignals

/// Runs a service's parts until SIGTERM or SIGINT: dependencies first, stopped in reverse, within the drain time.
public enum ServiceRunner {
    /// Returns when everything has stopped; exits with 1 when a part failed.
    public static func run(_ dependencies: Dependencies, _ parts: [any Service]) async {
        let logger = dependencies.logger
        var configuration = ServiceGroupConfiguration(
            services: [Supervisor(dependencies), Dispatcher(dependencies)] + parts,
            gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet(logger))
        configuration.maximumGracefulShutdownDuration = dependencies.settings.drain * 0.9
        logger.notice("service starts", metadata: ["port": .stringConvertible(dependencies.settings.httpPort)])
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch is CancellationError {
            logger.warning("the drain time was used up")
        } catch {
            logger.critical("service failed", metadata: ["reason": .string(startFailure(error))])
            _exit(1)
        }
        await dependencies.close()
        logger.notice("service stopped")
        // Threads of given-up work may still be running; they are fenced and end with the process. Not `exit`: it would take the
        // libraries' state away under them. Log lines are written when they are made, so nothing is left to flush.
        _exit(0)
    }

    /// What the settings name, opened; prints the reason and exits with 2 when an address cannot be read.
    public static func open(_ settings: ServiceSettings) -> Dependencies {
        do {
            return try Dependencies(settings)
        } catch {
            FileHandle.standardError.write(Data("\(settings.name): \(Supervisor.reason(error))\n".utf8))
            exit(2)
        }
    }

    /// A worker's parts: its HTTP port and one consumer per slot.
    public static func workers(_ dependencies: Dependencies, queue: TaskQueue, work: @escaping StageWork) -> [any Service] {
        [opsServer(dependencies)]
            + (0..<dependencies.settings.slots).map { _ in TaskWorker(dependencies, queue: queue, work: work) }
    }

    /// The HTTP server of a worker: health and metrics.
    public static func opsServer(_ dependencies: Dependencies) -> some Service {
        let router = Router()
        OpsRoutes.add(to: router.group("api/v1"), dependencies)
        let settings = dependencies.settings
        return Application(
            router: router,
            configuration: .init(address: .hostname(settings.httpHost, port: settings.httpPort), serverName: settings.name),
            onServerRunning: { announcePort($0.localAddress?.port, dependencies) }, logger: quiet(dependencies.logger))
    }

    /// Says which port was taken: the log line that tests and people wait for.
    public static func announcePort(_ port: Int?, _ dependencies: Dependencies) {
        dependencies.logger.notice("listening", metadata: ["port": .stringConvertible(port ?? 0)])
    }

    /// Frameworks log their own life at info; that is our debug.
    public static func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        if logger.logLevel == .info { logger.logLevel = .warning }
        return logger
    }

    private static func startFailure(_ error: any Error) -> String {
        // NIO's bind errors name the address and the system's reason, nothing else.
        "\(error)"
    }
}
