import Domain
import Tabular
import Testing

@testable import Matching

@Suite("Recurring rows")
struct RecurringRowsTests {
    private func person(_ i: Int, _ r: inout TestRandom) -> [String?] {
        [
            "C\(10_000 + i)", Fixture.word(&r, 1), Fixture.word(&r),
            "\(1950 + r.below(55))-\(10 + r.below(3))-\(10 + r.below(19))",
            "0\(100 + r.below(900)) \(100_000 + r.below(900_000))",
        ]
    }

    @Test("visits of one patient are no duplicates, however alike", arguments: [8, 12, 30], [300, 1200])
    func visits(ofTenPatients visits: Int, rows: Int) throws {
        var r = TestRandom(state: UInt64(visits * rows))
        var table = Fixture(
            names: ["visit", "patient", "first_name", "last_name", "born", "phone", "reason", "doctor", "day"],
            types: [.text, .text, .text, .text, .date, .text, .text, .text, .date], rows: [],
            semantics: [.identifier, .identifier, .personName, .personName, .dateOfBirth, .phone, .category, .category, .date])
        let patients = (0..<rows * 10 / visits).map { person($0, &r) }
        for i in 0..<rows {
            let visit = [r.pick(["checkup", "flu", "x-ray", "vaccination"]), r.pick(["Dr. Adams", "Dr. Baker"])]
            table.rows.append(["V\(i)"] + r.pick(patients) + visit + ["2024-\(10 + r.below(3))-\(10 + r.below(19))"])
        }
        let found = try table.run()
        // Two visits on one day for the same reason are as good as one.
        let drops = found.drops.filter { table.rows[$0.row.ordinal].dropFirst() != table.rows[$0.kept.ordinal].dropFirst() }
        #expect(drops.isEmpty, "\(drops.prefix(2).map { (table.rows[$0.row.ordinal], table.rows[$0.kept.ordinal]) })")
        #expect(!found.suggestions.isEmpty)
    }

    @Test("lines that order the same article for the same price are no duplicates", arguments: [250, 600, 1500])
    func orders(rows: Int) throws {
        var r = TestRandom(state: UInt64(rows))
        var table = Fixture(
            names: ["line", "sku", "product", "supplier", "price"], types: [.text, .text, .text, .text, .decimal], rows: [],
            semantics: [.identifier, .identifier, .other, .other, .quantity])
        let articles = (0..<105).map { i in
            [
                "SKU0\(1000 + i)", "\(Fixture.word(&r)) \(["Pro", "Max", "Mini", "II"][i % 4])", Fixture.word(&r),
                "\(5 + r.below(400)).00",
            ]
        }
        for i in 0..<rows {
            var article = r.pick(articles)
            if r.chance(0.1) { article[3] = "\(5 + r.below(400)).90" }
            table.rows.append(["L\(i)"] + article)
        }
        let found = try table.run()
        #expect(found.drops.isEmpty)
        #expect(found.statistics.note.contains("rows recur") == (found.statistics.recall?.dropped == 0))
    }

    @Test("people who were entered twice, some of them misspelt, are dropped")
    func entries() throws {
        var r = TestRandom(state: 5)
        var table = Fixture(
            names: ["number", "first_name", "last_name", "born", "phone", "street"],
            types: [.text, .text, .text, .date, .text, .text], rows: [],
            semantics: [.identifier, .personName, .personName, .dateOfBirth, .phone, .address])
        for i in 0..<600 {
            var row: [String?] = Array(person(i, &r).dropFirst()) + ["\(r.below(90)) \(Fixture.word(&r)) Road"]
            table.rows.append(["N\(table.rows.count)"] + row)
            if i % 4 != 0 { continue }
            if i % 8 == 0 { row[1] = Fixture.typo(row[1] ?? "", &r) }
            table.rows.append(["N\(table.rows.count)"] + row)
        }
        let found = try table.run()
        #expect(found.drops.count > 100)
        #expect(!found.statistics.note.contains("rows recur"))
    }
}
