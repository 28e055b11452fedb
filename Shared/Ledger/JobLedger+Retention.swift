public import Domain

/// A job that has ended, as the collector sees it.
public struct EndedJob: Sendable, Equatable {
    public var jobID: String
    public var tenantID: String
    /// Every object of the job is below it.
    public var keyPrefix: String
}

/// A task that was set aside: its job failed, and one dead letter says so.
public struct QuarantinedTask: Sendable, Equatable {
    public var taskID: Int64
    public var jobID: String
    public var tenantID: String
    public var stage: Stage
    public var index: Int
    public var attempts: Int
    public var code: String
    public var message: String
    public var at: String
    public var queue: TaskQueue
}

extension JobLedger {
    /// Jobs that ended at least `age` ago and whose leftovers were not collected, oldest first.
    public func collectableJobs(endedFor age: Duration, limit: Int = 200) async throws -> [EndedJob] {
        let rows = try await run(Statements.collectableJobs, [Argument.milliseconds(age), Argument.int(limit)])
        return (0..<rows.count).map {
            EndedJob(jobID: rows.text($0, 0) ?? "", tenantID: rows.text($0, 1) ?? "", keyPrefix: rows.text($0, 2) ?? "")
        }
    }

    /// Those of `ids` (canonical UUIDs) for which there is no job, or an erased one.
    public func unknownJobs(of ids: [String]) async throws -> [String] {
        let known = ids.filter { Identifier.canonical($0) != nil }
        let rows = try await run(Statements.unknownJobs, [Argument.words(known)])
        return (0..<rows.count).compactMap { rows.text($0, 0) }
    }

    public func markCollected(_ id: String) async throws { _ = try await run(Statements.markCollected, [id]) }

    /// Jobs that ended at least `age` ago and were not erased, oldest first.
    public func expiredJobs(endedFor age: Duration, limit: Int = 200) async throws -> [(jobID: String, tenantID: String)] {
        let rows = try await run(Statements.expiredJobs, [Argument.milliseconds(age), Argument.int(limit)])
        return (0..<rows.count).map { (rows.text($0, 0) ?? "", rows.text($0, 1) ?? "") }
    }

    /// Notes that an operator dealt with a quarantined task; false when somebody did already.
    /// - Parameter action: for the audit trail, for example `dead_letter.discarded`.
    public func settle(task id: Int64, actor: String, action: String) async throws -> Bool {
        try await run(Statements.settleTask, [Argument.int(id), actor, action]).count > 0
    }

    /// Quarantined tasks that nobody dealt with, in the order of their ids.
    /// - Parameters:
    ///   - id: this task only.
    ///   - last: those after this id.
    public func quarantinedTasks(id: Int64? = nil, after last: Int64 = 0, limit: Int = 1000) async throws -> [QuarantinedTask] {
        let rows = try await run(
            Statements.quarantinedTasks, [id.map { Argument.int($0) }, Argument.int(last), Argument.int(limit)])
        return try (0..<rows.count).map { row in
            guard let stage = rows.text(row, 3).flatMap(Stage.init(rawValue:)),
                let queue = rows.text(row, 9).flatMap(TaskQueue.init(rawValue:))
            else { throw Self.mismatch("quarantined_tasks") }
            return QuarantinedTask(
                taskID: rows.int(row, 0) ?? 0, jobID: rows.text(row, 1) ?? "", tenantID: rows.text(row, 2) ?? "", stage: stage,
                index: Int(rows.int(row, 4) ?? 0), attempts: Int(rows.int(row, 5) ?? 0), code: rows.text(row, 6) ?? "",
                message: rows.text(row, 7) ?? "", at: rows.text(row, 8) ?? "", queue: queue)
        }
    }
}
