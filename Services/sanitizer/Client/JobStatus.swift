import Foundation
import NIOCore
import NIOFoundationCompat

/// A job as the API describes it.
struct JobStatus: Decodable {
    struct Progress: Decodable {
        var pass1: Double
        var pass2: Double
        var remaining: Int?
        enum CodingKeys: String, CodingKey {
            case pass1 = "pass1_progress"
            case pass2 = "pass2_progress"
            case remaining = "estimated_seconds_remaining"
        }
    }
    struct Metrics: Decodable {
        var rowsProcessed: Int
        var duplicatesFound: Int
        var imputationsApplied: Int
        enum CodingKeys: String, CodingKey {
            case rowsProcessed = "rows_processed"
            case duplicatesFound = "duplicates_found"
            case imputationsApplied = "imputations_applied"
        }
    }
    struct Failure: Decodable {
        var code: String
        var message: String
    }
    var jobID: String
    var datasetName: String
    var status: String
    var progress: Progress
    var metrics: Metrics
    var error: Failure?
    enum CodingKeys: String, CodingKey {
        case jobID = "job_id"
        case datasetName = "dataset_name"
        case status, progress, metrics, error
    }

    var hasEnded: Bool { ["success", "failed", "cancelled"].contains(status) }

    /// `pass2_running  pass 1 100 %, pass 2 40 %, 1200 rows, 3 s left`.
    var line: String {
        func percent(_ x: Double) -> String { "\(Int((x * 100).rounded())) %" }
        if status == "success" {
            return
                "success: \(metrics.rowsProcessed) rows, \(metrics.duplicatesFound) duplicates, \(metrics.imputationsApplied) imputations"
        }
        if let error { return "\(status): \(error.message) (\(error.code))" }
        var text =
            "\(status): pass 1 \(percent(progress.pass1)), pass 2 \(percent(progress.pass2)), \(metrics.rowsProcessed) rows"
        if let left = progress.remaining, !hasEnded { text += ", about \(left) s left" }
        return text
    }

    static func decode(_ body: ByteBuffer) throws -> JobStatus {
        try JSONDecoder().decode(JobStatus.self, from: body)
    }
}
