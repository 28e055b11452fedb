/// How long a claim lasts and how often a worker renews it. All times are taken on the ledger's clock.
public struct LeasePolicy: Sendable, Equatable {
    public var duration: Duration

    public init(duration: Duration = .seconds(15)) { self.duration = duration }

    /// Two renewals may be lost before the lease ends.
    public var renewEvery: Duration { duration / 3 }
}
