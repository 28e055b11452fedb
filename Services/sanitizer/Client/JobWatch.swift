import AsyncHTTPClient
import Domain
import Foundation
import NIOHTTP1

/// Follows a job by long-polling and shows each change on standard error.
enum JobWatch {
    /// Returns the job when it has ended. Goes on through short failures of the API.
    static func follow(_ id: String, _ client: ApiClient) async throws -> JobStatus {
        let isTerminal = isatty(STDERR_FILENO) == 1
        var etag: String?
        var failures = 0
        var shown = ""
        while true {
            do {
                var headers = [("Prefer", "wait=20")]
                if let etag { headers.append(("If-None-Match", etag)) }
                let response = try await client.send(.GET, "/api/v1/jobs/\(id)", headers: headers, expected: [200, 304])
                failures = 0
                guard response.status.code == 200 else { continue }
                etag = response.headers.first(name: "ETag")
                let job = try JobStatus.decode(try await client.bytes(response))
                if job.line != shown {
                    shown = job.line
                    let ending = isTerminal && !job.hasEnded ? "" : "\n"
                    FileHandle.standardError.write(Data(((isTerminal ? "\r\u{1B}[K" : "") + shown + ending).utf8))
                }
                if job.hasEnded { return job }
            } catch let error as SanitizerError where error.isRetryable && failures < 10 {
                failures += 1
                try await Task.sleep(for: .milliseconds(200 * failures))
            }
        }
    }
}
