internal import CLinux
internal import Foundation
internal import Glibc

/// Files that become durable together, which costs a few waits for the disk instead of some for each file. Thread-safe.
///
/// For files that nobody relies on before all of them are durable: those of one attempt at a task, until its commit.
public final class FileSyncGroup: @unchecked Sendable {  // unchecked: `files` is only touched under `lock`
    private let lock = NSLock()
    private var files: [(descriptor: Int32, path: String)] = []
    /// More are synced at once, so that open files stay few.
    private static let most = 64

    public init() {}
    deinit { for file in files { Glibc.close(file.descriptor) } }

    /// Takes over the descriptor of a file that was written and renamed.
    func add(_ descriptor: Int32, path: String) throws {
        // Writing starts now; waiting for it comes later.
        clinux_start_writing(descriptor)
        let isFull = lock.withLock {
            files.append((descriptor, path))
            return files.count >= Self.most
        }
        if isFull { try sync() }
    }

    /// Returns when every file added so far, and its name, will survive a power cut.
    /// - Throws: ``Domain/SanitizerError`` `outputUnwritable` when one could not be written; the others may be durable.
    public func sync() throws {
        let taken = lock.withLock {
            let taken = files
            files = []
            return taken
        }
        var folders: Set<String> = []
        var failure: (any Error)?
        for file in taken {
            if fsync(file.descriptor) != 0 { failure = failure ?? FileSink.failure("sync", file.path) }
            if Glibc.close(file.descriptor) != 0 { failure = failure ?? FileSink.failure("close", file.path) }
        }
        if let failure { throw failure }
        for file in taken {
            let folder = file.path.lastIndex(of: "/").map { String(file.path[..<$0]) } ?? "."
            if folders.insert(folder).inserted { try FileSink.syncFolder(of: file.path) }
        }
    }
}
