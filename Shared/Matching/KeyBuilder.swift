public import Tabular

/// Makes the exact fingerprints and near-duplicate keys of one chunk. One thread at a time.
public final class KeyBuilder {
    let plan: MatchPlan

    public init(plan: MatchPlan) { self.plan = plan }

    /// Adds normalised rows of one chunk.
    public func add(_ batch: TextBatch, rows: Range<Int>, chunk: Int) {}

    /// The blob of what was added since the last call: a header index, then one slice per partition.
    public func finish() -> [UInt8] { [] }
}
