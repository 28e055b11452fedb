/// Is told how far a run is. Called from several threads; must return at once.
public protocol ProgressObserver: AnyObject, Sendable {
    /// A stage begins. `units` are chunks or partitions, `rows` an estimate for the whole stage (0 when unknown).
    func begin(_ stage: ProgressStage, units: Int, rows: Int)
    /// One unit of the stage is done.
    func advance(_ stage: ProgressStage, rows: Int)
}

public enum ProgressStage: String, Sendable, CaseIterable {
    case plan
    case scan
    case match
    case resolve
    case clean
    case report
}

/// Says nothing.
public final class SilentProgress: ProgressObserver {
    public init() {}
    public func begin(_: ProgressStage, units _: Int, rows _: Int) {}
    public func advance(_: ProgressStage, rows _: Int) {}
}
