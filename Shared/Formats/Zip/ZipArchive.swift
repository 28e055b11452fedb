internal import CZip
internal import Domain
internal import Synchronization
internal import Tabular

/// A zip archive, read through libzip. Not thread-safe.
///
/// What the archive announces is checked before it is believed: the number of entries before the directory is loaded, and what an
/// entry unpacks to while it is unpacked.
final class ZipArchive {
    struct Entry {
        var index: UInt64
        /// With forward slashes and none in front.
        var name: String
        /// As announced.
        var size: Int64
        var packedSize: Int64
        var isEncrypted: Bool
        var isFolder: Bool { name.hasSuffix("/") }
    }

    /// Above this many bytes the ratio is looked at.
    private static let freeBytes = Decompression.freeBytes

    let name: String
    let entries: [Entry]
    private let limits: InputLimits?
    private let archive: OpaquePointer
    // Keeps the source alive as long as the archive; libzip holds an unretained pointer to it.
    private let bridge: ZipSourceBridge

    /// - Throws: `inputUnreadable` for a damaged archive, `limitExceeded` for too many entries.
    init(_ source: any ByteSource, name: String, limits: InputLimits?) throws {
        self.name = name
        self.limits = limits
        let most = InputLimits.entries.value(in: limits)
        let announced = try ZipDirectory.entryCount(source, name: name)
        guard announced <= most else {
            throw SanitizerError(
                .limitExceeded, "\(name): \(announced) entries, above the limit of \(most); raise the limit zip_entries")
        }
        let bridge = ZipSourceBridge(source)
        self.bridge = bridge
        var error = zip_error_t()
        zip_error_init(&error)
        defer { zip_error_fini(&error) }
        let context = Unmanaged.passUnretained(bridge).toOpaque()
        guard let opened = zip_source_function_create(ZipSourceBridge.callback, context, &error) else {
            throw Self.damaged(name, &error)
        }
        guard let archive = zip_open_from_source(opened, ZIP_RDONLY, &error) else {
            zip_source_free(opened)
            if let own = bridge.takeFailure() { throw own }
            throw Self.damaged(name, &error)
        }
        self.archive = archive
        let count = UInt64(max(0, zip_get_num_entries(archive, 0)))
        guard count <= UInt64(most) else {
            zip_discard(archive)
            throw SanitizerError(.limitExceeded, "\(name): \(count) entries, above the limit of \(most)")
        }
        entries = (0..<count).compactMap { index in
            var info = zip_stat_t()
            zip_stat_init(&info)
            guard zip_stat_index(archive, index, 0, &info) == 0, let text = info.name else { return nil }
            return Entry(
                index: index, name: Self.normal(String(cString: text)), size: Int64(clamping: info.size),
                packedSize: Int64(clamping: info.comp_size), isEncrypted: info.encryption_method != UInt16(ZIP_EM_NONE))
        }
    }
    deinit { zip_discard(archive) }

    /// The entry of this name, in any case.
    func entry(_ name: String) -> Entry? {
        let wanted = Self.normal(name)
        if let exact = entries.first(where: { $0.name == wanted }) { return exact }
        let folded = wanted.lowercased()
        return entries.first { $0.name.lowercased() == folded }
    }

    static func normal(_ name: String) -> String {
        var text = name.replacing("\\", with: "/")[...]
        while text.hasPrefix("/") { text = text.dropFirst() }
        return String(text)
    }

    /// Opens an entry for reading from its start.
    /// - Throws: `formatUnsupported` for an encrypted entry, `limitExceeded` for one that announces too much.
    func open(_ entry: Entry) throws -> ZipStream {
        guard !entry.isEncrypted else {
            throw SanitizerError(.formatUnsupported, "\(name): \(entry.name) is encrypted; remove the password")
        }
        let maximumBytes = Int64(InputLimits.unpacked.value(in: limits))
        let maximumRatio = Int64(InputLimits.ratio.value(in: limits))
        func check(_ produced: Int64) throws {
            guard produced <= maximumBytes else {
                throw SanitizerError(
                    .limitExceeded,
                    "\(name): \(entry.name) unpacks to more than \(maximumBytes) bytes; raise the limit unpacked_bytes")
            }
            if produced > Self.freeBytes, produced / max(1, entry.packedSize) > maximumRatio {
                throw SanitizerError(
                    .limitExceeded,
                    "\(name): \(entry.name) unpacks to more than \(maximumRatio) times its size; raise the limit unpack_ratio "
                        + "if that is meant")
            }
        }
        try check(entry.size)
        guard let file = zip_fopen_index(archive, entry.index, 0) else { throw failure(entry) }
        return ZipStream(file, archive: self, entry: entry, check: check)
    }

