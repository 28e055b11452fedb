internal import Cleaning
internal import Domain
internal import Tabular

/// What the stages leave in the ledger: small JSON with the keys of the objects that hold the rest.
enum StageResults {
    struct Plan: Codable {
        var planKey: String
        var inputBytes: Int64
        var inputSHA256: String
        var chunks: Int
        var partitions: Int
        enum CodingKeys: String, CodingKey {
            case planKey = "plan_key"
            case inputBytes = "input_bytes"
            case inputSHA256 = "input_sha256"
            case chunks, partitions
        }
    }
    struct Scan: Codable {
        var records: Int
        var rows: Int
        /// nil where a later stage ran in the same task and nothing had to be stored.
        var keysKey: String?
        /// Of the head of the keys and of each partition's slice: see ``Digest/short(_:)``. Nil in results of older versions.
        var keyDigests: [String]?
        var profileKey: String?
        enum CodingKeys: String, CodingKey {
            case records, rows
            case keysKey = "keys_key"
            case keyDigests = "key_digests"
            case profileKey = "profile_key"
        }
    }
    struct Match: Codable {
        var matchesKey: String?
        /// Of the header of the matches and of each slice: see ``Digest/short(_:)``.
        var matchDigests: [String]?
        enum CodingKeys: String, CodingKey {
            case matchesKey = "matches_key"
            case matchDigests = "match_digests"
        }
    }
    struct Resolve: Codable {
        var headKey: String
        var profileKey: String
        var decisionsKey: String?
        /// Byte range of each chunk's decisions: entry i to entry i + 1.
        var decisionOffsets: [Int]
        /// Of each chunk's slice: see ``Digest/short(_:)``. Nil in results of older versions.
        var decisionDigests: [String]?
        enum CodingKeys: String, CodingKey {
            case headKey = "head_key"
            case profileKey = "profile_key"
            case decisionsKey = "decisions_key"
            case decisionOffsets = "decision_offsets"
            case decisionDigests = "decision_digests"
        }
    }
}

/// The result of a clean task; the API reads it to stream parts.
public struct CleanResult: Codable, Sendable {
    public var partKey: String?
    public var partBytes: Int64
    public var partSHA256: String
    public var provenanceKey: String?
    public var rejectsKey: String?
    public var matchesKey: String?
    public var records: Int
    /// Rows of the part.
    public var rows: Int
    public var exactDuplicates: Int
    public var nearDuplicates: Int
    public var quarantined: Int
    public var rejected: Int
    var problems: [String: [Int]]
    /// ``Cleaning/ChangeCounts``, hexadecimal.
    var changes: String

    enum CodingKeys: String, CodingKey {
        case partKey = "part_key"
        case partBytes = "part_bytes"
        case partSHA256 = "part_sha256"
        case provenanceKey = "provenance_key"
        case rejectsKey = "rejects_key"
        case matchesKey = "matches_key"
        case records, rows
        case exactDuplicates = "exact_duplicates"
        case nearDuplicates = "near_duplicates"
        case quarantined, rejected, problems, changes
    }

    /// Every object that it names.
    public var keys: [String] { [partKey, provenanceKey, rejectsKey, matchesKey].compactMap { $0 } }

    /// - Throws: `corrupt_intermediate`.
    public init(json: [UInt8]) throws { self = try StableJSON.decode(Self.self, json, what: "the result of a clean task") }

    init(_ summary: ChunkSummary, partBytes: Int64, partSHA256: String) {
        self.partBytes = partBytes
        self.partSHA256 = partSHA256
        records = summary.records
        rows = summary.kept
        exactDuplicates = summary.exactDuplicates
        nearDuplicates = summary.nearDuplicates
        quarantined = summary.quarantined
        rejected = summary.rejected
        problems = Dictionary(
            uniqueKeysWithValues: summary.problems.map { ($0.key.rawValue, [$0.value.rejected, $0.value.repaired]) })
        changes = Hex.encode(summary.changes.encode())
    }

    func summary(index: Int, columns: Int) throws -> ChunkSummary {
        var summary = ChunkSummary(index: index, columns: columns)
        summary.records = records
        summary.kept = rows
        summary.exactDuplicates = exactDuplicates
        summary.nearDuplicates = nearDuplicates
        summary.quarantined = quarantined
        summary.rejected = rejected
        for (name, counts) in problems {
            guard let code = RowProblem.Code(rawValue: name), counts.count == 2 else {
                throw SanitizerError(.corruptIntermediate, "unknown kind of problem \(name) in the result of chunk \(index)")
            }
            summary.problems[code] = (counts[0], counts[1])
        }
        guard let bytes = Hex.decode(changes) else {
            throw SanitizerError(.corruptIntermediate, "change counts of chunk \(index) are not hexadecimal")
        }
        summary.changes = try ChangeCounts(decoding: bytes)
        return summary
    }
}

/// The result of the report task: where everything is.
public struct ReportResult: Codable, Sendable {
    public var reportKey: String
    public var outputKey: String
    public var provenanceKey: String
    public var rejectsKey: String
    public var matchesKey: String
    public var manifestKey: String
    /// SHA-256 of the output file.
    public var digest: String
    /// SHA-256 of the other files; nil in results of older versions.
    public var provenanceSHA256: String?
    public var rejectsSHA256: String?
    public var matchesSHA256: String?
    public var bytes: Int64
    public var rows: Int

    enum CodingKeys: String, CodingKey {
        case reportKey = "report_key"
        case outputKey = "output_key"
        case provenanceKey = "provenance_key"
        case rejectsKey = "rejects_key"
        case matchesKey = "matches_key"
        case manifestKey = "manifest_key"
        case provenanceSHA256 = "provenance_sha256"
        case rejectsSHA256 = "rejects_sha256"
        case matchesSHA256 = "matches_sha256"
        case digest, bytes, rows
    }

    /// Every object that it names.
    public var keys: [String] { [reportKey, outputKey, provenanceKey, rejectsKey, matchesKey, manifestKey] }

    /// - Throws: `corrupt_intermediate`.
    public init(json: [UInt8]) throws { self = try StableJSON.decode(Self.self, json, what: "the result of a report task") }

    init(
        manifest: Manifest, manifestKey: String, provenanceSHA256: String, rejectsSHA256: String, matchesSHA256: String,
        bytes: Int64, rows: Int
    ) {
        reportKey = manifest.reportKey
        outputKey = manifest.outputKey
        provenanceKey = manifest.provenanceKey
        rejectsKey = manifest.rejectsKey
        matchesKey = manifest.matchesKey
        self.manifestKey = manifestKey
        digest = manifest.outputSHA256
        self.provenanceSHA256 = provenanceSHA256
        self.rejectsSHA256 = rejectsSHA256
        self.matchesSHA256 = matchesSHA256
        self.bytes = bytes
        self.rows = rows
    }
}
