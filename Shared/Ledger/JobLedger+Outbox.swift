public import Domain

extension JobLedger: OutboxSource {
    public func takeOutbox(limit: Int) async throws -> [OutboxMessage] {
        let rows = try await run(Statements.takeOutbox, [Argument.int(min(max(limit, 1), 10_000))])
        return (0..<rows.count).map { row in
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
