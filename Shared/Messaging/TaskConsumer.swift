public import Domain
internal import Failpoints
import Foundation
internal import JobLifecycle
public import Logging

/// A message that a worker has in hand.
public struct TaskDelivery: Sendable {
    public var message: TaskMessage
    /// True: somebody had it before and did not finish.
    public var redelivered: Bool
}

/// What to tell the broker about a message.
public enum Disposition: Sendable, Equatable {
    /// The ledger has the outcome.
    case done
    /// Nothing could be decided (the ledger is away): the handler gets it again after a growing pause, up to 5 s. The message
    /// stays in hand, because every return to the queue would count towards the delivery limit.
    case tryAgain
    /// Can never be handled: to the dead letters.
    case reject(reason: String)
}

/// Takes tasks from one queue, one at a time, reconnecting and subscribing again as needed.
///
/// Poison goes to the dead letters without reaching the handler. For more tasks at a time run more consumers.
public final class TaskConsumer: Sendable {
    private struct State {
        var connection: BrokerConnection?
        var isSubscribed = false
        var isDraining = false
        var pause: Task<Void, Never>?
    }
    private let endpoint: BrokerEndpoint
    private let topology: Topology
    private let queue: TaskQueue
    private let prefetch: Int
    private let idleLimit: Duration
    private let logger: Logger
    private let state = Guarded(State())

    /// Subscriptions at which the broker fails one after the other, while it answers all else, before the queue is taken for broken.
    private static let failuresOfBrokenQueue = 3

    /// - Parameters:
    ///   - prefetch: messages in hand; with more than 1, one that kills the worker counts against the others too.
    ///   - idleLimit: after so long without a message it subscribes anew. A quorum queue that is deleted and at once declared again
    ///     keeps its consumers without telling them, and what it sends them is lost until they go.
    public init(
        _ endpoint: BrokerEndpoint, topology: Topology = Topology(), queue: TaskQueue, prefetch: Int = 1,
        idleLimit: Duration = .seconds(30), logger: Logger
    ) {
        self.endpoint = endpoint
        self.topology = topology
        self.queue = queue
        self.prefetch = prefetch
        self.idleLimit = idleLimit
        var logger = logger
        logger[metadataKey: "queue"] = "\(queue.rawValue)"
        self.logger = logger
    }

    /// Runs until `drain()` is called or the task is cancelled; the handler in flight is waited for in both cases.
    ///
    /// While the broker is away it tries again, with pauses up to 5 s.
    public func run(_ handle: @Sendable (TaskDelivery) async -> Disposition) async {
        await withTaskCancellationHandler {
            var backoff = Backoff(first: .milliseconds(100), longest: .seconds(5))
            var failures = 0
            var lost = LostQueues()
            while !isDraining {
                let connection = BrokerConnection(endpoint, idleLimit: idleLimit)
                var isIdle = false
                state.withLock { $0.connection = connection }
                do {
                    try await connection.open()
                    for queue in try await connection.declare(topology, classic: lost.substituted) {
                        logger.warning("a queue has other arguments than expected", metadata: ["other": "\(queue)"])
                    }
                    lost.clear()
                    let deliveries: AsyncStream<RawDelivery>
                    do {
                        deliveries = try await connection.consume(topology.queue(queue), prefetch: prefetch)
                        failures = 0
                    } catch let error as MessagingError where error.isFaultOfBroker {
                        failures += 1
                        throw error
                    }
                    state.withLock { $0.isSubscribed = true }
                    logger.debug("subscribed")
                    backoff.reset()
                    for await delivery in deliveries {
                        if isDraining { break }
                        try await take(delivery, connection, handle)
                    }
                    if !isDraining, let failure = await connection.failure { throw failure }
                    isIdle = true
                } catch {
                    lost.note(error)
                    logger.warning("the consumer starts over", metadata: ["error": "\(error)"])
                }
                // Ready all the same while it only subscribes anew.
                if !isIdle { state.withLock { $0.isSubscribed = false } }
                await connection.close()  // what is unacknowledged goes back to the queue
                if failures == Self.failuresOfBrokenQueue, !isDraining {
                    failures = 0
                    await replaceBrokenQueue()
                }
                if !isDraining && !isIdle { await pause(backoff.next(spread: Double.random(in: 0...1))) }
            }
            state.withLock { $0.connection = nil }
        } onCancel: {
            Task { await drain() }
        }
    }

