import JobLifecycle
import Testing

@Suite("Retries, leases and pauses")
struct PolicyTests {
    @Test("An error that may pass is tried again until the attempts are used up")
    func attempts() {
        let policy = RetryPolicy(maximumAttempts: 3, firstPause: .seconds(1), longestPause: .seconds(60))
        #expect(policy.decide(attempt: 1, isRetryable: true) == .retry(after: .seconds(1)))
        #expect(policy.decide(attempt: 2, isRetryable: true) == .retry(after: .seconds(2)))
        #expect(policy.decide(attempt: 3, isRetryable: true) == .quarantine)
        #expect(policy.decide(attempt: 1, isRetryable: false) == .quarantine)
    }

    @Test("The pause never passes its limit, whatever the attempt", arguments: [0, 1, 7, 64, 100_000, Int.max])
    func pauses(_ attempt: Int) {
        let policy = RetryPolicy(maximumAttempts: 5, firstPause: .milliseconds(500), longestPause: .seconds(60))
        let pause = policy.pause(afterAttempt: attempt)
        #expect(pause >= .milliseconds(500) && pause <= .seconds(60))
    }

    @Test("Two renewals may be lost before a lease ends")
    func renewals() {
        let lease = LeasePolicy(duration: .seconds(15))
        #expect(lease.renewEvery * 3 <= lease.duration)
    }

    @Test("Pauses between connection attempts double, spread by half, and start over after a success")
    func backoff() {
        var backoff = Backoff(first: .milliseconds(100), longest: .milliseconds(300))
        #expect(backoff.next(spread: 1) == .milliseconds(100))
        #expect(backoff.next(spread: 0) == .milliseconds(100))
        #expect(backoff.next(spread: 1) == .milliseconds(300))
        #expect(backoff.next(spread: 7) == .milliseconds(300))
        backoff.reset()
        #expect(backoff.next(spread: 0) == .milliseconds(50))
    }
}
