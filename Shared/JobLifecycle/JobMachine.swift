public import Domain

/// A job as a whole: which stage it is in, which tasks come next, when it ends. Pure; returns what is to be done.
public struct JobMachine: Sendable, Equatable {
    public enum Action: Sendable, Equatable {
        case become(JobState)
        /// Make the tasks `0 ..< count` of the stage that do not exist yet.
        case insert(Stage, count: Int)
        /// Every task that is not done is cancelled; attempts that run are fenced by that.
        case cancelOpenTasks
    }

    public private(set) var state: JobState = .pending
    /// Stage that the job waits for.
    public private(set) var stage: Stage = .plan
    public private(set) var planned: [Stage: Int] = [:]
    /// Tasks by stage and index.
    public private(set) var tasks: [Stage: [TaskMachine]] = [.plan: [TaskMachine()]]

    public init() {}

    public var isFinal: Bool { state.isFinal }

    /// The tenant's limit lets it start.
    public mutating func promote() -> [Action] { state == .pending ? [become(.queued)] : [] }

    public mutating func claim(
        _ stage: Stage, _ index: Int, now: Duration, isHolderGone: Bool = false, lease: LeasePolicy, retry: RetryPolicy
    ) -> (TaskMachine.Claim, [Action]) {
        if state == .pending { return (.notYet, []) }
        guard var task = task(stage, index) else { return (.finished(.cancelled), []) }
        let claim = task.claim(now: now, isHolderGone: isHolderGone, lease: lease, retry: retry)
        set(stage, index, task)
        switch claim {
        case .granted: return (claim, state == .queued ? [become(.pass1Running)] : [])
        case .exhausted: return (claim, end(.failed))
        default: return (claim, [])
        }
    }

    /// A task's result is in: when it was the last of its stage, the next stage that has work begins; after the report, the end.
    public mutating func complete(
        _ stage: Stage, _ index: Int, epoch: Int, planned more: [Stage: Int] = [:], inlined: [Stage: Int] = [:]
    ) -> (TaskMachine.Write, [Action]) {
        guard var task = task(stage, index) else { return (.fenced, []) }
        let isRepeated = task.state == .done
        let write = task.complete(epoch: epoch)
        set(stage, index, task)
        guard write == .accepted, !isRepeated else { return (write, []) }
        for (stage, count) in inlined {
            planned[stage] = count
            for index in 0..<count {
                var done = TaskMachine()
                done.inline(epoch: epoch)
                set(stage, index, done)
            }
        }
        planned.merge(more) { _, new in new }
        guard tasks[self.stage, default: []].allSatisfy({ $0.state == .done }) else { return (write, []) }
        return (write, advance())
    }

    /// `stage` and `index` must name a task that exists, here and in the next three.
    public mutating func renew(_ stage: Stage, _ index: Int, epoch: Int, now: Duration, lease: LeasePolicy) -> TaskMachine.Write {
        change(stage, index) { $0.renew(epoch: epoch, now: now, lease: lease) }
    }

    public mutating func release(_ stage: Stage, _ index: Int, epoch: Int) -> TaskMachine.Write {
        change(stage, index) { $0.release(epoch: epoch) }
    }

    public mutating func fail(
        _ stage: Stage, _ index: Int, epoch: Int, now: Duration, _ decision: RetryPolicy.Decision
    ) -> (TaskMachine.Write, [Action]) {
        let write = change(stage, index) { $0.fail(epoch: epoch, now: now, decision) }
        return (write, write == .accepted && decision == .quarantine ? end(.failed) : [])
    }

    public mutating func expire(_ stage: Stage, _ index: Int, now: Duration, retry: RetryPolicy) -> (Bool, [Action]) {
        guard var task = task(stage, index) else { return (false, []) }
        let expired = task.expire(now: now, retry: retry)
        set(stage, index, task)
        return (expired, task.state == .quarantined && expired ? end(.failed) : [])
    }

    public mutating func cancel() -> [Action] { isFinal ? [] : end(.cancelled) }

    // MARK: steps

    private mutating func advance() -> [Action] {
        var actions: [Action] = []
        for next in Stage.allCases where next.ordinal > stage.ordinal {
            // Every job ends with exactly one report.
            let count = next == .report ? 1 : max(0, planned[next] ?? 0)
            let during = JobTransitions.state(during: next)
            if during != state { actions.append(become(during)) }
            stage = next
            let existing = tasks[next, default: []].count
            if count > existing {
                tasks[next, default: []] += Array(repeating: TaskMachine(), count: count - existing)
                actions.append(.insert(next, count: count))
                return actions
            }
        }
        return actions + end(.success)
    }

    private mutating func end(_ state: JobState) -> [Action] {
        for stage in Stage.allCases {
            for index in tasks[stage, default: []].indices { change(stage, index) { $0.cancel() } }
        }
        return [.cancelOpenTasks, become(state)]
    }

    private mutating func become(_ next: JobState) -> Action {
        assert(JobTransitions.isLegal(from: state, to: next), "illegal transition")
        state = next
        return .become(next)
    }

    private func task(_ stage: Stage, _ index: Int) -> TaskMachine? {
        let list = tasks[stage, default: []]
        return list.indices.contains(index) ? list[index] : nil
    }
    private mutating func set(_ stage: Stage, _ index: Int, _ task: TaskMachine) {
        if index < tasks[stage, default: []].count {
            tasks[stage, default: []][index] = task
        } else {
            tasks[stage, default: []].append(task)
        }
    }
    @discardableResult
    private mutating func change<Value>(_ stage: Stage, _ index: Int, _ body: (inout TaskMachine) -> Value) -> Value {
        body(&tasks[stage, default: []][index])
    }
}
