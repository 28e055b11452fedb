internal import Domain
internal import Failpoints
internal import Glibc
public import Tabular

/// Objects as files below one folder, which several processes and machines may share.
///
/// An object appears by rename after its bytes were synced; the folder is synced after that. Readers that are open keep the object
/// they opened.
public final class LocalStore: ObjectStore {
    /// Absolute or relative to the working directory, without a trailing slash.
    public let root: String
    private let group: FileSyncGroup?
    /// What ``Tabular/FileSink`` puts between the final name and six random characters while an object is written.
    private static let temporaryMark = ".part-"

    /// Makes the folder when there is none.
    /// - Throws: `outputUnwritable` when that fails.
    public init(root: String) throws {
        self.root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
        group = nil
        try Self.makeFolder(self.root)
    }

    private init(root: String, group: FileSyncGroup) {
        self.root = root
        self.group = group
    }

    public func durableTogether<Result>(_ body: (any ObjectStore) throws -> Result) throws -> Result {
        let group = FileSyncGroup()
        let result = try body(LocalStore(root: root, group: group))
        CrashPoint.pass(.storeWritten)
        if !Mutation.skipSync.isOn { try group.sync() }
        CrashPoint.pass(.storeSynced)
        return result
    }

    /// The file of an object, whether it exists or not.
    /// - Throws: `internal` for a key that breaks the rules.
    public func path(_ key: String) throws -> String {
        try ObjectKey.validate(key)
        return "\(root)/\(key)"
    }

    public func source(_ key: String) throws -> any ByteSource { try FileSource(path: path(key)) }

    public func sink(_ key: String) throws -> any ByteSink {
        let path = try path(key)
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? root
        for attempt in 0... {
            try Self.makeFolder(folder)
            do {
                return try FileSink(path: path, group: group)
            } catch {
                // Another process may have removed the empty folder in between.
                guard attempt < 3, access(folder, F_OK) != 0 else { throw error }
            }
        }
        throw SanitizerError(.internal, "unreachable")
    }

