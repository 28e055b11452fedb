import Foundation

/// Places where a test can kill this process, to prove that every step of the commit order survives it.
///
/// `SANITIZER_CRASHPOINT=name[:n]` raises SIGKILL at the n-th pass (default 1) through the point called `name`.
/// Several points are separated by commas. Off unless the variable is set.
public enum CrashPoint: String, CaseIterable, Sendable {
    case uploadBeforeStore = "upload:before"
    case uploadAfterStore = "upload:after"
    case jobAfterCommit = "job:after"
    case claimBefore = "claim:before"
    case claimAfter = "claim:after"
    case runBefore = "run:before"
    case runAfter = "run:after"
    case completeBefore = "complete:before"
    case completeAfter = "complete:after"
    case publishBefore = "publish:before"
    case publishAfter = "publish:after"
    case ackBefore = "ack:before"
    case ackAfter = "ack:after"

    private static let armed: Locked<[String: Int]> = Locked(
        parse(ProcessInfo.processInfo.environment["SANITIZER_CRASHPOINT"] ?? ""))

    /// Does nothing unless this point is armed and this is its n-th pass.
    public static func pass(_ point: CrashPoint) {
        let fatal = armed.withLock { armed -> Bool in
            guard let left = armed[point.rawValue] else { return false }
            armed[point.rawValue] = left - 1
            return left == 1
        }
        if fatal { kill(getpid(), SIGKILL) }
    }

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
}
