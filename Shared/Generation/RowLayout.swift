/// What a row is in the duplicate structure of the table.
public enum RowKind: UInt8, Sendable {
    case original
    /// Equal to an earlier row after white space and null words are normalised.
    case exact
    /// The same entity as an earlier row, with differences.
    case near
}

/// Decides for every row number whether it is a duplicate and of which earlier row, without remembering any row.
///
/// Wanted: about 7 % exact and 3.5 % near duplicates; the source is always an original (so clusters are stars around their first
/// row); half of the sources are anywhere before the row, the other half among the last 1,000.
struct RowLayout: Sendable {
    let seed: UInt64
    /// Rows that are always originals, so that every duplicate finds one.
    static let firstOriginals = 8
    private static let exactPer1000 = 70
    private static let nearPer1000 = 35

    @inline(__always)
    func kind(of row: Int) -> RowKind {
        guard row >= Self.firstOriginals else { return .original }
        var random = RowRandom(seed: seed, row: row, .kind)
        let draw = random.below(1000)
        if draw < Self.exactPer1000 { return .exact }
        return draw < Self.exactPer1000 + Self.nearPer1000 ? .near : .original
    }

    /// The original that a duplicate (or a member of its household) goes back to: a row before `row`, which must be at least 1.
    func original(before row: Int, random: inout RowRandom) -> Int {
        let isFar = random.chance(50)
        let reach = isFar ? row : min(row, 1000)
        for _ in 0..<32 {
            let candidate = row - 1 - random.below(reach)
            if kind(of: candidate) == .original { return candidate }
        }
        return random.below(Self.firstOriginals)
    }
}
