internal import Domain
internal import Synchronization
public import Tabular

/// Objects in memory: for tests and for small embedded runs.
public final class MemoryStore: ObjectStore {
    private let objects = Mutex<[String: MemorySource]>([:])

    public init() {}

    public func source(_ key: String) throws -> any ByteSource {
        try ObjectKey.validate(key)
        guard let object = objects.withLock({ $0[key] }) else { throw SanitizerError(.inputMissing, "\(key): no such object") }
        return object
    }
    public func sink(_ key: String) throws -> any ByteSink {
        try ObjectKey.validate(key)
        return Sink { [self] bytes in objects.withLock { $0[key] = MemorySource(bytes) } }
    }
    public func size(_ key: String) throws -> Int64? {
        try ObjectKey.validate(key)
        return objects.withLock { $0[key]?.size }
    }
    public func list(_ prefix: String) throws -> [StoredObject] {
        if !prefix.isEmpty { _ = try ObjectKey.validatePrefix(prefix) }
        let found = objects.withLock { all in
            all.compactMap { $0.key.hasPrefix(prefix) ? StoredObject(key: $0.key, size: $0.value.size) : nil }
        }
        return found.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }
    public func folders(_ prefix: String) throws -> [String] {
        let names = try list(prefix).compactMap { object -> Substring? in
            let rest = object.key.dropFirst(prefix.count)
            return rest.firstIndex(of: "/").map { rest[..<$0] }
        }
        return Set(names).map(String.init)
    }
    public func delete(_ key: String) throws {
        try ObjectKey.validate(key)
        _ = objects.withLock { $0.removeValue(forKey: key) }
    }

    private final class Sink: ByteSink {
        private var bytes: [UInt8] = []
        private var publish: (([UInt8]) -> Void)?
        init(publish: @escaping ([UInt8]) -> Void) { self.publish = publish }

        func write(_ b: UnsafeRawBufferPointer) throws {
            guard publish != nil else { throw SanitizerError(.outputUnwritable, "object already closed") }
            bytes.append(contentsOf: b)
        }
        func close() throws {
            publish?(bytes)
            abort()
        }
        func abort() {
            publish = nil
            bytes = []
        }
    }
}
