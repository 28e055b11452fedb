import Domain
import Foundation
import ObjectStore
import Tabular
import Testing

/// What every store must do; run against each implementation.
@Suite struct ObjectStoreConformanceTests {
    /// S3 takes part when SANITIZER_TEST_S3 names a server: `host:port`, with the keys in SANITIZER_TEST_S3_KEY and
    /// SANITIZER_TEST_S3_SECRET. The list of cases then shows it; nothing is reported as passed for a server that is not there.
    enum Kind: String, Sendable {
        case memory, local, s3
        static var allCases: [Kind] { s3Endpoint == nil ? [.memory, .local] : [.memory, .local, .s3] }
    }
    static let s3Endpoint = ProcessInfo.processInfo.environment["SANITIZER_TEST_S3"]

    static func s3(secret: String? = nil) throws -> S3Store {
        let environment = ProcessInfo.processInfo.environment
        var settings = S3Settings()
        settings.endpoint = s3Endpoint
        settings.region = "us-east-1"
        settings.accessKey = environment["SANITIZER_TEST_S3_KEY"] ?? "AKTEST"
        settings.secretKey = secret ?? environment["SANITIZER_TEST_S3_SECRET"] ?? "SKTEST"
        settings.usesTLS = false
        return try S3Store(
            bucket: "sanitizer-tests", prefix: "run-\(UUID().uuidString)", settings: settings, createBucket: secret == nil)
    }

    private func withStore(_ kind: Kind, _ body: (any ObjectStore) throws -> Void) throws {
        switch kind {
        case .memory: try body(MemoryStore())
        case .s3: try body(try Self.s3())
        case .local:
            let root = FileManager.default.temporaryDirectory.appendingPathComponent("store-\(UUID().uuidString)/nested").path
            defer { try? FileManager.default.removeItem(atPath: (root as NSString).deletingLastPathComponent) }
            try body(try LocalStore(root: root))
        }
    }

