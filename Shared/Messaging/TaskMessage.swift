/// What a queue carries: a hint that a task may be claimable. The ledger decides.
public struct TaskMessage: Sendable, Equatable {
    public static let currentVersion = 1
    public var version: Int
    public var taskID: Int64
    public var jobID: String
    /// W3C `traceparent`.
    public var trace: String?

    public init(taskID: Int64, jobID: String, trace: String? = nil) {
        version = TaskMessage.currentVersion
        self.taskID = taskID
        self.jobID = jobID
        self.trace = trace
    }

    /// Why a message can never be handled.
    public struct Poison: Error, Sendable, Equatable {
        public var reason: String
    }
    /// Unknown keys are ignored; a missing or ill-typed one, an unknown version or anything that is not an object is poison.
    public static func decode(_ body: [UInt8]) throws(Poison) -> TaskMessage { throw Poison(reason: "not there yet") }
    public func encode() -> [UInt8] { [] }
}
