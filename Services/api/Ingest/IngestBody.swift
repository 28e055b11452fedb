import HTTPTypes
import Hummingbird
import NIOCore
import ServiceKit

/// Reads the three kinds of ingest body into an upload and a form.
struct IngestBody {
    private static let fieldLimit = 1 << 20
    let idle: Duration

    /// A raw body: the file itself. What describes it is in the query.
    func readRaw(_ request: Request, _ context: ApiContext, into upload: UploadWriter) async throws {
        try await forEachChunk(request, context) { chunk in
            try chunk.withUnsafeReadableBytes { try upload.append($0) }
            try await upload.flushIfFull()
        }
    }

    /// A multipart form: the part `file` goes to the upload, the others into the form.
    func readMultipart(
        _ request: Request, _ context: ApiContext, boundary: String, into upload: UploadWriter, form: inout IngestForm
    ) async throws {
        var parser = try MultipartParser(boundary: boundary)
        var reading = Reading(form: form)
        try await forEachChunk(request, context) { chunk in
            try chunk.withUnsafeReadableBytes { bytes in
                try parser.feed(bytes) { try reading.take($0, upload) }
            }
            try await upload.flushIfFull()
        }
        try parser.finish()
        guard reading.hasFile else { throw Problem.badRequest("bad_request", "the form has no part named 'file'") }
        form = reading.form
    }

    private struct Reading {
        var form: IngestForm
        var hasFile = false
        private var isFile = false
        private var name = ""
        private var value: [UInt8] = []

        init(form: IngestForm) { self.form = form }

        mutating func take(_ event: MultipartParser.Event, _ upload: UploadWriter) throws {
            switch event {
            case .begin(let part):
                name = part.name
                value = []
                isFile = part.name == "file"
                guard isFile else { return }
                guard !hasFile else { throw Problem.badRequest("bad_request", "the form has more than one part named 'file'") }
                hasFile = true
                if let filename = part.filename, !filename.isEmpty { form.fileName = filename }
            case .data(let bytes):
                if isFile {
                    try upload.append(bytes)
                } else {
                    guard value.count + bytes.count <= IngestBody.fieldLimit else {
                        throw Problem(413, "limit_exceeded", "a form field is larger than 1 MiB")
                    }
                    value.append(contentsOf: bytes)
                }
            case .end:
                guard !isFile else { return }
                guard let text = String(validating: value, as: UTF8.self) else {
                    throw Problem.badRequest("bad_request", "a form field is not UTF-8")
                }
                try form.set(name, text)
            }
        }
    }

    /// Passes on the body's pieces; throws when the client goes away, stalls, or sends less than it announced.
    private func forEachChunk(
        _ request: Request, _ context: ApiContext, _ body: (ByteBuffer) async throws -> Void
    ) async throws {
        let announced = request.headers[.contentLength].flatMap { Int64($0) }
        let channel = context.channel
        ContinueHandler.ask(request, channel)
        let lastRead = Locked(ContinuousClock.now)
        let watchdog = Task { [idle] in
            while true {
                try await Task.sleep(for: idle / 4)
                if ContinuousClock.now - lastRead.withLock({ $0 }) > idle {
                    channel.close(promise: nil)
                    return
                }
            }
        }
        defer { watchdog.cancel() }
        var received: Int64 = 0
        var pieces = request.body.makeAsyncIterator()
        while let chunk = try await Self.next(&pieces) {
            received += Int64(chunk.readableBytes)
            try await body(chunk)
            lastRead.withLock { $0 = .now }
        }
        // A connection that breaks ends the sequence as if the body were complete.
        guard announced.map({ $0 == received }) ?? true, channel.isActive else { throw Self.incomplete }
    }

    private static let incomplete = Problem.badRequest(
        "upload_incomplete", "the connection ended before the body was complete: send it again")

    /// A client that goes away is its own fault, not a failure of the service.
    private static func next(_ pieces: inout RequestBody.AsyncIterator) async throws -> ByteBuffer? {
        do {
            return try await pieces.next()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw incomplete
        }
    }
}
