internal import CArrowShim
internal import Domain
internal import Foundation
public import Tabular

/// Inputs that are not files of this machine: `file://`, `s3://`, `gs://`, `abfs://`, `http://`, `https://`.
public enum RemoteInputs {
    private static let mostObjects = 100_000

    /// The argument is an address and not a path.
    public static func isAddress(_ argument: String) -> Bool {
        guard let colon = argument.range(of: "://") else { return false }
        let scheme = argument[..<colon.lowerBound]
        return !scheme.isEmpty && scheme.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
    }

    /// Opens what an address means: one object, or all tables below a prefix that ends in a slash. Blocks.
    ///
    /// - Parameters:
    ///   - isTable: judges the names of objects below a prefix.
    ///   - place: makes the path of a temporary file; what is fetched over HTTP is kept there.
    public static func open(
        _ address: String, policy: SourcePolicy, fetchLimit: Int64, isTable: (String) -> Bool, place: () throws -> String
    ) throws -> [(name: String, source: any ByteSource)] {
        let scheme = address.prefix { $0 != ":" }.lowercased()
        switch scheme {
        case "file":
            let path = try localPath(address)
            return [((path as NSString).lastPathComponent, try FileSource(path: path))]
        case "s3": return try objects(of: try S3Inputs(address), isTable: isTable)
        case "gs", "abfs", "abfss": return try objects(of: try CloudInputs(address), isTable: isTable)
        case "http", "https":
            let path = try place()
            let sink = try FileSink(path: path)
            do {
                try HTTPFetch.get(address, policy: policy, limit: fetchLimit, into: sink)
                try sink.close()
            } catch {
                sink.abort()
                throw error
            }
            let name = URLComponents(string: address)?.path.split(separator: "/").last.map(String.init) ?? "input"
            return [(name, try FileSource(path: path))]
        default:
            throw SanitizerError(
                .inputMissing, "\(scheme)://: unknown kind of address; give file, s3, gs, abfs, http or https")
        }
    }

    static func localPath(_ address: String) throws -> String {
        let path = String(address.dropFirst("file://".count))
        guard path.hasPrefix("/"), let decoded = path.removingPercentEncoding, !decoded.contains("\0") else {
            throw SanitizerError(.inputMissing, "\(address): give an absolute path, file:///folder/file")
        }
        return decoded
    }

    private static func objects(of folder: any InputFolder, isTable: (String) -> Bool) throws -> [(String, any ByteSource)] {
        guard folder.isPrefix else { return [(name(folder.key), try folder.source(folder.key))] }
        let keys = try folder.keys().filter { isTable(name($0)) }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        guard !keys.isEmpty else { throw SanitizerError(.inputMissing, "\(folder.shown): no tables below this prefix") }
        guard keys.count <= mostObjects else {
            throw SanitizerError(.limitExceeded, "\(folder.shown): more than \(mostObjects) objects; give a longer prefix")
        }
        return try keys.map { (name($0), try folder.source($0)) }
    }
    private static func name(_ key: String) -> String { key.split(separator: "/").last.map(String.init) ?? key }
}

/// A place with objects, and the key or prefix in it that an address means.
protocol InputFolder {
    var key: String { get }
    var isPrefix: Bool { get }
    /// The address, for messages.
    var shown: String { get }
    func keys() throws -> [String]
    func source(_ key: String) throws -> any ByteSource
}

/// `s3://bucket/key?endpoint=host:port&region=...&scheme=http`; keys come from the environment.
private struct S3Inputs: InputFolder {
    let key: String
    let isPrefix: Bool
    let shown: String
    private let store: S3Store

    init(_ address: String) throws {
        let place = address.prefix { $0 != "?" }
        guard case .s3(let bucket, let key, let settings) = try StoreLocation(address) else {
            throw SanitizerError(.inputMissing, "\(place): not an s3 address")
        }
        shown = String(place)
        isPrefix = place.hasSuffix("/") || key.isEmpty
        self.key = key
        store = try S3Store(bucket: bucket, settings: settings)
    }
    func keys() throws -> [String] { try store.list(key.isEmpty ? "" : key + "/").map(\.key) }
    func source(_ key: String) throws -> any ByteSource { try store.source(key) }
}

