import ArgumentParser
import Domain
import Foundation

/// Where the API is and who asks.
struct ConnectionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Address of the API; default: SANITIZER_API.", valueName: "url"))
    var api: String?

    @Option(
        help: ArgumentHelp(
            "Key <tenant>:<secret>; default: SANITIZER_KEY, which keeps it out of the process list.", valueName: "key"))
    var key: String?

    func resolvedBase() throws -> String {
        guard let text = api ?? ProcessInfo.processInfo.environment["SANITIZER_API"], !text.isEmpty else {
            throw ClientUsageError("no API address: set SANITIZER_API or give --api URL")
        }
        guard let url = URL(string: text), let scheme = url.scheme, ["http", "https"].contains(scheme), url.host != nil else {
            throw ClientUsageError("'\(text)' is no address of an API: it must begin with http:// or https://")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    func resolvedKey() throws -> String {
        guard let text = key ?? ProcessInfo.processInfo.environment["SANITIZER_KEY"], !text.isEmpty else {
            throw ClientUsageError("no key: set SANITIZER_KEY or give --key <tenant>:<secret>")
        }
        return text
    }
}

/// A job named on the command line.
struct JobArgument: ParsableArguments {
    @Argument(help: "Id of the job, as printed by submit.")
    var job: String

    /// The id as a path segment; what cannot be one is refused before it is sent.
    func path(_ rest: String = "") throws -> String {
        guard let id = UUID(uuidString: job) else { throw ClientUsageError("'\(job)' is no job id: it looks like 0192f0c1-...") }
        return "/api/v1/jobs/\(id.uuidString.lowercased())\(rest)"
    }
}

/// Runs a client command and turns usage errors into exit code 2.
enum ClientRun {
    static func run(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as ClientUsageError {
            FileHandle.standardError.write(Data("error: \(error.description)\n".utf8))
            throw ExitCode(2)
        }
    }
}
