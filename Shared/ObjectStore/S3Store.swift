internal import CArrowShim
internal import Domain
public import Tabular

/// How to reach an S3 service. From the environment or a settings file, never from the command line: it holds secrets.
public struct S3Settings: Sendable, Equatable {
    /// `host:port` of a service other than AWS.
    public var endpoint: String?
    public var region: String?
    /// Nil: the default chain of AWS (environment, profile, instance role).
    public var accessKey: String?
    public var secretKey: String?
    public var sessionToken: String?
    /// Plain HTTP, for services on the same machine or in the same pod.
    public var usesTLS = true
    /// PEM file of certificate authorities.
    public var caFile: String?
    public var connectTimeout: Duration = .seconds(3)
    /// Without progress.
    public var requestTimeout: Duration = .seconds(30)

    public init() {}
}

/// Objects in a bucket, below a prefix, through Arrow's S3 file system. Thread-safe; calls block.
///
/// An object appears when its sink is closed: a single put, or the completion of a multipart upload. An upload that is aborted or
/// dropped never appears. `@unchecked`: Arrow documents its file systems as thread-safe, and the handle is never changed after `init`.
public final class S3Store: ObjectStore, @unchecked Sendable {
    public let bucket: String
    /// Empty, or ending in a slash.
    public let prefix: String
    private let handle: OpaquePointer

    /// - Parameter createBucket: makes the bucket when there is none, for local servers and tests.
    /// - Throws: `internal` for a bad bucket or prefix; `dependencyUnavailable` when the bucket cannot be made.
    public init(bucket: String, prefix: String = "", settings: S3Settings, createBucket: Bool = false) throws {
        guard !bucket.isEmpty, !bucket.contains("/") else { throw SanitizerError(.internal, "s3: not a bucket name: \(bucket)") }
        if !prefix.isEmpty { _ = try ObjectKey.validatePrefix(prefix) }
        self.bucket = bucket
        self.prefix = prefix.isEmpty || prefix.hasSuffix("/") ? prefix : prefix + "/"
        var opened: OpaquePointer?
        try Self.withOptions(settings) { options in
            try Self.check("opening", bucket) { sarrow_s3_open(options, &opened, $0) }
        }
        guard let opened else { throw SanitizerError(.internal, "s3: no handle") }
        handle = opened
        if createBucket { try Self.check("making the bucket", bucket) { sarrow_s3_create_bucket(opened, bucket, $0) } }
    }
    deinit { sarrow_s3_free(handle) }

    public func source(_ key: String) throws -> any ByteSource {
        let path = try path(key)
        var input: OpaquePointer?
        try Self.check("opening", key) { sarrow_s3_open_input(handle, path, &input, $0) }
        guard let input else { throw SanitizerError(.internal, "s3: no handle") }
        return Source(input, key: key, store: self)
    }

    public func sink(_ key: String) throws -> any ByteSink {
        let path = try path(key)
        var output: OpaquePointer?
        try Self.check("writing", key) { sarrow_s3_open_output(handle, path, &output, $0) }
        guard let output else { throw SanitizerError(.internal, "s3: no handle") }
        return Sink(output, key: key, store: self)
    }

    public func size(_ key: String) throws -> Int64? {
        let path = try path(key)
        var size: Int64 = -1
        try Self.check("looking up", key) { sarrow_s3_size(handle, path, &size, $0) }
        return size < 0 ? nil : size
    }

