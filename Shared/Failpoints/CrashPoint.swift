import Foundation

/// Places where a test can kill or freeze this process, to prove that every step of the commit order survives it.
///
/// `SANITIZER_CRASHPOINT=name[:n]` raises SIGKILL at the n-th pass (default 1) through the point called `name`;
/// `SANITIZER_PAUSEPOINT=name[:n]` raises SIGSTOP there: the process is a zombie until somebody sends SIGCONT.
/// Several points are separated by commas. Off unless a variable is set.
public enum CrashPoint: String, CaseIterable, Sendable {
    case uploadBeforeStore = "upload:before"
    case uploadAfterStore = "upload:after"
    case jobAfterCommit = "job:after"
    case claimBefore = "claim:before"
    case claimAfter = "claim:after"
    case runBefore = "run:before"
    case runAfter = "run:after"
    /// Objects are visible under their names and may not survive a power cut yet.
    case storeWritten = "store:written"
    case storeSynced = "store:synced"
    case completeBefore = "complete:before"
    case completeAfter = "complete:after"
    case failBefore = "fail:before"
    case failAfter = "fail:after"
    case releaseBefore = "release:before"
    case releaseAfter = "release:after"
    case publishBefore = "publish:before"
    /// The broker has confirmed, the ledger does not know yet.
    case publishConfirmed = "publish:confirmed"
    case publishAfter = "publish:after"
    case ackBefore = "ack:before"
    case ackAfter = "ack:after"
    case sweepBefore = "sweep:before"
    case sweepAfter = "sweep:after"

    private static let deadly = Armed(ProcessInfo.processInfo.environment["SANITIZER_CRASHPOINT"])
    private static let freezing = Armed(ProcessInfo.processInfo.environment["SANITIZER_PAUSEPOINT"])

    /// Does nothing unless this point is armed and this is its n-th pass.
    public static func pass(_ point: CrashPoint) {
        if deadly.isDue(point) { kill(getpid(), SIGKILL) }
        // To this thread, which then goes no further: a signal to the process may reach another thread first, and late.
        if freezing.isDue(point) { raise(SIGSTOP) }
    }

    /// Passes left by point.
    static func parse(_ text: String) -> [String: Int] {
        var points: [String: Int] = [:]
        for entry in text.split(separator: ",") {
            let pieces = entry.split(separator: ":").map(String.init)
            if let last = pieces.last, let n = Int(last), pieces.count > 1 {
                points[pieces.dropLast().joined(separator: ":")] = max(n, 1)
            } else {
                points[String(entry)] = 1
            }
        }
        return points
    }

    private final class Armed: @unchecked Sendable {  // unchecked: `left` is only touched under `lock`
        private let lock = NSLock()
        private var left: [String: Int]
        private let isEmpty: Bool

        init(_ setting: String?) {
            left = parse(setting ?? "")
            isEmpty = left.isEmpty
        }

        func isDue(_ point: CrashPoint) -> Bool {
            if isEmpty { return false }
            return lock.withLock {
                guard let passes = left[point.rawValue] else { return false }
                left[point.rawValue] = passes - 1
                return passes == 1
            }
        }
    }
}
