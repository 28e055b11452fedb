import Domain
import Foundation
import Generation
import ServiceKit
import TestSupport
import Testing

@Suite("The command line", .serialized, .timeLimit(.minutes(2)))
struct CommandTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("commands-\(UUID().uuidString)")

    private var temporary: URL { folder.appendingPathComponent("tmp") }

    init() throws { try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true) }

    /// Runs in the folder, temporary files in a folder below it.
    private func start(_ arguments: [String], errors: Pipe) throws -> Process {
        let process = Process()
        process.executableURL = ServiceProcess.folder.appendingPathComponent("sanitizer")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ["TMPDIR": temporary.path]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        try process.run()
        return process
    }
    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }
    private func names() throws -> Set<String> {
        Set(try [folder, temporary].flatMap { try FileManager.default.contentsOfDirectory(atPath: $0.path) })
    }

    @Test(
        "an error ends with its exit code and says what to do, however often it is tried",
        arguments: [
            (["clean", "empty.csv", "-o", "o.csv"], 1, "empty"), (["clean", "nowhere.csv", "-o", "o.csv"], 1, "no such file"),
            (["clean", "broken.parquet", "-o", "o.csv"], 1, "broken.parquet"),
            (["clean", "small.csv", "-o", "o.csv", "--near", "sometimes"], 2, "--near"),
            (["clean", "small.csv", "-o", "o.csv", "--memory", "16MiB"], 3, "--memory"),
            (["convert", "empty.csv", "-o", "o.csv"], 1, "empty"), (["inspect", "empty.csv"], 1, "empty"),
        ])
    func errors(arguments: [String], code: Int, says: String) async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try write("empty.csv", "")
        try write("broken.parquet", "PAR1 and nothing that was ever a table PAR1")
        try write("small.csv", "a,b\n1,2\n3,4\n")
        let before = try names()
        for _ in 0..<8 {
            let errors = Pipe()
            let process = try start(arguments, errors: errors)
            let said = try await BlockingIO.run { try errors.fileHandleForReading.readToEnd() ?? Data() }
            process.waitUntilExit()
            #expect(process.terminationReason == .exit)
            #expect(process.terminationStatus == Int32(code))
            #expect(String(decoding: said, as: UTF8.self).contains(says))
        }
        #expect(try names() == before)
    }

    /// In UTF-16 a table is rewritten first, into a temporary folder; in UTF-8 the first temporary files are the outputs.
    @Test("a signal ends a run and nothing temporary is left", arguments: [SIGINT, SIGTERM], [String.Encoding.utf8, .utf16])
    func interrupted(signal: Int32, encoding: String.Encoding) async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let text = Generator.csv(.customers, rows: 60_000, seed: 3)
        let data = try #require(String(decoding: text, as: UTF8.self).data(using: encoding))
        try data.write(to: folder.appendingPathComponent("in.csv"))
        let errors = Pipe()
        let process = try start(["clean", "in.csv", "-o", "o.csv", "--near", "off"], errors: errors)
        while process.isRunning, try names().count <= 2 { try await Task.sleep(for: .milliseconds(2)) }
        #expect(process.isRunning)
        kill(process.processIdentifier, signal)
        let said = try await BlockingIO.run { try errors.fileHandleForReading.readToEnd() ?? Data() }
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal)
        #expect(process.terminationStatus == signal)
        #expect(String(decoding: said, as: UTF8.self).contains("removed"))
        #expect(try names() == ["in.csv", "tmp"])
    }
}
