public import Domain
import Foundation

extension JobLedger {
    /// Accepts a job: dataset, job, first task, outbox and audit in one transaction.
    ///
    /// Sending the same job (by id) again finds the first one.
    /// - Throws: ``LedgerError``; with ``LedgerError/Outcome/unknown`` the job may exist: call again with the same job.
    public func createJob(_ job: NewJob) async throws -> CreateOutcome {
        guard let id = Identifier.canonical(job.spec.jobID) else {
            throw LedgerError(.invalidArgument, "a job id must be a UUID")
        }
        let key = job.idempotency
        let arguments: [String?] = [
            try Self.json(job.spec), Argument.int(job.inputBytes), job.actor, job.trace, key?.key,
            key.map { Argument.bytes($0.requestHash) }, key?.response,
        ]
        let answers = try await run([Call(Statements.createJob, arguments), Call(Statements.job, [id, job.spec.tenantID])])
        let rows = answers[0]
        switch rows.text(0, 0) {
        case "created":
            guard answers[1].count > 0 else { throw LedgerError(.server, "the accepted job cannot be read") }
            return .created(try Self.record(answers[1], 0), outbox: try OutboxJSON.decode(rows.bytes(0, 4)))
        case "replayed": return .replayed(response: rows.text(0, 1) ?? "")
        case "key_conflict": return .keyConflict
        case "unknown_tenant": return .unknownTenant
        case "refused":
            guard let limit = rows.text(0, 1).flatMap(LimitRefusal.Limit.init(rawValue:)) else {
                throw Self.mismatch("create_job")
            }
            let retryAfter: Duration? =
                switch limit {
                case .openJobs: .seconds(5)
                case .rowsPerMonth: .seconds(3600)
                case .bytesPerJob: nil
                }
            return .refused(
                LimitRefusal(limit: limit, allowed: rows.int(0, 2) ?? 0, used: rows.int(0, 3) ?? 0, retryAfter: retryAfter))
        default: throw Self.mismatch("create_job")
        }
    }

    /// Reserves an idempotency key for a call that is about to upload.
    /// - Parameter holder: the announced worker that takes the call: when it dies the key is free again (nil: after 15 minutes). A
    ///   holder that asks again gets its own key again: it must know itself whether an earlier call of its own is alive.
    public func startIdempotency(tenantID: String, key: String, holder: String? = nil) async throws -> IdempotencyStart {
        let rows = try await run(Statements.startIdempotency, [tenantID, key, holder])
        switch rows.text(0, 0) {
        case "started": return .started
        case "in_flight": return .inFlight
        case "finished":
            return .finished(requestHash: try Self.decodeBytes(rows.bytes(0, 1)), response: rows.text(0, 2) ?? "")
        default: throw Self.mismatch("start_idempotency")
        }
    }

    /// Gives a key back whose call came to nothing. A key that stands for an accepted job stays.
    public func abandonIdempotency(tenantID: String, key: String) async throws {
        _ = try await run(Statements.abandonIdempotency, [tenantID, key])
    }

    /// nil when there is no such job, or it is another tenant's, or it was erased. A nil tenant sees all (services, operators).
    public func job(_ id: String, tenantID: String?) async throws -> JobRecord? {
        guard let id = Identifier.canonical(id) else { return nil }
        let rows: Rows
        if let tenantID {
            rows = try await read(as: tenantID, Statements.job, [id, tenantID])
        } else {
            rows = try await run(Statements.job, [id, nil])
        }
        return rows.count == 0 ? nil : try Self.record(rows, 0)
    }

    /// A tenant's jobs, newest first. A cursor that is none of ours gives the first page.
    public func jobs(
        tenantID: String, state: JobState? = nil, cursor: String? = nil, limit: Int = 50
    ) async throws -> Page<JobRecord> {
        let limit = min(max(limit, 1), 1000)
        let rows = try await read(
            as: tenantID, Statements.jobs,
            [tenantID, state?.rawValue, cursor.flatMap(Identifier.canonical), Argument.int(limit + 1)])
        let items = try (0..<min(rows.count, limit)).map { try Self.record(rows, $0) }
        return Page(items: items, nextCursor: rows.count > limit ? items.last?.jobID : nil)
    }

    /// Returns when the job's revision passes `revision`, when it has ended, or after `timeout`, with the job as it is then.
    public func waitForChange(
        _ id: String, tenantID: String?, after revision: Int64, timeout: Duration
    ) async throws -> JobRecord? {
        guard let id = Identifier.canonical(id) else { return nil }
        let deadline = ContinuousClock.now + timeout
        let (ticket, hears) = await watcher.subscribe(id)
        do {
            while true {
                let record = try await job(id, tenantID: tenantID)
                let left = ContinuousClock.now.duration(to: deadline)
                guard let record, record.revision <= revision, !record.state.isFinal, left > .zero else {
                    await watcher.unsubscribe(ticket)
                    return record
                }
                // Deaf, it looks again from time to time instead.
                await watcher.wait(ticket, timeout: hears ? left : min(left, .milliseconds(500)))
                try Task.checkCancellation()
            }
        } catch {
            await watcher.unsubscribe(ticket)
            throw error
        }
    }

