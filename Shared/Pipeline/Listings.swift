internal import Domain
internal import Formats
internal import Foundation
internal import Matching
internal import Tabular

/// The CSV side files: rejects and matches. Written per chunk, concatenated in input order.
enum Listings {
    static let rejectsHeader = "line,byte_offset,reason,raw\n"
    static let matchesHeader = "row,kept_row,kind,score,weight,evidence\n"

    static func rejects(_ problems: [RowProblem]) -> [UInt8] { list(problems, rejected: true) }

    /// What was repaired, and lines that are no records; the same columns.
    static func repairs(_ problems: [RowProblem]) -> [UInt8] { list(problems, rejected: false) }

    private static func list(_ problems: [RowProblem], rejected: Bool) -> [UInt8] {
        var out: [UInt8] = []
        for problem in problems where problem.isReject == rejected {
            out += "\(problem.line),\(problem.byteOffset),".utf8
            quote("\(problem.code.rawValue): \(problem.reason)", into: &out)
            out.append(UInt8(ascii: ","))
            quote(problem.raw, into: &out)
            out.append(UInt8(ascii: "\n"))
        }
        return out
    }

    /// Dropped and suggested rows in the order of rows. Rows are global record numbers, 0-based, the header not counted.
    static func matches(
        _ drops: ArraySlice<RowDecision>, _ suggestions: ArraySlice<RowDecision>, firstRecords: [Int], columns: [String]
    ) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity((drops.count + suggestions.count) * 32)
        let words = EvidenceWords(columns)
        var suggested = suggestions.startIndex
        for drop in drops {
            while suggested < suggestions.endIndex, suggestions[suggested].row < drop.row {
                line(suggestions[suggested], firstRecords, words, &out)
                suggested += 1
            }
            line(drop, firstRecords, words, &out)
        }
        for suggestion in suggestions[suggested...] { line(suggestion, firstRecords, words, &out) }
        return out
    }

    private static func line(_ d: RowDecision, _ firstRecords: [Int], _ words: EvidenceWords, _ out: inout [UInt8]) {
        append(firstRecords[d.row.chunk] + d.row.ordinal, to: &out)
        out.append(UInt8(ascii: ","))
        append(firstRecords[d.kept.chunk] + d.kept.ordinal, to: &out)
        out += words.kinds[d.kind] ?? []
        append(fixed4: d.score, to: &out)
        out.append(UInt8(ascii: ","))
        if !d.explanation.isEmpty { append(signed: d.explanation.reduce(0) { $0 + $1.weight }, to: &out) }
        out.append(UInt8(ascii: ","))
        if !d.explanation.isEmpty {
            let start = out.count
            evidence(d.explanation, words, &out)
            if words.mayNeedQuotes { quote(from: start, &out) }
        }
        out.append(UInt8(ascii: "\n"))
    }

    /// What the lines of a table repeat.
    private struct EvidenceWords {
        /// By kind, between commas.
        var kinds: [RowDecision.Kind: [UInt8]] = [:]
        /// Per column, then model numbers: its name and what is said of it, from different over similar to equal.
        private var said: [[UInt8]] = []
        /// Of a name.
        private(set) var mayNeedQuotes = false

        init(_ columns: [String]) {
            for kind in RowDecision.Kind.allCases { kinds[kind] = Array(",\(kind.rawValue),".utf8) }
            for name in columns + ["model numbers"] {
                mayNeedQuotes = mayNeedQuotes || Array(name.utf8).contains(where: isSpecial)
                for word in ["different", "similar", "equal"] { said.append(Array("\(name) \(word) ".utf8)) }
            }
        }

        func said(_ e: RowDecision.Evidence) -> [UInt8] {
            said[min(e.column * 3, said.count - 3) + (e.level == 6 ? 2 : e.level >= 4 ? 1 : 0)]
        }
    }

    /// `name equal +5.1; city different -0.9`: per column that both rows have, in table order.
    private static func evidence(_ explanation: [RowDecision.Evidence], _ words: EvidenceWords, _ out: inout [UInt8]) {
        var isFirst = true
        for e in explanation where e.level >= 0 {
            if !isFirst {
                out.append(UInt8(ascii: ";"))
                out.append(UInt8(ascii: " "))
            }
            isFirst = false
            out += words.said(e)
            append(signed: e.weight, to: &out)
        }
    }

    /// One decimal and always a sign, without a locale: +5.1.
    private static func append(signed value: Double, to out: inout [UInt8]) {
        let tenths = Int((min(max(value, -999), 999) * 10).rounded())
        out.append(tenths < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        append(abs(tenths) / 10, to: &out)
        out.append(UInt8(ascii: "."))
        out.append(UInt8(ascii: "0") + UInt8(abs(tenths) % 10))
    }

    /// Four decimals, without a locale: 0.9931.
    private static func append(fixed4 value: Double, to out: inout [UInt8]) {
        let scaled = Int((min(max(value, 0), 1) * 10_000).rounded())
        append(scaled / 10_000, to: &out)
        out.append(UInt8(ascii: "."))
        for unit in [1000, 100, 10, 1] { out.append(UInt8(ascii: "0") + UInt8(scaled / unit % 10)) }
    }

    /// A number that is not negative.
    private static func append(_ number: Int, to out: inout [UInt8]) {
        if number >= 10 { append(number / 10, to: &out) }
        out.append(UInt8(ascii: "0") + UInt8(number % 10))
    }

    private static func quote(_ text: String, into out: inout [UInt8]) {
        let start = out.count
        out += text.utf8
        quote(from: start, &out)
    }

    private static func isSpecial(_ byte: UInt8) -> Bool { byte == 0x22 || byte == 0x2C || byte == 0x0A || byte == 0x0D }

    /// Quotes the field that was written from `start` on, when it has to be.
    private static func quote(from start: Int, _ out: inout [UInt8]) {
        guard out[start...].contains(where: isSpecial) else { return }
        let field = Array(out[start...])
        out.removeSubrange(start...)
        out.append(0x22)
        for byte in field {
            if byte == 0x22 { out.append(0x22) }
            out.append(byte)
        }
        out.append(0x22)
    }
}
