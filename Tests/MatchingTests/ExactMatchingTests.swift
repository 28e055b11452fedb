import Domain
import Tabular
import Testing

@testable import Matching

@Suite struct ExactMatchingTests {
    static func table(_ rows: [[String?]]) -> Fixture {
        var d = Deduplication()
        d.near = .off
        return Fixture(
            names: (0..<(rows.first?.count ?? 1)).map { "c\($0)" },
            types: Array(repeating: .text, count: rows.first?.count ?? 1), rows: rows, deduplicate: d)
    }

    @Test("of equal rows the first stays and every other one points to it")
    func firstStays() throws {
        let d = try Self.table([["a", "1"], ["b", "2"], ["a", "1"], ["a", "1"], ["b", "3"]]).run()
        #expect(d.drops.map(\.row.ordinal) == [2, 3])
        #expect(d.drops.allSatisfy { $0.kept.ordinal == 0 && $0.kind == .exact && $0.score == 1 })
    }

    @Test("a missing cell equals an empty one, but text does not move between cells")
    func cellsKeepTheirPlace() throws {
        let d = try Self.table([["a", nil], ["a", ""], ["ab", "c"], ["a", "bc"], [nil, "a"]]).run()
        #expect(d.drops.map(\.row.ordinal) == [1])
    }

    @Test("rows that differ in a row number alone are not exact duplicates")
    func rowNumberCounts() throws {
        let rows = (0..<200).map { [String($0), "same", "text"] as [String?] }
        #expect(try Self.table(rows).run().drops.isEmpty)
    }

    @Test("every planted exact duplicate is found and nothing else", arguments: [1, 7, 5000], [1, 5])
    func plantedDuplicates(chunkRows: Int, partitions: Int) throws {
        var r = TestRandom(state: UInt64(chunkRows * 31 + partitions))
        var rows: [[String?]] = []
        var firstOf: [[String?]: Int] = [:]
        var truth: [Int: Int] = [:]
        for i in 0..<300 {
            let row: [String?] =
                r.chance(0.1) && i > 0 ? rows[r.below(i)] : [String(r.below(120)), r.chance(0.1) ? nil : String(r.below(9))]
            if let first = firstOf[row] { truth[i] = first } else { firstOf[row] = i }
            rows.append(row)
        }
        let d = try Self.table(rows).run(.init(chunkRows: chunkRows, partitions: partitions, reversesArrival: true))
        #expect(Dictionary(uniqueKeysWithValues: d.drops.map { ($0.row.ordinal, $0.kept.ordinal) }) == truth)
    }

    @Test("with exact off no row is dropped as equal")
    func exactOff() throws {
        var t = Self.table([["a"], ["a"]])
        t.deduplicate.exact = false
        #expect(try t.run().drops.isEmpty)
    }

    @Test("empty tables and tables of one row have no duplicates", arguments: [0, 1])
    func tiny(n: Int) throws {
        var t = Self.table([["a", "b"]])
        t.rows = Array(t.rows.prefix(n))
        t.deduplicate.near = .auto
        #expect(try t.run().drops.isEmpty)
    }
}
