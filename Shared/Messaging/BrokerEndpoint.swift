import Foundation

/// Where the broker is and how to enter. Secret: the password.
public struct BrokerEndpoint: Sendable {
    public struct TLS: Sendable {
        /// PEM file of the authorities that may have signed the broker's certificate.
        public var authorities: String
        /// The client's own certificate and key, PEM files; both or neither.
        public var certificate: String?
        public var key: String?
        public init(
            authorities: String = "/etc/ssl/certs/ca-certificates.crt", certificate: String? = nil, key: String? = nil
        ) {
            self.authorities = authorities
            self.certificate = certificate
            self.key = key
        }
    }
    public var host = "127.0.0.1"
    public var port = 5672
    public var virtualHost = "/"
    public var user = "guest"
    public var password = "guest"
    /// The peer is given up after about two of these in silence; whole seconds, at least 1.
    public var heartbeat: Duration = .seconds(5)
    public var connectTimeout: Duration = .seconds(5)
    /// nil: plain TCP. Otherwise certificate and host name are always verified.
    public var tls: TLS?

    public init() {}

    /// `amqp://user:password@host:port/vhost?heartbeat=5` or `amqps://...?cacertfile=...&certfile=...&keyfile=...`.
    ///
    /// - Throws: ``MessagingError`` that does not quote the URL.
    /// - Source: https://www.rabbitmq.com/uri-spec.html and uri-query-parameters.html
    public init(url: String) throws {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
            scheme == "amqp" || scheme == "amqps", let host = parts.host, !host.isEmpty
        else { throw MessagingError(.invalidEndpoint, "the broker's URL must be amqp://... or amqps://...") }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = parts.port ?? (scheme == "amqps" ? 5671 : 5672)
        guard (1...65535).contains(port) else { throw MessagingError(.invalidEndpoint, "the broker's port is out of range") }
        if let user = parts.user { self.user = user }
        if let password = parts.password { self.password = password }
        let path = parts.percentEncodedPath.dropFirst()
        if !path.isEmpty {
            guard let decoded = path.removingPercentEncoding, !path.contains("/") else {
                throw MessagingError(.invalidEndpoint, "the virtual host in the broker's URL must be one escaped segment")
            }
            virtualHost = decoded
        }
        if scheme == "amqps" { tls = TLS() }
        for item in parts.queryItems ?? [] {
            try apply(item.name, item.value ?? "")
        }
        if let tls, (tls.certificate == nil) != (tls.key == nil) {
            throw MessagingError(.invalidEndpoint, "certfile and keyfile must be given together")
        }
    }

    private mutating func apply(_ name: String, _ value: String) throws {
        switch name {
        case "heartbeat":
            guard let seconds = Int(value), (1...3600).contains(seconds) else { throw Self.bad(name) }
            heartbeat = .seconds(seconds)
        case "connection_timeout":
            guard let milliseconds = Int(value), (1...600_000).contains(milliseconds) else { throw Self.bad(name) }
            connectTimeout = .milliseconds(milliseconds)
        case "cacertfile" where tls != nil: tls?.authorities = value
        case "certfile" where tls != nil: tls?.certificate = value
        case "keyfile" where tls != nil: tls?.key = value
        case "verify":
            guard value == "verify_peer" else {
                throw MessagingError(
                    .invalidEndpoint, "the broker's certificate is always verified: give its authority as cacertfile")
            }
        default: throw Self.bad(name)
        }
    }
    private static func bad(_ name: String) -> MessagingError {
        MessagingError(.invalidEndpoint, "unknown or bad parameter \(name) in the broker's URL")
    }
}
