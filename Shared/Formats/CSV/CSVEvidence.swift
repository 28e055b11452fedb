internal import Domain

/// Why a delimited text is read as it is, in words, for people who may know better.
enum CSVEvidence {
    static func list(
        _ head: InputHead, _ choice: DialectSniffer.Choice, _ dialect: CSVDialect, _ structure: TableStructure,
        _ encoding: TextEncoding
    ) -> [Evidence] {
        [
            encodingEvidence(head, encoding), delimiter(head, choice), quote(head, dialect), escape(head, dialect),
            width(choice, dialect), header(head, choice, structure),
        ]
    }

    private static func encodingEvidence(_ head: InputHead, _ encoding: TextEncoding) -> Evidence {
        if head.options.encoding != nil { return Evidence("encoding", encoding.rawValue, confidence: 1, reason: "was given") }
        if head.hasMark {
            return Evidence("encoding", encoding.rawValue, confidence: 1, reason: "byte order mark at the start")
        }
        if !encoding.isASCIISuperset {
            return Evidence("encoding", encoding.rawValue, confidence: 0.95, reason: "every other byte of the start is zero")
        }
        if encoding == .windows1252 {
            return Evidence(
                "encoding", encoding.rawValue, confidence: 0.8, reason: "most cells beyond ascii are not valid utf-8")
        }
        let isPlain = head.bytes.allSatisfy { $0 < 0x80 }
        return Evidence(
            "encoding", encoding.rawValue, confidence: isPlain ? 0.9 : 0.99,
            reason: isPlain ? "only ascii in the first \(head.bytes.count) bytes" : "cells beyond ascii are valid utf-8")
    }

    private static func delimiter(_ head: InputHead, _ choice: DialectSniffer.Choice) -> Evidence {
        let value = CSVDialect.spell(choice.dialect.delimiter)
        if head.options.delimiter != nil { return Evidence("delimiter", value, confidence: 1, reason: "was given") }
        let score = rounded(choice.score)
        guard !choice.dialect.delimiter.isEmpty else {
            return Evidence(
                "delimiter", "none", confidence: 0.7,
                reason: "no candidate makes a table (best score \(score)): every line is a record of one column")
        }
        guard let second = choice.second, second.score > 0 else {
            return Evidence("delimiter", value, confidence: 0.99, reason: "score \(score); no other candidate makes a table")
        }
        return Evidence(
            "delimiter", value, confidence: choice.score / (choice.score + second.score),
            reason: "score \(score) for equal widths and typed cells; next is \(CSVDialect.spell(second.delimiter)) "
                + "with \(rounded(second.score))")
    }

    private static func quote(_ head: InputHead, _ dialect: CSVDialect) -> Evidence {
        guard let quote = dialect.quote else { return Evidence("quote", "none", confidence: 1, reason: "was given") }
        let value = CSVDialect.spell([quote])
        if head.options.quote != nil { return Evidence("quote", value, confidence: 1, reason: "was given") }
        let count = head.bytes.reduce(0) { $0 + ($1 == quote ? 1 : 0) }
        return count == 0
            ? Evidence("quote", value, confidence: 0.5, reason: "the usual one; the start has none")
            : Evidence("quote", value, confidence: 0.95, reason: "\(count) in the start, around cells")
    }

    private static func escape(_ head: InputHead, _ dialect: CSVDialect) -> Evidence {
        if let escape = dialect.escape {
            let reason = head.options.escape == nil ? "stands before quotes more often than quotes are doubled" : "was given"
            return Evidence(
                "escape", CSVDialect.spell([escape]), confidence: head.options.escape == nil ? 0.9 : 1, reason: reason)
        }
        return Evidence("escape", "none", confidence: 0.9, reason: "quotes inside quotes are doubled")
    }

    private static func width(_ choice: DialectSniffer.Choice, _ dialect: CSVDialect) -> Evidence {
        guard let rows = choice.rows else {
            return Evidence("width", "\(dialect.width)", confidence: 1, reason: "one column")
        }
        let full = rows.rows.indices.filter { !rows.isEmpty($0) }
        let regular = full.reduce(0) { $0 + (rows.width($1) == dialect.width ? 1 : 0) }
        return Evidence(
            "width", "\(dialect.width)", confidence: full.isEmpty ? 0 : Double(regular) / Double(full.count),
            reason: "\(regular) of the first \(full.count) records have \(dialect.width) cells; "
                + (dialect.isRigid ? "others are repaired" : "records are kept as read"))
    }

    private static func header(_ head: InputHead, _ choice: DialectSniffer.Choice, _ structure: TableStructure) -> Evidence {
        let isThere = structure.header != nil
        let value = isThere ? "present" : "absent"
        if head.options.header != nil { return Evidence("header", value, confidence: 1, reason: "was given") }
        let typed = choice.dialect.profile?.reduce(0) { $0 + ($1.isTyped ? 1 : 0) } ?? 0
        guard typed > 0 else {
            return Evidence(
                "header", value, confidence: 0.6,
                reason: isThere
                    ? "names are unique and unlike the values; no column has a shape to tell"
                    : "the first line repeats values or lacks names; no column has a shape to tell")
        }
        return Evidence(
            "header", value, confidence: min(0.99, 0.7 + 0.1 * Double(typed)),
            reason: isThere
                ? "the first line is unlike the cells below it in \(typed) columns of one shape"
                : "the first line looks like the cells below it in \(typed) columns of one shape")
    }

    private static func rounded(_ score: Double) -> Double { (score * 1000).rounded() / 1000 }
}

extension CSVDialect {
    /// Bytes as people write them: `\t`, `\x1f`.
    public static func spell(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            switch byte {
            case 0x09: "\\t"
            case 0x0A: "\\n"
            case 0x0D: "\\r"
            case 0x20...0x7E: String(UnicodeScalar(byte))
            default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }.joined()
    }
}
