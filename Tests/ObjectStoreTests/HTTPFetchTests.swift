import CFetch
import Domain
import Foundation
import Tabular
import Testing

@testable import ObjectStore

@Suite("Fetching over HTTP")
struct HTTPFetchTests {
    private static let answers = [
        "/a.csv": HTTPServer.ok("a,b\n1,2\n"), "/moved": HTTPServer.redirect("/a.csv"),
        "/out": HTTPServer.redirect("http://other.invalid/a.csv"), "/loop": HTTPServer.redirect("/loop"),
        "/file": HTTPServer.redirect("file:///etc/passwd"), "/large": HTTPServer.ok(String(repeating: "x", count: 5000)),
        "/unknown-length": "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + String(repeating: "x", count: 5000),
    ]

    private func fetch(_ path: String, limit: Int64 = 1000, allowsPrivate: Bool = true, hosts: [String]? = nil) throws -> String {
        let server = try HTTPServer(Self.answers)
        defer { server.stop() }
        var policy = SourcePolicy(hosts: hosts ?? ["127.0.0.1:\(server.port)", "localhost:\(server.port)"])
        policy.allowsPrivateAddresses = allowsPrivate
        let sink = MemorySink()
        try HTTPFetch.get("http://localhost:\(server.port)\(path)", policy: policy, limit: limit, into: sink)
        return String(decoding: sink.bytes, as: UTF8.self)
    }

    @Test("a file is fetched, also behind a redirect to an allowed host", arguments: ["/a.csv", "/moved"])
    func fetches(path: String) throws { #expect(try fetch(path) == "a,b\n1,2\n") }

    @Test("redirects off the list, to other schemes and without end are refused", arguments: ["/out", "/file", "/loop"])
    func redirects(path: String) { #expect(throws: SanitizerError.self) { try fetch(path) } }

    @Test("an address that is not public is refused although its name is allowed")
    func privateAddress() {
        let error = #expect(throws: SanitizerError.self) { try fetch("/a.csv", allowsPrivate: false) }
        #expect(error?.message.contains("public internet") == true)
    }

    @Test("a host that nobody allowed is not asked")
    func hosts() {
        let error = #expect(throws: SanitizerError.self) { try fetch("/a.csv", hosts: []) }
        #expect(error?.message.contains("not allowed") == true)
    }

    @Test("a file above the limit is refused, announced or not", arguments: ["/large", "/unknown-length"])
    func limit(path: String) {
        let error = #expect(throws: SanitizerError.self) { try fetch(path) }
        #expect(error?.code == .limitExceeded)
    }

    @Test("a missing file is said to be missing")
    func missing() {
        let error = #expect(throws: SanitizerError.self) { try fetch("/none") }
        #expect(error?.code == .inputMissing)
    }

    @Test(
        "only addresses of the public internet are connected to",
        arguments: [
            ("93.184.216.34", true), ("10.1.2.3", false), ("127.0.0.1", false), ("169.254.169.254", false), ("172.16.0.1", false),
            ("172.32.0.1", true), ("192.168.1.1", false), ("100.64.0.1", false), ("0.0.0.0", false), ("224.0.0.1", false),
            ("255.255.255.255", false), ("2606:2800:220:1::1", true), ("::1", false), ("::ffff:10.0.0.1", false),
            ("::ffff:93.184.216.34", true), ("fc00::1", false), ("fe80::1", false), ("64:ff9b::7f00:1", false),
            ("2002:7f00:1::", false),
            ("2001:db8::1", false), ("ff02::1", false),
        ])
    func addresses(text: String, isPublic: Bool) {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST
        var found: UnsafeMutablePointer<addrinfo>?
        #expect(getaddrinfo(text, nil, &hints, &found) == 0)
        defer { freeaddrinfo(found) }
        #expect((cfetch_is_public(found?.pointee.ai_addr) != 0) == isPublic)
    }

    @Test("hosts are allowed by name, port and suffix")
    func policy() {
        let policy = SourcePolicy(hosts: ["Example.org", "data.example.org:8443", "*.sub.example.org"])
        #expect(policy.allows(host: "EXAMPLE.ORG", port: nil))
        #expect(!policy.allows(host: "example.org", port: 8080))
        #expect(policy.allows(host: "data.example.org", port: 8443))
        #expect(!policy.allows(host: "data.example.org", port: nil))
        #expect(policy.allows(host: "a.b.sub.example.org", port: nil))
        #expect(!policy.allows(host: "sub.example.org", port: nil))
        #expect(!policy.allows(host: "evilsub.example.org", port: nil))
    }
}
