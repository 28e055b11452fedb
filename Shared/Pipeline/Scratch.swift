internal import Domain
internal import Foundation
internal import Matching
internal import Tabular

/// Intermediate results of an embedded run: in memory up to a budget, beyond it in files of a private folder.
///
/// Thread-safe. The folder is removed when the object goes, also after an error.
final class Scratch: @unchecked Sendable {
    private struct Entry {
        var bytes: [UInt8]?
        var file: String?
        var count: Int
    }
    private let lock = NSLock()
    private var entries: [String: Entry] = [:]
    private var used = 0
    private let budget: Int
    private let parent: String
    private var folder: String?
    private var fileNumber = 0

    /// Bytes that a whole run keeps in memory below its ceiling.
    static func share(of ceiling: Int) -> Int { ceiling / 6 }

    /// - Parameter budget: bytes kept in memory.
    /// - Parameter parent: where the folder for overflow is made, `TMPDIR` when nil.
    init(budget: Int, parent: String? = nil) {
        self.budget = budget
        self.parent = parent ?? ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
    }
    deinit {
        if let folder {
            defer { TemporaryPaths.forget(folder) }
            do {
                try FileManager.default.removeItem(atPath: folder)
            } catch {
                FileHandle.standardError.write(Data("warning: cannot remove \(folder): \(error)\n".utf8))
            }
        }
    }

    func put(_ key: String, _ bytes: [UInt8]) throws {
        lock.lock()
        let fits = used + bytes.count <= budget
        if fits {
            used += bytes.count
            entries[key] = Entry(bytes: bytes, file: nil, count: bytes.count)
        }
        lock.unlock()
        if fits { return }
        let path = try nextFile()
        try Self.writeFile(path, bytes)
        lock.withLock { entries[key] = Entry(bytes: nil, file: path, count: bytes.count) }
    }

    func get(_ key: String) throws -> [UInt8] {
        let entry = try entry(key)
        if let bytes = entry.bytes { return bytes }
        return try Self.readFile(entry.file!, 0..<entry.count)
    }
    func get(_ key: String, _ range: Range<Int>) throws -> [UInt8] {
        let entry = try entry(key)
        guard range.lowerBound >= 0, range.upperBound <= entry.count else {
            throw SanitizerError(.corruptIntermediate, "range \(range) outside of intermediate result \(key)")
        }
        if let bytes = entry.bytes { return Array(bytes[range]) }
        return try Self.readFile(entry.file!, range)
    }
    /// One of the `count` slices of a ``Matching/SlicedBlob``.
    func slice(_ key: String, _ slice: Int, of count: Int) throws -> [UInt8] {
        try get(key, try SlicedBlob.range(try get(key, 0..<SlicedBlob.headerLength(slices: count)), slice))
    }
    func remove(_ key: String) {
        lock.lock()
        let entry = entries.removeValue(forKey: key)
        if entry?.bytes != nil { used -= entry!.count }
        lock.unlock()
        if let file = entry?.file { unlink(file) }
    }
    /// A path for a file of the caller's own (staged input).
    func nextFile() throws -> String {
        lock.lock()
        defer { lock.unlock() }
        if folder == nil {
            var template = Array("\(parent)/sanitizer-XXXXXX".utf8CString)
            var failure: String?
            let path = TemporaryPaths.add {
                if mkdtemp(&template) == nil { failure = String(cString: strerror(errno)) }
                return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            }
            if let failure {
                TemporaryPaths.forget(path)
                throw SanitizerError(
                    .outputUnwritable,
                    "cannot make a folder for temporary files in \(parent): \(failure), set TMPDIR to a writable one")
            }
            folder = path
        }
        fileNumber += 1
        return "\(folder!)/\(fileNumber)"
    }

    private func entry(_ key: String) throws -> Entry {
        guard let entry = lock.withLock({ entries[key] }) else {
            throw SanitizerError(.corruptIntermediate, "intermediate result \(key) is missing")
        }
        return entry
    }
    private static func writeFile(_ path: String, _ bytes: [UInt8]) throws {
        let fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard fd >= 0 else { throw failure("create", path) }
        defer { close(fd) }
        try bytes.withUnsafeBytes { all in
            var at = 0
            while at < all.count {
                let n = write(fd, all.baseAddress! + at, all.count - at)
                if n < 0 && errno == EINTR { continue }
                guard n > 0 else { throw failure("write", path) }
                at += n
            }
        }
    }
    private static func readFile(_ path: String, _ range: Range<Int>) throws -> [UInt8] {
        let fd = open(path, O_RDONLY | O_CLOEXEC)
        guard fd >= 0 else { throw failure("open", path) }
        defer { close(fd) }
        return try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
            LargeBlocks.advise(buffer.baseAddress, bytes: range.count)
            var at = 0
            while at < range.count {
                let n = pread(fd, buffer.baseAddress! + at, range.count - at, off_t(range.lowerBound + at))
                if n < 0 && errno == EINTR { continue }
                guard n > 0 else { throw failure("read", path) }
                at += n
            }
            filled = at
        }
    }
    private static func failure(_ verb: String, _ path: String) -> SanitizerError {
        let reason = String(cString: strerror(errno))
        let advice = errno == ENOSPC ? ", free space there or set TMPDIR to a larger disk" : ""
        return SanitizerError(
            .outputUnwritable, "cannot \(verb) temporary file \(path): \(reason)\(advice)", isRetryable: errno == ENOSPC)
    }
}
