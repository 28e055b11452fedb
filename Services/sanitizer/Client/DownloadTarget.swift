import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import Tabular

/// Where a download goes: a file that appears whole or not at all, or standard output.
enum DownloadTarget {
    /// - Parameter path: nil for standard output.
    /// - Throws: `outputExists` before anything is asked of the server.
    static func write(to path: String?, force: Bool, _ fetch: () async throws -> HTTPClientResponse) async throws {
        if let path, !force, FileManager.default.fileExists(atPath: path) {
            throw SanitizerError(.outputExists, "\(path): exists already, choose another name or add --force")
        }
        let response = try await fetch()
        guard let path else {
            for try await chunk in cut(response) { FileHandle.standardOutput.write(Data(chunk.readableBytesView)) }
            return
        }
        let sink = try FileSink(path: path)
        do {
            for try await chunk in cut(response) { try chunk.withUnsafeReadableBytes { try sink.write($0) } }
            try sink.close()
        } catch let error as SanitizerError {
            sink.abort()
            throw error
        } catch {
            sink.abort()
            throw SanitizerError(
                .dependencyUnavailable, "the download was cut (\(ApiClient.short(error))): nothing was kept, try again",
                isRetryable: true)
        }
    }

    private static func cut(_ response: HTTPClientResponse) -> HTTPClientResponse.Body { response.body }
}
