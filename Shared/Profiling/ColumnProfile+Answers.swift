public import Domain
public import Tabular

/// What a profile answers. Not hot; results are in a fixed order.
extension ColumnProfile {
    public var filled: Int { rows - missing }
    public var isOpen: Bool { open != nil }
    /// Distinct values: exact unless open, then a HyperLogLog estimate (about 2 % off).
    public var distinct: Int { open.map { max($0.distinct.estimate, Self.earlyLimit) } ?? table.count }
    /// Mean length of a filled cell in bytes.
    public var meanLength: Double { filled == 0 ? 0 : Double(lengthSum) / Double(filled) }

    /// The sample and frequent values of an open column, at their final size.
    private var trimmed: OpenColumn? {
        open?.trim()
        return open
    }
    private func list(_ t: ValueTable) -> [ValueCount] {
        (0..<t.count).map { i in
            let e = t.entries[i]
            return ValueCount(text: t.text(e), count: e.count, firstRow: RowID(raw: e.firstRow), isCut: e.isCut)
        }
    }
    private static func order(_ a: ValueCount, _ b: ValueCount) -> Bool {
        a.count != b.count ? a.count > b.count : a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
    }
    /// Every value (or, when open, a uniform sample of the distinct ones with exact counts), most frequent first, ties by value.
    public var values: [ValueCount] { list(trimmed?.sample ?? table).sorted(by: Self.order) }
    /// The most frequent values; when open, counts are lower bounds.
    public func topValues(_ n: Int) -> [ValueCount] {
        guard let open = trimmed else { return Array(values.prefix(n)) }
        let all = ValueTable()
        all.merge(open.frequent)
        // A sampled value's count is exact, so it replaces the bound.
        var exact: [UInt64: Int] = [:]
        for i in 0..<open.sample.count { exact[open.sample.entries[i].hash] = open.sample.entries[i].count }
        for i in 0..<all.count { if let count = exact[all.entries[i].hash] { all.entries[i].count = count } }
        for i in 0..<open.sample.count where all.find(open.sample.entries[i].hash) < 0 {
            let e = open.sample.entries[i]
            all.add(
                hash: e.hash, bytes: open.sample.arena.base + Int(e.offset), length: e.byteCount, count: e.count,
                firstRow: e.firstRow,
                isCut: e.isCut)
        }
        return Array(list(all).sorted(by: Self.order).prefix(n))
    }

    /// Cells of a kind.
    public func count(_ kind: CellKind) -> Int { statistics.kinds[Int(kind.rawValue)] }
    public func count(_ kinds: CellKind...) -> Int { kinds.reduce(0) { $0 + count($1) } }
    /// Up to ten places with different values of a kind, earliest first.
    public func examples(_ kind: CellKind) -> [RowID] { statistics.examples[Int(kind.rawValue)].map { RowID(raw: $0.row) } }

    /// Cells that are numbers.
    public var numberCount: Int { statistics.numbers }
    public var lowestNumber: Double? { numberCount > 0 ? statistics.lowest : nil }
    public var highestNumber: Double? { numberCount > 0 ? statistics.highest : nil }
    /// The smallest and largest distinct numbers, outermost first.
    public var lowExtremes: [Extreme] { statistics.low.map { Extreme(value: $0.value, row: RowID(raw: $0.row)) } }
    public var highExtremes: [Extreme] { statistics.high.map { Extreme(value: $0.value, row: RowID(raw: $0.row)) } }
    /// Smallest and largest text in byte order, of the cells that are no numbers.
    public var minimumText: String? { filled > numberCount ? String(decoding: statistics.minimum, as: UTF8.self) : nil }
    public var maximumText: String? { filled > numberCount ? String(decoding: statistics.maximum, as: UTF8.self) : nil }

    /// Mean of the numbers; exact to a millionth where all are below 1e12.
    public var mean: Double? {
        let s = statistics
        guard s.numbers > 0 else { return nil }
        if s.sumIsExact { return Double(s.microSum) / 1e6 / Double(s.numbers) }
        return s.sketch.map { $0.approximateSum / Double(s.numbers) }
    }

    /// Numbers with their counts, ascending; exact unless open.
    public var numberCounts: [(value: Double, count: Int)] {
        guard open == nil else {
            var out: [(Double, Int)] = []
            statistics.sketch?.forEach { out.append(($0, $1)) }
            return out
        }
        var out: [(Double, Int)] = []
        for i in 0..<table.count {
            let e = table.entries[i]
            var x = 0.0
            if !e.isCut,
                CellKind.of(table.arena.base + Int(e.offset), e.byteCount, number: &x).rawValue <= CellKind.decimal.rawValue
            {
                out.append((x, e.count))
            }
        }
        return out.sorted { $0.0 < $1.0 }
    }

    /// The number with a share `q` (0...1) of the numbers at or below it; nil without numbers. Exact unless open, else within 0.4 %.
    public func quantile(_ q: Double) -> Double? { quantiles([q])[0] }
    public func quantiles(_ qs: [Double]) -> [Double?] {
        let counts = numberCounts
        let n = counts.reduce(0) { $0 + $1.count }
        guard n > 0 else { return qs.map { _ in nil } }
        return qs.map { q in
            var left = min(n - 1, max(0, Int((q * Double(n)).rounded(.up)) - 1))
            for (value, count) in counts {
                if left < count { return min(max(value, statistics.lowest), statistics.highest) }
                left -= count
            }
            return counts.last?.value
        }
    }

    /// Share of filled cells (of a sample when open) whose form is that of a type of personal data.
    public func share(of type: SemanticType) -> Double {
        let s = statistics
        guard s.detailCells > 0, let at = SemanticType.allCases.firstIndex(of: type) else { return 0 }
        return Double(s.personal[at]) / Double(s.detailCells)
    }
    /// Share of filled cells (of a sample when open) that hold a blank or a digit.
    public var shareWithBlanks: Double {
        statistics.detailCells == 0 ? 0 : Double(statistics.withBlanks) / Double(statistics.detailCells)
    }
    public var shareWithDigits: Double {
        statistics.detailCells == 0 ? 0 : Double(statistics.withDigits) / Double(statistics.detailCells)
    }
    /// Character-class shapes with runs folded (`Aa 9`), most frequent first.
    public func shapes(_ n: Int) -> [ValueCount] { Array(list(statistics.shapes).sorted(by: Self.order).prefix(n)) }
}