    public func list(_ prefix: String) throws -> [StoredObject] {
        if !prefix.isEmpty { _ = try ObjectKey.validatePrefix(prefix) }
        final class Found {
            var objects: [StoredObject] = []
            let root: Int
            let prefix: String
            init(root: Int, prefix: String) {
                self.root = root
                self.prefix = prefix
            }
        }
        let root = "\(bucket)/\(self.prefix)"
        let folder = root + (prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? "")
        let found = Found(root: root.utf8.count, prefix: prefix)
        try Self.check("listing", prefix) { status in
            sarrow_s3_list(
                handle, String(folder.dropLast()), Unmanaged.passUnretained(found).toOpaque(),
                { context, path, size in
                    guard let context, let path else { return }
                    let found = Unmanaged<Found>.fromOpaque(context).takeUnretainedValue()
                    let key = String(decoding: String(cString: path).utf8.dropFirst(found.root), as: UTF8.self)
                    if key.hasPrefix(found.prefix) { found.objects.append(StoredObject(key: key, size: size)) }
                }, status)
        }
        return found.objects.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    public func folders(_ prefix: String) throws -> [String] {
        if !prefix.isEmpty { _ = try ObjectKey.validatePrefix(prefix) }
        final class Found { var names: [String] = [] }
        let found = Found()
        try Self.check("listing", prefix) { status in
            sarrow_s3_folders(
                handle, String("\(bucket)/\(self.prefix)\(prefix)".dropLast()), Unmanaged.passUnretained(found).toOpaque(),
                { context, name in
                    guard let context, let name else { return }
                    Unmanaged<Found>.fromOpaque(context).takeUnretainedValue().names.append(String(cString: name))
                }, status)
        }
        return found.names
    }

    public func delete(_ key: String) throws {
        let path = try path(key)
        do {
            try Self.check("deleting", key) { sarrow_s3_delete(handle, path, $0) }
        } catch let error as SanitizerError where error.code == .inputMissing {
            // Gone already.
        }
    }

    public func deletePrefix(_ prefix: String) throws {
        _ = try ObjectKey.validatePrefix(prefix)
        guard prefix.hasSuffix("/") else {
            for object in try list(prefix) { try delete(object.key) }
            return
        }
        do {
            let folder = "\(bucket)/\(self.prefix)\(prefix.dropLast())"
            try Self.check("deleting", prefix) { sarrow_s3_delete_folder(handle, folder, $0) }
        } catch let error as SanitizerError where error.code == .inputMissing {
            // Nothing was there.
        }
    }

    private func path(_ key: String) throws -> String {
        try ObjectKey.validate(key)
        return "\(bucket)/\(prefix)\(key)"
    }

    // MARK: errors

    /// What no repetition cures, as the AWS SDK names it.
    private static let final = [
        "ACCESS_DENIED", "NO_SUCH_BUCKET", "INVALID_ACCESS_KEY_ID", "SIGNATURE_DOES_NOT_MATCH", "UNRECOGNIZED_CLIENT",
        "INVALID_CLIENT_TOKEN_ID", "MISSING_AUTHENTICATION_TOKEN", "OPT_IN_REQUIRED", "PERMANENT_REDIRECT",
        "Bucket does not exist",
        "Malformed", "not a regular file", "Invalid",
    ]

    static func check(_ verb: String, _ key: String, _ call: (UnsafeMutablePointer<sarrow_status>) -> Int32) throws {
        var status = sarrow_status()
        guard call(&status) != SARROW_OK else { return }
        defer { sarrow_status_clear(&status) }
        let text = status.message.map { String(cString: $0) } ?? "unknown failure"
        let line = text.split(separator: "\n").first.map(String.init) ?? text
        throw failure(Int(status.code), line, "s3: \(verb) \(key)")
    }

    static func failure(_ code: Int, _ text: String, _ what: String) -> SanitizerError {
        if code == SARROW_NOT_FOUND { return SanitizerError(.inputMissing, "\(what): no such object") }
        if code == SARROW_OUT_OF_MEMORY { return SanitizerError(.internal, "\(what): out of memory", isRetryable: true) }
        let isFinal = code == SARROW_INVALID || code == SARROW_UNSUPPORTED || final.contains { text.contains($0) }
        return SanitizerError(.dependencyUnavailable, "\(what): \(text)", isRetryable: !isFinal)
    }

    private static func withOptions(_ s: S3Settings, _ body: (UnsafePointer<sarrow_s3_options>) throws -> Void) throws {
        let texts = [s.accessKey, s.secretKey, s.sessionToken, s.region, s.endpoint, s.usesTLS ? "https" : "http", s.caFile].map {
            text in
            text.map { Array($0.utf8CString) }
        }
        // The C strings live in one block, so that one closure is enough.
        let block = texts.compactMap { $0 }.flatMap { $0 }
        try block.withUnsafeBufferPointer { block in
            var at = 0
            let pointers = texts.map { text -> UnsafePointer<CChar>? in
                guard let text, let base = block.baseAddress else { return nil }
                defer { at += text.count }
                return base + at
            }
            var options = sarrow_s3_options(
                access_key: pointers[0], secret_key: pointers[1], session_token: pointers[2], region: pointers[3],
                endpoint: pointers[4], scheme: pointers[5], ca_file: pointers[6],
                connect_timeout_seconds: s.connectTimeout / .seconds(1), request_timeout_seconds: s.requestTimeout / .seconds(1))
            try body(&options)
        }
    }
}

extension S3Store {
    /// `@unchecked`: Arrow's random-access reads are thread-safe.
    private final class Source: ByteSource, @unchecked Sendable {
        let size: Int64
        private let handle: OpaquePointer
        private let key: String
        private let store: S3Store

        init(_ handle: OpaquePointer, key: String, store: S3Store) {
            self.handle = handle
            self.key = key
            self.store = store
            size = sarrow_s3_input_size(handle)
        }
        deinit { sarrow_s3_input_free(handle) }

        func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
            guard offset >= 0, offset < size, !buffer.isEmpty else { return 0 }
            var got: Int64 = 0
            try S3Store.check("reading", key) {
                sarrow_s3_read(handle, offset, buffer.baseAddress, min(Int64(buffer.count), size - offset), &got, $0)
            }
            return Int(got)
        }
    }

    private final class Sink: ByteSink {
        private static let bufferBytes = 1 << 18
        private var handle: OpaquePointer?
        private let key: String
        private let store: S3Store
        private var buffer: [UInt8] = []

        init(_ handle: OpaquePointer, key: String, store: S3Store) {
            self.handle = handle
            self.key = key
            self.store = store
        }
        deinit { abort() }

        func write(_ bytes: UnsafeRawBufferPointer) throws {
            if buffer.count + bytes.count > Self.bufferBytes { try flush() }
            if bytes.count >= Self.bufferBytes { try send(bytes) } else { buffer.append(contentsOf: bytes) }
        }
        func close() throws {
            try flush()
            guard let handle else { return }
            self.handle = nil
            // Frees the handle, also when it fails.
            try S3Store.check("writing", key) { sarrow_s3_close(handle, $0) }
        }
        func abort() {
            buffer = []
            guard let handle else { return }
            self.handle = nil
            sarrow_s3_abort(handle)
        }

        private func flush() throws {
            try buffer.withUnsafeBytes { try send($0) }
            buffer.removeAll(keepingCapacity: true)
        }
        private func send(_ bytes: UnsafeRawBufferPointer) throws {
            if bytes.isEmpty { return }
            guard let handle else { throw SanitizerError(.outputUnwritable, "s3: \(key): already closed") }
            try S3Store.check("writing", key) { sarrow_s3_write(handle, bytes.baseAddress, Int64(bytes.count), $0) }
        }
    }
}
