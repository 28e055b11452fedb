import ObjectStore
import ServiceKit
import Tabular

/// Streams an upload into the object store: blocks of 1 MiB, a digest, and a limit. One task at a time.
///
/// Nothing becomes visible before ``finish()``; whatever ends otherwise must call ``abort()``.
final class UploadWriter {
    /// A sink is used by one call at a time: each write is awaited before the next one begins.
    private struct SinkBox: @unchecked Sendable {
        let sink: any ByteSink
    }
    private static let block = 1 << 20

    private let sink: SinkBox?
    private let limit: Int64
    private let digest = SHA256()
    private var buffer: [UInt8] = []
    private(set) var bytes: Int64 = 0

    private init(sink: SinkBox?, limit: Int64) {
        self.sink = sink
        self.limit = limit
    }

    static func open(_ store: any ObjectStore, key: String, limit: Int64) async throws -> UploadWriter {
        let box = try await BlockingIO.run { SinkBox(sink: try store.sink(key)) }
        return UploadWriter(sink: box, limit: limit)
    }

    /// Takes the digest and keeps nothing: for a call that is only compared with an earlier one.
    static func digestOnly(limit: Int64) -> UploadWriter { UploadWriter(sink: nil, limit: limit) }

    /// Takes bytes without writing yet; follow with ``flushIfFull()``.
    /// - Throws: 413 beyond the limit.
    func append(_ data: UnsafeRawBufferPointer) throws {
        bytes += Int64(data.count)
        guard bytes <= limit else {
            throw Problem(413, "limit_exceeded", "the upload is larger than \(limit) bytes: split it, or ask for a higher limit")
        }
        digest.update(data)
        if sink != nil { buffer.append(contentsOf: data) }
    }

    func flushIfFull() async throws {
        if buffer.count >= Self.block { try await flush() }
    }

    private func flush() async throws {
        guard let sink, !buffer.isEmpty else { return }
        let data = buffer
        buffer = []
        buffer.reserveCapacity(Self.block * 2)
        try await BlockingIO.run { try sink.sink.write(data) }
    }

    /// Makes the object durable and visible. Returns the SHA-256 of the content.
    func finish() async throws -> String {
        try await flush()
        if let sink { try await BlockingIO.run { try sink.sink.close() } }
        return digest.finishHex()
    }

    func abort() async {
        guard let sink else { return }
        buffer = []
        // A task that was cancelled because its client went away must still clean up.
        await Task.detached { await BlockingIO.perform { sink.sink.abort() } }.value
    }
}
