public import Domain
public import Tabular

/// Turns the matches of every partition into decisions. One thread, except inside ``resolve(_:threads:)``.
public final class MatchResolver {
    let plan: MatchPlan

    public init(plan: MatchPlan) { self.plan = plan }

    /// Takes the matches of one partition; every partition once, in any order.
    public func add(_ m: PartitionMatches) {}

    /// The rows whose text ``resolve(_:threads:)`` has to see, sorted. Call after the last ``add(_:)``.
    public func neededRows() -> [RowID] { [] }

    /// Verifies, clusters and decides. Blocks; CPU-bound; the result does not depend on `threads`.
    public func resolve(_ rows: RowStore, threads: Int) -> MatchDecisions { MatchDecisions() }
}
