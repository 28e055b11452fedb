import Domain
import JobLifecycle
import Testing

@Suite("The life of a job")
struct JobMachineTests {
    let lease = LeasePolicy(duration: .seconds(10))
    let retry = RetryPolicy(maximumAttempts: 3)

    /// A job whose plan is done, with the given stages ahead of it.
    private func planned(_ counts: [Stage: Int]) -> JobMachine {
        var job = JobMachine()
        _ = job.promote()
        let epoch = grant(&job, .plan, 0)
        _ = job.complete(.plan, 0, epoch: epoch, planned: counts)
        return job
    }
    private func grant(_ job: inout JobMachine, _ stage: Stage, _ index: Int, now: Duration = .zero) -> Int {
        guard case .granted(let epoch) = job.claim(stage, index, now: now, lease: lease, retry: retry).0 else {
            Issue.record("\(stage) \(index) was not granted")
            return -1
        }
        return epoch
    }
    private func run(_ job: inout JobMachine, _ stage: Stage, _ index: Int) -> [JobMachine.Action] {
        let epoch = grant(&job, stage, index)
        return job.complete(stage, index, epoch: epoch).1
    }

    @Test("A waiting job cannot be claimed; the first claim starts it")
    func start() {
        var job = JobMachine()
        #expect(job.claim(.plan, 0, now: .zero, lease: lease, retry: retry).0 == .notYet)
        #expect(job.promote() == [.become(.queued)])
        #expect(job.claim(.plan, 0, now: .zero, lease: lease, retry: retry) == (.granted(epoch: 1), [.become(.pass1Running)]))
    }

    @Test("A stage begins when the last task of the one before it is done, in whatever order they end")
    func fanIn() {
        var job = planned([.scan: 3, .match: 2, .resolve: 1, .clean: 3])
        #expect(run(&job, .scan, 2) == [])
        #expect(run(&job, .scan, 0) == [])
        #expect(run(&job, .scan, 1) == [.insert(.match, count: 2)])
        _ = run(&job, .match, 1)
        #expect(run(&job, .match, 0) == [.insert(.resolve, count: 1)])
        #expect(run(&job, .resolve, 0) == [.become(.pass2Running), .insert(.clean, count: 3)])
        _ = run(&job, .clean, 0)
        _ = run(&job, .clean, 1)
        #expect(run(&job, .clean, 2) == [.become(.reporting), .insert(.report, count: 1)])
        #expect(run(&job, .report, 0) == [.cancelOpenTasks, .become(.success)])
    }

    @Test("A small input's first task does all of pass 1")
    func inlined() {
        var job = JobMachine()
        _ = job.promote()
        let epoch = grant(&job, .plan, 0)
        let (write, actions) = job.complete(
            .plan, 0, epoch: epoch, planned: [.clean: 1], inlined: [.scan: 1, .match: 1, .resolve: 1])
        #expect(write == .accepted && actions == [.become(.pass2Running), .insert(.clean, count: 1)])
    }

    @Test("A table without rows passes every state on its way to the report")
    func empty() {
        var job = JobMachine()
        _ = job.promote()
        let epoch = grant(&job, .plan, 0)
        #expect(
            job.complete(.plan, 0, epoch: epoch).1 == [.become(.pass2Running), .become(.reporting), .insert(.report, count: 1)])
    }

    @Test("A stale attempt changes nothing, whatever it tries")
    func fencing() {
        var job = planned([.scan: 2])
        let stale = grant(&job, .scan, 0)
        let fresh = grant(&job, .scan, 0, now: .seconds(10))
        #expect(fresh == stale + 1)
        let before = job
        #expect(job.complete(.scan, 0, epoch: stale).0 == .fenced)
        #expect(job.renew(.scan, 0, epoch: stale, now: .zero, lease: lease) == .fenced)
        #expect(job.release(.scan, 0, epoch: stale) == .fenced)
        #expect(job.fail(.scan, 0, epoch: stale, now: .zero, .quarantine).0 == .fenced)
        #expect(job == before)
    }

    @Test("A commit sent twice counts once")
    func repeated() {
        var job = planned([.scan: 1, .clean: 1])
        let epoch = grant(&job, .scan, 0)
        #expect(job.complete(.scan, 0, epoch: epoch).1 == [.become(.pass2Running), .insert(.clean, count: 1)])
        let after = job
        #expect(job.complete(.scan, 0, epoch: epoch) == (.accepted, []))
        #expect(job == after)
    }

    @Test("A task whose worker vanishes every time is given up, and its job fails")
    func exhausted() {
        var job = planned([.scan: 2])
        for attempt in 1...3 { _ = grant(&job, .scan, 0, now: .seconds(10 * attempt)) }
        let (claim, actions) = job.claim(.scan, 0, now: .seconds(40), lease: lease, retry: retry)
        #expect(claim == .exhausted && actions == [.cancelOpenTasks, .become(.failed)])
        #expect(job.tasks[.scan]?.map(\.state) == [.quarantined, .cancelled])
    }

    @Test("A clean hand-back is not charged, however often")
    func released() {
        var job = planned([.scan: 1])
        for round in 1...20 {
            let epoch = grant(&job, .scan, 0)
            #expect(epoch == round)
            #expect(job.release(.scan, 0, epoch: epoch) == .accepted)
        }
        #expect(job.tasks[.scan]?[0].attempt == 0)
    }

    @Test("A vanished holder's lease is not waited for, a living one's is")
    func holder() {
        var job = planned([.scan: 1])
        _ = grant(&job, .scan, 0)
        #expect(job.claim(.scan, 0, now: .seconds(9), lease: lease, retry: retry).0 == .held)
        #expect(job.claim(.scan, 0, now: .seconds(9), isHolderGone: true, lease: lease, retry: retry).0 == .granted(epoch: 2))
    }

    @Test("A cancelled job stays cancelled, and its running attempt is fenced")
    func cancelled() {
        var job = planned([.scan: 1])
        let epoch = grant(&job, .scan, 0)
        #expect(job.cancel() == [.cancelOpenTasks, .become(.cancelled)])
        #expect(job.complete(.scan, 0, epoch: epoch).0 == .fenced)
        #expect(job.cancel() == [] && job.state == .cancelled)
    }

    @Test("Final states have no way out, and every other state has a way to each end")
    func transitions() {
        for state in JobState.allCases {
            let targets = JobTransitions.targets(from: state)
            #expect(targets.isEmpty == state.isFinal)
            if !state.isFinal { #expect(targets.contains(.failed) && targets.contains(.cancelled)) }
        }
        #expect(!JobTransitions.isLegal(from: .queued, to: .success))
    }
}
