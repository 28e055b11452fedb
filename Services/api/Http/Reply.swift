import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceKit

/// Responses with a body of JSON, keys sorted.
enum Reply {
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok, _ extra: [HTTPField.Name: String] = [:]) throws
        -> Response
    {
        json(bytes: try StableJSON.encode(value), status: status, extra)
    }

    static func json(bytes: [UInt8], status: HTTPResponse.Status = .ok, _ extra: [HTTPField.Name: String] = [:]) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = "application/json"
        headers[.cacheControl] = "no-store"
        for (name, value) in extra.sorted(by: { $0.key.rawName < $1.key.rawName }) { headers[name] = value }
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    static func text(_ text: String, type: String) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = type
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}

/// The JSON body or the query of a call that takes filters in either.
enum CallArguments {
    private static let limit = 64 << 10

    /// - Throws: 400 or 413.
    static func decode<T: Decodable>(_ type: T.Type, _ request: Request) async throws -> T {
        var request = request
        let bytes: [UInt8]
        if request.method == .post {
            let body = try await request.collectBody(upTo: limit)
            bytes = body.readableBytes == 0 ? Array("{}".utf8) : Array(body.readableBytesView)
        } else {
            var fields: [String] = []
            for (key, value) in request.uri.queryParameters {
                let text = String(value)
                let literal = Double(text) != nil && numeric.contains(String(key)) ? text : JSONText.quoted(text)
                fields.append("\(JSONText.quoted(String(key))):\(literal)")
            }
            bytes = Array("{\(fields.joined(separator: ","))}".utf8)
        }
        guard JSONDepth.isAtMost(16, bytes) else { throw Problem.badRequest("bad_request", "the JSON body is nested too deeply") }
        do {
            return try StableJSON.decode(type, bytes)
        } catch let DecodingError.typeMismatch(_, context) {
            throw Problem.badRequest("bad_request", "'\(path(context))' has the wrong type")
        } catch let DecodingError.keyNotFound(key, _) {
            throw Problem.badRequest("bad_request", "'\(key.stringValue)' is missing")
        } catch let DecodingError.dataCorrupted(context) where !context.codingPath.isEmpty {
            throw Problem.badRequest("bad_request", "'\(path(context))' has a value that is not allowed")
        } catch {
            throw Problem.badRequest("bad_request", "the body is no JSON object of the expected form: see /api/docs")
        }
    }

    private static let numeric: Set<String> = ["limit", "confidence_below", "row"]
    private static func path(_ context: DecodingError.Context) -> String {
        context.codingPath.map(\.stringValue).joined(separator: ".")
    }
}

/// Foundation's decoder recurses: deep input must be refused before it is parsed.
enum JSONDepth {
    static func isAtMost(_ limit: Int, _ bytes: [UInt8]) -> Bool {
        var depth = 0
        var inString = false
        var escaped = false
        for byte in bytes {
            if inString {
                if escaped {
                    escaped = false
                } else if byte == 0x5C {
                    escaped = true
                } else if byte == 0x22 {
                    inString = false
                }
                continue
            }
            switch byte {
            case 0x22: inString = true
            case 0x5B, 0x7B:
                depth += 1
                if depth > limit { return false }
            case 0x5D, 0x7D: depth -= 1
            default: break
            }
        }
        return true
    }
}
