internal import Tabular

#if canImport(Glibc)
    internal import Glibc
#endif

/// What the texts of a table look like, row by row: missing, in capitals, long; of a small vocabulary, which words.
struct ListForms {
    private static let bins = 8
    private static let mostRows = 20_000
    private let step: Int
    private let width: Int
    private var features: [UInt8] = []
    private var rows: Int { width == 0 ? 0 : features.count / width }

    init(_ plan: MatchPlan, _ store: RowStore) {
        // Row numbers grow.
        let columns = plan.columns.indices.filter {
            plan.columns[$0].isCompared && $0 != plan.lists?.serial
                && !(plan.columns[$0].isPossibleKey && plan.columns[$0].kind == .number)
        }
        width = 2 * columns.count
        step = (store.count + Self.mostRows - 1) / Self.mostRows
        var place = [Int](repeating: -1, count: plan.columns.count)
        for (k, c) in columns.enumerated() { place[c] = k }
        for i in stride(from: 0, to: store.count, by: step) {
            let start = features.count
            features += [UInt8](repeating: 0, count: width)
            store.forEachCell(at: store.index[i].offset) { c, bytes in
                guard place[c] >= 0, !bytes.isEmpty else { return }
                let at = start + 2 * place[c]
                features[at] = [.text, .code].contains(plan.columns[c].kind) ? Self.letters(bytes) : 1
                features[at + 1] =
                    plan.columns[c].isCategory
                    ? UInt8(Hash.h64(bytes) % UInt64(Self.bins))
                    : UInt8(min(Self.bins - 1, Int.bitWidth - bytes.count.leadingZeroBitCount))
            }
        }
    }

    private static func letters(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt8 {
        let hasSmall = bytes.contains { $0 >= 97 && $0 <= 122 }
        let hasLarge = bytes.contains { $0 >= 65 && $0 <= 90 }
        return 1 + (hasSmall ? 1 : 0) + (hasLarge ? 2 : 0)
    }

    // MARK: Given lists

    /// Some column looks otherwise in one of the lists.
    func differ(_ numbers: [UInt64]) -> Bool {
        var counts: [UInt64: [Double]] = [:]
        for i in 0..<rows { count(i, 1, &counts[numbers[i * step], default: [Double](repeating: 0, count: width * Self.bins)]) }
        guard let all = counts.values.max(by: { $0.reduce(0, +) < $1.reduce(0, +) }) else { return false }
        return counts.values.contains { distance($0, all) > Self.leastDistance }
    }
    private static let leastDistance = 0.2

    private func count(_ row: Int, _ weight: Double, _ counts: inout [Double]) {
        for f in 0..<width { counts[f * Self.bins + Int(features[row * width + f])] += weight }
    }

    /// Total variation of the feature in which the two differ most.
    private func distance(_ a: [Double], _ b: [Double]) -> Double {
        (0..<width).map { f in
            let range = f * Self.bins..<(f + 1) * Self.bins
            let (n, m) = (max(a[range].reduce(0, +), 1), max(b[range].reduce(0, +), 1))
            return range.reduce(0) { $0 + abs(a[$1] / n - b[$1] / m) } / 2
        }.max() ?? 0
    }

    // MARK: One below the other

    /// The row of the store from which on the texts look otherwise; nil where they do not, or change more than once, as they do in a
    /// sorted table.
    func change() -> Int? {
        guard let (row, gain) = best(0..<rows), gain > Self.leastGain else { return nil }
        var parts = [[Double]](repeating: [Double](repeating: 0, count: width * Self.bins), count: 2)
        for i in 0..<rows { count(i, 1, &parts[i < row ? 0 : 1]) }
        guard distance(parts[0], parts[1]) > Self.leastDistance else { return nil }
        let inner = max(best(0..<row)?.gain ?? 0, best(row..<rows)?.gain ?? 0)
        return gain > Self.leastContrast * inner ? row * step : nil
    }
    private static let leastPart = 20
    private static let leastGain = 30.0
    private static let leastContrast = 3.0
    private static let grid = 256

    /// Where two parts explain the rows best, and by how much in nats; nil where there are too few.
    private func best(_ range: Range<Int>) -> (row: Int, gain: Double)? {
        let (first, last) = (range.lowerBound + Self.leastPart, range.upperBound - Self.leastPart)
        guard first <= last else { return nil }
        let stride = max(1, range.count / Self.grid)
        guard let coarse = best(range, looking: first...last, every: stride), stride > 1 else {
            return best(range, looking: first...last, every: 1)
        }
        return best(range, looking: max(first, coarse.row - stride)...min(last, coarse.row + stride), every: 1)
    }

    private func best(_ range: Range<Int>, looking: ClosedRange<Int>, every stride: Int) -> (row: Int, gain: Double)? {
        var left = [Double](repeating: 0, count: width * Self.bins)
        var right = left
        for i in range { count(i, 1, &right) }
        var found: (row: Int, gain: Double)?
        for i in range {
            if looking.contains(i), (i - looking.lowerBound) % stride == 0 {
                let gain = gain(left, Double(i - range.lowerBound), right, Double(range.upperBound - i))
                if gain > found?.gain ?? -.infinity { found = (i, gain) }
            }
            count(i, 1, &left)
            count(i, -1, &right)
        }
        return found
    }

    private func gain(_ left: [Double], _ n: Double, _ right: [Double], _ m: Double) -> Double {
        var sum = 0.0
        for f in 0..<width {
            var own = 0.0
            for k in f * Self.bins..<(f + 1) * Self.bins {
                let (a, b) = (left[k], right[k])
                if a > 0 { own += a * log(a / n * (n + m) / (a + b)) }
                if b > 0 { own += b * log(b / m * (n + m) / (a + b)) }
            }
            sum += max(0, own - Self.penalty)
        }
        return sum
    }
    /// What a feature gains by chance, at most.
    private static let penalty = 15.0
}
