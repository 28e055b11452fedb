import Domain
import Tabular
import Testing

@testable import Matching

@Suite struct TierTests {
    /// Articles of makers: siblings differ in vintage, size or colour and agree in everything else.
    private static func catalogue(_ n: Int, seed: UInt64, duplicates: Int) -> (table: Fixture, entity: [Int]) {
        var r = TestRandom(state: seed)
        var rows: [[String?]] = []
        var entity: [Int] = []
        while rows.count < n {
            let maker = Fixture.word(&r) + " Works"
            let town = Fixture.word(&r) + "ville"
            for _ in 0..<(2 + r.below(4)) {
                let name = "\(Fixture.word(&r)) \(Fixture.word(&r)) \(r.pick(["Lamp", "Chair", "Table", "Shelf"]))"
                let price = "\(10 + r.below(400)).50"
                for variant in ["", " (2019)", " 40 cm"].prefix(1 + r.below(3)) {
                    entity.append(rows.count)
                    rows.append([name + variant, r.pick(["oak", "pine", "steel"]), price, maker, town])
                }
            }
        }
        for _ in 0..<duplicates {
            let j = r.below(n)
            entity.append(j)
            rows.append([rows[j][0].map { Fixture.typo($0.uppercased(), &r) }] + rows[j].dropFirst())
        }
        return (
            Fixture(
                names: ["article", "material", "price", "maker", "town"], types: [.text, .text, .decimal, .text, .text],
                rows: rows),
            entity
        )
    }

    /// Two shops that describe the same things in their own words around a model number.
    private static func offers(_ n: Int, seed: UInt64) -> (table: Fixture, entity: [Int]) {
        var r = TestRandom(state: seed)
        let makers = (0..<12).map { _ in Fixture.word(&r) }
        let kinds = ["Camera", "Printer", "Speaker", "Phone", "Monitor", "Router"]
        let colours = ["Black", "Silver", "White", "Red"]
        func letters(_ n: Int, _ r: inout TestRandom) -> String {
            (0..<n).map { _ in String(r.pick(Array("ABCDEFGHKLMNPRSTWXZ"))) }.joined()
        }
        var rows: [[String?]] = []
        var entity: [Int] = []
        for i in 0..<n {
            let maker = r.pick(makers)
            let kind = r.pick(kinds)
            let colour = r.pick(colours)
            let (front, number) = (letters(2, &r), "\(letters(1, &r))\(100 + r.below(900))\(letters(1, &r))")
            rows.append([
                "\(maker) \(colour) \(r.pick(["Digital", "Compact", "Wireless"])) \(kind) - \(front)\(number)",
                "\(20 + r.below(800)).00",
            ])
            entity.append(i)
            if i % 2 == 0 {
                rows.append(["\(maker) \(front)-\(number) \(kind) (\(colour))", r.chance(0.5) ? nil : "\(20 + r.below(800)).99"])
                entity.append(i)
            }
        }
        return (Fixture(names: ["title", "price"], types: [.text, .decimal], rows: rows), entity)
    }

    /// Two shops: one writes the model number into its titles, the other into a column of its own. Weights are rounded, and differ.
    private static func listings(_ n: Int, seed: UInt64) -> (table: Fixture, entity: [Int]) {
        var r = TestRandom(state: seed)
        let makers = (0..<10).map { _ in Fixture.word(&r) }
        var rows: [[String?]] = []
        var entity: [Int] = []
        for i in 0..<n {
            let maker = r.pick(makers)
            let words = (0..<3).map { _ in Fixture.word(&r) }
            let number =
                "\(r.pick(Array("ABCDEFGH")))\(r.pick(Array("KLMNPRST")))\(1000 + r.below(9000))\(r.pick(["", "B", "X"]))"
            rows.append(["\(maker) \(words.joined(separator: " ")) \(number)", nil, maker, "\(1 + r.below(9))"])
            entity.append(i)
            if i % 2 == 0 {
                rows.append(["\(maker) \(words[0]) \(words[1]) \(Fixture.word(&r))", number, maker, "\(1 + r.below(9))"])
                entity.append(i)
            }
        }
        return (
            Fixture(names: ["title", "model", "brand", "weight"], types: [.text, .text, .text, .integer], rows: rows), entity
        )
    }

