internal import Domain

/// How a tier looks for candidate pairs through shared rare values; the numbers are those of docs/how-matching-works.md.
struct CandidateRules {
    /// Biggest bucket in which every pair is made.
    var cap: Int
    /// Next rows that a row meets in a bigger bucket.
    var neighbours: Int
    /// Best partners that a row keeps.
    var partners: Int
    /// MinHash bands, and values per band.
    var bands: Int
    var bandRows: Int
    /// Too frequent words of a row, rarest first, that are combined two by two.
    var pairedTokens: Int
    /// Columns of many values whose too frequent values are combined two by two.
    var pairedColumns: Int
    /// Rare words of a row that become keys, at most.
    var tokens: Int

    /// Keys of a row, roughly: decides the number of partitions.
    var keysPerRow: Int { bands + pairedTokens * 3 + 24 }

    /// Keys of one partition if every row had as many as it may; most have half of them. The memory of a partition goes by the pairs that
    /// they make, most in the biggest buckets of which all pairs are made.
    var keysPerPartition: Int { cap > 8 ? 600_000 : 400_000 }

    /// Pairs that a thorough search compares, about: a row of a small table keeps its 30 best partners, of a big one its 8 best.
    private static let thoroughPairs = 1_500_000

    /// nil for the tiers that compare whole rows only. `rows`: planned rows of the table.
    static func of(_ tier: NearTier, rows: Int) -> CandidateRules? {
        switch tier {
        case .thorough:
            CandidateRules(
                cap: 20, neighbours: 2, partners: min(30, max(8, thoroughPairs / max(rows, 1))), bands: 10, bandRows: 3,
                pairedTokens: 6,
                pairedColumns: 8, tokens: 64)
        case .balanced:
            CandidateRules(
                cap: 8, neighbours: 1, partners: 6, bands: 6, bandRows: 3, pairedTokens: 3, pairedColumns: 3, tokens: 8)
        case .off, .fast, .auto: nil
        }
    }
}
