public import Domain

/// The exchanges and queues, declared by everyone who connects.
public struct Topology: Sendable {
    /// Put before every name; empty but in tests.
    public var prefix = ""
    /// Messages that a queue takes before it refuses more.
    public var maximumLength = 100_000
    /// Deliveries of one message before the broker sets it aside. Attempts are counted in the ledger, so this is only a net.
    public var deliveryLimit = 20

    public init(prefix: String = "") { self.prefix = prefix }

    public var tasks: String { prefix + "sanitizer.tasks" }
    public var events: String { prefix + "sanitizer.events" }
    public var dead: String { prefix + "sanitizer.dead" }
    public func queue(_ queue: TaskQueue) -> String { prefix + queue.rawValue }
    public func deadQueue(_ queue: TaskQueue) -> String { prefix + queue.rawValue + ".dead" }
}