    /// Deletes the queue, which is declared anew with the next subscription; the ledger sends the tasks again whose messages go with it.
    ///
    /// A broker that dies while it makes or deletes a quorum queue may come back with a queue that can be declared and deleted,
    /// but confirms nothing and takes no consumer: it answers nothing, or with an internal error (seen with 3.10).
    private func replaceBrokenQueue() async {
        let name = topology.queue(queue)
        let connection = BrokerConnection(endpoint)
        do {
            try await connection.open()
            // Somebody else may have replaced it.
            if try await connection.depth(of: name).consumers == 0 {
                logger.error("the queue takes no consumers: it is deleted and declared again, the ledger sends its tasks again")
                try await connection.deleteQueue(name)
            }
        } catch {
            // A deletion that takes longer than the time limit goes on in the broker.
            logger.warning("the broken queue was not seen deleted", metadata: ["error": "\(error)"])
        }
        await connection.close()
    }

    /// Stops taking new messages; `run` returns after the handler in flight.
    public func drain() async {
        let connection = state.withLock { state in
            state.isDraining = true
            state.isSubscribed = false
            state.pause?.cancel()
            return state.connection
        }
        await connection?.stopConsuming()
    }

    /// Subscribed now. For readiness.
    public var isSubscribed: Bool { state.withLock { $0.isSubscribed } }
    private var isDraining: Bool { state.withLock { $0.isDraining } }

    private func take(
        _ delivery: RawDelivery, _ connection: BrokerConnection, _ handle: @Sendable (TaskDelivery) async -> Disposition
    ) async throws {
        let message: TaskMessage
        do {
            message = try TaskMessage.decode(delivery.body)
        } catch {
            logger.error("a message cannot be read", metadata: ["reason": "\(error.reason)"])
            try await bury(delivery, reason: error.reason, connection)
            return
        }
        if Mutation.ackBeforeCommit.isOn { try await connection.acknowledge(delivery.tag) }
        var backoff = Backoff(first: .milliseconds(200), longest: .seconds(5))
        while true {
            switch await handle(TaskDelivery(message: message, redelivered: delivery.redelivered)) {
            case .done:
                CrashPoint.pass(.ackBefore)
                if !Mutation.ackBeforeCommit.isOn { try await connection.acknowledge(delivery.tag) }
                CrashPoint.pass(.ackAfter)
                return
            case .reject(let reason):
                try await bury(delivery, reason: reason, connection)
                return
            case .tryAgain:
                // Given back when told to stop, or when the broker has given it to somebody else by now.
                if isDraining { return }
                await pause(backoff.next(spread: Double.random(in: 0...1)))
                guard !isDraining, await connection.isUsable else { return }
            }
        }
    }

    /// To the dead letters with a reason; a plain reject cannot carry one, and serves when publishing fails.
    private func bury(_ delivery: RawDelivery, reason: String, _ connection: BrokerConnection) async throws {
        let letter = WireMessage(
            exchange: topology.dead, routingKey: queue.rawValue, body: delivery.body, mandatory: true, id: "",
            headers: [("x-sanitizer-reason", .string(reason))])
        if await connection.publish([letter], timeout: .seconds(5)) == [.confirmed] {
            try await connection.acknowledge(delivery.tag)
        } else {
            try await connection.reject(delivery.tag, requeue: false)
        }
    }

    /// Ended early by `drain`.
    private func pause(_ duration: Duration) async {
        let sleeper = Task {
            do { try await Task.sleep(for: duration) } catch { return }  // cancelled: that is its purpose
        }
        let isDraining = state.withLock { state in
            state.pause = sleeper
            return state.isDraining
        }
        if isDraining { sleeper.cancel() }
        await sleeper.value
    }
}

/// A value behind a lock. NSLock, not Mutex: see PollThread.
final class Guarded<Value>: @unchecked Sendable {  // unchecked: `value` is only touched under the lock
    private let lock = NSLock()
    private var value: Value
    init(_ value: Value) { self.value = value }
    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return body(&value)
    }
}
