/// A failure between this process and the broker.
public struct MessagingError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case invalidEndpoint = "invalid_endpoint"
        case connectionFailed = "connection_failed"
        case connectionLost = "connection_lost"
        /// Wrong user, password or virtual host.
        case accessRefused = "access_refused"
        /// The broker refused an operation and closed the channel.
        case channelClosed = "channel_closed"
        case timeout
        case closed
    }
    public var code: Code
    /// One line, lower case, no full stop, no secrets.
    public var message: String
    /// AMQP reply code (for example 404, 406), or 0.
    public var replyCode: Int
    /// The queue that the broker failed to declare, with an error of its own.
    var queue: String?

    public init(_ code: Code, _ message: String, replyCode: Int = 0) {
        self.code = code
        self.message = message
        self.replyCode = replyCode
    }
    /// The broker failed at an operation that others would have answered: its own error, or no answer at all.
    var isFaultOfBroker: Bool { code == .timeout || replyCode == Self.internalError }
    static let internalError = 541
    public var isRetryable: Bool { code != .invalidEndpoint && code != .closed }
    public var description: String { "broker: \(message) (\(code.rawValue))" }
}
