import Domain
import Tabular

@testable import Matching

/// Deterministic numbers for generated tables (SplitMix64).
struct TestRandom: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Hash.mix(state)
    }
    mutating func below(_ n: Int) -> Int { Int(next() % UInt64(n)) }
    mutating func pick<T>(_ items: [T]) -> T { items[below(items.count)] }
    mutating func chance(_ p: Double) -> Bool { Double(next() >> 11) / Double(1 << 53) < p }
}

/// A table, its recipe, and the way through all steps of matching.
struct Fixture {
    var names: [String]
    var types: [ColumnType]
    var rows: [[String?]]
    /// By column; without them all are of no special meaning.
    var semantics: [SemanticType] = []
    var deduplicate = Deduplication()
    /// The input of every chunk.
    var chunkInputs: [Int] = []

    struct Shape: Sendable {
        var chunkRows = 1_000_000
        var partitions: Int?
        var stripes: Int?
        var threads = 1
        var roundRows: Int?
        var reversesArrival = false
    }

    func batches(_ chunkRows: Int) -> [TextBatch] {
        stride(from: 0, to: rows.count, by: chunkRows).map {
            TextBatch.of(columns: names.count, Array(rows[$0..<min(rows.count, $0 + chunkRows)]))
        }
    }

    func plan(_ sample: [TextBatch]) -> MatchPlan {
        var recipe = Recipe()
        recipe.deduplicate = deduplicate
        for (i, (name, type)) in zip(names, types).enumerated() {
            var c = ColumnRecipe(name: name)
            c.type = type
            c.semantic = i < semantics.count ? semantics[i] : nil
            recipe.columns.append(c)
        }
        return MatchPlan.make(
            recipe: recipe, names: names, sampleBatches: sample, plannedRows: rows.count, salt: "test",
            chunkSources: chunkInputs)
    }

    /// Decisions with rows as indices into `rows`, whatever the chunks.
    func run(_ shape: Shape = Shape()) throws -> MatchDecisions {
        let all = batches(shape.chunkRows)
        var plan = plan(batches(20_000))
        if let partitions = shape.partitions { plan.partitions = partitions }
        if let stripes = shape.stripes { plan.stripes = stripes }
        var blobs: [[UInt8]] = []
        for (i, b) in all.enumerated() {
            let builder = KeyBuilder(plan: plan)
            builder.add(b, rows: 0..<b.rows, chunk: i)
            blobs.append(builder.finish())
        }
        if shape.reversesArrival { blobs.reverse() }
        let resolver = MatchResolver(plan: plan, threads: shape.threads, roundRows: shape.roundRows ?? MatchResolver.maximumRows)
        var matches: [[UInt8]] = []
        for p in 0..<plan.partitions {
            let matcher = PartitionMatcher(plan: plan, partition: p)
            for blob in blobs { try matcher.add(Array(blob[SlicedBlob.range(blob, p)])) }
            matches.append(matcher.finish().encode(stripes: plan.stripeCount))
            resolver.add(try PartitionMatches(head: Array(matches[p][SlicedBlob.range(matches[p], 0)])))
        }
        for s in 1...plan.stripeCount {
            let stripe = CandidateStripe(plan: plan)
            for blob in matches { try stripe.add(Array(blob[SlicedBlob.range(blob, s)])) }
            stripe.addUp()
            resolver.add(stripe)
        }
        var d = resolver.resolve { needed in
            let store = RowStore(columns: names.count)
            for (i, b) in all.enumerated() { store.append(b, chunk: i, wanted: needed) }
            return store
        }
        d = try MatchDecisions(decoding: d.encode())
        func flat(_ r: RowID) -> RowID { RowID(chunk: 0, ordinal: r.chunk * shape.chunkRows + r.ordinal) }
        func flat(_ x: RowDecision) -> RowDecision {
            RowDecision(row: flat(x.row), kept: flat(x.kept), kind: x.kind, score: x.score, explanation: x.explanation)
        }
        d.drops = d.drops.map(flat)
        d.suggestions = d.suggestions.map(flat)
        d.fills = d.fills.map {
            GapFill(row: flat($0.row), column: $0.column, text: $0.text, from: flat($0.from), score: $0.score)
        }
        return d
    }
}

extension Fixture {
    private static let syllables = "an ber cor dal el fin gar hol im jen kra lor man nor ols per qua ros sten tor ul vin".split(
        separator: " ")

    static func word(_ r: inout TestRandom, _ n: Int = 2) -> String {
        let w = (0..<n + r.below(2)).map { _ in String(r.pick(syllables)) }.joined()
        return w.prefix(1).uppercased() + w.dropFirst()
    }

