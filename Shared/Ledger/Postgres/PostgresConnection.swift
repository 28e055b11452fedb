internal import PollThread

/// One connection, confined to a thread of its own; connects when first used and again after it was lost.
///
/// Its calls do not suspend half-way, so two callers never interleave on the wire.
actor PostgresConnection {
    private nonisolated let thread: PollThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private let parameters: PostgresParameters
    private var handle: PostgresHandle?
    private var closed = false

    init(_ parameters: PostgresParameters, name: String) {
        self.parameters = parameters
        thread = PollThread(name: name)
    }
    deinit { thread.stop() }

    /// The calls as one transaction in one round trip.
    /// - Throws: ``LedgerError``; after a lost connection with `outcome` `.unknown` the calls may have been applied.
    func run(_ calls: [Call]) throws(LedgerError) -> [Rows] {
        let handle = try connected()
        do {
            return try handle.run(calls, timeout: parameters.clientTimeout)
        } catch {
            drop(after: error)
            throw error
        }
    }

    /// Runs a script of several statements; it brings its own BEGIN and COMMIT.
    func execute(script: String, name: String, timeout: Duration) throws(LedgerError) {
        let handle = try connected()
        do {
            try handle.execute(script: script, name: name, timeout: timeout)
        } catch {
            drop(after: error)
            throw error
        }
    }

    /// Ends the connection; it is made again by the next call, unless `forGood`.
    func close(forGood: Bool) {
        thread.unwatch()
        handle = nil
        if forGood { closed = true }
    }

    // MARK: notifications

    /// Calls `onNotify` with each payload from now on, and `onLost` once when the connection ends.
    func listen(_ channel: String, onNotify: @escaping @Sendable (String) -> Void, onLost: @escaping @Sendable () -> Void)
        throws(LedgerError)
    {
        let handle = try connected()
        // The channel's name comes from the configured schema, which holds letters, digits and `_` only.
        try handle.execute(script: "LISTEN \(channel)", name: "listen", timeout: parameters.clientTimeout)
        thread.watch(socket: handle.socket, every: .seconds(30)) { [weak self] in
            self?.assumeIsolated { $0.readNotifications(onNotify, onLost) }
        }
    }

    private func readNotifications(_ onNotify: (String) -> Void, _ onLost: () -> Void) {
        if let handle, handle.consume(onNotify) { return }
        thread.unwatch()
        self.handle = nil
        onLost()
    }

    // MARK: state

    func connected() throws(LedgerError) -> PostgresHandle {
        if closed { throw LedgerError(.closed, "the ledger was closed") }
        if let handle {
            if handle.isUsable { return handle }
            self.handle = nil
        }
        let made = try PostgresHandle(parameters.list, timeout: parameters.connectTimeout)
        handle = made
        return made
    }

    private func drop(after error: LedgerError) {
        switch error.code {
        case .connectionLost, .timeout, .serverUnavailable: handle = nil
        default: if handle?.isUsable == false { handle = nil }
        }
    }
}
