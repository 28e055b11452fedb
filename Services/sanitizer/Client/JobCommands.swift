import ArgumentParser
import AsyncHTTPClient
import Domain
import Foundation
import NIOHTTP1
import NIOCore

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "status", abstract: "Say how far a job is.")

    @OptionGroup var job: JobArgument
    @OptionGroup var connection: ConnectionOptions
    @Flag(help: "The API's answer as JSON.")
    var json = false

    func run() async throws {
        try await ClientRun.run {
            let path = try job.path()
            try await ApiClient.with(connection) { client in
                let body = try await client.json(.GET, path)
                if json {
                    print(String(buffer: body))
                } else {
                    print(try JobStatus.decode(body).line)
                }
            }
        }
    }
}

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "cancel", abstract: "End a job now.")

    @OptionGroup var job: JobArgument
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await ClientRun.run {
            let path = try job.path("/cancel")
            try await ApiClient.with(connection) { client in
                print(try JobStatus.decode(try await client.json(.POST, path)).status)
            }
        }
    }
}

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "report", abstract: "Print a finished job's report (JSON).")

    @OptionGroup var job: JobArgument
    @OptionGroup var connection: ConnectionOptions
    @Option(name: .shortAndLong, help: "File to write instead of standard output.")
    var output: String?
    @Flag(help: "Replace an existing file.")
    var force = false

    func run() async throws {
        try await ClientRun.run {
            let path = try job.path("/report")
            try await ApiClient.with(connection) { client in
                try await DownloadTarget.write(to: output, force: force) {
                    try await client.send(.GET, path, timeout: .hours(1))
                }
            }
        }
    }
}

struct DownloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "download", abstract: "Fetch the cleaned table of a finished job.")

    @OptionGroup var job: JobArgument
    @OptionGroup var connection: ConnectionOptions
    @Option(help: "parquet, csv or jsonl; default: by the output's name, else parquet.")
    var format: String?
    @Option(name: .shortAndLong, help: "File to write.")
    var output: String
    @Flag(help: "Replace an existing file.")
    var force = false

    func run() async throws {
        try await ClientRun.run {
            let name = format ?? Self.format(of: output)
            guard OutputFormat(rawValue: name) != nil else {
                throw ClientUsageError("--format must be parquet, csv or jsonl, not '\(name)'")
            }
            let path = try job.path("/download?format=\(name)")
            try await ApiClient.with(connection) { client in
                try await DownloadTarget.write(to: output, force: force) {
                    try await client.send(.GET, path, timeout: .hours(24))
                }
            }
        }
    }

    private static func format(of path: String) -> String {
        switch (path as NSString).pathExtension.lowercased() {
        case "csv", "tsv": "csv"
        case "jsonl", "ndjson": "jsonl"
        default: "parquet"
        }
    }
}
