import Domain
import JobLifecycle

/// The whole protocol in one process: the ledger is a ``JobMachine``, the broker a bag of messages, the store a set of keys, the
/// clock a number. Every step is drawn from a seed, so that a seed is a schedule.
///
/// Workers go through the commit order (claim, write, commit, publish, acknowledge) one step at a time; between any two steps they
/// may die, freeze, or be told to stop, and the broker may lose, repeat and reorder everything it holds.
struct Simulation {
    /// A deliberate mistake in the protocol, which the checks must notice.
    enum Mistake: CaseIterable {
        case noEpochCheck, commitBeforeSync, ackBeforeCommit, publishBeforeCommit
    }
    struct Key: Hashable {
        var stage: Stage
        var index: Int
        var epoch: Int
    }
    struct Message: Hashable {
        var stage: Stage
        var index: Int
    }
    struct Letter {
        var message: Message
        /// The transaction that made it was committed.
        var isReal: Bool
        var isRedelivered = false
    }
    enum Step {
        case idle, claimed(epoch: Int), written(epoch: Int), committed([Message]), published
    }
    struct Worker {
        var step = Step.idle
        var message: Message?
        /// Not scheduled before.
        var frozenUntil: Duration = .zero
        /// What it wrote and did not sync.
        var unsynced: Set<Key> = []
        var isGone: Bool { message == nil }
    }

    let mistake: Mistake?
    /// No dispatcher and no fault but deaths: the broker's redelivery alone must bring the work back.
    let isBrokerAlone: Bool
    let lease = LeasePolicy(duration: .seconds(2))
    let retry = RetryPolicy(maximumAttempts: 1000)
    let chunks: Int
    let partitions: Int

    var random: SeededGenerator
    var now: Duration = .zero
    var job = JobMachine()
    var outbox: [Message] = []
    var queue: [Letter] = []
    var store: Set<Key> = []
    var workers: [Worker]
    /// The epoch under which each task's result was committed.
    var results: [Message: Int] = [:]
    var states: [JobState] = [.pending]
    private var checkedStates = 0
    var fenced = 0
    var violations: [String] = []

    init(seed: UInt64, mistake: Mistake? = nil, isBrokerAlone: Bool = false) {
        self.mistake = mistake
        self.isBrokerAlone = isBrokerAlone
        random = SeededGenerator(seed: seed)
        chunks = Int.random(in: 1...3, using: &random)
        partitions = Int.random(in: 1...2, using: &random)
        workers = Array(repeating: Worker(), count: Int.random(in: 2...3, using: &random))
        apply(job.promote())
        queue.append(Letter(message: Message(stage: .plan, index: 0), isReal: true))
    }

    /// Faults for a while, then none: the job must end, and everything must add up.
    mutating func run(steps: Int = 150) {
        for _ in 0..<steps where !job.isFinal { step(hasFaults: true) }
        var left = 3000
        while left > 0, !(job.isFinal && outbox.isEmpty && queue.isEmpty && workers.allSatisfy(\.isGone)) {
            step(hasFaults: false)
            left -= 1
        }
        if job.state != .success { violations.append("the job is \(job.state) after the faults stopped") }
        check()
    }

    private mutating func step(hasFaults: Bool) {
        now += .milliseconds(Int.random(in: 1...300, using: &random))
        let roll = Int.random(in: 0..<100, using: &random)
        switch roll {
        case 0..<60: advance(Int.random(in: workers.indices, using: &random))
        case 60..<65 where isBrokerAlone && hasFaults: die(Int.random(in: workers.indices, using: &random))
        case 60... where isBrokerAlone: renew()
        case 60..<70: renew()
        case 70..<82: sweep()
        case 82..<87 where hasFaults: die(Int.random(in: workers.indices, using: &random))
        case 87..<91 where hasFaults:
            workers[Int.random(in: workers.indices, using: &random)].frozenUntil =
                now + .milliseconds(Int.random(in: 500...5000, using: &random))
        case 91..<94 where hasFaults: release(Int.random(in: workers.indices, using: &random))
        case 94..<96 where hasFaults: queue += queue.shuffled(using: &random)
        case 96 where hasFaults: queue = []
        case 97 where hasFaults: queue.shuffle(using: &random)
        case 98 where hasFaults: fail(Int.random(in: workers.indices, using: &random))
        default: sweep()
        }
        check()
    }

    // MARK: a worker's steps

    private mutating func advance(_ index: Int) {
        guard workers[index].frozenUntil <= now else { return }
        var worker = workers[index]
        defer { workers[index] = worker }
        guard let message = worker.message else {
            guard !queue.isEmpty else { return }
            let letter = queue.removeFirst()
            if !letter.isReal, !exists(letter.message) { violations.append("a message for a task that was never committed") }
            let (claim, actions) = job.claim(
                letter.message.stage, letter.message.index, now: now,
                isHolderGone: letter.isRedelivered && !isHeld(letter.message), lease: lease, retry: retry)
            apply(actions)
            if case .finished = claim, letter.isRedelivered { flush() }
            guard case .granted(let epoch) = claim else { return }
            worker.message = letter.message
            worker.step = .claimed(epoch: epoch)
            return
        }
        switch worker.step {
        case .idle, .published: worker = Worker()
        case .claimed(let epoch):
            let key = Key(stage: message.stage, index: message.index, epoch: epoch)
            if mistake == .commitBeforeSync { worker.unsynced.insert(key) } else { store.insert(key) }
            worker.step = .written(epoch: epoch)
        case .written(let epoch):
            if mistake == .publishBeforeCommit {
                queue += next(after: message).map { Letter(message: $0, isReal: false) }
                if Bool.random(using: &random) { return }
            }
            worker.step = commit(message, epoch)
        case .committed(let messages):
            // Confirmed by the broker and marked as published: one step here, two in the service; a repetition is only a hint.
            for message in messages {
                queue.append(Letter(message: message, isReal: true))
                outbox.removeAll { $0 == message }
            }
            worker.step = .published
        }
    }

