internal import Domain
internal import Tabular

/// Damaged copies of some rows, planted among the keys to see which of them are found again: an estimate of recall.
///
/// They never become rows: a canary meets the row it was made from and nothing else, and no decision depends on it.
final class Canaries {
    /// Set in the ordinal of a canary's keys, which is otherwise that of its row.
    static let flag: UInt32 = 1 << 31
    /// Planted per table, and per row of a small one.
    private static let target = 500.0
    private static let share = 0.125

    private let columns: [MatchPlan.Column]
    private let seed: UInt64
    /// Rows whose ``place(_:)`` lies below have a canary; always among those of the sample.
    let limit: UInt64

    init(plan: MatchPlan) {
        columns = plan.columns
        seed = Self.seed(plan)
        let rows = Double(max(plan.plannedRows, 1))
        limit = plan.tier == .off ? 0 : UInt64(Double(UInt64.max) * min(Self.target / rows, Self.share))
    }

    static func seed(_ plan: MatchPlan) -> UInt64 { Hash.mix(Hash.h64(plan.salt, seed: 0x6D61_7463_68)) }

    /// Where a row stands in the order in which rows are chosen, by its fingerprint.
    @inline(__always) func place(_ hash: UInt64) -> UInt64 { Hash.mix(hash ^ seed) }

    /// The canary of a row.
    func twin(of batch: TextBatch, _ row: Int, hash: UInt64) -> TextBatch {
        let cells = (0..<batch.columns).map { Array(batch.bytes(batch.cell(row, $0))) }
        let out = TextBatch(columns: batch.columns, base: batch.base, owner: batch.owner, rowCapacity: 1)
        let target = out.reserveRow()
        for (c, cell) in damaged(cells, hash: hash).enumerated() {
            target[c] = cell.isEmpty ? .missing : cell.withUnsafeBufferPointer { out.store($0) }
        }
        out.commitRow(ordinal: 0)
        return out
    }

    /// The cells with one to three errors in as many compared columns, as people and machines make them: a letter wrong,
    /// missing, doubled or exchanged, a word missing or shortened, a digit wrong, a value missing.
    ///
    /// Only the first ``KeyBuilder/sampleCellBytes`` of a cell are looked at, so a sampled row gives the same canary.
    func damaged(_ cells: [[UInt8]], hash: UInt64) -> [[UInt8]] {
        var random = SplitMix(state: hash ^ seed)
        var out = cells
        var open = columns.indices.filter { columns[$0].isCompared && !cells[$0].isEmpty }
        let dice = random.below(20)
        for _ in 0..<min(dice < 10 ? 1 : dice < 17 ? 2 : 3, open.count) {
            let c = open.remove(at: random.below(open.count))
            let dice = random.below(10)
            if dice < 2, open.count >= 2 {
                out[c] = []
            } else if dice < 4, columns[c].kind == .text, let text = Self.withoutWord(cells[c], &random) {
                out[c] = text
            } else {
                out[c] = Self.misspelt(cells[c], &random)
            }
        }
        return out
    }

    /// A word after the first gone, or shortened to its first letter.
    private static func withoutWord(_ text: [UInt8], _ random: inout SplitMix) -> [UInt8]? {
        let blanks = text.prefix(KeyBuilder.sampleCellBytes).indices.filter { text[$0] == 0x20 }
        guard !blanks.isEmpty else { return nil }
        let blank = blanks[random.below(blanks.count)]
        let isShortened = random.below(2) == 0
        let end = text[(blank + 1)...].firstIndex(of: 0x20) ?? text.count
        guard end > blank + 1, text[blank + 1] < 0x80 else { return nil }
        return text[..<blank] + (isShortened ? [0x20, text[blank + 1], 0x2E] : []) + text[end...]
    }

    private static func misspelt(_ text: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        func isDigit(_ b: UInt8) -> Bool { b &- 0x30 < 10 }
        func isLetter(_ b: UInt8) -> Bool { (b | 0x20) &- 0x61 < 26 }
        let places = text.prefix(KeyBuilder.sampleCellBytes).indices.filter { isDigit(text[$0]) || isLetter(text[$0]) }
        guard !places.isEmpty else { return [] }
        let at = places[random.below(places.count)]
        var out = text
        switch random.below(4) {
        case 0 where isLetter(text[at]) && places.count > 3: out.remove(at: at)
        case 1 where isLetter(text[at]): out.insert(text[at], at: at)
        case 2 where at + 1 < text.count && text[at + 1] != text[at] && (isDigit(text[at + 1]) || isLetter(text[at + 1])):
            out.swapAt(at, at + 1)
        default:
            let first: UInt8 = isDigit(text[at]) ? 0x30 : text[at] & 0x60 | 1
            let count = isDigit(text[at]) ? 10 : 26
            out[at] = first + UInt8((Int(text[at] - first) + 1 + random.below(count - 1)) % count)
        }
        return out
    }

    private struct SplitMix {
        var state: UInt64
        mutating func below(_ n: Int) -> Int {
            state &+= 0x9E37_79B9_7F4A_7C15
            return Int(truncatingIfNeeded: Hash.mix(state).multipliedFullWidth(by: UInt64(n)).high)
        }
    }
}

/// A canary that met its row: its id (with the flag) and what speaks for the pair, as for any candidate.
struct CanaryHit: Equatable {
    var id: UInt64
    var rank: UInt32

    /// Makes one of several hits of a canary. - Parameter adds: their ranks are added up, else the highest counts.
    static func unite(_ hits: inout [CanaryHit], adds: Bool) {
        hits.sort { ($0.id, $0.rank) < ($1.id, $1.rank) }
        var out: [CanaryHit] = []
        for hit in hits {
            if out.last?.id == hit.id {
                out[out.count - 1].rank = adds ? out[out.count - 1].rank &+ hit.rank : hit.rank
            } else {
                out.append(hit)
            }
        }
        hits = out
    }
}
