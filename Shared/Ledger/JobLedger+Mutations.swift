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
                try await connection.execute(script: "BEGIN", name: "begin", timeout: .seconds(5))
                let rows = try await connection.run([Call(Statements.completeTask, arguments)])[0]
                let outcome = try Self.completed(rows)
                if case .committed(_, let outbox) = outcome { await publish(outbox) }
                try await connection.execute(script: "COMMIT", name: "commit", timeout: .seconds(5))
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
#endif
