import Hummingbird
import Ledger
import Logging
import NIOCore

/// What travels with one request: the framework's part, the connection, and who asks.
struct ApiContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel
    /// Set by ``AuthMiddleware``; every route behind it has one.
    var principal: Principal?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// - Throws: 401 when a route was mounted in front of the authentication.
    var tenantID: String { get throws { try caller.tenantID } }

    var caller: Principal {
        get throws {
            guard let principal else { throw AuthMiddleware.unauthorized }
            return principal
        }
    }
}
