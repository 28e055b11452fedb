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
        var suggested = suggestions.startIndex
        for drop in drops {
            while suggested < suggestions.endIndex, suggestions[suggested].row < drop.row {
                line(suggestions[suggested], firstRecords, columns, &out)
                suggested += 1
            }
            line(drop, firstRecords, columns, &out)
        }
        for suggestion in suggestions[suggested...] { line(suggestion, firstRecords, columns, &out) }
        return out
    }

    private static func line(_ d: RowDecision, _ firstRecords: [Int], _ columns: [String], _ out: inout [UInt8]) {
        let row = firstRecords[d.row.chunk] + d.row.ordinal
        let kept = firstRecords[d.kept.chunk] + d.kept.ordinal
        out += "\(row),\(kept),\(d.kind.rawValue),\(fixed4(d.score)),".utf8
        if !d.explanation.isEmpty {
            out += signed(d.explanation.reduce(0) { $0 + $1.weight }).utf8
            out.append(UInt8(ascii: ","))
            quote(evidence(d.explanation, columns), into: &out)
        } else {
            out.append(UInt8(ascii: ","))
        }
        out.append(UInt8(ascii: "\n"))
    }

    /// `name equal +5.1; city different -0.9`: per column that both rows have, in table order.
    private static func evidence(_ explanation: [RowDecision.Evidence], _ columns: [String]) -> String {
        explanation.filter { $0.level >= 0 }.map { e in
            let word = e.level == 6 ? "equal" : e.level >= 4 ? "similar" : "different"
            return "\(e.column < columns.count ? columns[e.column] : "model numbers") \(word) \(signed(e.weight))"
        }.joined(separator: "; ")
    }

    /// One decimal and always a sign, without a locale: +5.1.
    private static func signed(_ value: Double) -> String {
        let tenths = Int((min(max(value, -999), 999) * 10).rounded())
        return "\(tenths < 0 ? "-" : "+")\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }

    /// Four decimals, without a locale: 0.9931.
    static func fixed4(_ value: Double) -> String {
        let scaled = Int((min(max(value, 0), 1) * 10_000).rounded())
        let digits = String(scaled % 10_000)
        return "\(scaled / 10_000)." + String(repeating: "0", count: 4 - digits.count) + digits
    }

    private static func quote(_ text: String, into out: inout [UInt8]) {
        let needs = text.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
        guard needs else {
            out += text.utf8
            return
        }
        out.append(0x22)
        for byte in text.utf8 {
            if byte == 0x22 { out.append(0x22) }
            out.append(byte)
        }
        out.append(0x22)
    }
}
