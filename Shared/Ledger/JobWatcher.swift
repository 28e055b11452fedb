internal import JobLifecycle
internal import Logging

/// Wakes whoever waits for a job to change, and keeps this process's workers announced, on one connection that listens.
///
/// A notification is only a hint: the waiter reads the job again. When the connection is lost every waiter is woken, so no
/// change goes unseen.
actor JobWatcher {
    private final class Ticket {
        let jobID: String
        var isSignalled = false
        var continuation: CheckedContinuation<Void, Never>?
        init(jobID: String) { self.jobID = jobID }
    }
    private let connection: PostgresConnection
    private let channel: String
    private let logger: Logger
    private var tickets: [UInt64: Ticket] = [:]
    private var byJob: [String: Set<UInt64>] = [:]
    private var workers: Set<String> = []
    private var nextID: UInt64 = 0
    private var isListening = false
    private var connecting: Task<Bool, Never>?
    private var closed = false

    init(_ connection: PostgresConnection, channel: String, logger: Logger) {
        self.connection = connection
        self.channel = channel
        self.logger = logger
    }

    func close() async {
        closed = true
        connecting?.cancel()
        wakeAll()
        await connection.close(forGood: true)
    }

    // MARK: waiting

    /// Opens an ear for the job before its row is read, so that a change between the two is not missed.
    /// - Returns: the ticket, and whether changes are heard (else the caller had better look again soon).
    func subscribe(_ jobID: String) async -> (ticket: UInt64, hears: Bool) {
        nextID += 1
        let id = nextID
        tickets[id] = Ticket(jobID: jobID)
        byJob[jobID, default: []].insert(id)
        return (id, await ensureListening())
    }

    func unsubscribe(_ id: UInt64) {
        guard let ticket = tickets.removeValue(forKey: id) else { return }
        byJob[ticket.jobID]?.remove(id)
        if byJob[ticket.jobID]?.isEmpty == true { byJob[ticket.jobID] = nil }
        ticket.continuation?.resume()
        ticket.continuation = nil
    }

    /// Returns after the next change since `subscribe` (or since the last return), after `timeout`, or when cancelled.
    func wait(_ id: UInt64, timeout: Duration) async {
        guard let ticket = tickets[id] else { return }
        let timer = Task {
            try await Task.sleep(for: timeout)
            self.signal(id)
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if ticket.isSignalled || Task.isCancelled || closed {
                    continuation.resume()
                } else {
                    ticket.continuation = continuation
                }
            }
        } onCancel: {
            Task { await self.signal(id) }
        }
        timer.cancel()
        ticket.isSignalled = false
    }

    private func signal(_ id: UInt64) {
        guard let ticket = tickets[id] else { return }
        ticket.isSignalled = true
        ticket.continuation?.resume()
        ticket.continuation = nil
    }
    private func changed(_ jobID: String) { for id in byJob[jobID] ?? [] { signal(id) } }
    private func wakeAll() { for id in tickets.keys { signal(id) } }

    // MARK: workers

    func announce(_ worker: String) async throws {
        workers.insert(worker)
        if isListening {
            _ = try await connection.run([Call(Statements.announceWorker, [worker])])
        } else if !(await ensureListening()) {
            throw LedgerError(.connectionFailed, "the worker could not be announced yet")
        }
    }

    // MARK: connection

    private func ensureListening() async -> Bool {
        if isListening { return true }
        if closed { return false }
        // Everyone who comes meanwhile waits for the same attempt.
        if let connecting { return await connecting.value }
        let attempt = Task { await self.listen() }
        connecting = attempt
        let listening = await attempt.value
        connecting = nil
        if !listening { scheduleReconnect() }
        return listening
    }

    private func listen() async -> Bool {
        do {
            try await connection.listen(
                channel, onNotify: { [weak self] jobID in Task { await self?.changed(jobID) } },
                onLost: { [weak self] in Task { await self?.lost() } })
            for worker in workers { _ = try await connection.run([Call(Statements.announceWorker, [worker])]) }
            isListening = true
            return true
        } catch {
            logger.warning("not listening for job changes", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func lost() {
        guard isListening else { return }
        isListening = false
        wakeAll()
        scheduleReconnect()
    }

    private var reconnecting: Task<Void, Never>?
    /// Announced workers must be heard of again, and waiters want to hear.
    private func scheduleReconnect() {
        guard reconnecting == nil, !closed, !(workers.isEmpty && tickets.isEmpty) else { return }
        reconnecting = Task {
            var backoff = Backoff(first: .milliseconds(50), longest: .seconds(2))
            while !self.closed && !self.isListening {
                do {
                    try await Task.sleep(for: backoff.next(spread: Double.random(in: 0...1)))
                } catch { break }
                _ = await self.ensureListening()
            }
            self.reconnecting = nil
        }
    }
}