    /// Ends the job now; attempts that run are fenced. A job that has ended is left as it is.
    /// - Returns: nil when there is no such job; publish `outbox`.
    public func cancel(_ id: String, tenantID: String, actor: String) async throws -> (job: JobRecord, outbox: [OutboxMessage])? {
        guard let id = Identifier.canonical(id) else { return nil }
        let answers = try await run([
            Call(Statements.cancelJob, [id, tenantID, actor]), Call(Statements.job, [id, tenantID]),
        ])
        guard answers[1].count > 0 else { return nil }
        return (try Self.record(answers[1], 0), try OutboxJSON.decode(answers[0].bytes(0, 0)))
    }

    /// Forgets a job's tasks, results and names; the erasure is audited. A job that runs is cancelled first.
    /// - Returns: the key prefix whose objects are to be deleted; nil when there is no such job.
    public func erase(_ id: String, tenantID: String, actor: String) async throws -> (prefix: String, outbox: [OutboxMessage])? {
        guard let id = Identifier.canonical(id) else { return nil }
        let rows = try await run(Statements.eraseJob, [id, tenantID, actor])
        guard rows.count > 0 else { return nil }
        return (rows.text(0, 0) ?? "", try OutboxJSON.decode(rows.bytes(0, 1)))
    }

    /// Committed results of the given stages, in index order.
    public func results(job id: String, stages: [Stage]) async throws -> [Stage: [[UInt8]]] {
        guard let id = Identifier.canonical(id) else { return [:] }
        return try Self.results(try await run(Statements.results, [id, Argument.words(stages.map(\.rawValue))]))
    }

    /// The versions of a dataset, oldest first.
    public func cleanedDatasets(tenantID: String, datasetID: String) async throws -> [CleanedDataset] {
        guard let datasetID = Identifier.canonical(datasetID) else { return [] }
        let rows = try await read(as: tenantID, Statements.cleanedDatasets, [tenantID, datasetID])
        return (0..<rows.count).map { row in
            CleanedDataset(
                datasetID: rows.text(row, 0) ?? "", version: Int(rows.int(row, 1) ?? 0), jobID: rows.text(row, 2) ?? "",
                checksum: rows.text(row, 3) ?? "", rows: rows.int(row, 4) ?? 0, bytes: rows.int(row, 5) ?? 0,
                createdAt: rows.text(row, 6) ?? "")
        }
    }

    // MARK: decoding

    static func results(_ rows: Rows) throws -> [Stage: [[UInt8]]] {
        var results: [Stage: [[UInt8]]] = [:]
        for row in 0..<rows.count {
            guard let stage = rows.text(row, 0).flatMap(Stage.init(rawValue:)) else { throw mismatch("results") }
            results[stage, default: []].append(rows.bytes(row, 1) ?? [])
        }
        return results
    }

    static func record(_ rows: Rows, _ row: Int) throws -> JobRecord {
        func count(_ column: Int) -> Int { Int(rows.int(row, column) ?? 0) }
        guard let state = rows.text(row, 3).flatMap(JobState.init(rawValue:)), let spec = rows.bytes(row, 4) else {
            throw mismatch("job")
        }
        let decoded = try Self.spec(spec)
        return JobRecord(
            jobID: rows.text(row, 0) ?? "", tenantID: rows.text(row, 1) ?? "", datasetID: rows.text(row, 2) ?? "",
            datasetName: decoded.datasetName, state: state, spec: decoded,
            counters: JobCounters(
                rowsProcessed: count(6), duplicatesFound: count(7), imputationsApplied: count(8)),
            pass1: .init(done: count(9), total: count(10)), pass2: .init(done: count(11), total: count(12)),
            failure: rows.text(row, 13).map { .init(code: $0, message: rows.text(row, 14) ?? "") },
            revision: rows.int(row, 15) ?? 0, createdAt: rows.text(row, 16) ?? "", updatedAt: rows.text(row, 17) ?? "",
            finishedAt: rows.text(row, 18), elapsed: rows.int(row, 19).map { .milliseconds($0) },
            inputBytes: rows.int(row, 5) ?? 0)
    }

    static func spec(_ json: [UInt8]) throws -> JobSpec {
        do {
            return try JSONDecoder().decode(JobSpec.self, from: Data(json))
        } catch {
            // The decoder's own error may quote values.
            throw LedgerError(.schemaMismatch, "the stored job has an unknown form")
        }
    }

    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw LedgerError(.invalidArgument, "a value cannot be written as JSON")
        }
    }

    /// `\x0123...` as bytes.
    static func decodeBytes(_ cell: [UInt8]?) throws -> [UInt8] {
        guard let cell, cell.count >= 2, cell.count % 2 == 0 else { return [] }
        func digit(_ c: UInt8) -> UInt8? {
            switch c {
            case 48...57: c - 48
            case 97...102: c - 87
            default: nil
            }
        }
        return try stride(from: 2, to: cell.count, by: 2).map { i in
            guard let high = digit(cell[i]), let low = digit(cell[i + 1]) else { throw mismatch("bytes") }
            return high << 4 | low
        }
    }

    static func mismatch(_ statement: String) -> LedgerError {
        LedgerError(.schemaMismatch, "the answer has an unknown form: run the migrations", statement: statement)
    }
}
