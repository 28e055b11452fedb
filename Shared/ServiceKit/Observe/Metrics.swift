/// Numbers of one process in Prometheus text form. Metrics are created once and kept by who counts.
///
/// - Source: https://prometheus.io/docs/instrumenting/exposition_formats/ (text format 0.0.4)
public final class MetricsRegistry: Sendable {
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private struct Family {
        var help: String
        var kind: String
        var series: [String: any Series] = [:]
    }
    private let families = Locked<[String: Family]>([:])

    public init() {}

    /// A number that only grows; the same name and labels give the same counter.
    public func counter(_ name: String, _ help: String, _ labels: [String: String] = [:]) -> Counter {
        series(name, help, "counter", labels) { Counter() }
    }
    /// A number that goes up and down.
    public func gauge(_ name: String, _ help: String, _ labels: [String: String] = [:]) -> Gauge {
        series(name, help, "gauge", labels) { Gauge() }
    }
    /// A distribution over fixed buckets.
    public func histogram(
        _ name: String, _ help: String, _ labels: [String: String] = [:], buckets: [Double] = Histogram.seconds
    ) -> Histogram {
        series(name, help, "histogram", labels) { Histogram(buckets: buckets) }
    }

    /// The whole registry as text, sorted by name and labels.
    public func render() -> String {
        families.withLock { families in
            var out = ""
            for (name, family) in families.sorted(by: { $0.key < $1.key }) {
                out += "# HELP \(name) \(Self.escape(family.help, quotes: false))\n# TYPE \(name) \(family.kind)\n"
                for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                    series.render(name: name, labels: labels, into: &out)
                }
            }
            return out
        }
    }

    private func series<S: Series>(
        _ name: String, _ help: String, _ kind: String, _ labels: [String: String], make: () -> S
    ) -> S {
        let key = Self.labelText(labels)
        return families.withLock { families in
            if let known = families[name]?.series[key] {
                guard let same = known as? S else { preconditionFailure("metric \(name) is registered as another kind") }
                return same
            }
            let made = make()
            families[name, default: Family(help: help, kind: kind)].series[key] = made
            return made
        }
    }

    static func labelText(_ labels: [String: String]) -> String {
        labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(escape($0.value, quotes: true))\"" }.joined(separator: ",")
    }
    private static func escape(_ text: String, quotes: Bool) -> String {
        var out = ""
        for c in text.unicodeScalars {
            switch c {
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\"" where quotes: out += "\\\""
            default: out.unicodeScalars.append(c)
            }
        }
        return out
    }
}

protocol Series: AnyObject, Sendable {
    func render(name: String, labels: String, into out: inout String)
}

public final class Counter: Series {
    private let value = Locked(0.0)
    init() {}
    public func add(_ n: Int = 1) { value.withLock { $0 += Double(n) } }
    public func add(_ x: Double) { value.withLock { $0 += x } }
    public var current: Double { value.withLock { $0 } }
    func render(name: String, labels: String, into out: inout String) {
        out += "\(name)\(braced(labels)) \(number(current))\n"
    }
}

public final class Gauge: Series {
    private let value = Locked(0.0)
    init() {}
    public func set(_ x: Double) { value.withLock { $0 = x } }
    public func add(_ x: Double) { value.withLock { $0 += x } }
    public var current: Double { value.withLock { $0 } }
    func render(name: String, labels: String, into out: inout String) {
        out += "\(name)\(braced(labels)) \(number(current))\n"
    }
}

public final class Histogram: Series {
    /// 1 ms to 60 s.
    public static let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

    private struct State {
        var counts: [Int]
        var sum = 0.0
    }
    private let bounds: [Double]
    private let state: Locked<State>

    init(buckets: [Double]) {
        bounds = buckets.sorted()
        state = Locked(State(counts: Array(repeating: 0, count: buckets.count + 1)))
    }
    public func observe(_ x: Double) {
        let bucket = bounds.firstIndex { x <= $0 } ?? bounds.count
        state.withLock {
            $0.counts[bucket] += 1
            $0.sum += x
        }
    }
    public func observe(_ duration: Duration) {
        let parts = duration.components
        observe(Double(parts.seconds) + Double(parts.attoseconds) * 1e-18)
    }
    func render(name: String, labels: String, into out: inout String) {
        let snapshot = state.withLock { $0 }
        let prefix = labels.isEmpty ? "" : labels + ","
        var running = 0
        for (i, count) in snapshot.counts.enumerated() {
            running += count
            let bound = i < bounds.count ? number(bounds[i]) : "+Inf"
            out += "\(name)_bucket{\(prefix)le=\"\(bound)\"} \(running)\n"
        }
        out += "\(name)_sum\(braced(labels)) \(number(snapshot.sum))\n\(name)_count\(braced(labels)) \(running)\n"
    }
}

private func braced(_ labels: String) -> String { labels.isEmpty ? "" : "{\(labels)}" }

private func number(_ x: Double) -> String {
    if x == x.rounded(), abs(x) < 1e15 { return String(Int(x)) }
    return x.isNaN ? "NaN" : x == .infinity ? "+Inf" : x == -.infinity ? "-Inf" : "\(x)"
}
