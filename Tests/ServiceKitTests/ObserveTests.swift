import Domain
import Foundation
import Logging
import Testing

@testable import Failpoints
@testable import ServiceKit

@Test("metrics render as Prometheus text, sorted, with escaped labels and cumulative buckets")
func rendersMetrics() {
    let registry = MetricsRegistry()
    registry.counter("b_total", "counts", ["path": "a\"b\\c\nd"]).add(3)
    registry.gauge("a_gauge", "level\nof").set(1.5)
    let histogram = registry.histogram("c_seconds", "times", ["q": "x"], buckets: [1, 0.1])
    for x in [0.05, 0.1, 0.5, 7] { histogram.observe(x) }
    #expect(
        registry.render() == """
            # HELP a_gauge level\\nof
            # TYPE a_gauge gauge
            a_gauge 1.5
            # HELP b_total counts
            # TYPE b_total counter
            b_total{path="a\\"b\\\\c\\nd"} 3
            # HELP c_seconds times
            # TYPE c_seconds histogram
            c_seconds_bucket{q="x",le="0.1"} 2
            c_seconds_bucket{q="x",le="1"} 3
            c_seconds_bucket{q="x",le="+Inf"} 4
            c_seconds_sum{q="x"} 7.65
            c_seconds_count{q="x"} 4

            """)
}

@Test("the same name and labels give the same metric")
func sameMetric() {
    let registry = MetricsRegistry()
    registry.counter("x_total", "x", ["a": "1"]).add()
    registry.counter("x_total", "x", ["a": "1"]).add()
    #expect(registry.counter("x_total", "x", ["a": "1"]).current == 2)
}

@Test("a log line is one JSON object with its metadata as fields")
func logsJSON() throws {
    let lines = Locked<[String]>([])
    var logger = Logger(label: "api") { label in
        JSONLogHandler(label: label, level: .info) { line in lines.withLock { $0.append(line) } }
    }
    logger[metadataKey: "job_id"] = "j1"
    logger.info("job accepted", metadata: ["bytes": .stringConvertible(12), "odd": "a\"\n\u{1}", "msg": "no override"])
    logger.debug("not shown")
    let written = lines.withLock { $0 }
    #expect(written.count == 1)
    #expect(written[0].hasSuffix("}\n") && written[0].filter { $0 == "\n" }.count == 1)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(written[0].utf8)) as? [String: Any])
    #expect(object["msg"] as? String == "job accepted")
    #expect(object["bytes"] as? Int == 12)
    #expect(object["odd"] as? String == "a\"\n\u{1}")
    #expect(object["job_id"] as? String == "j1")
    #expect(object["level"] as? String == "info")
}

@Test("a problem is RFC 9457 JSON with a code")
func problemJSON() throws {
    let problem = Problem(429, "rate_limited", "too many \"calls\"", retryAfter: 3)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(problem.json())) as? [String: Any])
    #expect(object["status"] as? Int == 429)
    #expect(object["title"] as? String == "Too Many Requests")
    #expect(object["code"] as? String == "rate_limited")
    #expect(object["detail"] as? String == "too many \"calls\"")
    #expect(object["type"] as? String == "about:blank")
    #expect(object["retry_after"] as? Int == 3)
}

@Test("every error code of the engine becomes a 4xx or 5xx", arguments: SanitizerError.Code.allCases)
func everyCodeHasAStatus(code: SanitizerError.Code) {
    let problem = Problem(SanitizerError(code, "text"))
    #expect((400...599).contains(problem.status))
    #expect(problem.title != "Error")
    let isClientFault = [.recipeInvalid, .inputEmpty, .formatUnknown, .limitExceeded].contains(code)
    #expect(isClientFault == false || problem.status < 500)
}

@Test("a service is ready only while every dependency is up and it is not draining")
func health() {
    let health = HealthRegistry(dependencies: ["postgres", "rabbitmq"])
    #expect(!health.snapshot.isReady)
    health.up("postgres")
    #expect(!health.snapshot.isReady)
    health.up("rabbitmq")
    #expect(health.snapshot.isReady)
    health.down("rabbitmq", "connection refused")
    #expect(health.snapshot.status == "unavailable")
    #expect(health.snapshot.dependencies["rabbitmq"]?.reason == "connection refused")
    health.up("rabbitmq")
    health.drain()
    #expect(health.snapshot.status == "draining")
}

@Test("crash points are named with an optional pass number")
func crashPointNames() {
    #expect(CrashPoint.parse("complete:before") == ["complete:before": 1])
    #expect(CrashPoint.parse("complete:before:3,ack:after") == ["complete:before": 3, "ack:after": 1])
    #expect(CrashPoint.parse("") == [:])
}
