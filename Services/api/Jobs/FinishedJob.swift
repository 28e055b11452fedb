import Domain
import Hummingbird
import Ledger
import ObjectStore
import Pipeline
import ServiceKit

/// A job that ended well, with the keys of what it left.
struct FinishedJob: Sendable {
    var job: JobRecord
    var result: ReportResult

    /// - Throws: 404; 409 while the job runs, and when it failed or was cancelled.
    static func of(_ context: ApiContext, _ ledger: JobLedger) async throws -> FinishedJob {
        let job = try await JobRoutes.job(context, ledger)
        switch job.state {
        case .success: break
        case .failed:
            throw Problem(
                409, "job_failed",
                "the job failed: \(job.failure?.message ?? "no reason known") (\(job.failure?.code ?? "internal"))")
        case .cancelled: throw Problem(409, "job_cancelled", "the job was cancelled: submit the file again")
        default:
            throw Problem(409, "job_not_finished", "the job is \(job.state.rawValue): ask again when it has ended", retryAfter: 1)
        }
        guard let json = try await ledger.results(job: job.jobID, stages: [.report])[.report]?.first else {
            throw Problem.notFound("no such job")
        }
        return FinishedJob(job: job, result: try ReportResult(json: json))
    }
}