    /// A small entry as a whole.
    func bytes(_ entry: Entry, limit: Int) throws -> [UInt8] {
        let stream = try open(entry)
        var out: [UInt8] = []
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { piece.deallocate() }
        while out.count < limit {
            let n = try stream.read(into: piece)
            if n == 0 { break }
            out.append(contentsOf: piece[0..<n])
        }
        return out
    }

    func failure(_ entry: Entry) -> any Error {
        if let own = bridge.takeFailure() { return own }
        // `Read error: Success` where the archive itself is too short.
        let reason = String(cString: zip_strerror(archive)).lowercased().replacing(": success", with: "")
        return SanitizerError(.inputUnreadable, "\(name): cannot unpack \(entry.name): \(reason); get the file again")
    }

    private static func damaged(_ name: String, _ error: UnsafeMutablePointer<zip_error_t>) -> SanitizerError {
        let reason = String(cString: zip_error_strerror(error)).lowercased()
        return SanitizerError(.inputUnreadable, "\(name): damaged zip archive: \(reason); get the file again")
    }
}

/// The bytes of one entry, unpacked as they are read. Keeps the archive alive.
final class ZipStream {
    private let file: OpaquePointer
    private let archive: ZipArchive
    private let entry: ZipArchive.Entry
    private let check: (Int64) throws -> Void
    private var produced: Int64 = 0

    fileprivate init(
        _ file: OpaquePointer, archive: ZipArchive, entry: ZipArchive.Entry, check: @escaping (Int64) throws -> Void
    ) {
        self.file = file
        self.archive = archive
        self.entry = entry
        self.check = check
    }
    deinit { zip_fclose(file) }

    /// Reads some bytes; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let n = zip_fread(file, buffer.baseAddress, zip_uint64_t(buffer.count))
        guard n >= 0 else { throw archive.failure(entry) }
        produced += n
        try check(produced)
        return Int(n)
    }
}

/// Lets libzip read a ``Tabular/ByteSource``, and brings the source's own error back.
private final class ZipSourceBridge {
    private let source: any ByteSource
    private var position: Int64 = 0
    private var failure: (any Error)?

    init(_ source: any ByteSource) { self.source = source }

    func takeFailure() -> (any Error)? {
        defer { failure = nil }
        return failure
    }

    private static let commands: [zip_source_cmd_t] = [
        ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK,
        ZIP_SOURCE_TELL, ZIP_SOURCE_SUPPORTS,
    ]

    /// - Source: https://libzip.org/documentation/zip_source_function.html
    static let callback: zip_source_callback = { context, data, length, command in
        guard let context else { return -1 }
        return Unmanaged<ZipSourceBridge>.fromOpaque(context).takeUnretainedValue().serve(command, data, length)
    }

    private func serve(_ command: zip_source_cmd_t, _ data: UnsafeMutableRawPointer?, _ length: UInt64) -> Int64 {
        switch command {
        case ZIP_SOURCE_OPEN:
            position = 0
            return 0
        case ZIP_SOURCE_READ:
            do {
                let n = try source.read(at: position, into: UnsafeMutableRawBufferPointer(start: data, count: Int(length)))
                position += Int64(n)
                return Int64(n)
            } catch {
                failure = error
                return -1
            }
        case ZIP_SOURCE_STAT:
            guard let data, length >= UInt64(MemoryLayout<zip_stat_t>.size) else { return -1 }
            var info = zip_stat_t()
            zip_stat_init(&info)
            info.size = zip_uint64_t(source.size)
            info.valid |= zip_uint64_t(ZIP_STAT_SIZE)
            data.storeBytes(of: info, as: zip_stat_t.self)
            return Int64(MemoryLayout<zip_stat_t>.size)
        case ZIP_SOURCE_SEEK:
            var error = zip_error_t()
            zip_error_init(&error)
            defer { zip_error_fini(&error) }
            let target = zip_source_seek_compute_offset(
                zip_uint64_t(position), zip_uint64_t(source.size), data, zip_uint64_t(length), &error)
            guard target >= 0 else { return -1 }
            position = target
            return 0
        case ZIP_SOURCE_TELL: return position
        case ZIP_SOURCE_SUPPORTS: return Self.commands.reduce(0) { $0 | 1 << Int64($1.rawValue) }
        case ZIP_SOURCE_ERROR:
            guard let data, length >= 8 else { return -1 }
            data.storeBytes(of: ZIP_ER_READ, as: Int32.self)
            data.storeBytes(of: 0, toByteOffset: 4, as: Int32.self)
            return 8
        default: return 0
        }
    }
}
