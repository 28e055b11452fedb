import Domain
import Foundation
import Tabular
import Testing

@testable import ObjectStore

/// Against stand-ins on loopback that answer what the clients ask for.
@Suite("Inputs of other stores")
struct RemoteInputTests {
    private static let text = "id,name\n1,Ann\n2,Bob\n"

    /// A blob as Azure's service shows it: properties on HEAD, a range on GET.
    private static func azure(_ request: String) -> String {
        let words = request.split(separator: " ")
        guard words.count > 1, words[1].split(separator: "?")[0] == "/account/box/a.csv" else { return HTTPServer.notFound }
        var body = Array(text.utf8)
        var status = "200 OK"
        var range = ""
        let wanted = request.split(separator: "\r\n").first { $0.lowercased().hasPrefix("x-ms-range: bytes=") }
        if let bounds = wanted?.split(separator: "=").last?.split(separator: "-").compactMap({ Int($0) }), bounds.count == 2 {
            let last = min(bounds[1], body.count - 1)
            status = "206 Partial Content"
            range = "Content-Range: bytes \(bounds[0])-\(last)/\(body.count)\r\n"
            body = Array(body[bounds[0]...last])
        }
        let head =
            "HTTP/1.1 \(status)\r\nContent-Length: \(body.count)\r\n\(range)ETag: \"0x1\"\r\nContent-Type: text/csv\r\n"
            + "Last-Modified: Fri, 21 Nov 2025 10:00:00 GMT\r\nx-ms-creation-time: Fri, 21 Nov 2025 10:00:00 GMT\r\n"
            + "x-ms-blob-type: BlockBlob\r\nx-ms-version: 2023-11-03\r\nx-ms-request-id: 1\r\nx-ms-server-encrypted: true\r\n"
            + "x-ms-lease-state: available\r\nx-ms-lease-status: unlocked\r\nConnection: close\r\n\r\n"
        return words[0] == "HEAD" ? head : head + String(decoding: body, as: UTF8.self)
    }

    private func open(_ key: String) throws -> [(name: String, source: any ByteSource)] {
        let server = try HTTPServer(answer: Self.azure)
        defer { server.stop() }
        let address = "abfs://account@127.0.0.1:\(server.port)/box/\(key)?enable_tls=false&credential_kind=anonymous"
        return try RemoteInputs.open(
            address, policy: SourcePolicy(hosts: []), fetchLimit: 1 << 20, isTable: { _ in true }, place: { "" }
        ).map { ($0.name, MemorySource(try $0.source.read(at: 0, count: Int($0.source.size)))) }
    }

    @Test("a blob of Azure is read")
    func azureBlob() throws {
        let found = try open("a.csv")
        #expect(found.map(\.name) == ["a.csv"])
        #expect(try found[0].source.read(at: 0, count: 100) == Array(Self.text.utf8))
    }

    @Test("a blob that is not there is said to be missing")
    func missingBlob() {
        let error = #expect(throws: SanitizerError.self) { try open("none.csv") }
        #expect(error?.code == .inputMissing)
    }
}
