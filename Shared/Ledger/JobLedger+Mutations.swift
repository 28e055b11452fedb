#if DEBUG
    public import Domain
    internal import Failpoints

    // The commit as it must not be: see ``Failpoints/Mutation``.
    extension JobLedger {
        /// Tells `publish` what the transaction would send while the transaction is still open.
        public func complete(
            _ claim: TaskClaim, _ result: StageResult, publish: @escaping @Sendable ([OutboxMessage]) async -> Void
        ) async throws -> CompleteOutcome {
            let arguments = try Self.completion(claim, result)
            return try await service.withConnection { connection in
                let rows = try await connection.run(Call(Statements.completeTask, arguments)) { rows in
                    if case .committed(_, let outbox) = try Self.completed(rows) { await publish(outbox) }
                    CrashPoint.pass(.completeBefore)
                }
                let outcome = try Self.completed(rows)
                guard case .committed(let state, _) = outcome else { return outcome }
                return .committed(state: state, outbox: [])
            }
        }

        /// The claim with the epoch that the task has now: whoever asks may write.
        func unfenced(_ claim: TaskClaim) async throws -> TaskClaim {
            let epoch = Statement("current_epoch", Array("SELECT epoch FROM tasks WHERE id = $1::bigint".utf8))
            let rows = try await run(epoch, [Argument.int(claim.taskID)])
            return TaskClaim(taskID: claim.taskID, epoch: Int(rows.int(0, 0) ?? 0))
        }
    }

    extension PostgresConnection {
        fileprivate func run(_ call: Call, beforeCommit: @Sendable (Rows) async throws -> Void) async throws -> Rows {
            let handle = try connected()
            try handle.execute(script: "BEGIN", name: "begin", timeout: .seconds(5))
            let rows = try handle.run([call], timeout: .seconds(5))[0]
            try await beforeCommit(rows)
            try handle.execute(script: "COMMIT", name: "commit", timeout: .seconds(5))
            return rows
        }
    }
#endif