    static func typo(_ text: String, _ r: inout TestRandom) -> String {
        var b = Array(text)
        guard b.count > 3 else { return text }
        let i = 1 + r.below(b.count - 2)
        switch r.below(3) {
        case 0: b.remove(at: i)
        case 1: b.swapAt(i, i + 1)
        default: b.insert("e", at: i)
        }
        return String(b)
    }

    /// People with planted duplicates; `entity[i]` says who row i is.
    static func customers(_ n: Int, seed: UInt64, exact: Double = 0.07, near: Double = 0.05) -> (table: Fixture, entity: [Int]) {
        var r = TestRandom(state: seed)
        var rows: [[String?]] = []
        var entity: [Int] = []
        let cities = (0..<60).map { _ in word(&r) + "ville" }
        var id = 0
        while rows.count < n {
            if rows.count > 10, r.chance(exact) {
                let j = r.below(rows.count)
                rows.append(rows[j])
                entity.append(entity[j])
                continue
            }
            id += 1
            if rows.count > 10, r.chance(near) {
                let j = r.below(rows.count)
                var row = rows[j]
                row[0] = String(id)
                for _ in 0..<(1 + r.below(2)) {
                    let c = 1 + r.below(4)
                    row[c] = r.chance(0.2) ? nil : row[c].map { typo($0, &r) }
                }
                rows.append(row)
                entity.append(entity[j])
                continue
            }
            let first = word(&r)
            let last = word(&r)
            rows.append([
                String(id), first + " " + last,
                "\(first.lowercased()).\(last.lowercased())\(r.below(900))@\(r.pick(["gmail.com", "mail.net", "example.org"]))",
                "+1-\(200 + r.below(700))-\(200 + r.below(700))-\(1000 + r.below(9000))",
                "\(1 + r.below(999)) \(word(&r)) \(r.pick(["Street", "Road", "Lane"]))", r.pick(cities),
                "20\(10 + r.below(14))-0\(1 + r.below(9))-1\(r.below(9))",
                r.chance(0.1) ? nil : "\(r.below(90000)).\(1 + r.below(9))",
            ])
            entity.append(rows.count - 1)
        }
        let table = Fixture(
            names: ["id", "name", "email", "phone", "address", "city", "joined", "spent"],
            types: [.integer, .text, .text, .text, .text, .text, .date, .decimal], rows: rows)
        return (table, entity)
    }

    /// People, every fourth of whom stands in the table twice, with errors. In `households` they share surname, address and phone, and a
    /// first name may be missing.
    static func people(_ n: Int, seed: UInt64, households: Bool) -> (table: Fixture, entity: [Int]) {
        var r = TestRandom(state: seed)
        var rows: [[String?]] = []
        var entity: [Int] = []
        while rows.count < n {
            let last = word(&r)
            let home = "\(1 + r.below(999)) \(word(&r)) \(r.pick(["Street", "Road", "Lane"]))"
            let phone = "+1-\(200 + r.below(700))-\(200 + r.below(700))-\(1000 + r.below(9000))"
            for _ in 0..<(households ? 3 : 1) {
                let first = word(&r)
                let birth = "\(1940 + r.below(65))-\(101 + r.below(12))-\(101 + r.below(28))".replacing("-1", with: "-")
                let mail = "\(first.lowercased())\(r.below(9000))@\(r.pick(["gmail.com", "mail.net", "example.org"]))"
                var row: [String?] = [first, last, birth, mail, phone, home]
                if r.chance(0.2) { row[0] = nil }
                rows.append(row)
                entity.append(rows.count - 1)
                if r.chance(0.25) {
                    row[0] = r.chance(0.2) ? nil : typo(first, &r)
                    let c = r.pick([1, 3, 4, 5])
                    row[c] = r.chance(0.2) ? nil : row[c].map { typo($0, &r) }
                    entity.append(entity[rows.count - 1])
                    rows.append(row)
                }
            }
        }
        let table = Fixture(
            names: ["first", "last", "birth", "mail", "phone", "home"], types: [.text, .text, .date, .text, .text, .text],
            rows: rows,
            semantics: [.personName, .personName, .dateOfBirth, .email, .phone, .address])
        return (table, entity)
    }

    enum Events: String, CaseIterable, Sendable { case invoiceLines, readings, log, orders, ledger, prices, stops, incidents }

