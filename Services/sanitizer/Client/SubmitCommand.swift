import ArgumentParser
import AsyncHTTPClient
import Domain
import Foundation
import NIOHTTP1
import NIOCore
import Tabular

struct SubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit", abstract: "Send a file to the services; prints the job id last on standard output.")

    @Argument(help: "Table to clean.")
    var file: String

    @OptionGroup var connection: ConnectionOptions

    @Option(help: "Format of the cleaned table: parquet, csv or jsonl.")
    var format: String = "parquet"

    @Option(help: "Name of the dataset; default: the file's name.")
    var name: String?

    @Option(help: "Recipe (YAML or JSON).")
    var recipe: String?

    @Option(help: "Seed of every hash: the same salt gives the same output.")
    var salt: String?

    @Option(help: "A repeated submit with this key gives the same job instead of a second one.")
    var idempotencyKey: String?

    @Flag(help: "Follow the job until it ends; fails when the job fails.")
    var watch = false

    func run() async throws {
        try await ClientRun.run {
            guard OutputFormat(rawValue: format) != nil else {
                throw ClientUsageError("--format must be parquet, csv or jsonl, not '\(format)'")
            }
            let source = try FileSource(path: file)
            let recipeText = try recipe.map { path in
                do { return try String(contentsOfFile: path, encoding: .utf8) } catch {
                    throw SanitizerError(.recipeInvalid, "\(path): cannot be read as text, check the path")
                }
            }
            try await ApiClient.with(connection) { client in
                let id = try await submit(source, recipe: recipeText, client)
                if watch {
                    let ended = try await JobWatch.follow(id, client)
                    print(id)
                    if ended.status != "success" { throw ExitCode(1) }
                } else {
                    print(id)
                }
            }
        }
    }

    private struct Accepted: Decodable {
        var jobID: String
        enum CodingKeys: String, CodingKey { case jobID = "job_id" }
    }

    /// As a form, because a recipe may be longer than a query can be; the file streams between the other fields and the end.
    private func submit(_ source: FileSource, recipe: String?, _ client: ApiClient) async throws -> String {
        let boundary = "sanitizer-" + Hex.encode(SecureRandom.bytes(16))
        let fileName = (file as NSString).lastPathComponent
        var head = ""
        var fields = [("format", format), ("dataset_name", name ?? String(fileName.split(separator: ".").first ?? "dataset"))]
        if let recipe { fields.append(("recipe", recipe)) }
        if let salt { fields.append(("salt", salt)) }
        for (name, value) in fields {
            head += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
        }
        head += "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(Self.escaped(fileName))\"\r\n"
        head += "Content-Type: application/octet-stream\r\n\r\n"
        let tail = "\r\n--\(boundary)--\r\n"
        let body = FileBody(head: Array(head.utf8), source: source, tail: Array(tail.utf8))
        var headers = [("Content-Type", "multipart/form-data; boundary=\(boundary)")]
        if let idempotencyKey { headers.append(("Idempotency-Key", idempotencyKey)) }
        let response = try await client.send(
            .POST, "/api/v1/datasets/\(client.tenant)/ingest", headers: headers,
            body: .stream(body, length: .known(body.length)), timeout: .hours(24), expected: [202])
        let answer = try await client.bytes(response)
        return try JSONDecoder().decode(Accepted.self, from: Data(answer.readableBytesView)).jobID
    }

    /// As browsers write names in forms.
    private static func escaped(_ name: String) -> String {
        name.replacing("\"", with: "%22").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    }
}

/// A form around a file, read in blocks of 256 KiB as the connection takes them.
private struct FileBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    let head: [UInt8]
    let source: FileSource
    let tail: [UInt8]

    var length: Int64 { Int64(head.count) + source.size + Int64(tail.count) }

    struct AsyncIterator: AsyncIteratorProtocol {
        let body: FileBody
        var at: Int64 = -1
        mutating func next() async throws -> ByteBuffer? {
            if at < 0 {
                at = 0
                return ByteBuffer(bytes: body.head)
            }
            if at < body.source.size {
                let block = try body.source.read(at: at, count: 256 << 10)
                guard !block.isEmpty else {
                    throw SanitizerError(.inputUnreadable, "the file became shorter while it was sent, send it again")
                }
                at += Int64(block.count)
                return ByteBuffer(bytes: block)
            }
            guard at == body.source.size else { return nil }
            at += 1
            return ByteBuffer(bytes: body.tail)
        }
    }
    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(body: self) }
}
