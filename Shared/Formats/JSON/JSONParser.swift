internal import CScan
internal import Domain
internal import Tabular

/// Parses JSON records and keeps the table of keys. One thread at a time.
final class JSONParser {
    /// Longer records are rejected, whatever the limits say; also the largest chunk.
    static let maximumRecordBytes = InputLimits.jsonRecord.standard

    private var parser = cscan_json()
    private let keys: OpaquePointer
    private let nesting: Int

    /// - Parameter columns: known columns, which get the first numbers.
    init(columns: [String], discover: Bool, limits: InputLimits? = nil, anyValue: Bool = false) throws {
        nesting = InputLimits.depth.value(in: limits)
        guard let keys = cscan_json_keys_new() else { throw Self.outOfMemory }
        self.keys = keys
        for name in columns {
            var name = name
            guard name.withUTF8({ cscan_json_keys_add(keys, $0.baseAddress, $0.count) }) >= 0 else { throw Self.outOfMemory }
        }
        parser.keys = keys
        parser.discover = discover ? 1 : 0
        parser.any_value = anyValue ? 1 : 0
        parser.depth_limit = Int32(nesting)
        parser.columns = columns.count
    }
    deinit {
        cscan_json_free(&parser)
        cscan_json_keys_free(keys)
    }

    /// All columns, in order of first appearance.
    var columns: [String] {
        (0..<cscan_json_keys_count(keys)).map { c in
            var n = 0
            let text = cscan_json_key(keys, c, &n)
            return String(decoding: UnsafeBufferPointer(start: text, count: n), as: UTF8.self)
        }
    }
    var columnCount: Int { cscan_json_keys_count(keys) }

    enum Outcome {
        case parsed
        /// Invalid UTF-8 was taken for Windows-1252.
        case repaired
        case failed(RowProblem.Code, reason: String, at: Int)
    }

    /// Parses base[range], which is followed by a line feed or zero byte and 16 readable bytes.
    func parse(_ base: UnsafePointer<UInt8>, _ range: Range<Int>, into cells: UnsafeMutablePointer<Cell>?) throws -> Outcome {
        let row = cells.map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: UInt64.self) }
        var code = Int(cscan_json_record(&parser, base, range.lowerBound, range.upperBound, row))
        if code == CSCAN_JSON_OK { return .parsed }
        if code == CSCAN_JSON_UTF8 {
            code = Int(cscan_json_record_repaired(&parser, base, range.lowerBound, range.upperBound, row))
            if code == CSCAN_JSON_OK { return .repaired }
        }
        guard code != CSCAN_JSON_MEMORY else { throw Self.outOfMemory }
        return .failed(.malformed, reason: reason(code), at: parser.error_at)
    }

    /// Moves the texts that the parser had to write into the arena, which must be empty: cells count on offset 0.
    func moveTexts(to arena: ByteArena) {
        precondition(arena.count == 0)
        arena.append(UnsafeBufferPointer(start: parser.scratch, count: parser.scratch_used))
        parser.scratch_used = 0
    }
    /// Forgets the texts that the parser had to write.
    func dropTexts() { parser.scratch_used = 0 }
    var textBytes: Int { parser.scratch_used }

    private func reason(_ code: Int) -> String {
        switch code {
        case CSCAN_JSON_NOT_OBJECT: "not a JSON object"
        case CSCAN_JSON_STRING: "broken string (control character or unknown escape)"
        case CSCAN_JSON_NUMBER: "broken number"
        case CSCAN_JSON_TRUNCATED: "the record ends early"
        case CSCAN_JSON_TRAILING: "something follows the object"
        case CSCAN_JSON_DEPTH: "nested deeper than \(nesting) levels, or a path of keys above 4 KiB"
        default: "not valid JSON"
        }
    }
    private static var outOfMemory: SanitizerError {
        SanitizerError(.internal, "out of memory while reading json", isRetryable: true)
    }
}
