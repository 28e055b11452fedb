import Foundation

/// Deliberate mistakes in the commit order: a torture run against each of them must fail, which proves that it can.
///
/// `SANITIZER_MUTATION=name` turns one on, in debug builds only: a release build holds none of them.
public enum Mutation: String, CaseIterable, Sendable {
    /// The commit takes whatever epoch the task has now.
    case noEpochCheck = "no_epoch_check"
    /// The message is acknowledged before its task is claimed.
    case ackBeforeCommit = "ack_before_commit"
    /// The next messages leave before the transaction that makes their tasks.
    case publishBeforeCommit = "publish_before_commit"
    /// Results are committed without having been synced.
    case skipSync = "skip_fsync"

    #if DEBUG
        private static let chosen = Set(
            (ProcessInfo.processInfo.environment["SANITIZER_MUTATION"] ?? "").split(separator: ",").map(String.init))
        public var isOn: Bool { Self.chosen.contains(rawValue) }
    #else
        public var isOn: Bool { false }
    #endif
}
