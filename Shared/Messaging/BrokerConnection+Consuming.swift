internal import CRabbitMQ

/// A message as it came.
struct RawDelivery: Sendable {
    var tag: UInt64
    var redelivered: Bool
    var body: [UInt8]
}

extension BrokerConnection {
    /// Subscribes. The stream ends when the broker cancels the consumer, the connection fails, `stopConsuming` is called, or nothing
    /// came for `idleLimit` while no message was in hand.
    /// It holds at most `prefetch` messages: the broker sends no more before one is acknowledged.
    func consume(_ queue: String, prefetch: Int) throws(MessagingError) -> AsyncStream<RawDelivery> {
        let state = try live()
        do {
            amqp_basic_qos(state, Self.dataChannel, 0, UInt16(clamping: max(1, prefetch)), 0)
            try Self.check(amqp_get_rpc_reply(state), "basic.qos")
            let (stream, continuation) = AsyncStream<RawDelivery>.makeStream(bufferingPolicy: .unbounded)
            consumerTag = AMQPBridge.withBytes(queue) { name in
                guard
                    let ok = amqp_basic_consume(
                        state, Self.dataChannel, name, amqp_bytes_t(len: 0, bytes: nil), 0, 0, 0,
                        amqp_table_t(num_entries: 0, entries: nil))
                else { return "" }
                return AMQPBridge.string(ok.pointee.consumer_tag)
            }
            try Self.check(amqp_get_rpc_reply(state), "basic.consume")
            deliveries = continuation
            inHand = 0
            idleSince = .now
            return stream
        } catch {
            fail(error)
            throw error
        }
    }

    /// Takes no more; what was delivered and not acknowledged goes back when the connection is closed.
    func stopConsuming() {
        guard let state = raw, failure == nil, !consumerTag.isEmpty else { return }
        AMQPBridge.withBytes(consumerTag) { _ = amqp_basic_cancel(state, Self.dataChannel, $0) }
        consumerTag = ""
        deliveries?.finish()
        deliveries = nil
    }

    /// Ends the stream of a consumer that waited in vain for too long. What came in the meantime goes back on close.
    func stopWhenIdle() {
        guard deliveries != nil, inHand == 0, .now - idleSince >= idleLimit else { return }
        stopConsuming()
    }

    func acknowledge(_ tag: UInt64) throws(MessagingError) {
        settleInHand()
        try Self.check(amqp_basic_ack(try live(), Self.dataChannel, tag, 0), "ack")
    }

    /// Back into the queue, or to the dead letters.
    func reject(_ tag: UInt64, requeue: Bool) throws(MessagingError) {
        settleInHand()
        try Self.check(amqp_basic_reject(try live(), Self.dataChannel, tag, requeue ? 1 : 0), "reject")
    }

    private func settleInHand() {
        inHand -= 1
        idleSince = .now
    }
}
