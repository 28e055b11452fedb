import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import ObjectStore
import ServiceKit
import Tabular

/// An object of the store as a response: blocks of 1 MiB at the client's pace, one byte range (RFC 9110 section 14).
///
/// The whole of an object is compared with its digest on the way, and its last block is sent only when it agrees: a client cannot take
/// what a disk has changed for the result.
enum StreamedObject {
    private static let block = 1 << 20

    /// - Parameter sha256: of the whole object.
    static func response(
        _ source: any ByteSource, sha256: String, _ request: Request, headers extra: HTTPFields, etag: String
    ) -> Response {
        var headers = extra
        headers[.acceptRanges] = "bytes"
        headers[.eTag] = etag
        if let known = request.headers[.ifNoneMatch], known == etag || known == "*" {
            return Response(status: .notModified, headers: headers)
        }
        let size = source.size
        var wanted = ByteRange.whole
        if let text = request.headers[.range], request.headers[HTTPField.Name("If-Range")!].map({ $0 == etag }) ?? true {
            wanted = ByteRange.parse(text, size: size)
        }
        switch wanted {
        case .whole:
            return Response(status: .ok, headers: headers, body: body(source, 0..<size, sha256: sha256))
        case .part(let range):
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
            return Response(status: .partialContent, headers: headers, body: body(source, range, sha256: nil))
        case .unsatisfiable:
            var response = ProblemMiddleware.response(
                Problem(416, "range_not_satisfiable", "the file has \(size) bytes: ask for a range inside"))
            response.headers[.contentRange] = "bytes */\(size)"
            return response
        }
    }

    private static func body(_ source: any ByteSource, _ range: Range<Int64>, sha256: String?) -> ResponseBody {
        ResponseBody(contentLength: Int(range.count)) { writer in
            let digest = SHA256()
            var at = range.lowerBound
            while at < range.upperBound {
                let count = Int(min(Int64(block), range.upperBound - at))
                let bytes = try await BlockingIO.run { [at] in try source.read(at: at, count: count) }
                guard bytes.count == count else {
                    throw SanitizerError(.corruptIntermediate, "an object ended early", isRetryable: true)
                }
                at += Int64(count)
                if let sha256 {
                    digest.update(bytes)
                    if at == range.upperBound, digest.finishHex() != sha256 {
                        throw SanitizerError(.corruptIntermediate, "an object is not what was written")
                    }
                }
                try await writer.write(ByteBuffer(bytes: bytes))
            }
            try await writer.finish(nil)
        }
    }
}

/// A `Range` header. Several ranges, other units and malformed text mean the whole, as the RFC allows.
enum ByteRange: Equatable {
    case whole
    case part(Range<Int64>)
    case unsatisfiable

    static func parse(_ text: String, size: Int64) -> ByteRange {
        guard text.hasPrefix("bytes="), !text.contains(",") else { return .whole }
        let bounds = text.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard bounds.count == 2 else { return .whole }
        let (first, last) = (bounds[0], bounds[1])
        func number(_ digits: Substring) -> Int64? { digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int64(digits) : nil }
        if first.isEmpty {
            guard let n = number(last) else { return .whole }
            return n == 0 || size == 0 ? .unsatisfiable : .part(max(0, size - n)..<size)
        }
        guard let start = number(first) else { return .whole }
        guard last.isEmpty || number(last) != nil else { return .whole }
        let end = number(last) ?? .max
        guard end >= start else { return .whole }
        return start >= size ? .unsatisfiable : .part(start..<min(end, size - 1) + 1)
    }
}
