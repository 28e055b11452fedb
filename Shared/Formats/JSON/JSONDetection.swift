internal import Domain
internal import Tabular

/// Columns of JSON inputs: the union of all keys, nested objects as dotted names, in order of first appearance.
///
/// Keys come and go between records, so the whole input is looked through, not a sample. An input that must be rewritten first
/// (compressed, UTF-16, an array) is sampled; it is looked through once it was rewritten.
enum JSONDetection {
    /// - Throws: `inputUnreadable` when there is no JSON object, `limitExceeded` when keys look like data.
    static func detect(_ head: InputHead, format: InputFormat) throws -> Detection {
        let isLines = format == .jsonl && (head.options.format == .jsonl || looksLikeLines(head))
        if isLines, !head.needsStaging {
            let columns = try allColumns(head.source, from: Int64(head.mark), name: head.name, options: head.options)
            if columns.isEmpty { return try values(head) }
            return Detection(format: .jsonl, columns: columns)
        }
        var lines = head.bytes
        if !isLines {
            var splitter = JSONSplitter()
            lines = []
            splitter.split(head.bytes[...], into: &lines)
            splitter.finish(into: &lines)
        }
        let columns = try sampledColumns(lines, head.options)
        if columns.isEmpty, head.isWhole { try check(lines, head) }
        return Detection(
            format: isLines ? .jsonl : .json, compression: head.compression, encoding: head.encoding.rawValue, columns: columns,
            needsStaging: true)
    }

    /// Some line of the head is a whole object; pretty-printed objects have none.
    private static func looksLikeLines(_ head: InputHead) -> Bool {
        for line in head.bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1000) {
            guard let first = line.first(where: { $0 > 0x20 }), let last = line.last(where: { $0 > 0x20 }) else { continue }
            if first == UInt8(ascii: "{"), last == UInt8(ascii: "}") { return true }
        }
        // One object that is longer than the head.
        return !head.isWhole && !head.bytes.contains(UInt8(ascii: "\n"))
    }

    private static func allColumns(
        _ source: any ByteSource, from start: Int64, name: String, options: InputOptions
    ) throws -> [String] {
        let most = options.limit(InputLimits.columnCount)
        let parser = try JSONParser(columns: [], discover: true, limits: options.limits)
        try LineScanner(source, limit: options.limit(InputLimits.jsonRecord)).forEach(from: start) { line in
            _ = try parser.parse(line.base, line.range, into: nil)
            parser.dropTexts()
            guard parser.columnCount <= most else {
                throw SanitizerError(
                    .limitExceeded,
                    "\(name): more than \(most) distinct keys by byte \(line.offset), its keys look like data; "
                        + "give each record the same keys, or raise the limit columns")
            }
            return true
        } oversized: { _, _ in
        }
        return parser.columns
    }

    private static func sampledColumns(_ lines: [UInt8], _ options: InputOptions) throws -> [String] {
        let parser = try JSONParser(columns: [], discover: true, limits: options.limits)
        try LineScanner(MemorySource(lines), limit: JSONParser.maximumRecordBytes).forEach(from: 0) { line in
            _ = try parser.parse(line.base, line.range, into: nil)
            parser.dropTexts()
            return parser.columnCount <= options.limit(InputLimits.columnCount)
        } oversized: { _, _ in
        }
        return parser.columns
    }

    /// No object has a key: every value is a record of its own.
    private static func values(_ head: InputHead) throws -> Detection {
        let parser = try JSONParser(columns: ["value"], discover: false, limits: head.options.limits, anyValue: true)
        var records = 0
        try LineScanner(head.source, limit: head.options.limit(InputLimits.jsonRecord)).forEach(from: Int64(head.mark)) { line in
            if LineScanner.isBlank(line) { return true }
            if case .failed = try parser.parse(line.base, line.range, into: nil) { return true }
            parser.dropTexts()
            records += 1
            return false
        } oversized: { _, _ in
        }
        guard records > 0 else { throw noObject(head.name) }
        var detection = Detection(format: .jsonl, columns: ["value"], notes: ["the values are no objects: one column holds them"])
        detection.holdsValues = true
        return detection
    }

    /// Refuses early what has no value at all.
    private static func check(_ lines: [UInt8], _ head: InputHead) throws {
        guard lines.isEmpty else { return }
        throw SanitizerError(.inputEmpty, "\(head.name): no value in it, nothing to read")
    }

    private static func noObject(_ name: String) -> SanitizerError {
        SanitizerError(.inputUnreadable, "\(name): no JSON object in it; give one object per line, or an array of objects")
    }
}
