internal import CLinux
import Foundation
import Synchronization

/// One thread that runs an actor's jobs and, between jobs, waits for one socket.
///
/// An actor with a `PollThread` as its executor may make blocking C calls: they hold up this thread only, never the
/// cooperative pool. While it has nothing to do, the thread sleeps in `poll`.
public final class PollThread: SerialExecutor, @unchecked Sendable {  // unchecked: `state` is only touched under `lock`
    private struct State {
        var jobs: [UnownedJob] = []
        var socket: Int32 = -1
        var interval: Int32 = -1
        var onTick: (@Sendable () -> Void)?
        var stopping = false
    }
    // NSLock, not Mutex: the thread sanitizer does not see Mutex's futex on Linux and would report races that are none.
    private let lock = NSLock()
    private var state = State()
    private let wake: Int32
    private let thread = Atomic<UInt>(0)

    /// Starts the thread.
    /// - Parameter name: shown by `top -H` and debuggers; at most 15 bytes are kept.
    public init(name: String) {
        wake = clinux_event_counter()
        precondition(wake >= 0, "no file descriptor left for an event counter")
        let box = Unmanaged.passRetained(Start(self, name))
        var id = pthread_t()
        let status = pthread_create(
            &id, nil,
            { raw in
                guard let raw else { return nil }
                let start = Unmanaged<Start>.fromOpaque(raw).takeRetainedValue()
                clinux_name_this_thread(start.name)
                start.owner.thread.store(UInt(pthread_self()), ordering: .releasing)
                start.owner.run()
                return nil
            }, box.toOpaque())
        precondition(status == 0, "no thread could be started")
        pthread_detach(id)
    }
    deinit { close(wake) }

    private final class Start {
        let owner: PollThread
        let name: String
        init(_ owner: PollThread, _ name: String) {
            self.owner = owner
            self.name = name
        }
    }

    // MARK: executor
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let wasIdle = lock.withLock {
            state.jobs.append(job)
            return state.jobs.count == 1
        }
        if wasIdle { poke() }
    }
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
    public func checkIsolated() { precondition(isOnThread, "called outside of its thread") }
    public func isIsolatingCurrentContext() -> Bool? { isOnThread }
    private var isOnThread: Bool { thread.load(ordering: .acquiring) == UInt(pthread_self()) }

    // MARK: socket
    /// Calls `onTick` on the thread whenever `socket` may be readable, after jobs have run, and at least every `interval`.
    public func watch(socket: Int32, every interval: Duration, onTick: @escaping @Sendable () -> Void) {
        lock.withLock {
            state.socket = socket
            state.interval = Int32(clamping: interval.wholeMilliseconds)
            state.onTick = onTick
        }
        poke()
    }
    public func unwatch() {
        lock.withLock {
            state.socket = -1
            state.interval = -1
            state.onTick = nil
        }
        poke()
    }

    /// The thread ends once it has run the jobs that it has. Call it when no more can come: in the actor's `deinit`.
    public func stop() {
        lock.withLock { state.stopping = true }
        poke()
    }

    /// Wakes the thread, and a `wait` that runs on it.
    public func poke() {
        var one: UInt64 = 1
        _ = write(wake, &one, 8)  // fails only when the counter is full: then the thread is awake anyway
    }

    private func run() {
        var sockets = [
            pollfd(fd: wake, events: Int16(POLLIN), revents: 0), pollfd(fd: -1, events: Int16(POLLIN), revents: 0),
        ]
        let executor = asUnownedSerialExecutor()
        while true {
            let (jobs, tick, stopping) = lock.withLock {
                let jobs = state.jobs
                state.jobs = []
                return (jobs, state.onTick, state.stopping)
            }
            for job in jobs { job.runSynchronously(on: executor) }
            if jobs.isEmpty && stopping { return }
            tick?()
            let (idle, socket, interval) = lock.withLock {
                (state.jobs.isEmpty && !state.stopping, state.socket, state.interval)
            }
            if !idle { continue }
            sockets[1].fd = socket  // poll ignores -1
            _ = poll(&sockets, 2, interval)
            if sockets[0].revents != 0 {
                var count: UInt64 = 0
                _ = read(wake, &count, 8)
            }
        }
    }
}

extension Duration {
    /// Milliseconds, rounded up, at least 0.
    public var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        if seconds < 0 || attoseconds < 0 { return 0 }
        if seconds > Int64.max / 2_000 { return Int64.max / 2 }
        return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
