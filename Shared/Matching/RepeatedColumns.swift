internal import Tabular

extension SampleRows {
    /// Text columns that say nothing of their own. A full name has the words of a first name and a surname and no other: the two tell
    /// more apart than together. Elsewhere nearly all words of a column stand in another text column of the same row. Compared beside
    /// each other, they would count the same evidence twice.
    func repeatedColumns(_ columns: [MatchPlan.Column]) -> [Int] {
        let texts = columns.indices.filter { columns[$0].isCompared && columns[$0].kind == .text }
        if texts.count < 2 { return [] }
        let step = max(1, rows.count / Self.rowsForRepetition)
        let words = stride(from: 0, to: rows.count, by: step).map { i in texts.map { wordsOf(rows[i].batch, rows[i].row, $0) } }
        var isWithin = [Bool](repeating: false, count: texts.count * texts.count)
        for a in texts.indices {
            let present = words.filter { !$0[a].isEmpty }
            if present.count < Self.leastRowsForRepetition { continue }
            for b in texts.indices where b != a {
                let within = present.reduce(0) { $0 + ($1[a].isSubset(of: $1[b]) ? 1 : 0) }
                isWithin[a * texts.count + b] = Double(within) >= Self.shareOfRepetition * Double(present.count)
            }
        }
        let composed = texts.indices.filter { whole in
            let parts = texts.indices.filter { isWithin[$0 * texts.count + whole] && !isWithin[whole * texts.count + $0] }
            if parts.count < 2 { return false }
            let present = words.filter { !$0[whole].isEmpty }
            let made = present.count { row in
                row[whole].allSatisfy { word in parts.contains { row[$0].contains(word) } }
            }
            return Double(made) >= Self.shareOfRepetition * Double(present.count)
        }
        // Of columns that have each other's words the first stays.
        let within = texts.indices.filter { a in
            texts.indices.contains { b in
                isWithin[a * texts.count + b] && !(isWithin[b * texts.count + a] && a < b) && !composed.contains(b)
            }
        }
        return Set(composed + within).sorted().map { texts[$0] }
    }
    private static let rowsForRepetition = 1000
    private static let leastRowsForRepetition = 20
    private static let shareOfRepetition = 0.95

    private func wordsOf(_ batch: TextBatch, _ row: Int, _ column: Int) -> Set<UInt64> {
        let bytes = batch.bytes(batch.cell(row, column))
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 3 * NormalForm.maximumBytes + 16) { form in
            guard let start = form.baseAddress else { return [] }
            let n = NormalForm.write(bytes, kind: .text, to: start).count
            let text = UnsafeBufferPointer(start: start, count: n)
            return Set(text.split(separator: 32).map { Hash.h64(UnsafeBufferPointer(rebasing: $0)) })
        }
    }
}
