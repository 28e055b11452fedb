internal import Tabular

#if canImport(Glibc)
    internal import Glibc
#endif

/// How often values and words of one compared column occur, from the hash-chosen sample and the candidate rows.
final class ColumnStatistics {
    let column: Int
    let kind: MatchPlan.Kind
    /// Rows of the table that one row of the sample stands for; 1 when the sample is the table.
    let scale: Double
    private(set) var sampled = 0
    private(set) var present = 0
    private(set) var distinct = 0
    private struct Occurrences: BitwiseCopyable {
        var sampled: UInt32 = 0
        var candidates: UInt32 = 0
    }
    private let values = HashedMap<UInt32, Occurrences>(none: Occurrences())
    private let tokens = HashedMap<UInt32, UInt32>(none: 0)
    private var tokenWeights = HashedMap<UInt32, Float>(none: 0)
    private var tokenTotal = 0
    private var points = 0
    /// Sum over values of (share of the value)^2: the chance that two rows agree.
    private(set) var concentration = 1.0
    private(set) var tokensPerValue = 1.0
    /// Numbers with a fraction: compared by closeness, not by spelling.
    private(set) var isDecimal = false

    init(column: Int, kind: MatchPlan.Kind, scale: Double) {
        self.column = column
        self.kind = kind
        self.scale = scale
    }

    /// Never 0, which stands for a missing cell.
    @inline(__always)
    static func hash(_ p: UnsafePointer<UInt8>, _ n: Int) -> UInt32 { UInt32(truncatingIfNeeded: Hash.h64(p, n)) | 1 }

    func addSample(_ p: UnsafePointer<UInt8>, _ n: Int, code: UInt32) {
        sampled += 1
        if code == 0 { return }
        present += 1
        values[code].sampled += 1
        if values[code].sampled == 1 {
            distinct += 1
            tokenTotal += 1
            for i in 0..<n {
                if p[i] == 32 { tokenTotal += 1 }
                if p[i] == 46 {
                    points += 1
                    break
                }
            }
        }
        if kind != .text { return }
        var start = 0
        while start < n {
            var end = start
            while end < n, p[end] != 32 { end += 1 }
            if end > start { tokens[Self.hash(p + start, end - start)] += 1 }
            start = end + 1
        }
    }

    func addCandidate(code: UInt32) { if code != 0 { values[code].candidates += 1 } }

    func seal() {
        let n = Double(max(present, 1))
        // Integer sums: the order of the places must not show in the last bits.
        var squares: UInt64 = 0
        values.forEach { squares += UInt64($1.sampled) * UInt64($1.sampled) }
        concentration = present == 0 ? 1 : max(Double(squares) / (n * n), 1e-9)
        tokensPerValue = Double(tokenTotal) / Double(max(distinct, 1))
        tokenWeights = HashedMap(none: weight(0))
        tokens.forEach { tokenWeights[$0] = weight(Double($1)) }
        isDecimal = kind == .number && Double(points) > 0.05 * Double(max(distinct, 1))
    }

    /// Estimated rows of the table that hold the value.
    func frequency(_ code: UInt32) -> Double {
        let seen = values[code]
        let s = Double(seen.sampled)
        let c = Double(seen.candidates)
        if scale <= 1 { return max(s, c, 1) }
        return max(s >= 2 ? s * scale : s, c, 1)
    }

    /// Estimated share of the rows with a value here that hold this one.
    func share(_ code: UInt32) -> Double { min(1, frequency(code) / estimatedPresent) }

    /// Estimated rows of the table with a value here.
    var estimatedPresent: Double { max(Double(present) * max(scale, 1), 1) }

    func tokenWeight(_ hash: UInt32) -> Float { tokenWeights[hash] }

    /// The weight of a word that so many rows hold; more frequent words have less.
    func tokenWeight(ofRows rows: Double) -> Float { weight(rows / max(scale, 1)) }

    private func weight(_ rows: Double) -> Float {
        let w = log(1 + Double(max(present, 1)) / max(rows, 1 / max(scale, 1)))
        return Float(w * w)
    }

    /// Distinct values that two columns share: cells may have been exchanged between them.
    func overlap(_ other: ColumnStatistics) -> Int {
        var n = 0
        values.forEach { code, seen in n += seen.sampled > 0 && other.values[code].sampled > 0 ? 1 : 0 }
        return n
    }
}
