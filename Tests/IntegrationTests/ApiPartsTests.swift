import Domain
import Foundation
import Testing

@testable import Api

@Suite("Small parts of the API")
struct ApiPartsTests {
    @Test(
        "byte ranges follow RFC 9110",
        arguments: [
            ("bytes=0-3", ByteRange.part(0..<4)), ("bytes=5-", .part(5..<10)), ("bytes=-3", .part(7..<10)),
            ("bytes=-99", .part(0..<10)),
            ("bytes=3-99", .part(3..<10)), ("bytes=10-", .unsatisfiable), ("bytes=-0", .unsatisfiable), ("bytes=4-2", .whole),
            ("bytes=0-1,3-4", .whole), ("lines=1-2", .whole), ("bytes=a-b", .whole), ("bytes=99999999999999999999-", .whole),
        ])
    func ranges(text: String, expected: ByteRange) {
        #expect(ByteRange.parse(text, size: 10) == expected)
    }

    @Test("job ids are version 7 UUIDs whose order is that of their making")
    func jobIDs() {
        let early = JobID.make(milliseconds: 1_000_000_000_000)
        let late = JobID.make(milliseconds: 1_000_000_000_001)
        #expect(early < late)
        #expect(early.hasPrefix("00e8d4a5-1000-7"))
        #expect(JobID.canonical(early.uppercased()) == early)
        #expect(Set((0..<1000).map { _ in JobID.make() }).count == 1000)
        for bad in ["", "x", early + "0", early.replacing("-", with: "_"), "../../../../../../../../etc/passwd.."] {
            #expect(JobID.canonical(bad) == nil)
        }
    }

    @Test("a token bucket allows its rate and refills with time")
    func rateLimit() {
        let limiter = RateLimiter()
        let start = ContinuousClock.now
        let allowed = (0..<20).filter { _ in limiter.take("t", perSecond: 10, now: start).isAllowed }.count
        #expect(allowed == 10)
        #expect(limiter.take("other", perSecond: 10, now: start).isAllowed)
        #expect(limiter.take("t", perSecond: 10, now: start + .milliseconds(150)).isAllowed)
        #expect(!limiter.take("t", perSecond: 10, now: start + .milliseconds(150)).isAllowed)
        #expect(!limiter.take("none", perSecond: 0, now: start).isAllowed)
        #expect(limiter.take("free", perSecond: nil, now: start).isAllowed)
    }

    @Test("download names are safe in a header whatever the dataset is called")
    func disposition() {
        let text = DownloadRoutes.disposition("a\"b\r\n../é;x", .csv)
        #expect(
            text
                == "attachment; filename=\"a_b__.._é_x.csv\"; filename*=UTF-8''a%22b%0D%0A..%2F%C3%A9%3Bx.csv".replacing(
                    "_é_", with: "___"))
    }

    @Test("JSON depth is counted outside of strings")
    func depth() {
        #expect(JSONDepth.isAtMost(1, Array(#"{"a":"[[[[\"["}"#.utf8)))
        #expect(!JSONDepth.isAtMost(1, Array("[[1]]".utf8)))
    }

    @Test("the description is valid JSON, every path has an answer, every reference resolves")
    func openAPI() throws {
        let document = try #require(try JSONSerialization.jsonObject(with: Data(OpenAPIDocument.json)) as? [String: Any])
        #expect(document["openapi"] as? String == "3.1.0")
        let components = try #require(document["components"] as? [String: [String: Any]])
        let text = String(decoding: OpenAPIDocument.json, as: UTF8.self)
        for match in text.matches(of: /"\$ref": "#\/components\/(\w+)\/(\w+)"/) {
            #expect(components[String(match.1)]?[String(match.2)] != nil, "\(match.0)")
        }
        let known = try KnownPaths(document: OpenAPIDocument.json)
        #expect(known.methods(of: "/api/v1/jobs/abc") == ["DELETE", "GET"])
        #expect(known.methods(of: "/api/v1/jobs/abc/unknown").isEmpty)
    }
}
