internal import CRabbitMQ
internal import Domain

extension BrokerConnection {
    /// Declares the exchanges, queues and bindings that are missing.
    /// - Parameter classic: queues that are to be classic ones, see ``LostQueues``.
    /// - Returns: queues that exist with other arguments; they are used as they are.
    func declare(_ topology: Topology, classic: Set<String> = []) throws(MessagingError) -> [String] {
        for (name, type) in [(topology.tasks, "direct"), (topology.dead, "direct"), (topology.events, "topic")] {
            try declareExchange(name, type)
        }
        var different: [String] = []
        for queue in TaskQueue.allCases {
            let dead = topology.deadQueue(queue)
            if !(try declareQueue(dead, [], isClassic: classic.contains(dead))) { different.append(dead) }
            try bind(dead, topology.dead, queue.rawValue)
            let name = topology.queue(queue)
            let arguments: [(String, AMQPValue)] = [
                ("x-max-length", .int(Int64(topology.maximumLength))),
                // Refuses what is too much instead of dropping the oldest.
                ("x-overflow", .string("reject-publish")),
                ("x-dead-letter-exchange", .string(topology.dead)),
                // At most once: the broker's own dead letters are a net, see decision 12.
                ("x-dead-letter-routing-key", .string(queue.rawValue)),
            ]
            let limit: (String, AMQPValue) = ("x-delivery-limit", .int(Int64(topology.deliveryLimit)))
            let isClassic = classic.contains(name)
            if !(try declareQueue(name, isClassic ? arguments : arguments + [limit], isClassic: isClassic)) {
                different.append(name)
            }
            try bind(name, topology.tasks, queue.rawValue)
        }
        return different
    }

    private func declareExchange(_ name: String, _ type: String) throws(MessagingError) {
        let state = try live()
        AMQPBridge.withBytes(name) { name in
            AMQPBridge.withBytes(type) { type in
                _ = amqp_exchange_declare(
                    state, Self.adminChannel, name, type, 0, 1, 0, 0, amqp_table_t(num_entries: 0, entries: nil))
            }
        }
        try checkAdmin(state, "exchange.declare \(name)")
    }

    /// - Returns: false when the queue exists with other arguments (406 PRECONDITION_FAILED).
    func declareQueue(_ name: String, _ arguments: [(String, AMQPValue)], isClassic: Bool = false) throws(MessagingError) -> Bool
    {
        let state = try live()
        let type: (String, AMQPValue) = ("x-queue-type", .string(isClassic ? "classic" : "quorum"))
        AMQPBridge.withBytes(name) { name in
            AMQPBridge.withTable([type] + arguments) { table in
                _ = amqp_queue_declare(state, Self.adminChannel, name, 0, 1, 0, 0, table)
            }
        }
        do {
            try checkAdmin(state, "queue.declare \(name)")
            return true
        } catch {
            if error.replyCode == 406 { return false }
            var error = error
            if error.replyCode == MessagingError.internalError { error.queue = name }
            throw error
        }
    }

    private func bind(_ queue: String, _ exchange: String, _ key: String) throws(MessagingError) {
        let state = try live()
        AMQPBridge.withBytes(queue) { queue in
            AMQPBridge.withBytes(exchange) { exchange in
                AMQPBridge.withBytes(key) { key in
                    _ = amqp_queue_bind(
                        state, Self.adminChannel, queue, exchange, key, amqp_table_t(num_entries: 0, entries: nil))
                }
            }
        }
        try checkAdmin(state, "queue.bind \(queue)")
    }

    /// Messages ready in a queue, and its consumers.
    /// - Throws: ``MessagingError`` with reply code 404 when there is no such queue.
    func depth(of queue: String) throws(MessagingError) -> (messages: Int, consumers: Int) {
        let state = try live()
        let depth = AMQPBridge.withBytes(queue) { name -> (Int, Int) in
            guard
                let ok = amqp_queue_declare(
                    state, Self.adminChannel, name, 1, 1, 0, 0, amqp_table_t(num_entries: 0, entries: nil))
            else { return (0, 0) }
            return (Int(ok.pointee.message_count), Int(ok.pointee.consumer_count))
        }
        try checkAdmin(state, "queue.declare \(queue)")
        return depth
    }

    func deleteQueue(_ name: String) throws(MessagingError) {
        let state = try live()
        AMQPBridge.withBytes(name) { _ = amqp_queue_delete(state, Self.adminChannel, $0, 0, 0) }
        try checkAdmin(state, "queue.delete \(name)")
    }

    func deleteExchange(_ name: String) throws(MessagingError) {
        let state = try live()
        AMQPBridge.withBytes(name) { _ = amqp_exchange_delete(state, Self.adminChannel, $0, 0) }
        try checkAdmin(state, "exchange.delete \(name)")
    }

    /// An error on this channel closes this channel only: it is opened again, and the connection goes on.
    private func checkAdmin(_ state: amqp_connection_state_t, _ what: String) throws(MessagingError) {
        let reply = amqp_get_rpc_reply(state)
        defer { amqp_maybe_release_buffers_on_channel(state, Self.adminChannel) }
        do {
            try Self.check(reply, what)
        } catch {
            guard error.code == .channelClosed else {
                fail(error)
                throw error
            }
            var ok = amqp_channel_close_ok_t()
            _ = amqp_send_method(state, Self.adminChannel, amqp_method_number_t(AMQP_CHANNEL_CLOSE_OK_METHOD), &ok)
            amqp_channel_open(state, Self.adminChannel)
            do { try Self.check(amqp_get_rpc_reply(state), "channel.open") } catch { fail(error) }
            throw error
        }
    }
}
