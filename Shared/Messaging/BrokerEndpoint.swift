/// Where the broker is and how to enter. Secret: the password.
public struct BrokerEndpoint: Sendable {
    public struct TLS: Sendable {
        /// PEM file of the authorities that may have signed the broker's certificate.
        public var authorities: String
        public var certificate: String?
        public var key: String?
        public init(authorities: String = "/etc/ssl/certs/ca-certificates.crt", certificate: String? = nil, key: String? = nil) {
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
    /// The peer is given up after about two of these in silence.
    public var heartbeat: Duration = .seconds(5)
    public var connectTimeout: Duration = .seconds(5)
    /// nil: plain TCP. Otherwise certificate and host name are always verified.
    public var tls: TLS?

    public init() {}

    /// `amqp://user:password@host:port/vhost?heartbeat=5` or `amqps://...?cacertfile=...&certfile=...&keyfile=...`.
    /// - Throws: ``MessagingError`` that does not quote the URL.
    public init(url: String) throws { throw MessagingError(.invalidEndpoint, "not there yet") }
}
