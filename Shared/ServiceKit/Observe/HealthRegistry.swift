/// Whether this process can do its work: one entry per dependency, set by who talks to it.
public final class HealthRegistry: Sendable {
    public struct State: Codable, Equatable, Sendable {
        /// `up` or `down`.
        public var status: String
        /// Why it is down, without secrets.
        public var reason: String?
    }
    private let states: Locked<[String: State]>
    private let draining = Locked(false)

    /// - Parameter dependencies: all start as down: a service is not ready before it reached each of them.
    public init(dependencies: [String]) {
        states = Locked(
            Dictionary(uniqueKeysWithValues: dependencies.map { ($0, State(status: "down", reason: "not reached yet")) }))
    }

    public func up(_ dependency: String) { states.withLock { $0[dependency] = State(status: "up") } }
    public func down(_ dependency: String, _ reason: String) {
        states.withLock { $0[dependency] = State(status: "down", reason: reason) }
    }
    public func isUp(_ dependency: String) -> Bool { states.withLock { $0[dependency]?.status == "up" } }
    /// From now on not ready: the process takes no new work.
    public func drain() { draining.withLock { $0 = true } }

    public struct Snapshot: Codable, Equatable, Sendable {
        /// `ready`, `draining` or `unavailable`.
        public var status: String
        public var dependencies: [String: State]
        public var isReady: Bool { status == "ready" }
    }
    public var snapshot: Snapshot {
        let states = states.withLock { $0 }
        let status =
            draining.withLock { $0 } ? "draining" : states.values.allSatisfy { $0.status == "up" } ? "ready" : "unavailable"
        return Snapshot(status: status, dependencies: states)
    }
}
