/// Groups rows by accepted pairs: connected components that hold together as a whole.
struct ClusterBuilder {
    /// Pair of positions and its margin over the drop threshold (> 0: accepted).
    struct Edge {
        var a: Int
        var b: Int
        var margin: Double
    }

    static let maximumComponent = 300
    static let clip = 12.0

    let rows: Int
    /// Share of the best link in the linkage of two large groups; the rest is the mean of all links. Up to three rows in all the
    /// mean alone counts, and the share grows with their number: in large groups many links are weak though the rows are one thing.
    let bestShare: Double
    private static let rowsByMean = 3.0
    /// Content order of rows, so that ties do not depend on the order of the input.
    let order: (Int, Int) -> Bool

    /// The groups of two and more rows. `margin` scores any pair.
    func clusters(_ edges: [Edge], margin: (Int, Int) -> Double) -> [[Int]] {
        var raised = [Double](repeating: 0, count: rows)
        var out: [[Int]] = []
        var open = edges.filter { $0.margin > 0 }
        while !open.isEmpty {
            var next: [Edge] = []
            var union = UnionFind(rows)
            open = open.filter { $0.margin > max(raised[$0.a], raised[$0.b]) }
            for e in open { union.join(e.a, e.b) }
            let components = Components(open, &union, rows: rows)
            for i in 0..<components.count {
                let component = components[i].sorted(by: order)
                if component.count <= 2 {
                    out.append(component)
                } else if component.count <= Self.maximumComponent {
                    out += linkage(component, margin)
                } else {
                    // One chained component would swallow a large table: it has to fall apart at a higher threshold.
                    for r in component { raised[r] += 1 }
                }
            }
            for e in open where components.size(union.find(e.a)) > Self.maximumComponent { next.append(e) }
            open = next
        }
        return out
    }

    /// The rows that edges connect, component by component: both ascend, the components by their first row.
    private struct Components {
        private var members: [Int32] = []
        /// Of each component, and where the last one ends.
        private var starts: [Int] = []
        /// By its first row.
        private var sizes: [Int32]

        init(_ edges: [Edge], _ union: inout UnionFind, rows: Int) {
            var isConnected = [Bool](repeating: false, count: rows)
            for e in edges {
                isConnected[e.a] = true
                isConnected[e.b] = true
            }
            sizes = [Int32](repeating: 0, count: rows)
            var connected = 0
            for r in 0..<rows where isConnected[r] {
                sizes[union.find(r)] += 1
                connected += 1
            }
            // Where the next row of a component goes.
            var ends = [Int32](repeating: 0, count: rows)
            members = [Int32](repeating: 0, count: connected)
            var end = 0
            for r in 0..<rows where isConnected[r] {
                let root = union.find(r)
                // The root of a component is its first row.
                if root == r {
                    starts.append(end)
                    ends[r] = Int32(end)
                    end += Int(sizes[r])
                }
                members[Int(ends[root])] = Int32(r)
                ends[root] += 1
            }
            starts.append(end)
        }

        var count: Int { starts.count - 1 }
        subscript(_ i: Int) -> [Int] { members[starts[i]..<starts[i + 1]].map { Int($0) } }
        func size(_ root: Int) -> Int { Int(sizes[root]) }
    }

    /// Average linkage over all pairs of the component while the mean margin is positive.
    private func linkage(_ component: [Int], _ margin: (Int, Int) -> Double) -> [[Int]] {
        let k = component.count
        var s = [Double](repeating: -.infinity, count: k * k)
        var lowest = Double.infinity
        for i in 0..<k {
            for j in (i + 1)..<max(k, i + 1) {
                let v = max(-Self.clip, min(Self.clip, margin(component[i], component[j])))
                s[i * k + j] = v
                s[j * k + i] = v
                lowest = min(lowest, v)
            }
        }
        if lowest > 0 { return [component] }
        var mean = s
        var top = s
        var size = [Double](repeating: 1, count: k)
        var groups = component.map { [$0] }
        var best = (0..<k).map { i in Self.bestPartner(s, i, k) }
        while true {
            var a = -1
            for i in 0..<k where best[i] >= 0 && (a < 0 || s[i * k + best[i]] > s[a * k + best[a]]) { a = i }
            guard a >= 0, s[a * k + best[a]] > 0 else { break }
            let b = best[a]
            for c in 0..<k where c != a && c != b && s[a * k + c] > -.infinity {
                let m = (size[a] * mean[a * k + c] + size[b] * mean[b * k + c]) / (size[a] + size[b])
                let t = max(top[a * k + c], top[b * k + c])
                mean[a * k + c] = m
                mean[c * k + a] = m
                top[a * k + c] = t
                top[c * k + a] = t
                let share = bestShare * max(0, 1 - Self.rowsByMean / (size[a] + size[b] + size[c]))
                let v = share * t + (1 - share) * m
                s[a * k + c] = v
                s[c * k + a] = v
            }
            for c in 0..<k {
                s[b * k + c] = -.infinity
                s[c * k + b] = -.infinity
            }
            size[a] += size[b]
            groups[a] += groups[b]
            groups[b] = []
            for c in 0..<k where c == a || c == b || best[c] == a || best[c] == b { best[c] = Self.bestPartner(s, c, k) }
            for c in 0..<k where best[c] >= 0 && c != a && s[c * k + a] > s[c * k + best[c]] { best[c] = a }
        }
        return groups.filter { $0.count > 1 }
    }

    private static func bestPartner(_ s: [Double], _ i: Int, _ k: Int) -> Int {
        var best = -1
        for j in 0..<k where s[i * k + j] > -.infinity && (best < 0 || s[i * k + j] > s[i * k + best]) { best = j }
        return best
    }
}

/// Disjoint sets with path halving.
struct UnionFind {
    private var parent: [Int32]
    init(_ n: Int) { parent = (0..<n).map { Int32($0) } }

    mutating func find(_ x: Int) -> Int {
        var x = Int32(x)
        while parent[Int(x)] != x {
            parent[Int(x)] = parent[Int(parent[Int(x)])]
            x = parent[Int(x)]
        }
        return Int(x)
    }
    /// The lower root stays, so the outcome does not depend on the order of joins.
    mutating func join(_ a: Int, _ b: Int) {
        let x = find(a)
        let y = find(b)
        if x != y { parent[max(x, y)] = Int32(min(x, y)) }
    }
}