/// `gs://bucket/key` and `abfs://container@account.dfs.core.windows.net/key`, through Arrow's file systems.
///
/// - Source: https://arrow.apache.org/docs/cpp/io.html#filesystems
private struct CloudInputs: InputFolder {
    let key: String
    let isPrefix: Bool
    let shown: String
    private let folder: CloudFolder

    init(_ address: String) throws {
        shown = String(address.prefix { $0 != "?" })
        isPrefix = shown.hasSuffix("/")
        // Google's client would try for a quarter of an hour.
        let isPatient = address.hasPrefix("gs:") && !address.contains("retry_limit_seconds=")
        let limit = isPatient ? (address.contains("?") ? "&" : "?") + "retry_limit_seconds=20" : ""
        folder = try CloudFolder(address + limit, shown: shown)
        key = folder.path
    }
    func keys() throws -> [String] { try folder.list(key) }
    func source(_ key: String) throws -> any ByteSource { try CloudSource(folder, key) }
}

/// `@unchecked`: Arrow documents its file systems as thread-safe, and the handle is never changed after `init`.
private final class CloudFolder: @unchecked Sendable {
    let path: String
    let shown: String
    fileprivate let handle: OpaquePointer

    init(_ address: String, shown: String) throws {
        var opened: OpaquePointer?
        try Self.check("opening", shown) { sarrow_remote_open(address, &opened, $0) }
        guard let opened else { throw SanitizerError(.internal, "remote file system gave no handle") }
        handle = opened
        self.shown = shown
        path = String(cString: sarrow_remote_path(opened))
    }
    deinit { sarrow_remote_free(handle) }

    func list(_ folder: String) throws -> [String] {
        final class Found { var keys: [String] = [] }
        let found = Found()
        try Self.check("listing", shown) { status in
            sarrow_remote_list(
                handle, folder, Unmanaged.passUnretained(found).toOpaque(),
                { context, path, _ in
                    guard let context, let path else { return }
                    Unmanaged<Found>.fromOpaque(context).takeUnretainedValue().keys.append(String(cString: path))
                }, status)
        }
        return found.keys
    }

    static func check(_ verb: String, _ shown: String, _ call: (UnsafeMutablePointer<sarrow_status>) -> Int32) throws {
        var status = sarrow_status()
        guard call(&status) != SARROW_OK else { return }
        defer { sarrow_status_clear(&status) }
        let text = status.message.map { String(cString: $0) } ?? "unknown failure"
        let line = text.split(separator: "\n").first.map(String.init) ?? text
        throw S3Store.failure(Int(status.code), line, "\(verb) \(shown)")
    }
}

/// `@unchecked`: Arrow's random-access reads are thread-safe.
private final class CloudSource: ByteSource, @unchecked Sendable {
    let size: Int64
    private let handle: OpaquePointer
    private let folder: CloudFolder

    init(_ folder: CloudFolder, _ key: String) throws {
        var input: OpaquePointer?
        try CloudFolder.check("opening", folder.shown) { sarrow_remote_input(folder.handle, key, &input, $0) }
        guard let input else { throw SanitizerError(.internal, "remote file system gave no handle") }
        handle = input
        self.folder = folder
        size = sarrow_s3_input_size(input)
    }
    deinit { sarrow_s3_input_free(handle) }

    func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard offset >= 0, offset < size, !buffer.isEmpty else { return 0 }
        var got: Int64 = 0
        try CloudFolder.check("reading", folder.shown) {
            sarrow_s3_read(handle, offset, buffer.baseAddress, min(Int64(buffer.count), size - offset), &got, $0)
        }
        return Int(got)
    }
}
