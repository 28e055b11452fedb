public import Domain

extension JobLedger: OutboxSource {
    public func takeOutbox(limit: Int) async throws -> [OutboxMessage] {
        Self.messages(try await run(Statements.takeOutbox, [Argument.int(min(max(limit, 1), 10_000))]))
    }

    /// What a job still has to send, also what is held for somebody: for whoever sees that its committer is gone.
    public func takeOutbox(job id: String) async throws -> [OutboxMessage] {
        guard let id = Identifier.canonical(id) else { return [] }
        return Self.messages(try await run(Statements.takeJobOutbox, [id]))
    }

    private static func messages(_ rows: Rows) -> [OutboxMessage] {
        (0..<rows.count).map { row in
            OutboxMessage(
                id: rows.int(row, 0) ?? 0, exchange: rows.text(row, 1) ?? "", routingKey: rows.text(row, 2) ?? "",
                body: rows.bytes(row, 4) ?? [], mandatory: rows.bool(row, 3))
        }
    }

    public func markPublished(_ ids: [Int64]) async throws {
        if !ids.isEmpty { _ = try await run(Statements.markPublished, [Argument.ints(ids)]) }
    }

    public func returnToOutbox(_ ids: [Int64]) async throws {
        if !ids.isEmpty { _ = try await run(Statements.returnToOutbox, [Argument.ints(ids)]) }
    }
}
