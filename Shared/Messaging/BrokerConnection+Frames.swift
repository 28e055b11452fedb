internal import CRabbitMQ
internal import PollThread

extension BrokerConnection {
    /// Frames taken before the thread looks at its jobs again.
    private static let burst = 1024

    /// Takes what has come, sends a heartbeat when one is due, and settles publishes whose time is up. Does not block.
    func takeFrames() {
        guard let state = raw, failure == nil else { return }
        var taken = 0
        while taken < Self.burst {
            var frame = amqp_frame_t()
            var none = timeval(tv_sec: 0, tv_usec: 0)
            amqp_maybe_release_buffers(state)
            let status = amqp_simple_wait_frame_noblock(state, &frame, &none)
            if status == AMQP_STATUS_TIMEOUT.rawValue { break }
            guard status == AMQP_STATUS_OK.rawValue else {
                fail(MessagingError(.connectionLost, "reading: \(String(cString: amqp_error_string2(status)))"))
                return
            }
            taken += 1
            if frame.frame_type == UInt8(AMQP_FRAME_METHOD) { handle(frame, state) }
            if failure != nil { return }
        }
        settleOverdue()
        stopWhenIdle()
        // More may wait inside the library, where poll does not see it.
        if taken == Self.burst { thread.poke() }
    }

    private func handle(_ frame: amqp_frame_t, _ state: amqp_connection_state_t) {
        let method = frame.payload.method
        switch method.id {
        case AMQP_BASIC_ACK_METHOD:
            let ack = method.decoded.assumingMemoryBound(to: amqp_basic_ack_t.self).pointee
            settle(tag: ack.delivery_tag, multiple: ack.multiple != 0, .confirmed)
        case AMQP_BASIC_NACK_METHOD:
            let nack = method.decoded.assumingMemoryBound(to: amqp_basic_nack_t.self).pointee
            settle(tag: nack.delivery_tag, multiple: nack.multiple != 0, .refused)
        case AMQP_BASIC_RETURN_METHOD:
            let code = Int(method.decoded.assumingMemoryBound(to: amqp_basic_return_t.self).pointee.reply_code)
            readMessage(frame, state) { message in
                if let tag = UInt64(AMQPBridge.string(message.properties.correlation_id)) { markReturned(tag: tag, code: code) }
            }
        case AMQP_BASIC_DELIVER_METHOD:
            let deliver = method.decoded.assumingMemoryBound(to: amqp_basic_deliver_t.self).pointee
            let tag = deliver.delivery_tag
            let redelivered = deliver.redelivered != 0
            readMessage(frame, state) { message in
                inHand += 1
                deliveries?.yield(RawDelivery(tag: tag, redelivered: redelivered, body: Array(AMQPBridge.view(message.body))))
            }
        case AMQP_BASIC_CANCEL_METHOD:
            // The queue was deleted, or its leader moved: whoever consumes subscribes again, on a new connection.
            fail(MessagingError(.connectionLost, "the broker cancelled the consumer"))
        case AMQP_CONNECTION_BLOCKED_METHOD: isBlocked = true
        case AMQP_CONNECTION_UNBLOCKED_METHOD: isBlocked = false
        case AMQP_CHANNEL_CLOSE_METHOD:
            let close = method.decoded.assumingMemoryBound(to: amqp_channel_close_t.self).pointee
            fail(
                MessagingError(
                    .channelClosed, "the broker closed the channel (\(close.reply_code))", replyCode: Int(close.reply_code)))
        case AMQP_CONNECTION_CLOSE_METHOD:
            let close = method.decoded.assumingMemoryBound(to: amqp_connection_close_t.self).pointee
            fail(
                MessagingError(
                    .connectionLost, "the broker closed the connection (\(close.reply_code))", replyCode: Int(close.reply_code)))
        default: break
        }
    }

    /// Header and body follow their method frame.
    private func readMessage(_ frame: amqp_frame_t, _ state: amqp_connection_state_t, _ body: (amqp_message_t) -> Void) {
        var message = amqp_message_t()
        do {
            try Self.check(amqp_read_message(state, frame.channel, &message, 0), "reading a message")
        } catch {
            fail(error)
            return
        }
        body(message)
        amqp_destroy_message(&message)
    }
}
