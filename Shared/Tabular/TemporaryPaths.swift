internal import Foundation
internal import Glibc
internal import Synchronization

/// Files and folders that must not outlive the process, even when a signal ends it. Thread-safe.
public enum TemporaryPaths {
    private static let paths = Mutex<Set<String>>([])
    private static let signals = [SIGINT, SIGTERM, SIGHUP]

    /// Makes what `create` makes, and remembers its path.
    public static func add(_ create: () -> String) -> String {
        paths.withLock {
            let path = create()
            $0.insert(path)
            return path
        }
    }

    /// The path is gone, or has become a result.
    public static func forget(_ path: String) {
        paths.withLock { _ = $0.remove(path) }
    }

    /// From now on SIGINT, SIGTERM and SIGHUP remove what is temporary before they end the process. To be called before there is another
    /// thread.
    /// - Parameter report: called with the signal's name, on a thread of its own.
    public static func removeWhenInterrupted(_ report: @escaping @Sendable (String) -> Void) {
        var mask = sigset_t()
        sigemptyset(&mask)
        for signal in signals where !isIgnored(signal) { sigaddset(&mask, signal) }
        // Threads inherit it: the signals wait for the one that asks for them.
        pthread_sigmask(SIG_BLOCK, &mask, nil)
        let thread = Thread { [mask] in
            var mask = mask
            var signal: Int32 = 0
            guard sigwait(&mask, &signal) == 0 else { return }
            report(String(cString: strsignal(signal)))
            // Never given back: nothing temporary is made any more.
            paths.withLock { paths in
                for path in paths { remove(path) }
                Glibc.signal(signal, SIG_DFL)
                pthread_sigmask(SIG_UNBLOCK, &mask, nil)
                raise(signal)
            }
        }
        thread.name = "interruption"
        thread.start()
    }

    /// As `nohup` does.
    private static func isIgnored(_ signal: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(signal, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    private static func remove(_ path: String) {
        var failure: (any Error)?
        // Other threads still write into a folder, or remove it themselves.
        for _ in 0..<attempts where access(path, F_OK) == 0 {
            do {
                return try FileManager.default.removeItem(atPath: path)
            } catch {
                failure = error
            }
        }
        if let failure, access(path, F_OK) == 0 {
            FileHandle.standardError.write(Data("warning: cannot remove \(path): \(failure)\n".utf8))
        }
    }
    private static let attempts = 20
}
