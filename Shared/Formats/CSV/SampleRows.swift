internal import Tabular

/// The first records of an input, kept for sniffing.
final class SampleRows {
    struct Row {
        var fields: Range<Int>
        /// Offset in the sample and 1-based line.
        var offset: Int
        var line: Int
        var isRepaired: Bool
    }

    let reader: RecordReader
    private(set) var rows: [Row] = []
    /// Where the sample goes on behind the last row.
    private(set) var end: Int

    /// Reads up to `limit` records, blank lines included (as one empty cell).
    /// - Parameter isPart: the input goes on behind the text, so a record that is open at its end is left out.
    init(_ reader: RecordReader, _ text: UnsafeBufferPointer<UInt8>, isPart: Bool, limit: Int) {
        self.reader = reader
        end = 0
        guard let base = text.baseAddress else { return }
        reader.setText(base, count: text.count)
        var line = 1
        while end < text.count, rows.count < limit {
            let from = reader.fields.count
            let outcome = reader.appendRecord(at: end)
            if outcome.kind == .oversized { break }
            // One that opens earlier is rather a stray quote.
            if isPart, reader.isOpen, end > text.count / 2 {
                reader.forget(from: from)
                break
            }
            if outcome.kind == .blank { reader.fields.append(FieldSpan(start: end, length: 0, inScratch: false)) }
            rows.append(Row(fields: from..<reader.fields.count, offset: end, line: line, isRepaired: outcome.problem != nil))
            line += outcome.lines
            end = max(outcome.next, end + 1)
        }
    }

    func width(_ row: Int) -> Int { rows[row].fields.count }
    func cell(_ row: Int, _ column: Int) -> UnsafeBufferPointer<UInt8> {
        reader.text(reader.fields[rows[row].fields.lowerBound + column])
    }
    func cells(_ row: Int) -> [UnsafeBufferPointer<UInt8>] { reader.fields[rows[row].fields].map(reader.text) }
    /// Cells with more than white space.
    func filled(_ row: Int) -> Int { cells(row).reduce(0) { $0 + ($1.contains { !isSpaceByte($0) } ? 1 : 0) } }
    func isEmpty(_ row: Int) -> Bool { reader.fields[rows[row].fields].allSatisfy { $0.length == 0 } }

    /// The regular width: the commonest, where wider rows weigh a little more.
    func modalWidth(_ chosen: [Int]) -> Int {
        var counts: [Int: Int] = [:]
        for row in chosen { counts[width(row), default: 0] += 1 }
        func weight(_ k: Int) -> Double { Double(counts[k] ?? 0) * (1 - 0.999 / Double(k)) }
        return counts.keys.sorted().max { weight($0) < weight($1) || (weight($0) == weight($1) && $0 < $1) } ?? 1
    }
}
