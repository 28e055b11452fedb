import Domain
import Tabular
import Testing

@testable import Matching

@Suite("Persons of one household")
struct PersonsTests {
    private func households(_ counts: [UInt8: Int], misspelt: Int = 1000, likeness: Double = 1) -> Households {
        func verdicts(_ persons: Persons, _ count: Int) -> [PairVerdict] {
            [PairVerdict](
                repeating: PairVerdict(score: 0, mayDrop: false, assertion: 0, likeness: likeness, persons: persons), count: count
            )
        }
        return Households(
            counts.flatMap { verdicts(Persons(others: $0), $1) } + verdicts(Persons(isNameMisspelt: true), misspelt))
    }

    @Test("two things are others together more often than by chance, or names are replaced more often than misspelt")
    func detection() {
        let (name, birth, own) = (Persons.name, Persons.birth, Persons.own)
        // As many as errors in both make: 2,000 * .1 * .2.
        #expect(households([0: 1000, name: 200, birth: 400, name | birth: 45]) == .none)
        #expect(households([0: 1000, name: 200, birth: 400, name | birth: 165]).areToldByTwo)
        #expect(households([0: 1000, name: 10, own: 10, birth | own: 15, name | birth | own: 15]).areToldByTwo)
        // Too few, or of rows that do not resemble each other.
        #expect(households([0: 1000, name | birth: 20]) == .none)
        #expect(households([name | birth: 500], likeness: -1) == .none)
        #expect(households([name: 190], misspelt: 100) == .none)
        #expect(households([name: 210], misspelt: 100).areToldByName)
    }

    @Test("what tells two persons apart")
    func persons() {
        let (name, birth, own) = (Persons.name, Persons.birth, Persons.own)
        let byTwo = households([0: 1000, birth | own: 300])
        let byName = households([name: 300], misspelt: 10)
        #expect(byTwo.tellApart(Persons(others: name | own)) && !byTwo.tellApart(Persons(others: name)))
        #expect(byTwo.tellApart(Persons(others: birth, areNamedAlike: false)) && !byTwo.tellApart(Persons(others: birth)))
        #expect(!byTwo.tellApart(Persons(others: birth, areNamedAlike: false, sharesOwn: true)))
        #expect(byTwo.tellApart(Persons(mailNamesAnother: true)))
        #expect(!byTwo.tellApart(Persons(mailNamesAnother: true, areSurelyOne: true)))
        #expect(!byName.tellApart(Persons(mailNamesAnother: true)))
        #expect(byName.tellApart(Persons(others: name)) && !byName.tellApart(Persons(others: birth | own)))
        #expect(!Households.none.tellApart(Persons(others: name | birth | own)))
        #expect(Persons(others: name).areApart && !Persons(others: name, areSurelyOne: true).areApart)
    }

    private func table(_ rows: [[String?]], semantics: [SemanticType]) -> CompareTable {
        let names = semantics.indices.map { "c\($0)" }
        let fixture = Fixture(names: names, types: names.map { _ in .text }, rows: rows, semantics: semantics)
        let sample = rows.enumerated().map { i, row in
            SampledRow(hash: UInt64(i), id: UInt64(i), cells: row.map { Array(($0 ?? "").utf8) })
        }
        return CompareTable(
            plan: fixture.plan(fixture.batches(100)), columns: Array(names.indices), scale: 1, sample: sample,
            candidates: RowStore(columns: names.count), canaries: [], threads: 1)
    }

    @Test(
        "an address for mail says whose row it is that has no first name",
        arguments: [
            (nil, "jenniferrichardson@mail.com", true), (nil, "jennifer.richardson12@mail.com", true),
            (nil, "jrichardson@mail.com", true), (nil, "arichardson7@mail.com", false),
            (nil, "anthony_richardson@mail.com", false),
            (nil, "antony.richardson@mail.com", false), (nil, "richardson@mail.com", false), (nil, "jr12@mail.com", false),
            (nil, "jr.richardson@mail.com", false), (nil, "jennifer@richardson.com", true), (nil, nil, false),
            ("Jennifer", "jenniferrichardson@mail.com", true), ("Jennifer", "richardson@mail.com", true),
            ("Antony", "antonyrichardson@mail.com", false),
        ] as [(String?, String?, Bool)])
    func mail(first: String?, mail: String?, isAnother: Bool) throws {
        let other: [String?] = ["Anthony", "Richardson", "a.richardson@web.org"]
        let apart = table([other, [first, "Richardson", mail]], semantics: [.personName, .personName, .email])
        let names = try #require(MailNames(apart))
        #expect(names.nameAnother(0, 1) == isAnother)
        #expect(names.nameAnother(1, 0) == isAnother)
        let whole = table(
            [["Anthony Richardson", other[2]], [[first, "Richardson"].compactMap(\.self).joined(separator: " "), mail]],
            semantics: [.personName, .email])
        let again = try #require(MailNames(whole))
        #expect(again.nameAnother(1, 0) == isAnother)
    }

