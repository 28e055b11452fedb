/// Growing pauses between attempts to reach a server: doubled each time, spread by up to a half, reset by a success.
public struct Backoff: Sendable {
    private let first: Duration
    private let longest: Duration
    private var current: Duration

    public init(first: Duration = .milliseconds(50), longest: Duration = .seconds(5)) {
        self.first = first
        self.longest = longest
        current = first
    }

    /// The pause before the next attempt.
    /// - Parameter spread: 0...1, drawn by the caller, so that many clients do not return at the same moment.
    public mutating func next(spread: Double) -> Duration {
        let pause = current
        current = min(current * 2, longest)
        return pause / 2 + (pause / 2) * min(max(spread, 0), 1)
    }

    public mutating func reset() { current = first }
}
