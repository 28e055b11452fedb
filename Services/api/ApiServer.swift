import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceKit
import ServiceLifecycle

/// The REST API as one service: routes, authentication, problems.
enum ApiServer {
    static func make(_ dependencies: Dependencies, _ settings: ApiSettings, _ admission: Admission) throws -> some Service {
        let service = settings.service
        return Application(
            router: try router(dependencies, settings, admission),
            server: .http1(
                configuration: .init(additionalChannelHandlers: [ContinueHandler()], idleTimeout: .seconds(75))),
            configuration: .init(address: .hostname(service.httpHost, port: service.httpPort), serverName: "data-sanitizer"),
            onServerRunning: { ServiceRunner.announcePort($0.localAddress?.port, dependencies) },
            logger: ServiceRunner.quiet(dependencies.logger))
    }

    static func router(
        _ dependencies: Dependencies, _ settings: ApiSettings, _ admission: Admission
    ) throws -> Router<ApiContext> {
        let router = Router(context: ApiContext.self, options: .autoGenerateHeadEndpoints)
        router.add(
            middleware: ProblemMiddleware(metrics: dependencies.metrics, known: try KnownPaths(document: OpenAPIDocument.json)))
        router.get("api/openapi.json") { _, _ in Reply.json(bytes: OpenAPIDocument.json) }
        router.get("api/docs") { _, _ in Reply.text(DocsPage.html, type: "text/html; charset=utf-8") }
        OpsRoutes.add(to: router.group("api/v1"), dependencies)

        let tenant = router.group("api/v1")
            .add(middleware: AuthMiddleware(authenticator: Authenticator(dependencies.ledger), limiter: RateLimiter()))
        let ingest = IngestRoute(
            dependencies: dependencies, settings: settings, admission: admission, roots: SourceRoots(settings.sourceRoots))
        tenant.post("datasets/{tenant_id}/ingest") { try await ingest.handle($0, $1) }
        JobRoutes(dependencies: dependencies, settings: settings).add(to: tenant)
        DownloadRoutes(dependencies: dependencies).add(to: tenant)
        let events = EventsRoute(dependencies: dependencies)
        tenant.get("jobs/{job_id}/events") { try await events.handle($0, $1) }
        let audit = AuditRoute(dependencies: dependencies)
        tenant.get("jobs/{job_id}/audit-log") { try await audit.handle($0, $1) }
        tenant.post("jobs/{job_id}/audit-log") { try await audit.handle($0, $1) }
        let confidence = ConfidenceRoute(dependencies: dependencies)
        tenant.get("jobs/{job_id}/confidence-scores") { try await confidence.handle($0, $1) }
        tenant.post("jobs/{job_id}/confidence-scores") { try await confidence.handle($0, $1) }
        return router
    }
}