    private mutating func commit(_ message: Message, _ epoch: Int) -> Step {
        let current = job.tasks[message.stage, default: []][message.index].epoch
        let isFirst = message.stage == .plan
        let planned: [Stage: Int] = isFirst ? [.scan: chunks, .match: partitions, .resolve: 1, .clean: chunks, .report: 1] : [:]
        let before = job
        let (write, actions) = job.complete(
            message.stage, message.index, epoch: mistake == .noEpochCheck ? current : epoch, planned: planned)
        guard write == .accepted else {
            fenced += 1
            return .published
        }
        if before != job {
            if results[message] != nil { violations.append("\(message) was committed twice") }
            results[message] = epoch
            if epoch != current { violations.append("\(message): epoch \(epoch) was committed while \(current) holds the task") }
        }
        let messages = apply(actions)
        outbox += messages
        return .committed(messages)
    }

    /// kill -9: what it held goes back to the broker's queue, what it had not synced is lost.
    private mutating func die(_ index: Int) {
        if let message = workers[index].message, mistake != .ackBeforeCommit {
            queue.append(Letter(message: message, isReal: true, isRedelivered: true))
        }
        workers[index] = Worker()
    }

    /// SIGTERM: handed back, not charged.
    private mutating func release(_ index: Int) {
        guard workers[index].frozenUntil <= now, let message = workers[index].message else { return }
        if case .claimed(let epoch) = workers[index].step, job.release(message.stage, message.index, epoch: epoch) == .accepted {
            outbox.append(message)
        }
        workers[index] = Worker()
    }

    private mutating func fail(_ index: Int) {
        guard workers[index].frozenUntil <= now, let message = workers[index].message else { return }
        if case .claimed(let epoch) = workers[index].step {
            let (_, actions) = job.fail(message.stage, message.index, epoch: epoch, now: now, .retry(after: .milliseconds(200)))
            apply(actions)
        }
        workers[index] = Worker()
    }

    private mutating func renew() {
        for worker in workers where worker.frozenUntil <= now {
            guard let message = worker.message else { continue }
            switch worker.step {
            case .claimed(let epoch), .written(let epoch):
                _ = job.renew(message.stage, message.index, epoch: epoch, now: now, lease: lease)
            default: break
            }
        }
    }

    /// The dispatcher: ended leases, what is ready and in no queue, and the outbox.
    private mutating func sweep() {
        for (stage, tasks) in job.tasks.sorted(by: { $0.key.ordinal < $1.key.ordinal }) {
            for (index, task) in tasks.enumerated() {
                _ = apply(job.expire(stage, index, now: now, retry: retry).1)
                let message = Message(stage: stage, index: index)
                if task.state == .ready, !outbox.contains(message), !queue.contains(where: { $0.message == message }) {
                    outbox.append(message)
                }
            }
        }
        flush()
    }

    private mutating func flush() {
        queue += outbox.map { Letter(message: $0, isReal: true) }
        outbox = []
    }

    // MARK: what follows

    @discardableResult
    private mutating func apply(_ actions: [JobMachine.Action]) -> [Message] {
        var messages: [Message] = []
        for action in actions {
            switch action {
            case .become(let state): states.append(state)
            case .insert(let stage, let count): messages += (0..<count).map { Message(stage: stage, index: $0) }
            case .cancelOpenTasks: break
            }
        }
        return messages
    }

    /// A worker lives that has claimed the task in its current epoch.
    private func isHeld(_ message: Message) -> Bool {
        guard exists(message) else { return false }
        let current = job.tasks[message.stage, default: []][message.index].epoch
        return workers.contains { worker in
            guard worker.message == message else { return false }
            switch worker.step {
            case .claimed(let epoch), .written(let epoch): return epoch == current
            default: return false
            }
        }
    }

    private func exists(_ message: Message) -> Bool { message.index < job.tasks[message.stage, default: []].count }

    private func next(after message: Message) -> [Message] {
        var copy = self.job
        let epoch = copy.tasks[message.stage, default: []][message.index].epoch
        let planned: [Stage: Int] =
            message.stage == .plan ? [.scan: chunks, .match: partitions, .resolve: 1, .clean: chunks, .report: 1] : [:]
        return copy.complete(message.stage, message.index, epoch: epoch, planned: planned).1.flatMap { action -> [Message] in
            guard case .insert(let stage, let count) = action else { return [] }
            return (0..<count).map { Message(stage: stage, index: $0) }
        }
    }

    private mutating func check() {
        if states.count > checkedStates {
            for (from, to) in zip(states, states.dropFirst()) where !JobTransitions.isLegal(from: from, to: to) {
                violations.append("the job went from \(from) to \(to)")
            }
            checkedStates = states.count
        }
        for (message, epoch) in results
        where !store.contains(Key(stage: message.stage, index: message.index, epoch: epoch)) {
            let isSafe = workers.contains {
                $0.unsynced.contains(Key(stage: message.stage, index: message.index, epoch: epoch)) && $0.message == message
            }
            if !isSafe { violations.append("the committed output of \(message) is not in the store") }
        }
    }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
