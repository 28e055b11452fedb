import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Health and metrics over HTTP: the whole interface of a worker, and a part of the API's.
public enum OpsRoutes {
    /// Adds `health`, `health/live`, `health/ready` and `metrics` below the group's path.
    public static func add<Context>(to router: some RouterMethods<Context>, _ dependencies: Dependencies) {
        let health = dependencies.health
        let metrics = dependencies.metrics
        router.get("health/live") { _, _ in json(.ok, #"{"status":"live"}"#) }
        router.get("health/ready") { _, _ in try state(health) }
        router.get("health") { _, _ in try state(health) }
        router.get("metrics") { _, _ in
            var headers = HTTPFields()
            headers[.contentType] = MetricsRegistry.contentType
            return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: metrics.render())))
        }
    }

    private static func state(_ health: HealthRegistry) throws -> Response {
        let snapshot = health.snapshot
        return json(
            snapshot.isReady ? .ok : .serviceUnavailable, String(decoding: try StableJSON.encode(snapshot), as: UTF8.self))
    }

    private static func json(_ status: HTTPResponse.Status, _ text: String) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = "application/json"
        headers[.cacheControl] = "no-store"
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}