    @Test(
        "an address stands for a surname that is missing, and two addresses for first names that are",
        arguments: [
            ([nil, "Ross", "hiroshi_ross@mail.com"], [nil, "Ross", "dross@mail.com"], true),
            ([nil, "Ross", "dross12@web.org"], [nil, "Ross", "daniel.ross@mail.com"], false),
            (["Robert", nil, "robert.farwall@web.org"], ["Imogen", "Farwall", "imogen.farwall@mail.com"], true),
            (["Billy", nil, "bkingsridge@mail.com"], ["Billy", "Kingsridge", nil], false),
            (["Jacob", "Stockhill", "jacobstockhill@mail.com"], ["Jacob", "Stockhill", "stockhillj@web.org"], false),
            (["Jacob", "Stockhill", "jacobstockhill@mail.com"], ["Jacob", "Stockhill", "mary.stockhill@web.org"], false),
            (["Anthony", "Bell", "tony.bell@mail.com"], [nil, "Bell", "tonybell@web.org"], false),
        ] as [([String?], [String?], Bool)])
    func mails(a: [String?], b: [String?], isAnother: Bool) throws {
        let names = try #require(MailNames(table([a, b], semantics: [.personName, .personName, .email])))
        #expect(names.nameAnother(0, 1) == isAnother)
        #expect(names.nameAnother(1, 0) == isAnother)
    }

    @Test("an address says nothing without a name in common, or where the table has no names or no addresses")
    func noMail() throws {
        let strangers = table(
            [["Anthony", "Richardson", "x@y.org"], [nil, "Miller", "jennifermiller@mail.com"]],
            semantics: [.personName, .personName, .email])
        let names = try #require(MailNames(strangers))
        #expect(!names.nameAnother(0, 1))
        #expect(MailNames(table([["A", "B"]], semantics: [.personName, .city])) == nil)
        #expect(MailNames(table([["A", "a@b.org"]], semantics: [.city, .email])) == nil)
    }

    /// The names in those of the rows that go, in a table with families.
    private func drops(_ rows: [[String?]], names: [String], semantics: [SemanticType]) throws -> Set<String> {
        let (table, _) = Fixture.people(600, seed: 5, households: true)
        var people = Fixture(names: names, types: names.map { _ in .text }, rows: [], semantics: semantics)
        people.rows = table.rows.map { [[$0[0], $0[1]].compactMap(\.self).joined(separator: " "), $0[3], $0[4], $0[5]] } + rows
        let decisions = try people.run()
        return Set(decisions.drops.filter { $0.row.ordinal >= table.rows.count }.compactMap { people.rows[$0.row.ordinal][0] })
    }

    @Test("another first name is never dropped, a misspelt one is, and one without stays where it may be either of two")
    func drops() throws {
        func row(_ name: String, _ home: String) -> [String?] {
            [name, "family\(home)@mail.net", "+1-202-555-\(home)", "\(home) Hill Road"]
        }
        let dropped = try drops(
            [
                row("Betty Korlanul", "1001"), row("Jessica Korlanul", "1001"), row("Korlanul", "1001"),
                row("Jeremiah Ostenfin", "1002"), row("Jeremaih Ostenfin", "1002"), row("Ostenfin", "1003"),
                row("Ulrike Ostenfin", "1003"),
            ], names: ["name", "mail", "phone", "home"], semantics: [.personName, .email, .phone, .address])
        #expect(dropped == ["Jeremaih Ostenfin", "Ulrike Ostenfin"])
    }

    @Test("are no duplicates of each other, and those of each are found", arguments: [true, false])
    func people(households: Bool) throws {
        let (table, entity) = Fixture.people(900, seed: 31, households: households)
        let decisions = try table.run()
        let asserted = (decisions.drops + decisions.suggestions).map { ($0.row.ordinal, $0.kept.ordinal) }
        let right = asserted.count { entity[$0.0] == entity[$0.1] }
        let planted = entity.count - Set(entity).count
        // A brother may be born on a similar day.
        #expect(Double(right) >= 0.93 * Double(asserted.count), "\(right) of \(asserted.count)")
        #expect(Double(right) >= 0.95 * Double(planted), "\(right) of \(planted)")
    }
}
