import Domain
import Formats
import HTTPTypes
import Hummingbird
import Ledger
import Logging
import NIOCore
import ObjectStore
import Pipeline
import ServiceKit
import Tabular

/// The report, the cleaned table in three formats, and the side files.
struct DownloadRoutes: Sendable {
    let dependencies: Dependencies

    func add(to group: RouterGroup<ApiContext>) {
        group.get("jobs/{job_id}/report") { try await report($0, $1) }
        group.get("jobs/{job_id}/download") { try await download($0, $1) }
    }

    private func report(_ request: Request, _ context: ApiContext) async throws -> Response {
        let finished = try await FinishedJob.of(context, dependencies.ledger)
        let store = dependencies.store
        let key = finished.result.reportKey
        let source = try await BlockingIO.run { try store.source(key) }
        var headers = HTTPFields()
        headers[.contentType] = "application/json"
        let digest = String(Digest.named(in: key))
        return StreamedObject.response(source, sha256: digest, request, headers: headers, etag: "\"\(finished.job.jobID)\"")
    }

    private func download(_ request: Request, _ context: ApiContext) async throws -> Response {
        let asked = request.uri.queryParameters["format"].map { String($0) }
        guard let format = asked.map({ OutputFormat(rawValue: $0) }) ?? .parquet else {
            throw Problem.badRequest("bad_request", "'format' must be parquet, csv or jsonl")
        }
        let finished = try await FinishedJob.of(context, dependencies.ledger)
        let stored = finished.job.spec.outputFormat
        let wanted = asked == nil ? stored : format
        var headers = HTTPFields()
        headers[.contentType] = Self.contentTypes[wanted]
        headers[.contentDisposition] = Self.disposition(finished.job.datasetName, wanted)
        headers[.cacheControl] = "private, no-cache"
        let store = dependencies.store
        if wanted == stored {
            let source = try await BlockingIO.run { try store.source(finished.result.outputKey) }
            let digest = finished.result.digest
            return StreamedObject.response(source, sha256: digest, request, headers: headers, etag: "\"\(digest)\"")
        }
        guard stored == .parquet else {
            throw Problem(
                409, "format_unavailable",
                "this job was asked for \(stored.rawValue): submit it as parquet to download every format")
        }
        return try await rendered(finished, as: wanted, headers, context.logger)
    }

    /// Part by part, one in memory at a time. A failure on the way ends the connection before the last chunk, so that the
    /// client cannot take a part for the whole.
    private func rendered(_ finished: FinishedJob, as format: OutputFormat, _ headers: HTTPFields, _ logger: Logger) async throws
        -> Response
    {
        let store = dependencies.store
        let (schema, options) = try await BlockingIO.run {
            (
                try Self.schema(try store.source(finished.result.outputKey)),
                try Self.options(try store.verified(finished.result.reportKey))
            )
        }
        let keys = try await dependencies.ledger.results(job: finished.job.jobID, stages: [.clean])[.clean, default: []]
            .map { try CleanResult(json: $0).partKey }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                let header = PartReader.header(schema: schema, as: format, options: options)
                if !header.isEmpty { try await writer.write(ByteBuffer(bytes: header)) }
                for case let key? in keys {
                    let bytes = try await BlockingIO.run {
                        let part = MemorySource(try store.verified(key))
                        return try PartReader.render(parquetPart: part, schema: schema, as: format, options: options)
                    }
                    try await writer.write(ByteBuffer(bytes: bytes))
                }
                try await writer.finish(nil)
            })
    }

    /// Names and types, as the Parquet output itself tells them.
    static func schema(_ output: any ByteSource) throws -> TableSchema {
        var options = InputOptions()
        options.format = .parquet
        let detection = try Sniffer.detect(output, name: "output.parquet", options: options)
        return TableSchema(
            columns: zip(detection.columns, detection.declaredTypes).map { TableSchema.Column(name: $0, type: $1 ?? .text) })
    }

    private static func options(_ report: [UInt8]) throws -> OutputOptions {
        struct Outline: Decodable {
            struct Recipe: Decodable { var output: OutputOptions }
            var recipe: Recipe
        }
        return try StableJSON.decode(Outline.self, report).recipe.output
    }

    private static let contentTypes: [OutputFormat: String] = [
        .parquet: "application/vnd.apache.parquet", .csv: "text/csv; charset=utf-8; header=present",
        .jsonl: "application/x-ndjson",
    ]

    /// An ASCII name for every client, and the real one for those that know RFC 6266.
    static func disposition(_ name: String, _ format: OutputFormat) -> String {
        let plain = String(
            name.unicodeScalars.map { c in
                let isSafe =
                    (c.value < 128 && (c.properties.isAlphabetic || (0x30...0x39).contains(c.value)))
                    || "-_.".unicodeScalars.contains(c)
                return isSafe ? Character(c) : "_"
            })
        let encoded = name.utf8.map { b -> String in
            let isSafe =
                (0x30...0x39).contains(b) || (0x41...0x5A).contains(b) || (0x61...0x7A).contains(b) || b == 0x2D || b == 0x5F
                || b == 0x2E
            return isSafe ? String(UnicodeScalar(b)) : "%" + (b < 16 ? "0" : "") + String(b, radix: 16, uppercase: true)
        }.joined()
        return "attachment; filename=\"\(plain).\(format.rawValue)\"; filename*=UTF-8''\(encoded).\(format.rawValue)"
    }
}