    public func size(_ key: String) throws -> Int64? {
        var info = stat()
        guard stat(try path(key), &info) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw Self.unreadable(key)
        }
        return info.st_mode & S_IFMT == S_IFREG ? Int64(info.st_size) : nil
    }

    public func list(_ prefix: String) throws -> [StoredObject] {
        if !prefix.isEmpty { _ = try ObjectKey.validatePrefix(prefix) }
        var found: [StoredObject] = []
        let folder = prefix.lastIndex(of: "/").map { String(prefix[..<$0]) } ?? ""
        try walk(folder, prefix: prefix, object: { found.append($0) }, unfinished: { _ in })
        return found.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    public func folders(_ prefix: String) throws -> [String] {
        if !prefix.isEmpty { _ = try ObjectKey.validatePrefix(prefix) }
        let path = "\(root)/\(prefix)"
        guard let directory = opendir(path) else {
            if errno == ENOENT || errno == ENOTDIR { return [] }
            throw Self.unreadable(prefix)
        }
        defer { closedir(directory) }
        var found: [String] = []
        while let entry = readdir(directory) {
            let name = Self.name(entry)
            if name == "." || name == ".." { continue }
            switch Int32(entry.pointee.d_type) {
            case Int32(DT_DIR): found.append(name)
            case Int32(DT_UNKNOWN):
                var info = stat()
                if stat("\(path)/\(name)", &info) == 0, info.st_mode & S_IFMT == S_IFDIR { found.append(name) }
            default: break
            }
        }
        return found
    }

    private static func name(_ entry: UnsafeMutablePointer<dirent>) -> String {
        withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
    }

    public func delete(_ key: String) throws {
        let path = try path(key)
        guard unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR else {
            throw SanitizerError(
                .outputUnwritable, "\(key): cannot delete: \(String(cString: strerror(errno)))", isRetryable: true)
        }
        // Folders that are empty now go too; a writer that wanted one makes it again (see `sink`).
        var folder = Self.parent(path)
        while folder.utf8.count > root.utf8.count, rmdir(folder) == 0 { folder = Self.parent(folder) }
    }

    public func deletePrefix(_ prefix: String) throws {
        var folders: Set<String> = []
        var objects: [StoredObject] = []
        var unfinished: [String] = []
        let top = try ObjectKey.validatePrefix(prefix).lastIndex(of: "/").map { String(prefix[..<$0]) } ?? ""
        try walk(top, prefix: prefix, object: { objects.append($0) }, unfinished: { unfinished.append($0) })
        // What a writer that died left in a folder that goes; one that lives fails, as it must.
        for path in unfinished where path.hasPrefix("\(root)/\(prefix)") { unlink(path) }
        for object in objects {
            try delete(object.key)
            var key = object.key
            while let slash = key.lastIndex(of: "/") {
                key = String(key[..<slash])
                folders.insert(key)
            }
        }
        // Deepest first; a folder that is in use stays, which is no failure.
        for folder in folders.sorted(by: { $0.utf8.count > $1.utf8.count })
        where folder.hasPrefix(prefix) || "\(folder)/" == prefix {
            rmdir("\(root)/\(folder)")
        }
    }

    public func removeUnfinished(olderThan age: Int) throws -> Int {
        let limit = time(nil) - age
        var removed = 0
        // Nothing is kept of what is found: a store may hold very many objects.
        try walk("", prefix: "", object: nil) { path in
            var info = stat()
            if stat(path, &info) == 0, info.st_mtim.tv_sec <= limit, unlink(path) == 0 { removed += 1 }
        }
        return removed
    }

    /// Calls back for each object below `folder` (not at all without `object`) and for each file of a writer, by its path.
    private func walk(
        _ folder: String, prefix: String, object: ((StoredObject) -> Void)?, unfinished: (String) -> Void
    ) throws {
        let path = folder.isEmpty ? root : "\(root)/\(folder)"
        guard let directory = opendir(path) else {
            if errno == ENOENT || errno == ENOTDIR { return }
            throw Self.unreadable(folder)
        }
        defer { closedir(directory) }
        var folders: [String] = []
        while let entry = readdir(directory) {
            let name = Self.name(entry)
            if name == "." || name == ".." { continue }
            if Self.isTemporary(name) {
                unfinished("\(path)/\(name)")
                continue
            }
            if object == nil, entry.pointee.d_type == UInt8(DT_REG) { continue }
            let key = folder.isEmpty ? name : "\(folder)/\(name)"
            guard key.hasPrefix(prefix) || prefix.hasPrefix("\(key)/") else { continue }
            var info = stat()
            // Gone since it was listed: not an object.
            guard stat("\(root)/\(key)", &info) == 0 else { continue }
            if info.st_mode & S_IFMT == S_IFDIR {
                folders.append(key)
            } else if info.st_mode & S_IFMT == S_IFREG, key.hasPrefix(prefix) {
                object?(StoredObject(key: key, size: Int64(info.st_size)))
            }
        }
        for folder in folders { try walk(folder, prefix: prefix, object: object, unfinished: unfinished) }
    }

    private static func isTemporary(_ name: String) -> Bool {
        name.utf8.count > temporaryMark.utf8.count + 6
            && name.utf8.dropLast(6).suffix(temporaryMark.utf8.count).elementsEqual(temporaryMark.utf8)
    }

    /// Makes a folder and those above it, and syncs what it added to.
    private static func makeFolder(_ path: String) throws {
        if mkdir(path, 0o755) == 0 { return sync(parent(path)) }
        switch errno {
        case EEXIST: return
        case ENOENT:
            try makeFolder(parent(path))
            guard mkdir(path, 0o755) == 0 || errno == EEXIST else { fallthrough }
            sync(parent(path))
        default:
            let reason = String(cString: strerror(errno))
            throw SanitizerError(
                .outputUnwritable, "\(path): cannot make the folder: \(reason)", isRetryable: errno == ENOSPC || errno == EINTR)
        }
    }
    private static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
    /// The entry of a new folder must survive a power cut; a file system that cannot sync folders keeps them some other way.
    private static func sync(_ folder: String) {
        let fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard fd >= 0 else { return }
        fsync(fd)
        close(fd)
    }
    private static func unreadable(_ key: String) -> SanitizerError {
        SanitizerError(.inputUnreadable, "\(key): cannot read: \(String(cString: strerror(errno)))", isRetryable: true)
    }
}
