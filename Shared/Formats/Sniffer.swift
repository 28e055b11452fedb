public import Domain
public import Tabular

/// Finds out how to read an input: format, compression, encoding, dialect and columns.
public enum Sniffer {
    /// Looks at the start of the input (and at the end for formats that keep their index there).
    ///
    /// - Parameters:
    ///   - name: the name that the user gave the file, a hint only.
    ///   - options: what is set here is not sniffed.
    /// - Throws: `inputEmpty`, `formatUnknown` (binary data that is no known format), `formatUnsupported`, `inputUnreadable`.
    ///   - isTrusted: the input was written by ``Staging``, so no record of it is broken.
    public static func detect(
        _ source: any ByteSource, name: String, options: InputOptions, isTrusted: Bool = false
    ) throws -> Detection {
        let head = try InputHead(source, name: name, options: options)
        var detection = try found(head)
        detection.evidence = evidence(head, detection) + (detection.evidence ?? [])
        if isTrusted { detection.csv?.isTrusted = true }
        detection.limits = options.limits
        return detection
    }

    private static func found(_ head: InputHead) throws -> Detection {
        if isZip(head.bytes) { return try WorkbookDetection.detect(head) }
        return switch try format(of: head) {
        case .csv: try CSVDetection.detect(head)
        case .parquet: try ParquetDetection.detect(head)
        case .json: try JSONDetection.detect(head, format: .json)
        case .jsonl: try JSONDetection.detect(head, format: .jsonl)
        case .xlsx, .ods: throw SanitizerError(.formatUnknown, "\(head.name) is no workbook: it is not a zip archive")
        }
    }

    /// Why the bytes are taken for this format; archives and workbooks say so themselves.
    private static func evidence(_ head: InputHead, _ detection: Detection) -> [Evidence] {
        var list: [Evidence] = []
        if head.compression != .none {
            list.append(
                Evidence("compression", head.compression.rawValue, confidence: 1, reason: "its mark stands at the start"))
        }
        guard !isZip(head.bytes) else { return list }
        let isNamed = ["csv", "tsv", "tab", "psv"].contains(head.fileExtension)
        let (confidence, reason): (Double, String) =
            switch detection.format {
            case _ where head.options.format != nil: (1, "was given")
            case .parquet: (1, "its mark stands at the start")
            case .jsonl: (0.95, "begins with an object, and has one on each line")
            case .json: (0.95, "begins with an array, or with objects over several lines")
            default: isNamed ? (0.95, "text, and named so") : (0.8, "text that does not begin like json")
            }
        list.append(Evidence("format", detection.format.rawValue, confidence: confidence, reason: reason))
        return list
    }

    /// A zip archive with entries, or without any.
    private static func isZip(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) || bytes.starts(with: [0x50, 0x4B, 0x05, 0x06])
    }

    /// Content first, then the user's word, then the name.
    static func format(of head: InputHead) throws -> InputFormat {
        let bytes = head.bytes
        if bytes.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) { throw oldWorkbook(head) }
        if let wanted = head.options.format { return wanted }
        if bytes.starts(with: Array("PAR1".utf8)) { return .parquet }
        if isBinary(bytes) {
            throw SanitizerError(
                .formatUnknown,
                "\(head.name) is neither text nor a known table format; give csv, json lines, json, parquet or xlsx")
        }
        guard let first = bytes.first(where: { !isSpace($0) && $0 != 0 }) else {
            if head.isWhole { throw SanitizerError(.inputEmpty, "\(head.name) holds only white space; nothing to read") }
            return .csv
        }
        if ["csv", "tsv", "tab", "psv"].contains(head.fileExtension) { return .csv }
        if let json = jsonFormat(bytes, first: first, isNamedSo: ["json", "jsonl", "ndjson"].contains(head.fileExtension)) {
            return json
        }
        return .csv
    }

    /// Compound files: old Excel, and new Excel behind a password.
    private static func oldWorkbook(_ head: InputHead) -> SanitizerError {
        let mark = Array("EncryptedPackage".utf8.map { [$0, 0] }.joined())
        let isEncrypted = head.bytes.indices.contains { at in
            head.bytes[at] == mark[0] && head.bytes[at...].starts(with: mark)
        }
        return SanitizerError(
            .formatUnsupported,
            isEncrypted
                ? "\(head.name) is encrypted; save it without a password"
                : "\(head.name) is an old Excel workbook (.xls); save it as .xlsx or csv")
    }

    /// An object or array at the start that goes on like JSON; lines of objects are JSON Lines.
    private static func jsonFormat(_ bytes: [UInt8], first: UInt8, isNamedSo: Bool) -> InputFormat? {
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "["), let at = bytes.firstIndex(of: first) else { return nil }
        let next = bytes[(at + 1)...].first { !isSpace($0) }
        switch (first, next) {
        case (UInt8(ascii: "{"), UInt8(ascii: "\"")?), (UInt8(ascii: "{"), UInt8(ascii: "}")?): return .jsonl
        case (UInt8(ascii: "["), UInt8(ascii: "{")?): return .json
        case (UInt8(ascii: "["), _): return isNamedSo ? .json : nil
        default: return isNamedSo ? .jsonl : nil
        }
    }

    private static func isSpace(_ b: UInt8) -> Bool { b == 0x20 || (b >= 0x09 && b <= 0x0D) }

    /// Too many control characters for a text, or the mark of a well-known binary format.
    private static func isBinary(_ bytes: [UInt8]) -> Bool {
        let marks: [[UInt8]] = [
            [0x89, 0x50, 0x4E, 0x47], [0x7F, 0x45, 0x4C, 0x46], Array("%PDF-".utf8), [0xFF, 0xD8, 0xFF], Array("GIF8".utf8),
            Array("OggS".utf8), Array("SQLite format 3\0".utf8), Array("ARROW1".utf8), [0x37, 0x7A, 0xBC, 0xAF],
            Array("BZh9".utf8),
            [0xFD, 0x37, 0x7A, 0x58],
        ]
        if marks.contains(where: { bytes.starts(with: $0) }) { return true }
        var control = 0
        var zero = 0
        for b in bytes {
            if b == 0 {
                zero += 1
            } else if b < 0x20, b > 0x0D || b < 0x08, b != 0x01, b < 0x1B || b == 0x7F {
                control += 1
            }
        }
        return control * 20 > bytes.count || zero * 10 > bytes.count * 3
    }
}