    /// Precision and recall over pairs of rows in what is dropped or suggested.
    private static func asserted(_ d: MatchDecisions, _ entity: [Int]) -> (precision: Double, recall: Double) {
        var union = UnionFind(entity.count)
        for x in d.drops + d.suggestions { union.join(x.row.ordinal, x.kept.ordinal) }
        var both = 0
        var found = 0
        var truth = 0
        for i in entity.indices {
            for j in entity.indices.dropFirst(i + 1) {
                let f = union.find(i) == union.find(j)
                let t = entity[i] == entity[j]
                found += f ? 1 : 0
                truth += t ? 1 : 0
                both += f && t ? 1 : 0
            }
        }
        return (found == 0 ? 1 : Double(both) / Double(found), truth == 0 ? 1 : Double(both) / Double(truth))
    }

    @Test("every tier finds people again and drops nobody else", arguments: [NearTier.fast, .balanced, .thorough], [41, 42])
    func people(tier: NearTier, seed: Int) throws {
        var (table, entity) = Fixture.customers(900, seed: UInt64(seed))
        table.deduplicate.near = tier
        let d = try table.run()
        #expect(d.statistics.tier == tier)
        #expect(d.drops.allSatisfy { entity[$0.row.ordinal] == entity[$0.kept.ordinal] })
        let (precision, recall) = Self.asserted(d, entity)
        #expect(precision > 0.98)
        #expect(recall > (tier == .fast ? 0.9 : 0.97))
    }

    @Test(
        "vintages and sizes are articles of their own, misspelt names are not", arguments: [NearTier.balanced, .thorough],
        [51, 52])
    func catalogues(tier: NearTier, seed: Int) throws {
        var (table, entity) = Self.catalogue(700, seed: UInt64(seed), duplicates: 25)
        table.deduplicate.near = tier
        let d = try table.run()
        let wrong = d.drops.filter { entity[$0.row.ordinal] != entity[$0.kept.ordinal] }
        #expect(wrong.isEmpty, "\(wrong.prefix(3).map { (table.rows[$0.row.ordinal], table.rows[$0.kept.ordinal]) })")
        #expect(Self.asserted(d, entity).recall > 0.6)
    }

    @Test("a model number in a title is found in the column of model numbers", arguments: [81, 82])
    func numbersAcrossColumns(seed: Int) throws {
        let (table, entity) = Self.listings(600, seed: UInt64(seed))
        let (precision, recall) = Self.asserted(try table.run(), entity)
        #expect(precision > 0.9)
        #expect(recall > 0.8)
    }

    @Test("a catalogue without duplicates loses nothing", arguments: [NearTier.fast, .balanced, .thorough], [61, 62, 63])
    func cleanCatalogues(tier: NearTier, seed: Int) throws {
        var (table, _) = Self.catalogue(600, seed: UInt64(seed), duplicates: 0)
        table.deduplicate.near = tier
        #expect(try table.run().drops.isEmpty)
    }

    @Test("offers of one model are found by its number, whatever the words around it", arguments: [71, 72])
    func modelNumbers(seed: Int) throws {
        var (table, entity) = Self.offers(400, seed: UInt64(seed))
        table.deduplicate.near = .thorough
        let d = try table.run()
        let (precision, recall) = Self.asserted(d, entity)
        #expect(precision > 0.95)
        #expect(recall > 0.5)
    }

    @Test("across sources people are still found, and nobody else")
    func sources() throws {
        var (table, entity) = Fixture.customers(600, seed: 81, exact: 0, near: 0.1)
        table.names.append("source")
        table.types.append(.text)
        for i in table.rows.indices { table.rows[i].append(i % 2 == 0 ? "ours" : "theirs") }
        table.deduplicate.across = "source"
        let d = try table.run()
        #expect(!d.drops.isEmpty || !d.suggestions.isEmpty)
        for x in d.drops + d.suggestions {
            #expect(entity[x.row.ordinal] == entity[x.kept.ordinal])
        }
    }

    @Test(
        "events stay in every tier, and hardly any is suggested", arguments: [NearTier.balanced, .thorough],
        Fixture.Events.allCases)
    func events(tier: NearTier, kind: Fixture.Events) throws {
        var table = Fixture.events(kind, 1000, seed: 77)
        table.deduplicate.near = tier
        let d = try table.run()
        #expect(d.nearCount == 0)
        // Two victims of one incident differ in their number alone.
        #expect(d.suggestions.count <= (kind == .incidents ? 110 : 10))
    }
}
