import Foundation
import ServiceKit

/// One service as a process of its own, with its log read line by line.
final class ServiceProcess: @unchecked Sendable {  // the log's state is behind a lock; the process is started once
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }
    private struct Log {
        var text = ""
        var waiting: [(String, CheckedContinuation<String, any Error>)] = []
        var hasEnded = false
    }

    let name: String
    private let process = Process()
    private let log = Locked(Log())
    private let exits = AsyncStream<Int32>.makeStream()

    init(_ name: String, environment: [String: String]) throws {
        self.name = name
        process.executableURL = Self.folder.appendingPathComponent(name)
        var all = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("SANITIZER_") }
        all.merge(environment) { $1 }
        process.environment = all
        let pipe = Pipe()
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        process.terminationHandler = { [exits] process in
            exits.continuation.yield(process.terminationStatus)
            exits.continuation.finish()
        }
        pipe.fileHandleForReading.readabilityHandler = { [weak self] handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            self?.received(data)
        }
        try process.run()
    }

    /// Beside the test bundle: SwiftPM builds the executables that the tests depend on into the same folder.
    static var folder: URL {
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        let fallback = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(".build/debug")
        return FileManager.default.isExecutableFile(atPath: bundle.appendingPathComponent("api").path) ? bundle : fallback
    }

    var logText: String { log.withLock { $0.text } }
    var isRunning: Bool { process.isRunning }

    /// The port that the service took; waits until it listens.
    func port() async throws -> Int {
        let line = try await line(containing: "\"listening\"")
        guard let match = line.firstMatch(of: /"port":(\d+)/), let port = Int(match.1) else {
            throw Failure(description: "no port in \(line)")
        }
        return port
    }

    /// The first line of the log with this text, now or later; throws when the process ends before.
    func line(containing text: String) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            let known: Result<String, any Error>? = log.withLock { log in
                if let line = Self.find(text, log.text) { return .success(line) }
                if log.hasEnded { return .failure(Failure(description: "\(name) ended before it logged \(text): \(log.text)")) }
                log.waiting.append((text, continuation))
                return nil
            }
            if let known { continuation.resume(with: known) }
        }
    }

    private func received(_ data: Data) {
        let ready: [(CheckedContinuation<String, any Error>, Result<String, any Error>)] = log.withLock { log in
            log.text += String(decoding: data, as: UTF8.self)
            if data.isEmpty { log.hasEnded = true }
            var ready: [(CheckedContinuation<String, any Error>, Result<String, any Error>)] = []
            log.waiting.removeAll { text, continuation in
                if let line = Self.find(text, log.text) {
                    ready.append((continuation, .success(line)))
                    return true
                }
                if log.hasEnded {
                    ready.append(
                        (continuation, .failure(Failure(description: "\(name) ended before it logged \(text): \(log.text)"))))
                    return true
                }
                return false
            }
            return ready
        }
        for (continuation, result) in ready { continuation.resume(with: result) }
    }

    /// Whole lines only: the last one may still be growing.
    private static func find(_ text: String, _ log: String) -> String? {
        log.split(separator: "\n", omittingEmptySubsequences: false).dropLast().first { $0.contains(text) }.map(String.init)
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// The exit code, or the signal's number for a killed process.
    func waitForExit() async -> Int32 {
        for await status in exits.stream { return status }
        // Also reached when the test was cancelled while the process runs.
        return process.isRunning ? -1 : process.terminationStatus
    }

    func stop() async {
        guard process.isRunning else { return }
        signal(SIGTERM)
        _ = await waitForExit()
    }
}
