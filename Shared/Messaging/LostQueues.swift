/// Queues that the broker fails to declare, and since when.
///
/// RabbitMQ may lose the record of a quorum queue whose process lives on: when it dies, or when a queue is deleted that does not
/// answer or is deleted twice (seen with 3.10; rabbitmq-server issues 17137 and 17457). Until the broker is restarted every
/// declaration of that name as a quorum queue then ends with 541. A classic queue can have the name, so one takes the place:
/// nothing relies on the queue's own copies, the ledger sends again what it loses. See decision 14.
struct LostQueues {
    /// How long the broker may fail before it is believed: a declaration that meets a deletion fails too, and passes.
    static let patience: Duration = .seconds(10)
    private var since: [String: ContinuousClock.Instant] = [:]

    /// To be declared as classic queues.
    var substituted: Set<String> {
        let longest = ContinuousClock.now - Self.patience
        return Set(since.filter { $0.value < longest }.keys)
    }

    mutating func note(_ error: any Error) {
        guard let queue = (error as? MessagingError)?.queue, since[queue] == nil else { return }
        since[queue] = .now
    }

    /// Everything could be declared.
    mutating func clear() { since = [:] }
}
