public import Tabular

/// Where inputs, intermediates and outputs live: a folder, a bucket, or memory. Thread-safe. Every call blocks.
///
/// Keys are relative paths such as `jobs/j1/clean/0/1-ab12.parquet`: non-empty segments joined by `/`, never `.` or `..`,
/// checked by ``ObjectKey/validate(_:)`` in every implementation. All calls throw ``Domain/SanitizerError``; `isRetryable` says whether
/// the same call may succeed later.
public protocol ObjectStore: Sendable {
    /// Opens an object for reading.
    /// - Throws: `inputMissing` when there is no such object.
    func source(_ key: String) throws -> any ByteSource
    /// Opens a sink whose object becomes visible, whole and durable, on `close()`, replacing an older one; never when it is aborted or dropped.
    func sink(_ key: String) throws -> any ByteSink
    /// Stores an object at once; durable on return.
    func put(_ key: String, _ bytes: [UInt8]) throws
    /// The whole object; meant for small ones.
    func get(_ key: String) throws -> [UInt8]
    /// In bytes, or nil when there is no such object.
    func size(_ key: String) throws -> Int64?
    /// Every object whose key starts with `prefix` (empty: all), sorted by key.
    func list(_ prefix: String) throws -> [StoredObject]
    /// The names of the folders right below `prefix` (empty, or ending in a slash), in no order; not what is in them.
    func folders(_ prefix: String) throws -> [String]
    /// Removes an object; one that does not exist is no error.
    func delete(_ key: String) throws
    /// Removes every object whose key starts with `prefix`, which must not be empty.
    func deletePrefix(_ prefix: String) throws
    /// Removes what writers that died left unfinished, when it was not written to for `age` seconds; returns how many. A bucket does that
    /// by a lifecycle rule of its own.
    func removeUnfinished(olderThan age: Int) throws -> Int
    /// Gives `body` a store whose new objects are visible when closed, and durable only when this returns: a shared folder saves
    /// most of its waits for the disk.
    func durableTogether<Result>(_ body: (any ObjectStore) throws -> Result) throws -> Result
}

/// One entry of a listing.
public struct StoredObject: Sendable, Equatable {
    public var key: String
    /// In bytes.
    public var size: Int64
    public init(key: String, size: Int64) {
        self.key = key
        self.size = size
    }
}

extension ObjectStore {
    public func removeUnfinished(olderThan age: Int) throws -> Int { 0 }
    public func durableTogether<Result>(_ body: (any ObjectStore) throws -> Result) throws -> Result { try body(self) }
    public func put(_ key: String, _ bytes: [UInt8]) throws {
        let sink = try sink(key)
        do {
            try sink.write(bytes)
            try sink.close()
        } catch {
            sink.abort()
            throw error
        }
    }
    public func get(_ key: String) throws -> [UInt8] {
        let source = try source(key)
        return try source.read(at: 0, count: Int(source.size))
    }
    public func deletePrefix(_ prefix: String) throws {
        for object in try list(ObjectKey.validatePrefix(prefix)) { try delete(object.key) }
    }
}