    @Test("objects made durable together are readable at once and stay", arguments: Kind.allCases)
    func durableTogether(kind: Kind) throws {
        try withStore(kind) { store in
            let made = try store.durableTogether { inner in
                for i in 0..<150 { try inner.put("d/\(i % 3)/\(i)", Array("object \(i)".utf8)) }
                #expect(try inner.get("d/0/0") == Array("object 0".utf8))
                return try inner.list("d/").count
            }
            #expect(made == 150)
            #expect(try store.list("d/").count == 150)
            #expect(try store.get("d/2/149") == Array("object 149".utf8))
            #expect(throws: CancellationError.self) {
                try store.durableTogether { _ in throw CancellationError() }
            }
        }
    }

    @Test("what was put can be read, whole and in ranges", arguments: Kind.allCases)
    func putAndRead(kind: Kind) throws {
        try withStore(kind) { store in
            let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try store.put("a/b/c.bin", bytes)
            #expect(try store.get("a/b/c.bin") == bytes)
            #expect(try store.size("a/b/c.bin") == 100_000)
            let source = try store.source("a/b/c.bin")
            #expect(try source.read(at: 99_990, count: 100) == Array(bytes[99_990...]))
            #expect(try source.read(at: 100_000, count: 1).isEmpty)
            try store.put("a/b/c.bin", [1])
            #expect(try store.get("a/b/c.bin") == [1], "a second put replaces")
            try store.put("empty", [])
            #expect(try store.get("empty") == [])
        }
    }

    @Test("an object that does not exist is input_missing", arguments: Kind.allCases)
    func missing(kind: Kind) throws {
        try withStore(kind) { store in
            #expect(try store.size("no/such") == nil)
            #expect(throws: SanitizerError.self) { try store.get("no/such") }
            do { _ = try store.source("no/such") } catch let error as SanitizerError {
                #expect(error.code == .inputMissing)
                #expect(!error.isRetryable)
            }
            try store.delete("no/such")
            try store.deletePrefix("no/")
        }
    }

    @Test("nothing is visible before close, nor after abort or drop", arguments: Kind.allCases)
    func atomic(kind: Kind) throws {
        try withStore(kind) { store in
            let sink = try store.sink("job/part")
            try sink.write([1, 2, 3])
            #expect(try store.size("job/part") == nil)
            #expect(try store.list("").isEmpty)
            try sink.close()
            #expect(try store.get("job/part") == [1, 2, 3])

            let aborted = try store.sink("job/part")
            try aborted.write([9])
            aborted.abort()
            aborted.abort()
            #expect(try store.get("job/part") == [1, 2, 3])

            do {
                let dropped = try store.sink("job/dropped")
                try dropped.write([UInt8](repeating: 7, count: 1 << 20))
            }
            #expect(try store.list("job/") == [StoredObject(key: "job/part", size: 3)])
        }
    }

    @Test("listing goes by key prefix, sorted by bytes", arguments: Kind.allCases)
    func list(kind: Kind) throws {
        try withStore(kind) { store in
            for key in ["jobs/j1/b", "jobs/j1/a/x", "jobs/j10/c", "jobs/j2/d", "top", "jobs/j1/Z"] {
                try store.put(key, Array(key.utf8))
            }
            #expect(try store.list("").map(\.key) == ["jobs/j1/Z", "jobs/j1/a/x", "jobs/j1/b", "jobs/j10/c", "jobs/j2/d", "top"])
            #expect(try store.list("jobs/j1/").map(\.key) == ["jobs/j1/Z", "jobs/j1/a/x", "jobs/j1/b"])
            #expect(try store.list("jobs/j1").map(\.key).count == 4)
            #expect(try store.list("nothing/").isEmpty)
            #expect(try Set(store.folders("")) == ["jobs"])
            #expect(try Set(store.folders("jobs/")) == ["j1", "j10", "j2"])
            #expect(try store.folders("nothing/").isEmpty)
            #expect(try store.list("top") == [StoredObject(key: "top", size: 3)])
            try store.delete("top")
            try store.deletePrefix("jobs/j1/")
            #expect(try store.list("").map(\.key) == ["jobs/j10/c", "jobs/j2/d"])
            try store.put("jobs/j1/again", [1])
            #expect(try store.list("jobs/j1/").count == 1)
        }
    }

    @Test(
        "a key that could leave the store is refused",
        arguments: [
            "", "/etc/passwd", "../x", "a/../b", "a//b", "a/", "a/./b", "a\nb", "a\\b", String(repeating: "x", count: 1025),
            "a\0b",
        ])
    func badKeys(key: String) throws {
        for kind in Kind.allCases {
            try withStore(kind) { store in
                #expect(throws: SanitizerError.self) { try store.put(key, [1]) }
                #expect(throws: SanitizerError.self) { try store.source(key) }
                #expect(throws: SanitizerError.self) { try store.delete(key) }
                #expect(throws: SanitizerError.self) { try store.size(key) }
            }
        }
    }

    @Test("many threads may write and read at once", arguments: Kind.allCases)
    func concurrency(kind: Kind) async throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("store-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        let store: any ObjectStore =
            switch kind {
            case .memory: MemoryStore()
            case .local: try LocalStore(root: root)
            case .s3: try Self.s3()
            }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for i in 0..<32 {
                group.addTask {
                    try store.put("t/\(i % 8)/\(i)", [UInt8(i)])
                    #expect(try store.get("t/\(i % 8)/\(i)") == [UInt8(i)])
                    if i % 4 == 0 { try store.deletePrefix("t/\(i % 8)/\(i)") }
                }
            }
            try await group.waitForAll()
        }
        #expect(try store.list("t/").count == 24)
    }

    @Test("a large object goes up in parts and an aborted one leaves nothing", arguments: Kind.allCases)
    func large(kind: Kind) throws {
        try withStore(kind) { store in
            let block = (0..<(3 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) }
            let sink = try store.sink("big")
            for _ in 0..<8 { try sink.write(block) }
            try sink.close()
            #expect(try store.size("big") == Int64(8 * block.count))
            let source = try store.source("big")
            #expect(try source.read(at: Int64(5 * block.count) - 3, count: 9) == Array(block.suffix(3)) + Array(block.prefix(6)))
            let aborted = try store.sink("aborted")
            for _ in 0..<8 { try aborted.write(block) }
            aborted.abort()
            #expect(try store.list("").map(\.key) == ["big"])
        }
    }

    @Test("a wrong key is final, a server that is away is not", .enabled(if: s3Endpoint != nil))
    func failures() throws {
        let denied = #expect(throws: SanitizerError.self) { try Self.s3(secret: "wrong").put("x", [1]) }
        #expect(denied?.isRetryable == false)
        var settings = S3Settings()
        settings.endpoint = "127.0.0.1:1"
        settings.region = "us-east-1"
        settings.accessKey = "a"
        settings.secretKey = "b"
        settings.usesTLS = false
        settings.connectTimeout = .milliseconds(300)
        let away = try S3Store(bucket: "sanitizer-tests", settings: settings)
        let error = #expect(throws: SanitizerError.self) { try away.put("x", [1]) }
        #expect(error?.isRetryable == true)
        #expect(error?.code == .dependencyUnavailable)
    }
}
