internal import Domain

/// Where a store is: `file:///folder` or `s3://bucket/prefix?endpoint=host:port&region=...&scheme=http`.
public enum StoreLocation: Sendable, Equatable {
    /// Absolute path of a folder.
    case local(path: String)
    /// `prefix` without slash at either end; the settings hold what the address says.
    case s3(bucket: String, prefix: String, S3Settings)

    /// - Parameter settings: what the address does not say, such as keys.
    /// - Throws: `internal` with what is wrong; the address itself is not repeated, it may hold secrets.
    public init(_ address: String, settings: S3Settings = S3Settings()) throws {
        if address.hasPrefix("file://") {
            let path = String(address.dropFirst(7))
            guard path.hasPrefix("/") else { throw Self.refused("file:// needs an absolute path: file:///folder") }
            self = .local(path: try Self.decode(path))
            return
        }
        guard address.hasPrefix("s3://") else { throw Self.refused("give file:///folder or s3://bucket/prefix") }
        let parts = address.dropFirst(5).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let place = try Self.decode(String(parts[0]))
        guard !place.contains("@") else { throw Self.refused("no keys in the address: set them in the environment") }
        let pieces = place.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let bucket = String(pieces[0])
        guard (3...63).contains(bucket.utf8.count), bucket.utf8.allSatisfy(Self.isBucketByte) else {
            throw Self.refused("bucket names have 3 to 63 lower-case letters, digits, dots or hyphens")
        }
        var prefix = pieces.count > 1 ? String(pieces[1]) : ""
        while prefix.hasSuffix("/") { prefix.removeLast() }
        if !prefix.isEmpty { try ObjectKey.validate(prefix) }
        var settings = settings
        for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
            let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
            guard sides.count == 2 else { throw Self.refused("a parameter has no value") }
            let value = try Self.decode(sides[1])
            switch sides[0] {
            case "endpoint": settings.endpoint = value
            case "region": settings.region = value
            case "scheme":
                guard value == "http" || value == "https" else { throw Self.refused("scheme is http or https") }
                settings.usesTLS = value == "https"
            case "access_key", "secret_key", "session_token":
                throw Self.refused("no keys in the address: set them in the environment")
            default: throw Self.refused("unknown parameter \(sides[0]); known are endpoint, region, scheme")
            }
        }
        self = .s3(bucket: bucket, prefix: prefix, settings)
    }

    /// Opens the store; blocks. A bucket is not made and not looked at.
    public func open() throws -> any ObjectStore {
        switch self {
        case .local(let path): try LocalStore(root: path)
        case .s3(let bucket, let prefix, let settings): try S3Store(bucket: bucket, prefix: prefix, settings: settings)
        }
    }

    private static func isBucketByte(_ b: UInt8) -> Bool {
        (0x61...0x7A).contains(b) || (0x30...0x39).contains(b) || b == UInt8(ascii: "-") || b == UInt8(ascii: ".")
    }
    private static func decode(_ text: String) throws -> String {
        var out: [UInt8] = []
        var bytes = Array(text.utf8)[...]
        while let b = bytes.popFirst() {
            guard b == UInt8(ascii: "%") else {
                out.append(b)
                continue
            }
            guard bytes.count >= 2, let v = UInt8(String(decoding: bytes.prefix(2), as: UTF8.self), radix: 16) else {
                throw refused("broken percent escape")
            }
            out.append(v)
            bytes = bytes.dropFirst(2)
        }
        return String(decoding: out, as: UTF8.self)
    }
    private static func refused(_ what: String) -> SanitizerError { SanitizerError(.internal, "object store address: \(what)") }
}
