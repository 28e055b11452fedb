import Domain
import Ledger
import ServiceKit

/// A job as clients see it.
struct JobView: Encodable {
    struct Progress: Encodable {
        var pass1: Double
        var pass2: Double
        var remaining: Int?
        enum CodingKeys: String, CodingKey {
            case pass1 = "pass1_progress"
            case pass2 = "pass2_progress"
            case remaining = "estimated_seconds_remaining"
        }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(pass1, forKey: .pass1)
            try container.encode(pass2, forKey: .pass2)
            try container.encode(remaining, forKey: .remaining)
        }
    }
    struct Metrics: Encodable {
        var rowsProcessed: Int
        var duplicatesFound: Int
        var imputationsApplied: Int
        enum CodingKeys: String, CodingKey {
            case rowsProcessed = "rows_processed"
            case duplicatesFound = "duplicates_found"
            case imputationsApplied = "imputations_applied"
        }
    }
    struct Failure: Encodable {
        var code: String
        var message: String
    }

    var jobID: String
    var tenantID: String
    var datasetID: String
    var datasetName: String
    var status: JobState
    var progress: Progress
    var metrics: Metrics
    var error: Failure?
    var inputBytes: Int64
    var createdAt: String
    var updatedAt: String
    var finishedAt: String?
    enum CodingKeys: String, CodingKey {
        case jobID = "job_id"
        case tenantID = "tenant_id"
        case datasetID = "dataset_id"
        case datasetName = "dataset_name"
        case status, progress, metrics, error
        case inputBytes = "input_bytes"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case finishedAt = "finished_at"
    }

    init(_ job: JobRecord) {
        jobID = job.jobID
        tenantID = job.tenantID
        datasetID = job.datasetID
        datasetName = job.datasetName
        status = job.state
        let isDone = job.state == .success
        progress = Progress(
            pass1: isDone ? 1 : Self.rounded(job.pass1.fraction), pass2: isDone ? 1 : Self.rounded(job.pass2.fraction),
            remaining: Self.remaining(job))
        metrics = Metrics(
            rowsProcessed: job.counters.rowsProcessed, duplicatesFound: job.counters.duplicatesFound,
            imputationsApplied: job.counters.imputationsApplied)
        error = job.failure.map { Failure(code: $0.code, message: $0.message) }
        inputBytes = job.inputBytes
        createdAt = job.createdAt
        updatedAt = job.updatedAt
        finishedAt = job.finishedAt
    }

    /// Weak, because the time remaining changes without a change of the job.
    static func etag(_ job: JobRecord) -> String { "W/\"\(job.revision)\"" }
    static func revision(etag: String) -> Int64? {
        guard etag.hasPrefix("W/\""), etag.hasSuffix("\"") else { return nil }
        return Int64(etag.dropFirst(3).dropLast())
    }

    /// From the pace so far, both passes weighted alike; nil while there is no pace yet.
    private static func remaining(_ job: JobRecord) -> Int? {
        if job.state.isFinal { return 0 }
        let done = (job.pass1.fraction + job.pass2.fraction) / 2
        guard done > 0, let elapsed = job.elapsed else { return nil }
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
        return Int((seconds * (1 - done) / done).rounded(.up))
    }
    private static func rounded(_ x: Double) -> Double { (x * 10_000).rounded() / 10_000 }
}
