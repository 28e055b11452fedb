public import Domain
public import Tabular

/// Carries out the decisions on the kept rows of a normalised batch, in place. One per thread.
public final class Cleaner {
    /// - Parameter hmacKey: the tenant's key for `hash` and `tokenize`; an empty key is refused when one of them is used.
    public init(resolution: Resolution, hmacKey: [UInt8]) throws {}
    /// - Parameter rows: indices of the kept rows, ascending.
    public func clean(_ batch: TextBatch, rows: [Int], recorder: ChangeRecorder) {}
}
