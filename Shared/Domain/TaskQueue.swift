/// The queues between the services; the raw value is the queue's name and routing key.
public enum TaskQueue: String, Codable, Sendable, CaseIterable {
    case pass1
    case pass2
    case report
}

extension Stage {
    /// The order in which the stages of a job run; `allCases` is declared in that order.
    public var ordinal: Int { Stage.allCases.firstIndex(of: self) ?? 0 }

    /// The queue whose consumers run this stage.
    public var queue: TaskQueue {
        switch self {
        case .plan, .scan, .match, .resolve: .pass1
        case .clean: .pass2
        case .report: .report
        }
    }
}
