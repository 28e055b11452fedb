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
        let columns = columns.map { Array($0.utf8) }
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

    private static func line(_ d: RowDecision, _ firstRecords: [Int], _ columns: [[UInt8]], _ out: inout [UInt8]) {
        let row = firstRecords[d.row.chunk] + d.row.ordinal
        let kept = firstRecords[d.kept.chunk] + d.kept.ordinal
        append(row, to: &out)
        out.append(UInt8(ascii: ","))
        append(kept, to: &out)
        out.append(UInt8(ascii: ","))
        out += d.kind.rawValue.utf8
        out.append(UInt8(ascii: ","))
        out += fixed4(d.score).utf8
        out.append(UInt8(ascii: ","))
        if !d.explanation.isEmpty { append(signed: d.explanation.reduce(0) { $0 + $1.weight }, to: &out) }
        out.append(UInt8(ascii: ","))
        if !d.explanation.isEmpty {
            let start = out.count
            evidence(d.explanation, columns, &out)
            quote(from: start, &out)
        }
        out.append(UInt8(ascii: "\n"))
    }

    /// `name equal +5.1; city different -0.9`: per column that both rows have, in table order.
    private static func evidence(_ explanation: [RowDecision.Evidence], _ columns: [[UInt8]], _ out: inout [UInt8]) {
        var isFirst = true
        for e in explanation where e.level >= 0 {
            if !isFirst { out += "; ".utf8 }
            isFirst = false
            if e.column < columns.count { out += columns[e.column] } else { out += "model numbers".utf8 }
            out += (e.level == 6 ? " equal " : e.level >= 4 ? " similar " : " different ").utf8
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

    /// A number that is not negative.
    private static func append(_ number: Int, to out: inout [UInt8]) {
        if number >= 10 { append(number / 10, to: &out) }
        out.append(UInt8(ascii: "0") + UInt8(number % 10))
    }

    /// Four decimals, without a locale: 0.9931.
    static func fixed4(_ value: Double) -> String {
        let scaled = Int((min(max(value, 0), 1) * 10_000).rounded())
        let digits = String(scaled % 10_000)
        return "\(scaled / 10_000)." + String(repeating: "0", count: 4 - digits.count) + digits
    }

    private static func quote(_ text: String, into out: inout [UInt8]) {
        let start = out.count
        out += text.utf8
        quote(from: start, &out)
    }

    /// Quotes the field that was written from `start` on, when it has to be.
    private static func quote(from start: Int, _ out: inout [UInt8]) {
        guard out[start...].contains(where: { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }) else { return }
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
