public import Domain
internal import Tabular

/// The outcome of matching: which rows go, what survivors gain, what is only suggested.
public struct MatchDecisions: Sendable, Equatable {
    /// Sorted by row; every `kept` is a kept row.
    public var drops: [RowDecision] = []
    /// Sorted by row, then column; only rows that are kept.
    public var fills: [GapFill] = []
    /// Rows that probably are duplicates of another kept row, each once, sorted by row; both are kept.
    public var suggestions: [RowDecision] = []
    public var statistics = Report.Matching(tier: .off)
    /// Estimated share of dropped rows that were no duplicates.
    public var falsePositiveRate = 0.0
    public var falsePositiveRateMethod = ""

    public init() {}

    public var exactCount: Int { drops.reduce(0) { $0 + ($1.kind == .exact ? 1 : 0) } }
    public var nearCount: Int { drops.count - exactCount }

    /// Takes the decisions of a round.
    mutating func add(_ round: MatchDecisions) {
        drops += round.drops
        fills += round.fills
        suggestions += round.suggestions
        statistics.verifiedPairs += round.statistics.verifiedPairs
        statistics.recall = statistics.recall ?? round.statistics.recall
    }

    mutating func sort() {
        drops.sort { $0.row < $1.row }
        fills.sort { ($0.row, $0.column) < ($1.row, $1.column) }
        suggestions.sort { ($0.row, $0.kept) < ($1.row, $1.kept) }
    }

    /// What the columns said in all near matches together. `names`: of the columns of the table.
    func evidence(_ names: [String]) -> [Report.Evidence] {
        // The model numbers of all texts come after the columns.
        var sums = (names + ["model numbers"]).map { Report.Evidence(column: $0) }
        func add(_ decisions: [RowDecision]) {
            for d in decisions {
                for e in d.explanation {
                    let place = min(e.column, names.count)
                    switch e.level {
                    case ..<0: sums[place].missing += 1
                    case 6: sums[place].equal += 1
                    case 4...: sums[place].similar += 1
                    default: sums[place].different += 1
                    }
                    sums[place].weight += e.weight
                }
            }
        }
        add(drops)
        add(suggestions)
        return sums.compactMap { sum in
            let matches = sum.equal + sum.similar + sum.different + sum.missing
            if matches == 0 { return nil }
            var sum = sum
            sum.weight = (sum.weight / Double(matches) * 100).rounded() / 100
            return sum
        }
    }

    public func encode() -> [UInt8] {
        var w = ByteWriter(reserving: 64 + drops.count * 20)
        w.u8(2)
        Self.write(drops, &w)
        Self.write(suggestions, &w)
        w.varint(UInt64(fills.count))
        for f in fills {
            w.u64(f.row.raw)
            w.varint(UInt64(f.column))
            w.string(f.text)
            w.u64(f.from.raw)
            w.double(f.score)
        }
        w.string(statistics.tier.rawValue)
        for n in [
            statistics.candidatePairs, statistics.verifiedPairs, statistics.suggestedPairs, statistics.cappedBuckets,
        ] { w.int(n) }
        w.bool(statistics.recall != nil)
        if let recall = statistics.recall {
            for n in [recall.planted, recall.compared, recall.found, recall.dropped] { w.int(n) }
        }
        w.varint(UInt64(statistics.evidence.count))
        for e in statistics.evidence {
            w.string(e.column)
            for n in [e.equal, e.similar, e.different, e.missing] { w.int(n) }
            w.double(e.weight)
        }
        w.string(statistics.note)
        w.double(falsePositiveRate)
        w.string(falsePositiveRateMethod)
        return w.bytes
    }

    /// - Throws: ``SanitizerError`` `corrupt_intermediate` for bytes that ``encode()`` did not write.
    public init(decoding bytes: [UInt8]) throws {
        var r = ByteReader(bytes)
        guard try r.u8() == 2 else { throw Self.corrupt }
        drops = try Self.read(&r)
        suggestions = try Self.read(&r)
        for _ in 0..<(try r.count(itemBytes: 26)) {
            fills.append(
                GapFill(
                    row: RowID(raw: try r.u64()), column: Int(truncatingIfNeeded: try r.varint()), text: try r.string(),
                    from: RowID(raw: try r.u64()), score: try r.double()))
        }
        guard let tier = NearTier(rawValue: try r.string()) else { throw Self.corrupt }
        statistics = Report.Matching(
            tier: tier, candidatePairs: try r.int(), verifiedPairs: try r.int(), suggestedPairs: try r.int(),
            cappedBuckets: try r.int(),
            recall: try r.bool()
                ? Report.Recall(planted: try r.int(), compared: try r.int(), found: try r.int(), dropped: try r.int()) : nil,
            evidence: try Self.readEvidence(&r), note: try r.string())
        falsePositiveRate = try r.double()
        falsePositiveRateMethod = try r.string()
    }

    private static func readEvidence(_ r: inout ByteReader) throws -> [Report.Evidence] {
        var out: [Report.Evidence] = []
        for _ in 0..<(try r.count(itemBytes: 41)) {
            var e = Report.Evidence(column: try r.string())
            (e.equal, e.similar) = (try r.int(), try r.int())
            (e.different, e.missing) = (try r.int(), try r.int())
            e.weight = try r.double()
            out.append(e)
        }
        return out
    }

    private static let corrupt = SanitizerError(.corruptIntermediate, "match decisions have an unknown layout")

    private static func write(_ decisions: [RowDecision], _ w: inout ByteWriter) {
        w.varint(UInt64(decisions.count))
        for d in decisions {
            w.u64(d.row.raw)
            w.u64(d.kept.raw)
            w.u8(d.kind == .exact ? 0 : d.kind == .near ? 1 : 2)
            if d.kind == .exact { continue }
            w.double(d.score)
            w.varint(UInt64(d.explanation.count))
            for e in d.explanation {
                w.varint(UInt64(e.column))
                w.u8(UInt8(truncatingIfNeeded: e.level + 1))
                w.double(e.weight)
            }
        }
    }

    private static func read(_ r: inout ByteReader) throws -> [RowDecision] {
        var out: [RowDecision] = []
        let n = try r.count(itemBytes: 17)
        out.reserveCapacity(n)
        for _ in 0..<n {
            let row = RowID(raw: try r.u64())
            let kept = RowID(raw: try r.u64())
            let kind = try r.u8()
            if kind == 0 {
                out.append(RowDecision(row: row, kept: kept, kind: .exact, score: 1))
                continue
            }
            var d = RowDecision(row: row, kept: kept, kind: kind == 1 ? .near : .suggested, score: try r.double())
            for _ in 0..<(try r.count(itemBytes: 10)) {
                d.explanation.append(
                    RowDecision.Evidence(
                        column: Int(truncatingIfNeeded: try r.varint()), level: Int(try r.u8()) - 1,
                        weight: try r.double()))
            }
            out.append(d)
        }
        return out
    }
}
