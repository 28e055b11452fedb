internal import Domain
internal import Formats
internal import Foundation
internal import Matching
internal import Tabular

/// The CSV side files: rejects and matches. Written per chunk, concatenated in input order.
enum Listings {
    static let rejectsHeader = "line,byte_offset,reason,raw\n"
    static let matchesHeader = "row,kept_row,kind,score\n"

    static func rejects(_ problems: [RowProblem]) -> [UInt8] {
        var out: [UInt8] = []
        for problem in problems where problem.isReject {
            out += "\(problem.line),\(problem.byteOffset),".utf8
            quote("\(problem.code.rawValue): \(problem.reason)", into: &out)
            out.append(UInt8(ascii: ","))
            quote(problem.raw, into: &out)
            out.append(UInt8(ascii: "\n"))
        }
        return out
    }

    /// Rows are global record numbers, 0-based, the header not counted.
    static func matches(_ drops: ArraySlice<RowDecision>, firstRecords: [Int]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(drops.count * 32)
        for drop in drops {
            let row = firstRecords[drop.row.chunk] + drop.row.ordinal
            let kept = firstRecords[drop.kept.chunk] + drop.kept.ordinal
            out += "\(row),\(kept),\(drop.kind.rawValue),\(fixed4(drop.score))\n".utf8
        }
        return out
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
