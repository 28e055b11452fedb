internal import CRabbitMQ

/// One `publish` call: tags `first ..< first + count`, in order.
final class PublishBatch {
    let first: UInt64
    let deadline: ContinuousClock.Instant
    private(set) var outcomes: [PublishOutcome?]
    private var settled: [Bool]
    private var open: Int
    /// Everything before this index is settled.
    private var low = 0
    var waiter: CheckedContinuation<Void, Never>?

    init(first: UInt64, count: Int, deadline: ContinuousClock.Instant) {
        self.first = first
        self.deadline = deadline
        outcomes = Array(repeating: nil, count: count)
        settled = Array(repeating: false, count: count)
        open = count
    }
    var isSettled: Bool { open == 0 }
    func contains(_ tag: UInt64) -> Bool { tag >= first && tag - first < UInt64(outcomes.count) }

    /// A return comes before its confirm, and is what counts.
    func markReturned(_ index: Int, code: Int) { outcomes[index] = .returned(code: code) }
    func settle(_ index: Int, _ outcome: PublishOutcome) {
        if settled[index] { return }
        settled[index] = true
        open -= 1
        if outcomes[index] == nil { outcomes[index] = outcome }
    }
    func settle(through index: Int, _ outcome: PublishOutcome) {
        while low <= index {
            settle(low, outcome)
            low += 1
        }
    }
    func settleAll(_ outcome: PublishOutcome) {
        for index in outcomes.indices { settle(index, outcome) }
        waiter?.resume()
        waiter = nil
    }
}

/// A message as it goes over the wire.
struct WireMessage: Sendable {
    var exchange: String
    var routingKey: String
    var body: [UInt8]
    var mandatory: Bool
    var id: String
    var headers: [(String, AMQPValue)] = []
}

extension BrokerConnection {
    /// Messages in flight at a time.
    private static let window = 256

    /// Publishes all, in windows, and returns when each one's fate is known or `timeout` is over.
    func publish(_ messages: [WireMessage], timeout: Duration) async -> [PublishOutcome] {
        let deadline = ContinuousClock.now + timeout
        var outcomes: [PublishOutcome] = []
        outcomes.reserveCapacity(messages.count)
        while outcomes.count < messages.count {
            guard let state = raw, failure == nil, !isBlocked, .now < deadline else {
                outcomes += Array(repeating: .notSent, count: messages.count - outcomes.count)
                break
            }
            let slice = messages[outcomes.count..<min(outcomes.count + Self.window, messages.count)]
            let batch = PublishBatch(first: nextTag, count: slice.count, deadline: deadline)
            batches.append(batch)
            for (index, message) in slice.enumerated() {
                let status = send(message, tag: nextTag, state)
                nextTag += 1
                if status != AMQP_STATUS_OK.rawValue {
                    // What came after it never left; it itself may have.
                    for later in (index + 1)..<max(index + 1, slice.count) { batch.settle(later, .notSent) }
                    fail(MessagingError(.connectionLost, "publishing: \(String(cString: amqp_error_string2(status)))"))
                    break
                }
            }
            if !batch.isSettled {
                await withCheckedContinuation { batch.waiter = $0 }
            }
            outcomes += batch.outcomes.map { $0 ?? .unknown }
        }
        return outcomes
    }

    private func send(_ message: WireMessage, tag: UInt64, _ state: amqp_connection_state_t) -> Int32 {
        AMQPBridge.withBytes(message.exchange) { exchange in
            AMQPBridge.withBytes(message.routingKey) { key in
                AMQPBridge.withBytes(message.id) { id in
                    AMQPBridge.withBytes(String(tag)) { correlation in
                        AMQPBridge.withBytes("application/json") { type in
                            AMQPBridge.withTable(message.headers) { headers in
                                AMQPBridge.withBytes(message.body) { body in
                                    var properties = amqp_basic_properties_t()
                                    properties._flags = amqp_flags_t(
                                        AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG
                                            | AMQP_BASIC_CORRELATION_ID_FLAG | AMQP_BASIC_CONTENT_TYPE_FLAG)
                                    properties.delivery_mode = UInt8(AMQP_DELIVERY_PERSISTENT.rawValue)
                                    properties.message_id = id
                                    properties.correlation_id = correlation
                                    properties.content_type = type
                                    if headers.num_entries > 0 {
                                        properties._flags |= amqp_flags_t(AMQP_BASIC_HEADERS_FLAG)
                                        properties.headers = headers
                                    }
                                    return amqp_basic_publish(
                                        state, Self.dataChannel, exchange, key, message.mandatory ? 1 : 0, 0, &properties, body)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    func settle(tag: UInt64, multiple: Bool, _ outcome: PublishOutcome) {
        for batch in batches where batch.first <= tag {
            if multiple {
                batch.settle(through: Int(min(tag - batch.first, UInt64(batch.outcomes.count - 1))), outcome)
            } else if batch.contains(tag) {
                batch.settle(Int(tag - batch.first), outcome)
            }
        }
        resumeSettled()
    }

    func markReturned(tag: UInt64, code: Int) {
        for batch in batches where batch.contains(tag) { batch.markReturned(Int(tag - batch.first), code: code) }
    }

    /// A confirm that did not come in time may still come: the message may be stored.
    func settleOverdue() {
        guard !batches.isEmpty else { return }
        let now = ContinuousClock.now
        for batch in batches where batch.deadline <= now { batch.settleAll(.unknown) }
        resumeSettled()
    }

    private func resumeSettled() {
        for batch in batches where batch.isSettled {
            batch.waiter?.resume()
            batch.waiter = nil
        }
        batches.removeAll { $0.isSettled }
    }
}
