import ServiceKit

/// The idempotency keys of the uploads that this process is busy with.
///
/// The ledger lets a process have a key again that it holds already (the answer to its first call may have been lost, or the key could
/// not be given back while the database was away), so the process itself must turn away a second call beside a living one.
final class LiveKeys: Sendable {
    private let keys = Locked<Set<String>>([])

    /// False when a call with this key is alive here.
    func take(_ tenant: String, _ key: String) -> Bool { keys.withLock { $0.insert("\(tenant)/\(key)").inserted } }

    func giveBack(_ tenant: String, _ key: String) { keys.withLock { _ = $0.remove("\(tenant)/\(key)") } }
}
