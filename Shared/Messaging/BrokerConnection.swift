internal import CRabbitMQ
internal import PollThread

/// Owns one librabbitmq connection; the socket is closed with it.
private final class AMQPHandle {
    let raw: amqp_connection_state_t
    init?() {
        guard let raw = amqp_new_connection() else { return nil }
        self.raw = raw
    }
    deinit { amqp_destroy_connection(raw) }
}

/// One connection to the broker. All C state is isolated to this actor, whose executor is one thread that also polls the
/// socket: heartbeats are sent and frames taken even while nobody calls.
///
/// A connection is used until it fails and then replaced by a new one: a channel error counts as a failure too, because it
/// silently drops confirm mode and consumers.
actor BrokerConnection {
    nonisolated let thread = PollThread(name: "amqp")
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    let endpoint: BrokerEndpoint
    /// nil before `open` and after `close`.
    private var handle: AMQPHandle?
    var raw: amqp_connection_state_t? { handle?.raw }
    /// Why the connection cannot be used any more.
    private(set) var failure: MessagingError?
    /// The broker has run out of memory or disk and reads nothing from publishers.
    var isBlocked = false

    // Publishing.
    var nextTag: UInt64 = 1
    var batches: [PublishBatch] = []
    // Consuming.
    var deliveries: AsyncStream<RawDelivery>.Continuation?
    /// Messages delivered and not yet acknowledged or rejected.
    var inHand = 0
    /// When the consumer subscribed or last had a message in hand.
    var idleSince = ContinuousClock.now
    /// A consumer that got nothing for so long is to subscribe anew: the broker may have lost it without a word.
    let idleLimit: Duration
    var consumerTag = ""

    /// Publishes, confirms and deliveries.
    static let dataChannel: amqp_channel_t = 1
    /// Declarations: an error there closes this channel only.
    static let adminChannel: amqp_channel_t = 2
    /// Publishing deadlines and heartbeats are looked at this often when nothing comes in.
    private static let tick: Duration = .milliseconds(250)

    init(_ endpoint: BrokerEndpoint, idleLimit: Duration = .seconds(30)) {
        self.endpoint = endpoint
        self.idleLimit = idleLimit
    }
    deinit { thread.stop() }

    var isUsable: Bool { raw != nil && failure == nil }

    /// Connects, logs in and turns confirms on. Blocks this connection's own thread, at most about twice the connect timeout.
    func open() throws(MessagingError) {
        guard raw == nil, failure == nil else { throw MessagingError(.closed, "a connection is opened once") }
        guard let handle = AMQPHandle() else { throw MessagingError(.connectionFailed, "no memory for a connection") }
        let state = handle.raw
        try connect(state)
        try login(state)
        for channel in [Self.dataChannel, Self.adminChannel] {
            amqp_channel_open(state, channel)
            try Self.check(amqp_get_rpc_reply(state), "channel.open")
        }
        amqp_confirm_select(state, Self.dataChannel)
        try Self.check(amqp_get_rpc_reply(state), "confirm.select")
        self.handle = handle
        // The tick runs on the executor's thread, outside of any job: `assumeIsolated` verifies that.
        thread.watch(socket: amqp_get_sockfd(state), every: Self.tick) { [weak self] in
            self?.assumeIsolated { $0.takeFrames() }
        }
    }

    private func connect(_ state: amqp_connection_state_t) throws(MessagingError) {
        let milliseconds = endpoint.connectTimeout.wholeMilliseconds
        var timeout = timeval(tv_sec: Int(milliseconds / 1000), tv_usec: Int(milliseconds % 1000) * 1000)
        try Self.check(amqp_set_handshake_timeout(state, &timeout), "handshake timeout", .connectionFailed)
        try Self.check(amqp_set_rpc_timeout(state, &timeout), "rpc timeout", .connectionFailed)
        let socket: OpaquePointer?
        if let tls = endpoint.tls {
            socket = amqp_ssl_socket_new(state)
            guard let socket else { throw MessagingError(.connectionFailed, "no memory for a socket") }
            amqp_ssl_socket_set_verify_peer(socket, 1)
            amqp_ssl_socket_set_verify_hostname(socket, 1)
            try Self.check(
                amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST), "tls versions", .connectionFailed)
            try Self.check(
                amqp_ssl_socket_set_cacert(socket, tls.authorities), "cannot read the authorities' file", .invalidEndpoint)
            if let certificate = tls.certificate, let key = tls.key {
                try Self.check(
                    amqp_ssl_socket_set_key(socket, certificate, key), "cannot read the client's certificate or key",
                    .invalidEndpoint)
            }
        } else {
            socket = amqp_tcp_socket_new(state)
        }
        guard let socket else { throw MessagingError(.connectionFailed, "no memory for a socket") }
        try Self.check(
            amqp_socket_open_noblock(socket, endpoint.host, Int32(endpoint.port), &timeout), "cannot connect",
            .connectionFailed)
    }

    private func login(_ state: amqp_connection_state_t) throws(MessagingError) {
        // Without consumer_cancel_notify a deleted queue leaves its consumer waiting for ever, without a word.
        let capabilities: [(String, AMQPValue)] = [
            ("consumer_cancel_notify", .bool(true)), ("connection.blocked", .bool(true)), ("publisher_confirms", .bool(true)),
            ("basic.nack", .bool(true)), ("authentication_failure_close", .bool(true)),
        ]
        let properties: [(String, AMQPValue)] = [
            ("capabilities", .table(capabilities)), ("connection_name", .string("sanitizer")),
        ]
        let heartbeat = Int32(clamping: max(1, endpoint.heartbeat.components.seconds))
        let reply = AMQPBridge.withTable(properties) { table in
            var table = table
            return camqp_login_plain(
                state, endpoint.virtualHost, 8, 131_072, heartbeat, &table, endpoint.user, endpoint.password)
        }
        do {
            try Self.check(reply, "login")
        } catch {
            // 403 access refused, 530 not allowed (virtual host); an old broker just hangs up.
            let refused = error.replyCode == 403 || error.replyCode == 530
            throw MessagingError(
                refused ? .accessRefused : .connectionFailed, refused ? "the broker refused the login" : error.message,
                replyCode: error.replyCode)
        }
    }

    /// Says goodbye and ends the connection; what was published and not confirmed is `.unknown`.
    func close() {
        guard let state = raw else { return }
        thread.unwatch()
        if failure == nil { _ = amqp_connection_close(state, AMQP_REPLY_SUCCESS) }
        fail(MessagingError(.closed, "the connection was closed"))
        handle = nil
    }

    /// Marks the connection as unusable and lets everybody who waits for it know.
    func fail(_ error: MessagingError) {
        if failure == nil { failure = error }
        thread.unwatch()
        for batch in batches { batch.settleAll(.unknown) }
        batches = []
        deliveries?.finish()
        deliveries = nil
    }

    func live() throws(MessagingError) -> amqp_connection_state_t {
        if let failure { throw failure }
        guard let raw else { throw MessagingError(.closed, "the connection is not open") }
        return raw
    }

    // MARK: errors

    static func check(_ status: Int32, _ what: String, _ code: MessagingError.Code = .connectionLost) throws(MessagingError) {
        if status != AMQP_STATUS_OK.rawValue {
            let code = status == AMQP_STATUS_TIMEOUT.rawValue && code == .connectionLost ? .timeout : code
            throw MessagingError(code, "\(what): \(String(cString: amqp_error_string2(status)))")
        }
    }

    static func check(_ reply: amqp_rpc_reply_t, _ what: String) throws(MessagingError) {
        switch reply.reply_type {
        case AMQP_RESPONSE_NORMAL: return
        case AMQP_RESPONSE_LIBRARY_EXCEPTION: try check(reply.library_error, what)
        case AMQP_RESPONSE_SERVER_EXCEPTION where reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD:
            let close = reply.reply.decoded.assumingMemoryBound(to: amqp_channel_close_t.self).pointee
            throw MessagingError(
                .channelClosed, "\(what): the broker closed the channel (\(close.reply_code))", replyCode: Int(close.reply_code))
        case AMQP_RESPONSE_SERVER_EXCEPTION where reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD:
            let close = reply.reply.decoded.assumingMemoryBound(to: amqp_connection_close_t.self).pointee
            throw MessagingError(
                .connectionLost, "\(what): the broker closed the connection (\(close.reply_code))",
                replyCode: Int(close.reply_code))
        default: throw MessagingError(.connectionLost, "\(what): the connection ended")
        }
    }
}
