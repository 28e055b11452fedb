internal import Domain

extension JobLedger {
    /// Appends to the tenant's chain. Never put cell values into `detail`.
    /// - Parameter detail: a JSON object.
    public func audit(
        tenantID: String, jobID: String?, actor: String, action: String, detail: String = "{}"
    ) async throws {
        _ = try await run(Statements.appendAudit, [tenantID, jobID.flatMap(Identifier.canonical), actor, action, detail])
    }

    /// A tenant's entries, newest first. A cursor or job id that is none of ours finds nothing.
    /// - Throws: ``LedgerError/Code/invalidArgument`` for times that are none.
    public func auditEntries(
        tenantID: String, filter: AuditFilter = AuditFilter(), cursor: String? = nil, limit: Int = 100
    ) async throws -> Page<AuditEntry> {
        let limit = min(max(limit, 1), 1000)
        var jobID: String?
        if let wanted = filter.jobID {
            guard let id = Identifier.canonical(wanted) else { return Page(items: [], nextCursor: nil) }
            jobID = id
        }
        if let cursor, Int64(cursor) == nil { return Page(items: [], nextCursor: nil) }
        let rows = try await read(
            as: tenantID, Statements.auditEntries,
            [tenantID, jobID, filter.action, filter.since, filter.until, cursor, Argument.int(limit + 1)])
        let items = (0..<min(rows.count, limit)).map { row in
            AuditEntry(
                sequence: rows.int(row, 0) ?? 0, tenantID: tenantID, jobID: rows.text(row, 1), at: rows.text(row, 2) ?? "",
                actor: rows.text(row, 3) ?? "", action: rows.text(row, 4) ?? "", detail: rows.text(row, 5) ?? "{}",
                hash: rows.text(row, 6) ?? "")
        }
        return Page(items: items, nextCursor: rows.count > limit ? items.last.map { String($0.sequence) } : nil)
    }

    /// Recomputes the tenant's chain from its first entry: edits, gaps, reordering and a missing tail are found.
    public func verifyAudit(tenantID: String) async throws -> AuditVerdict {
        let rows = try await run(Statements.verifyAudit, [tenantID])
        if let broken = rows.int(0, 0) { return .broken(at: broken) }
        return .intact(entries: rows.int(0, 1) ?? 0, head: rows.text(0, 2) ?? "")
    }

    /// Counts for metrics and readiness, in one statement.
    public func metrics() async throws -> LedgerMetrics {
        let rows = try await run(Statements.metrics)
        var metrics = LedgerMetrics()
        for row in 0..<rows.count {
            let count = Int(rows.int(row, 3) ?? 0)
            switch rows.text(row, 0) {
            case "job": if let state = rows.text(row, 1).flatMap(JobState.init(rawValue:)) { metrics.jobs[state] = count }
            case "task":
                if let stage = rows.text(row, 1).flatMap(Stage.init(rawValue:)),
                    let state = rows.text(row, 2).flatMap(TaskState.init(rawValue:))
                {
                    metrics.tasks.append(.init(stage: stage, state: state, count: count))
                }
            case "fenced": metrics.fencedAttempts = count
            case "outbox": metrics.outboxDepth = count
            case "outbox_age": metrics.outboxOldest = .milliseconds(count)
            default: break
            }
        }
        return metrics
    }
}
