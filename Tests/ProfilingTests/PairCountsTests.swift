import Domain
import Profiling
import Tabular
import Testing

@Suite("Counts of value pairs")
struct PairCountsTests {
    private let dependencies = [Dependency(lhs: [0], rhs: 1), Dependency(lhs: [0, 2], rhs: 1)]

    /// Rows whose first column decides the second one but for every ninth row; every seventh has no second value.
    private func batch(_ rows: Range<Int>, keys: Int) -> TextBatch {
        TextBatch.of(
            columns: 3,
            rows.map { i in
                let key = Int(Hash.mix(UInt64(i)) % UInt64(keys))
                return ["k\(key)", i % 7 == 0 ? nil : i % 9 == 0 ? "odd\(i)" : "v\(key % 50)", "c\(i % 3)"]
            })
    }
    private func profile(_ parts: [(chunk: Int, rows: Range<Int>)], keys: Int) -> TableProfile {
        let out = TableProfile(columns: 3, dependencies: dependencies)
        for part in parts {
            let batch = batch(part.rows, keys: keys)
            out.add(batch, rows: 0..<batch.rows, chunk: part.chunk)
        }
        return out
    }

    @Test("are exact, missing right values included")
    func exact() {
        let counts = profile([(0, 0..<2000)], keys: 10).pairs[0]
        var truth: [[String?]: Int] = [:]
        let batch = batch(0..<2000, keys: 10)
        for r in 0..<2000 { truth[[batch.string(r, 0), batch.string(r, 1)], default: 0] += 1 }
        #expect(counts.pairs.count == truth.count)
        #expect(counts.pairs.reduce(0) { $0 + $1.count } == 2000)
        for pair in counts.pairs {
            let key = truth.keys.first { Hash.h64($0[0] ?? "") == pair.lhs && ($0[1].map { Hash.h64($0) } ?? 0) == pair.rhs }
            #expect(key.flatMap { truth[$0] } == pair.count)
            #expect(counts.text(of: pair.rhs) == key?[1])
        }
        #expect(!counts.isTrimmed)
    }

    @Test("do not depend on the order of chunks, nor on being written and read, trimmed or not", arguments: [50, 90_000])
    func order(keys: Int) throws {
        let rows = keys > 1000 ? 120_000 : 4_000
        let cuts = [0, rows / 5, rows / 2, rows * 4 / 5, rows]
        let parts = (0..<4).map { (chunk: $0, rows: cuts[$0]..<cuts[$0 + 1]) }
        let whole = profile(parts, keys: keys)
        let merged = TableProfile(columns: 3, dependencies: dependencies)
        for part in parts.reversed() { merged.merge(try TableProfile(decoding: profile([part], keys: keys).encode())) }
        #expect(whole.encode() == merged.encode())
        #expect(whole.pairs[0].isTrimmed == (keys > 1000))
    }

    @Test("a damaged profile is refused, never a crash")
    func damaged() throws {
        let bytes = profile([(0, 0..<500)], keys: 9).encode()
        for cut in stride(from: 1, to: bytes.count, by: 97) {
            #expect(throws: SanitizerError.self) { try TableProfile(decoding: Array(bytes.prefix(cut))) }
        }
    }
}
