internal import Foundation
internal import Profiling
internal import Tabular

/// Up to a number of rows, evenly spread over the sampled batches, column by column as texts, numbers and days. NaN stands for "not one".
final class SampleTable {
    let rows: Int
    private let cells: [(batch: TextBatch, row: Int)]
    private var numberColumns: [Int: [Double]] = [:]
    private var dayColumns: [Int: [Double]] = [:]

    init(_ batches: [TextBatch], limit: Int) {
        let total = batches.reduce(0) { $0 + $1.rows }
        let step = max(1, (total + limit - 1) / max(limit, 1))
        var picked: [(batch: TextBatch, row: Int)] = []
        var at = 0
        for batch in batches {
            for r in 0..<batch.rows {
                if at % step == 0 { picked.append((batch, r)) }
                at += 1
            }
        }
        cells = picked
        rows = picked.count
    }

    func text(_ r: Int, _ c: Int) -> String? {
        let (batch, row) = cells[r]
        return batch.cell(row, c).isEmpty ? nil : batch.string(row, c)
    }
    /// The profile's hash of a cell; 0 when missing.
    func hash(_ r: Int, _ c: Int) -> UInt64 {
        let (batch, row) = cells[r]
        let cell = batch.cell(row, c)
        return cell.isEmpty ? 0 : max(Hash.h64(batch.bytes(cell)), 1)
    }
    func numbers(_ c: Int) -> [Double] {
        if let made = numberColumns[c] { return made }
        let out = cells.map { batch, row -> Double in
            let cell = batch.cell(row, c)
            return cell.isEmpty ? .nan : CanonicalText.parseDecimal(batch.pointer(cell), cell.length) ?? .nan
        }
        numberColumns[c] = out
        return out
    }
    func days(_ c: Int) -> [Double] {
        if let made = dayColumns[c] { return made }
        let out = cells.map { batch, row -> Double in
            let cell = batch.cell(row, c)
            guard cell.length >= 10, let day = CanonicalText.parseDate(batch.pointer(cell), 10) else { return .nan }
            return Double(day)
        }
        dayColumns[c] = out
        return out
    }
}
