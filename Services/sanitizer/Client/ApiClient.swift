import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// Talks to the REST API; every failure becomes one line that says what, where and what to do.
struct ApiClient: Sendable {
    let base: String
    let tenant: String
    private let key: String
    private let http: HTTPClient

    /// Runs `body` with a client for the given address and key, and closes its connections afterwards.
    ///
    /// - Throws: `inputMissing`-like usage errors as ``ClientUsageError``.
    static func with<Value>(_ options: ConnectionOptions, _ body: (ApiClient) async throws -> Value) async throws -> Value {
        let base = try options.resolvedBase()
        let key = try options.resolvedKey()
        guard let colon = key.firstIndex(of: ":"), colon != key.startIndex else {
            throw ClientUsageError("the key must be <tenant>:<secret>: check SANITIZER_KEY or --key")
        }
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(10)
        configuration.redirectConfiguration = .disallow
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let value = try await body(ApiClient(base: base, tenant: String(key[..<colon]), key: key, http: http))
            try await http.shutdown()
            return value
        } catch {
            try? await http.shutdown()
            throw error
        }
    }

    /// Sends a request; answers with another status than `expected` become errors.
    func send(
        _ method: HTTPMethod, _ path: String, headers: [(String, String)] = [], body: HTTPClientRequest.Body? = nil,
        timeout: TimeAmount = .seconds(120), expected: Set<UInt> = [200]
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: base + path)
        request.method = method
        request.headers.add(name: "X-API-Key", value: key)
        request.headers.add(name: "User-Agent", value: "sanitizer/\(Engine.version)")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.body = body
        let response: HTTPClientResponse
        do {
            response = try await http.execute(request, timeout: timeout)
        } catch let error as SanitizerError {
            throw error
        } catch {
            throw SanitizerError(
                .dependencyUnavailable,
                "\(base): no answer (\(Self.short(error))), check that the API runs and SANITIZER_API is right",
                isRetryable: true)
        }
        guard !expected.contains(response.status.code) else { return response }
        throw await problem(response)
    }

    func json(_ method: HTTPMethod, _ path: String, headers: [(String, String)] = [], timeout: TimeAmount = .seconds(120))
        async throws
        -> ByteBuffer
    {
        try await bytes(try await send(method, path, headers: headers, timeout: timeout))
    }

    /// The body of a small answer.
    func bytes(_ response: HTTPClientResponse, limit: Int = 64 << 20) async throws -> ByteBuffer {
        do {
            return try await response.body.collect(upTo: limit)
        } catch {
            throw SanitizerError(.dependencyUnavailable, "\(base): the answer was cut, try again", isRetryable: true)
        }
    }

    private struct Problem: Decodable {
        var code: String
        var detail: String
    }

    private func problem(_ response: HTTPClientResponse) async -> SanitizerError {
        let status = response.status.code
        let body = try? await response.body.collect(upTo: 1 << 20)
        let told = body.flatMap { try? JSONDecoder().decode(Problem.self, from: $0) }
        let code =
            told.flatMap { SanitizerError.Code(rawValue: $0.code) } ?? (status >= 500 ? .dependencyUnavailable : .inputUnreadable)
        guard let told else { return SanitizerError(code, "\(base): unexpected answer \(status), check SANITIZER_API") }
        return SanitizerError(code, "\(told.detail) (\(told.code))", isRetryable: status == 429 || status >= 500)
    }

    static func short(_ error: any Error) -> String {
        String("\(error)".split(separator: "\n").first?.prefix(160) ?? "unknown reason")
    }
}

/// Something missing or wrong on the command line or in the environment; exit code 2.
struct ClientUsageError: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}
