internal import Domain
internal import Profiling
internal import Tabular

/// Values that begin late in a table whose other values run through: a new category, or a source that changed its words.
enum DriftRule {
    static func find(_ p: ColumnProfile, _ column: ColumnResolution, rows: Int, _ firstRecords: [Int]) -> ColumnResolution
        .Finding?
    {
        guard !p.isOpen, p.distinct >= 3, p.distinct <= 200, rows >= 1000, column.type == .text, column.semantic != .identifier,
            column.repair != .off
        else { return nil }
        let values = p.values.compactMap { v -> (text: String, count: Int, first: Int, raw: UInt64)? in
            guard v.firstRow.chunk < firstRecords.count else { return nil }
            return (v.text, v.count, firstRecords[v.firstRow.chunk] + v.firstRow.ordinal, v.firstRow.raw)
        }
        // In a table sorted by this column a value begins where the ones before it end; here the early ones are mixed.
        var seen = 0
        var early = 0
        for v in values.sorted(by: { $0.first < $1.first }) where v.first * 20 < rows {
            if seen == 0 || v.first * 2 < seen { early += v.count }
            seen += v.count
        }
        guard early * 2 >= rows else { return nil }
        let late = values.filter { $0.count >= 20 && $0.first * 10 > rows * 3 }
        guard !late.isEmpty else { return nil }
        return .init(
            kind: "drift", count: late.reduce(0) { $0 + $1.count }, rows: Array(late.map(\.raw).sorted().prefix(10)),
            note: "values that begin late: " + late.map(\.text).sorted().prefix(3).joined(separator: ", "))
    }
}
