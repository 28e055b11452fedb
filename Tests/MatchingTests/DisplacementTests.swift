import Domain
import Tabular
import Testing

@testable import Matching

@Suite("Cells in the wrong column")
struct DisplacementTests {
    /// Books, each twice; `move` changes the second entry of a book.
    private func books(_ n: Int, move: (inout [String?], inout TestRandom) -> Void) -> Fixture {
        var r = TestRandom(state: 5)
        var rows: [[String?]] = []
        for _ in 0..<n {
            let title = (0..<5).map { _ in Fixture.word(&r, 3) }.joined(separator: " ")
            let author = "\(Fixture.word(&r)) \(Fixture.word(&r))"
            let book: [String?] = [title, author, Fixture.word(&r, 1), String(1950 + r.below(60))]
            var second = book
            move(&second, &r)
            rows += [book, second]
        }
        let names = ["title", "author", "publisher", "year"]
        return Fixture(names: names, types: [.text, .text, .text, .integer], rows: rows)
    }

    private func displacements(_ table: Fixture) -> Displacements {
        let plan = table.plan(table.batches(1_000_000))
        let sample = table.rows.enumerated().map { i, row in
            SampledRow(hash: UInt64(i), id: UInt64(i), cells: row.map { Array(($0 ?? "").utf8) })
        }
        let compared = CompareTable(
            plan: plan, columns: Array(table.names.indices), scale: 1, sample: sample,
            candidates: RowStore(columns: table.names.count), canaries: [], threads: 1)
        let rows = Int32(sample.count)
        let pairs = (0..<rows).flatMap { a in ((a + 1)..<max(a + 1, min(rows, a + 6))).map { (a: a, b: $0) } }
        return Displacements(compared, pairs: pairs)
    }

    @Test("authors at the end of titles are found, and what they say is used")
    func moved() throws {
        let table = books(120) { row, r in
            if r.chance(0.6) {
                row[0] = "\(row[0]!) \(row[1]!)"
                row[1] = nil
            }
        }
        #expect(displacements(table).moves.map(\.into) == [0])
        #expect(displacements(table).moves.first?.from == [1])
        let found = try table.run()
        let pairs = (found.drops + found.suggestions).map { [$0.row.ordinal / 2, $0.kept.ordinal / 2] }
        #expect(pairs.count >= 118)
        #expect(pairs.allSatisfy { $0[0] == $0[1] })
        let told = (found.drops + found.suggestions).filter { $0.explanation.contains { $0.column == 1 && $0.level == 5 } }
        #expect(told.count > 50)
        #expect(told.allSatisfy { table.rows[max($0.row, $0.kept).ordinal][1] == nil })
    }

    @Test("cells that are missing have not moved")
    func missing() {
        let table = books(120) { row, r in if r.chance(0.6) { row[1] = nil } }
        #expect(displacements(table).moves.isEmpty)
    }

    @Test("a text that repeats a column has not taken its values in")
    func repeated() {
        var table = books(120) { row, r in if r.chance(0.6) { row[1] = nil } }
        var r = TestRandom(state: 8)
        for i in table.rows.indices {
            // Half of the rows that have the author repeat it, and all that have not say it.
            if table.rows[i][1] != nil, r.chance(0.5) { continue }
            let author = table.rows[i][1] ?? table.rows[i - 1][1]!
            table.rows[i][0] = "\(table.rows[i][0]!) by \(author) \(Fixture.word(&r))"
        }
        #expect(displacements(table).moves.isEmpty)
    }
}
