/// A few connections, each lent to one caller at a time; who comes when all are out waits in line.
actor ConnectionPool {
    private let parameters: PostgresParameters
    private let size: Int
    private let name: String
    private let patience: Duration
    private var all: [PostgresConnection] = []
    private var idle: [PostgresConnection] = []
    private var waiting: [(id: UInt64, continuation: CheckedContinuation<PostgresConnection, any Error>)] = []
    private var nextID: UInt64 = 0
    private var closed = false

    /// - Parameter patience: how long a caller waits for a connection before it gets ``LedgerError/Code/poolExhausted``.
    init(_ parameters: PostgresParameters, size: Int, name: String, patience: Duration) {
        self.parameters = parameters
        self.size = max(1, size)
        self.name = name
        self.patience = patience
    }

    /// Lends a connection for the time of `body`.
    nonisolated func withConnection<Value: Sendable>(
        _ body: @Sendable (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await take()
        do {
            let value = try await body(connection)
            await giveBack(connection)
            return value
        } catch {
            await giveBack(connection)
            throw error
        }
    }

    /// Connections in existence; for tests and metrics.
    var count: Int { all.count }

    func close() async {
        closed = true
        let waiters = waiting
        waiting = []
        for waiter in waiters { waiter.continuation.resume(throwing: LedgerError(.closed, "the ledger was closed")) }
        for connection in all { await connection.close(forGood: true) }
        all = []
        idle = []
    }

    private func take() async throws -> PostgresConnection {
        if closed { throw LedgerError(.closed, "the ledger was closed") }
        // The one used last: its caches are warm.
        if let connection = idle.popLast() { return connection }
        if all.count < size {
            let connection = PostgresConnection(parameters, name: "\(name)-\(all.count)")
            all.append(connection)
            return connection
        }
        nextID += 1
        let id = nextID
        let timer = Task {
            try await Task.sleep(for: patience)
            self.giveUp(id, LedgerError(.poolExhausted, "all \(self.size) connections are in use"))
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if Task.isCancelled {
                    continuation.resume(throwing: CancellationError())
                } else {
                    waiting.append((id, continuation))
                }
            }
        } onCancel: {
            Task { await self.giveUp(id, CancellationError()) }
        }
    }

    private func giveUp(_ id: UInt64, _ error: any Error) {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
        waiting.remove(at: index).continuation.resume(throwing: error)
    }

    private func giveBack(_ connection: PostgresConnection) {
        if waiting.isEmpty {
            if !closed { idle.append(connection) }
        } else {
            waiting.removeFirst().continuation.resume(returning: connection)
        }
    }
}
