import Foundation
import HTTPTypes
import Hummingbird
import Ledger
import NIOCore
import ServiceKit

/// `GET` and `POST /api/v1/jobs/{job_id}/audit-log`: the job's links of the tenant's audit chain, newest first.
struct AuditRoute: Sendable {
    let dependencies: Dependencies

    struct Filter: Decodable {
        var action: String?
        var since: String?
        var until: String?
        var cursor: String?
        var limit: Int?
    }

    func handle(_ request: Request, _ context: ApiContext) async throws -> Response {
        let job = try await JobRoutes.job(context, dependencies.ledger)
        let filter = try await CallArguments.decode(Filter.self, request)
        let limit = try PageLimit.of(filter.limit.map(String.init), default: 100, most: 1000)
        guard filter.cursor.map({ Int64($0) != nil }) ?? true else {
            throw Problem.badRequest("bad_request", "'cursor' is not one that this call returned")
        }
        for (name, text) in [("since", filter.since), ("until", filter.until)] where text != nil {
            guard (try? Date(text ?? "", strategy: .iso8601)) != nil else {
                throw Problem.badRequest("bad_request", "'\(name)' must be a time such as 2026-11-21T08:30:00Z")
            }
        }
        let page = try await dependencies.ledger.auditEntries(
            tenantID: job.tenantID,
            filter: AuditFilter(jobID: job.jobID, action: filter.action, since: filter.since, until: filter.until),
            cursor: filter.cursor, limit: limit)
        var out = "{\"entries\":["
        for (index, entry) in page.items.enumerated() {
            if index > 0 { out += "," }
            // The detail is JSON already: it goes out as it was hashed.
            out +=
                "{\"action\":\(JSONText.quoted(entry.action)),\"actor\":\(JSONText.quoted(entry.actor)),\"at\":\(JSONText.quoted(entry.at))"
            out +=
                ",\"detail\":\(entry.detail),\"hash\":\(JSONText.quoted(entry.hash)),\"job_id\":\(entry.jobID.map(JSONText.quoted) ?? "null")"
            out += ",\"sequence\":\(entry.sequence)}"
        }
        out += "],\"next_cursor\":\(page.nextCursor.map(JSONText.quoted) ?? "null")}"
        return Reply.json(bytes: Array(out.utf8))
    }
}
