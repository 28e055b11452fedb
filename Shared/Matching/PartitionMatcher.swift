internal import Domain
public import Tabular

/// Finds equal fingerprints and candidate pairs within one partition of the key space. One thread at a time.
public final class PartitionMatcher {
    let plan: MatchPlan
    let partition: Int

    public init(plan: MatchPlan, partition: Int) {
        self.plan = plan
        self.partition = partition
    }

    /// Takes this partition's slice of one chunk's blob; every chunk once, in any order.
    public func add(_ slice: [UInt8]) throws {}

    public func finish() -> PartitionMatches { PartitionMatches() }
}

/// What one partition knows: exact duplicates, candidate pairs, and its share of the hash-chosen sample of rows.
public struct PartitionMatches: Sendable, Equatable {
    public init() {}
    public func encode() -> [UInt8] { [] }
    /// - Throws: ``SanitizerError`` `corrupt_intermediate` for bytes that ``encode()`` did not write.
    public init(decoding bytes: [UInt8]) throws {}
}