    /// Tables in which every row is something that happened: near rows are different events.
    static func events(_ kind: Events, _ n: Int, seed: UInt64 = 5) -> Fixture {
        var r = TestRandom(state: seed)
        var rows: [[String?]] = []
        let products = (0..<400).map { i in
            (
                code: "\(20000 + i)\(r.pick(["", "A", "B"]))",
                name: "\(word(&r)) \(word(&r)) \(r.pick(["RED", "BLUE", "PINK"])) MUG", price: "\(1 + r.below(20)).95"
            )
        }
        func clock(_ s: Int) -> String {
            func two(_ v: Int) -> String { v < 10 ? "0\(v)" : String(v) }
            return "2026-03-\(two(1 + s / 86400 % 28))T\(two(s / 3600 % 24)):\(two(s / 60 % 60)):\(two(s % 60))"
        }
        func day(_ i: Int) -> String {
            func two(_ v: Int) -> String { v < 10 ? "0\(v)" : String(v) }
            return "\(1980 + i / 336)-\(two(1 + i / 28 % 12))-\(two(1 + i % 28))"
        }
        switch kind {
        case .invoiceLines:
            var invoice = 536_000
            while rows.count < n {
                invoice += 1
                let customer = String(12000 + r.below(900))
                let time = clock(invoice * 97 / 60 * 60)
                var used = Set<Int>()
                for _ in 0..<(1 + r.below(20)) where rows.count < n {
                    let i = r.below(products.count)
                    if !used.insert(i).inserted { continue }
                    let p = products[i]
                    rows.append([
                        String(invoice), p.code, p.name, String(1 + r.below(12)), time, p.price, customer, "United Kingdom",
                    ])
                }
            }
            return Fixture(
                names: ["invoice", "stock", "description", "quantity", "time", "price", "customer", "country"],
                types: [.integer, .text, .text, .integer, .timestamp, .decimal, .integer, .text], rows: rows)
        case .readings:
            for i in 0..<n {
                rows.append([
                    "sensor-\(i % 40)", clock(i / 40 * 60), "\(20 + r.below(5)).\(r.below(100))", "\(40 + r.below(30))", "ok",
                ])
            }
            return Fixture(
                names: ["sensor", "time", "temperature", "humidity", "state"],
                types: [.text, .timestamp, .decimal, .integer, .text], rows: rows)
        case .log:
            for i in 0..<n {
                rows.append([
                    clock(i / 3), "host-\(r.below(12))", r.pick(["INFO", "WARN"]),
                    "connection from 10.0.\(r.below(255)).\(r.below(255)) port \(1024 + r.below(60000)) accepted by worker \(r.below(16))",
                ])
            }
            return Fixture(
                names: ["time", "host", "level", "message"], types: [.timestamp, .text, .text, .text], rows: rows)
        case .orders:
            for i in 0..<n {
                let p = r.pick(products)
                rows.append([
                    "ORD-\(100_000 + i)", "C\(1000 + r.below(500))", p.code, p.name, String(1 + r.below(4)), p.price,
                    String(clock(i * 400).prefix(10)), r.pick(["paid", "open", "sent"]),
                ])
            }
            return Fixture(
                names: ["order", "customer", "sku", "product", "quantity", "price", "day", "state"],
                types: [.text, .text, .text, .text, .integer, .decimal, .date, .text], rows: rows)
        case .ledger:
            for i in 0..<n {
                rows.append([
                    String(i), String(clock(i * 60).prefix(10)), "DE\(4_000_000 + r.below(300))", "DE\(4_000_000 + r.below(300))",
                    "\(r.below(500)).\(10 + r.below(90))", "Rent \(r.pick(["January", "February", "March"])) flat \(r.below(80))",
                ])
            }
            return Fixture(
                names: ["id", "day", "from", "to", "amount", "purpose"],
                types: [.integer, .date, .text, .text, .decimal, .text], rows: rows)
        case .prices:
            // On quiet days all prices of a day are the same, and met again.
            for i in 0..<n {
                let price = "\(16 + i / 200).\(100 + r.below(300))"
                rows.append([day(i), price, price, price, price, String(1_000_000 + r.below(900_000))])
            }
            return Fixture(
                names: ["day", "open", "high", "low", "close", "volume"],
                types: [.date, .decimal, .decimal, .decimal, .decimal, .integer], rows: rows)
        case .stops:
            // A place comes with its position wherever it is met.
            let places = (0..<max(40, n / 3)).map { _ in
                [word(&r) + "ton", "\(30 + r.below(20)).\(r.below(100_000))", "-\(70 + r.below(50)).\(r.below(100_000))"]
            }
            for i in 0..<n { rows.append([day(i)] + r.pick(places)) }
            return Fixture(names: ["day", "place", "lat", "lng"], types: [.date, .text, .decimal, .decimal], rows: rows)
        case .incidents:
            // Some incidents have two victims: two rows that differ in their number alone.
            for i in 0..<n {
                let isSecond = i % 10 == 9
                let row =
                    isSecond
                    ? Array(rows[i - 1].dropFirst())
                    : [clock(i * 4000), "\(1 + r.below(999)) \(word(&r)) Street", r.pick(["street", "house"])]
                rows.append([String(290_000 + 7 * i)] + row)
            }
            return Fixture(
                names: ["uid", "time", "address", "kind"], types: [.integer, .timestamp, .text, .text], rows: rows)
        }
    }
}
