import Domain
import Foundation
import ObjectStore
import Tabular
import Testing

/// What every store must do; run against each implementation.
@Suite struct ObjectStoreConformanceTests {
    enum Kind: String, CaseIterable, Sendable { case memory, local }

    private func withStore(_ kind: Kind, _ body: (any ObjectStore) throws -> Void) throws {
        switch kind {
        case .memory: try body(MemoryStore())
        case .local:
            let root = FileManager.default.temporaryDirectory.appendingPathComponent("store-\(UUID().uuidString)/nested").path
            defer { try? FileManager.default.removeItem(atPath: (root as NSString).deletingLastPathComponent) }
            try body(try LocalStore(root: root))
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
        let store: any ObjectStore = kind == .memory ? MemoryStore() : try LocalStore(root: root)
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
}
