public import Domain
internal import Foundation
internal import Glibc

/// A file of this machine as a source. Uses `pread`: safe to share between threads.
public final class FileSource: ByteSource {
    private let descriptor: Int32
    public let path: String
    public let size: Int64

    /// - Throws: ``Domain/SanitizerError`` `inputMissing` or `inputUnreadable`; a folder or device is unreadable.
    public init(path: String) throws(SanitizerError) {
        self.path = path
        let fd = open(path, O_RDONLY | O_CLOEXEC)
        guard fd >= 0 else {
            let reason = String(cString: strerror(errno))
            throw errno == ENOENT
                ? SanitizerError(.inputMissing, "\(path): no such file, check the path")
                : SanitizerError(.inputUnreadable, "\(path): cannot open: \(reason)")
        }
        var info = stat()
        guard fstat(fd, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
            close(fd)
            throw SanitizerError(.inputUnreadable, "\(path): not a regular file, give the path of a file")
        }
        descriptor = fd
        size = Int64(info.st_size)
        posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL)
    }
    deinit { close(descriptor) }

    public func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var done = 0
        while done < buffer.count {
            let n = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset) + off_t(done))
            if n < 0 && errno == EINTR { continue }
            guard n >= 0 else {
                throw SanitizerError(
                    .inputUnreadable, "\(path): cannot read at byte \(offset): \(String(cString: strerror(errno)))",
                    isRetryable: true)
            }
            if n == 0 { break }
            done += n
        }
        return done
    }
}

/// A file that appears under its name only when it is complete: written beside it, synced, renamed, folder synced.
///
/// With a ``FileSyncGroup`` it appears without having been synced; the group does that for all its files together.
/// Not thread-safe.
public final class FileSink: ByteSink {
    public let path: String
    private let temporary: String
    private let group: FileSyncGroup?
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private static let bufferBytes = 1 << 18

    /// - Parameters:
    ///   - path: the final name; an existing file is replaced on ``close()``.
    ///   - group: makes the file durable later; nil: durable on ``close()``.
    public init(path: String, group: FileSyncGroup? = nil) throws(SanitizerError) {
        self.path = path
        self.group = group
        var template = Array("\(path).part-XXXXXX".utf8CString)
        var made: Int32 = -1
        temporary = TemporaryPaths.add {
            made = mkstemp(&template)
            return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        descriptor = made
        guard descriptor >= 0 else {
            let error = Self.failure("create", path)
            TemporaryPaths.forget(temporary)
            throw error
        }
        fchmod(descriptor, 0o644)
        buffer.reserveCapacity(Self.bufferBytes)
    }
    deinit { abort() }

    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        if buffer.count + bytes.count > Self.bufferBytes { try flush() }
        if bytes.count >= Self.bufferBytes {
            try writeAll(bytes)
        } else {
            buffer.append(contentsOf: bytes)
        }
    }

    public func close() throws {
        guard descriptor >= 0 else { return }
        try flush()
        if group == nil, fsync(descriptor) != 0 { throw Self.failure("sync", path) }
        guard rename(temporary, path) == 0 else { throw Self.failure("rename", path) }
        TemporaryPaths.forget(temporary)
        let written = descriptor
        descriptor = -1
        if let group {
            try group.add(written, path: path)
            return
        }
        guard Glibc.close(written) == 0 else { throw Self.failure("close", path) }
        try Self.syncFolder(of: path)
    }

    /// The rename itself must survive a power cut.
    static func syncFolder(of path: String) throws {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard fd >= 0 else { throw Self.failure("sync the folder of", path) }
        defer { Glibc.close(fd) }
        guard fsync(fd) == 0 else { throw Self.failure("sync the folder of", path) }
    }

    public func abort() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
        unlink(temporary)
        TemporaryPaths.forget(temporary)
    }

    private func flush() throws {
        try buffer.withUnsafeBytes { try writeAll($0) }
        buffer.removeAll(keepingCapacity: true)
    }
    private func writeAll(_ bytes: UnsafeRawBufferPointer) throws {
        guard descriptor >= 0 else { throw SanitizerError(.outputUnwritable, "\(path): already closed") }
        var at = 0
        while at < bytes.count {
            let n = Glibc.write(descriptor, bytes.baseAddress! + at, bytes.count - at)
            if n < 0 && errno == EINTR { continue }
            guard n > 0 else { throw Self.failure("write", path) }
            at += n
        }
    }
    static func failure(_ verb: String, _ path: String) -> SanitizerError {
        let reason = String(cString: strerror(errno))
        let advice = errno == ENOSPC ? ", free space on that disk" : ""
        // A full disk is freed, and a disk that fails here may be sound on another machine.
        return SanitizerError(
            .outputUnwritable, "\(path): cannot \(verb): \(reason)\(advice)", isRetryable: [ENOSPC, EDQUOT, EIO].contains(errno))
    }
}
