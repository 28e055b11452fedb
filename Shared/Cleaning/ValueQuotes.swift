internal import Domain
internal import Tabular

/// Quotation marks around all values of a column, left by an export that quoted twice: `"12"`, `'red'`, `="00123"`.
///
/// They keep numbers, days and null words from being read. A single column of quoted texts may hold quotations and stays as it is.
public enum ValueQuotes: String, CaseIterable, Sendable {
    case double = "\""
    case single = "'"
    /// What keeps a spreadsheet from reading a code as a number.
    case formula = "=\""

    private var close: UInt8 { self == .single ? 0x27 : 0x22 }

    /// The place of the text between the marks; nil where there are none around it, or more of them inside.
    func inner(_ p: UnsafePointer<UInt8>, _ n: Int) -> Range<Int>? {
        let start = rawValue.utf8.count
        guard n > start, p[n - 1] == close, zip(rawValue.utf8, 0...).allSatisfy({ p[$1] == $0 }) else { return nil }
        for i in start..<n - 1 where p[i] == close { return nil }
        return start..<n - 1
    }

    // MARK: What a table uses

    /// Per column: the marks that are no part of its values.
    static func used(_ batches: [TextBatch], columns: Int) -> [ValueQuotes?] {
        let found = (0..<columns).map { seen(batches, column: $0) }
        let texts = found.count { $0 != nil }
        return found.map { $0.flatMap { $0.quotes == .formula || $0.isTyped || texts > 1 ? $0.quotes : nil } }
    }

    /// The marks around nearly all values of a column, and whether these are numbers or days.
    private static func seen(_ batches: [TextBatch], column: Int) -> (quotes: ValueQuotes, isTyped: Bool)? {
        let rows = batches.reduce(0) { $0 + $1.rows }
        var values = 0
        var bare = 0
        var counts = [Int](repeating: 0, count: allCases.count)
        var typed = 0
        for batch in batches {
            for row in 0..<batch.rows {
                let cell = batch.cell(row, column)
                if cell.isEmpty { continue }
                values += 1
                let p = batch.pointer(cell)
                guard let k = allCases.firstIndex(where: { $0.inner(p, cell.length) != nil }) else {
                    bare += 1
                    // Too many, however the column goes on.
                    if bare * 20 > rows { return nil }
                    continue
                }
                counts[k] += 1
                if let range = allCases[k].inner(p, cell.length), isNumberLike(p + range.lowerBound, range.count) { typed += 1 }
            }
        }
        guard values >= leastValues, let best = counts.indices.max(by: { counts[$0] < counts[$1] }),
            counts[best] * 20 >= values * 19
        else { return nil }
        return (allCases[best], typed * 20 >= counts[best] * 19)
    }
    private static let leastValues = 10

    /// Digits and what stands in numbers, days and times.
    private static func isNumberLike(_ p: UnsafePointer<UInt8>, _ n: Int) -> Bool {
        var digits = 0
        for i in 0..<n {
            if p[i] &- 0x30 < 10 { digits += 1 } else if !"+-.,/: T".utf8.contains(p[i]) { return false }
        }
        return digits > 0
    }
}
