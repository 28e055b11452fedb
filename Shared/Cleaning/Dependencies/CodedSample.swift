internal import Profiling
internal import Tabular

/// Sampled rows with a small number in place of every value (after respelling); -1 for a missing cell.
final class CodedSample {
    let rows: Int
    let columns: Int
    private var codes: [[Int32]] = []
    private var distinct: [Int] = []
    private var filled: [Int] = []
    /// Rows of each column by code, missing ones left out; made when first needed.
    private var orders: [[Int]: [Int32]] = [:]
    private var paired: [[Int]: (codes: [Int32], distinct: Int)] = [:]

    /// Takes rows evenly spread over the batches.
    init(_ batches: [TextBatch], resolution: Resolution, limit: Int) {
        columns = resolution.columns.count
        let total = batches.reduce(0) { $0 + $1.rows }
        let step = max(1, (total + limit - 1) / max(limit, 1))
        rows = (total + step - 1) / step
        for c in 0..<columns {
            let settled = SettledHashes(resolution.columns[c])
            var seen: [UInt64: Int32] = [:]
            var own: [Int32] = []
            own.reserveCapacity(rows)
            var at = 0
            for batch in batches {
                for r in 0..<batch.rows {
                    defer { at += 1 }
                    guard at % step == 0 else { continue }
                    let cell = batch.cell(r, c)
                    if cell.isEmpty {
                        own.append(-1)
                        continue
                    }
                    let hash = settled[max(Hash.h64(batch.bytes(cell)), 1)]
                    let next = Int32(seen.count)
                    own.append(hash == 0 ? -1 : seen[hash, default: next])
                    if hash != 0, seen[hash] == nil { seen[hash] = next }
                }
            }
            codes.append(own)
            distinct.append(seen.count)
            filled.append(own.reduce(0) { $0 + ($1 >= 0 ? 1 : 0) })
        }
    }

    func canBeLeft(_ c: Int) -> Bool { distinct[c] >= 2 && distinct[c] * 2 <= filled[c] }
    func canBeRight(_ c: Int) -> Bool { distinct[c] >= 2 && distinct[c] * 10 <= filled[c] * 6 }

    /// Distinct values of a column, or of two together.
    func distinct(_ lhs: [Int]) -> Int { key(lhs).distinct }

    private func key(_ lhs: [Int]) -> (codes: [Int32], distinct: Int) {
        if lhs.count == 1 { return (codes[lhs[0]], distinct[lhs[0]]) }
        if let made = paired[lhs] { return made }
        var seen: [UInt64: Int32] = [:]
        let (x, y) = (codes[lhs[0]], codes[lhs[1]])
        let out = (0..<rows).map { r -> Int32 in
            guard x[r] >= 0, y[r] >= 0 else { return -1 }
            let both = UInt64(x[r]) << 32 | UInt64(y[r])
            if let code = seen[both] { return code }
            let code = Int32(seen.count)
            seen[both] = code
            return code
        }
        paired[lhs] = (out, seen.count)
        return (out, seen.count)
    }
    private func order(_ lhs: [Int]) -> [Int32] {
        if let made = orders[lhs] { return made }
        let (own, count) = key(lhs)
        var starts = [Int](repeating: 0, count: count + 1)
        for code in own where code >= 0 { starts[Int(code) + 1] += 1 }
        for i in 0..<count { starts[i + 1] += starts[i] }
        var out = [Int32](repeating: 0, count: starts[count])
        for (r, code) in own.enumerated() where code >= 0 {
            out[starts[Int(code)]] = Int32(r)
            starts[Int(code)] += 1
        }
        orders[lhs] = out
        return out
    }

    /// The counted pairs of a dependency, grouped.
    private func pairs(_ lhs: [Int], _ b: Int) -> [DependencyMeasure.Pair] {
        let (x, _) = key(lhs)
        let sorted = order(lhs)
        let y = codes[b]
        var counts = [Int32](repeating: 0, count: distinct[b])
        var touched: [Int32] = []
        var out: [DependencyMeasure.Pair] = []
        var at = 0
        while at < sorted.count {
            let group = x[Int(sorted[at])]
            while at < sorted.count, x[Int(sorted[at])] == group {
                let value = y[Int(sorted[at])]
                at += 1
                if value < 0 { continue }
                if counts[Int(value)] == 0 { touched.append(value) }
                counts[Int(value)] += 1
            }
            for value in touched {
                out.append(.init(group: group, value: value, count: counts[Int(value)]))
                counts[Int(value)] = 0
            }
            touched.removeAll(keepingCapacity: true)
        }
        return out
    }

    func measure(_ lhs: [Int], _ b: Int) -> DependencyMeasure? {
        DependencyMeasure(pairs(lhs, b), values: distinct[b], rows: rows)
    }

    /// The left side of `a -> b`, with a second column where the exceptions go with another value of that column: then they are no errors.
    func explained(_ a: Int, _ b: Int) -> [Int] {
        let majority = modes([a], b)
        let (x, y) = (codes[a], codes[b])
        var violating: [Int] = []
        var agreeing: [Int] = []
        for r in 0..<rows where x[r] >= 0 && y[r] >= 0 {
            let mode = majority[Int(x[r])]
            guard mode.count >= 2 else { continue }
            if mode.value == y[r] { agreeing.append(r) } else { violating.append(r) }
        }
        guard violating.count >= 5 else { return [a] }
        var best: (share: Double, column: Int)?
        for c in 0..<columns where c != a && c != b && distinct[c] >= 2 && distinct[c] <= 100 && canBeLeft(c) {
            let z = codes[c]
            var counts = [Int](repeating: 0, count: distinct[c])
            for code in z where code >= 0 { counts[Int(code)] += 1 }
            let usual = modes([a], c)
            func differs(_ r: Int) -> Bool {
                z[r] >= 0 && z[r] != usual[Int(x[r])].value && counts[Int(z[r])] >= 5
            }
            let inViolations = violating.reduce(0) { $0 + (differs($1) ? 1 : 0) }
            guard inViolations >= 5 else { continue }
            let share = Double(inViolations) / Double(violating.count)
            let usualShare = Double(agreeing.reduce(0) { $0 + (differs($1) ? 1 : 0) }) / Double(max(1, agreeing.count))
            if share >= 0.1, share >= 5 * usualShare, share > best?.share ?? 0 { best = (share, c) }
        }
        return best.map { [a, $0.column].sorted() } ?? [a]
    }

    /// By left code the commonest right code (ties: the smaller one) and its count.
    private func modes(_ lhs: [Int], _ b: Int) -> [(value: Int32, count: Int32)] {
        var out = [(value: Int32, count: Int32)](repeating: (-1, 0), count: key(lhs).distinct)
        for pair in pairs(lhs, b) {
            let g = Int(pair.group)
            if pair.count > out[g].count || (pair.count == out[g].count && pair.value < out[g].value) {
                out[g] = (pair.value, pair.count)
            }
        }
        return out
    }
}
