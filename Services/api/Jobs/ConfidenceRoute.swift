import Domain
import Formats
import HTTPTypes
import Hummingbird
import Ledger
import NIOCore
import ObjectStore
import Pipeline
import ServiceKit
import Tabular

/// `GET` and `POST /api/v1/jobs/{job_id}/confidence-scores`: every changed cell with where it came from, filtered.
///
/// Reads the provenance parts in input order; a call looks at a bounded number of records, and the cursor goes on from there.
struct ConfidenceRoute: Sendable {
    let dependencies: Dependencies
    private static let recordsPerCall = 500_000

    struct Filter: Decodable {
        var column: String?
        var transformation: String?
        var source: String?
        var confidenceBelow: Double?
        var row: Int?
        var cursor: String?
        var limit: Int?
        enum CodingKeys: String, CodingKey {
            case column, transformation, source
            case confidenceBelow = "confidence_below"
            case row, cursor, limit
        }
    }

    private struct Score: Encodable {
        var row: Int
        var column: String
        var original: String?
        var cleaned: String?
        var transformation: String
        var confidence: Double
        var source: String
    }
    private struct Answer: Encodable {
        var scores: [Score]
        var nextCursor: String?
        enum CodingKeys: String, CodingKey {
            case scores
            case nextCursor = "next_cursor"
        }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(scores, forKey: .scores)
            try container.encode(nextCursor, forKey: .nextCursor)
        }
    }

    func handle(_ request: Request, _ context: ApiContext) async throws -> Response {
        let finished = try await FinishedJob.of(context, dependencies.ledger)
        let filter = try await CallArguments.decode(Filter.self, request)
        let limit = try PageLimit.of(filter.limit.map(String.init), default: 100, most: 1000)
        let start = try Place(cursor: filter.cursor)
        let keys = try await dependencies.ledger.results(job: finished.job.jobID, stages: [.clean])[.clean, default: []]
            .map { try CleanResult(json: $0).provenanceKey }
        let store = dependencies.store
        let answer = try await BlockingIO.run { try Self.scan(keys, store, filter, from: start, limit: limit) }
        return try Reply.json(answer)
    }

    /// Where to go on: a part and a record in it.
    struct Place: Equatable {
        var part: Int
        var record: Int

        init(part: Int, record: Int) {
            self.part = part
            self.record = record
        }
        /// - Throws: 400 for what is no cursor of ours.
        init(cursor: String?) throws {
            guard let cursor else {
                self.init(part: 0, record: 0)
                return
            }
            let pieces = cursor.split(separator: "-").map { Int($0) }
            guard pieces.count == 2, let part = pieces[0], let record = pieces[1], part >= 0, record >= 0 else {
                throw Problem.badRequest("bad_request", "'cursor' is not one that this call returned")
            }
            self.init(part: part, record: record)
        }
        var cursor: String { "\(part)-\(record)" }
    }

    private static func scan(
        _ keys: [String?], _ store: any ObjectStore, _ filter: Filter, from start: Place, limit: Int
    ) throws -> Answer {
        var scores: [Score] = []
        var place = start
        var looked = 0
        while place.part < keys.count {
            if let key = keys[place.part] {
                let batch = try PartReader.rows(parquetPart: try store.source(key))
                guard batch.columns == 7 else {
                    throw SanitizerError(.corruptIntermediate, "a provenance part has \(batch.columns) columns")
                }
                while place.record < batch.rows {
                    if scores.count == limit { return Answer(scores: scores, nextCursor: place.cursor) }
                    if let score = score(batch, place.record, filter) { scores.append(score) }
                    place.record += 1
                    looked += 1
                }
            }
            place = Place(part: place.part + 1, record: 0)
            if looked >= recordsPerCall, place.part < keys.count { return Answer(scores: scores, nextCursor: place.cursor) }
        }
        return Answer(scores: scores, nextCursor: nil)
    }

    private static func score(_ batch: TextBatch, _ r: Int, _ filter: Filter) -> Score? {
        let confidence = Double(batch.string(r, 5) ?? "") ?? 0
        let row = Int(batch.string(r, 0) ?? "") ?? -1
        if let below = filter.confidenceBelow, confidence >= below { return nil }
        if let wanted = filter.row, row != wanted { return nil }
        let column = batch.string(r, 1) ?? ""
        if let wanted = filter.column, column != wanted { return nil }
        let transformation = batch.string(r, 4) ?? ""
        if let wanted = filter.transformation, transformation != wanted { return nil }
        let source = batch.string(r, 6) ?? ""
        if let wanted = filter.source, source != wanted { return nil }
        return Score(
            row: row, column: column, original: batch.string(r, 2), cleaned: batch.string(r, 3), transformation: transformation,
            confidence: confidence, source: source)
    }
}
