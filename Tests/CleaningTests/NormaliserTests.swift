import Cleaning
import Domain
import Profiling
import Tabular
import Testing

/// Runs draft, normalise, decide and clean over a small table, as a job does.
struct Run {
    let recipe: Recipe
    let resolution: Resolution
    let batch: TextBatch
    let recorder: ChangeRecorder
    let profile: TableProfile

    init(
        _ names: [String], _ rows: [[String?]], overrides: Recipe? = nil, key: [UInt8] = [1, 2, 3], findsRelations: Bool = false
    )
        throws
    {
        let batch = TextBatch.of(columns: names.count, rows)
        let sample = TableProfile(columns: names.count)
        sample.add(batch, rows: 0..<batch.rows, chunk: 0)
        recipe = try RecipePlanner.draft(
            names: names, declared: names.map { _ in nil }, sample: sample, sampleBatches: [batch], overrides: overrides)
        let first = TextBatch.of(columns: names.count, rows)
        try Normaliser(recipe: recipe, names: names).normalise(first, rows: 0..<first.rows, recorder: nil)
        var own = TableProfile(columns: names.count)
        own.add(first, rows: 0..<first.rows, chunk: 0)
        var decided = Decider.decide(draft: recipe, names: names, profile: own)
        if findsRelations {
            let findings = SampleFindings.find(in: [first], resolution: decided, recipe: recipe)
            own = TableProfile(
                columns: names.count,
                dependencies: DependencyDiscovery.find(in: [first], resolution: decided) { [decided] in
                    $0.filter { ContextRule.applies(to: decided.columns[$0]) }
                })
            own.add(first, rows: 0..<first.rows, chunk: 0)
            decided = Decider.decide(draft: recipe, names: names, profile: own, findings: findings)
        }
        profile = own
        resolution = decided
        recorder = ChangeRecorder(resolution: resolution, keepDetails: true)
        recorder.begin(firstRecord: 100, dropped: [])
        try Normaliser(recipe: recipe, names: names).normalise(batch, rows: 0..<batch.rows, recorder: recorder)
        try Cleaner(resolution: resolution, hmacKey: key).clean(batch, rows: Array(0..<batch.rows), recorder: recorder)
        recorder.finish()
        self.batch = batch
    }
    func column(_ c: Int) -> [String?] { (0..<batch.rows).map { batch.string($0, c) } }
    static func one(_ values: [String?], name: String = "value", _ edit: (inout ColumnRecipe) -> Void = { _ in }) throws -> Run {
        var recipe = Recipe()
        var column = ColumnRecipe(name: name)
        edit(&column)
        recipe.columns = [column]
        return try Run([name], values.map { [$0] }, overrides: recipe)
    }
}

/// The whole way with the relations between columns that the plan finds, written as CSV.
func clean(_ names: [String], _ rows: [[String?]], _ edit: (inout Recipe) -> Void = { _ in }) throws -> Run {
    var recipe = Recipe()
    recipe.output.format = .csv
    edit(&recipe)
    return try Run(names, rows, overrides: recipe, findsRelations: true)
}

@Suite struct NormaliserTests {
    @Test(
        "Text loses outer and inner blanks and invisible characters, and nothing else",
        arguments: [
            ("  a  b ", "a b"), ("a\tb", "a b"), ("\u{FEFF}caf\u{65}\u{301}", "café"), ("a\u{200B}b", "ab"),
            ("x\u{00A0}y", "x y"),
            ("a\u{7}b", "ab"), ("plain", "plain"), ("naïve – “quoted”", "naïve – “quoted”"),
            ("نمی\u{200C}خواهم", "نمی\u{200C}خواهم"),
            ("日本\u{3000}語", "日本 語"), ("a b c d e f g h i j k l m n o p q r  s", "a b c d e f g h i j k l m n o p q r s"),
            (" \u{00A0}", nil),
        ] as [(String, String?)])
    func surface(input: String, expected: String?) throws {
        let run = try Run.one([input]) {
            $0.type = .text
            $0.semantic = .other
        }
        #expect(run.column(0) == [expected])
    }

    @Test("Line breaks stay in free text and become blanks elsewhere")
    func lines() throws {
        #expect(
            try Run.one(["a \n b\n"]) {
                $0.semantic = .freeText; $0.type = .text
            }.column(0) == ["a\nb"])
        #expect(
            try Run.one(["a \n b\n"]) {
                $0.semantic = .other; $0.type = .text
            }.column(0) == ["a b"])
    }

    @Test(
        "Numbers become canonical; codes that look like numbers are left alone",
        arguments: [
            ("1,234.50", "1234.5"), ("(12.5)", "-12.5"), ("-0.0", "0.0"), ("3.00", "3"), (".5", "0.5"), ("+7", "7"),
            ("1 234", "1234"), ("1'234.5", "1234.5"),
            ("\u{2212}4", "-4"), ("1.5e3", "1500"), ("007", "007"), ("1e5", "1e5"), ("12E3", "12E3"), ("1,23", "1,23"),
            ("1,2345", "1,2345"),
            ("+49301234567", "+49301234567"), ("12345678901234567890", "12345678901234567890"),
            ("0.1234567890123456789", "0.1234567890123456789"),
            ("5.", "5"), ("0.000001", "1e-06"), ("1.2.3", "1.2.3"), ("12abc", "12abc"),
            ("0.30000000000000004", "0.30000000000000004"),
            ("0.00001", "0.00001"), ("-", nil), ("NaN", nil),
        ] as [(String, String?)])
    func numbers(input: String, expected: String?) throws {
        let run = try Run.one([input, "1.5", "2.5"]) {
            $0.type = .decimal; $0.impute = Imputation.none
        }
        #expect(run.column(0)[0] == expected)
    }

    @Test("Prices keep their zeros, and a stray number gets them")
    func scales() throws {
        let prices = ["0.50", "12.00", "3.25", "-7.10", "0.00", "1200.40"]
        #expect(try Run.one(prices).column(0) == prices)
        let many = Array(repeating: ["4.20", "5.00", "5.00"], count: 60).flatMap { $0 }
        #expect(
            try Run.one(many + ["4", "7.5", "1,200.30", ".5", "1.2345", "1.5e3"]).column(0).suffix(6) == [
                "4.00", "7.50", "1200.30", "0.50", "1.2345", "1500.00",
            ])
        // Whole numbers that came through binary fractions; numbers whose zeros were dropped before.
        #expect(try Run.one(["64.0", "7.0", "12.0"]).column(0) == ["64", "7", "12"])
        #expect(try Run.one(["1.25", "1.5", "2", "3.75"]).column(0) == ["1.25", "1.5", "2", "3.75"])
        #expect(try Run.one(["0.50", "1.25"]) { $0.decimals = 0 }.column(0) == ["0.5", "1.25"])
        #expect(try Run.one(many + [nil]) { $0.impute = .median }.column(0).last == "5.00")
    }

    @Test("A decimal comma and a currency are recognised from the column")
    func formats() throws {
        #expect(try Run.one(["1.234,50", "7,5", "12,00", "3,1"]).column(0) == ["1234.5", "7.5", "12", "3.1"])
        let money = try Run.one(["$1,234.50", "$7", "-$5.25", "$ 3"])
        #expect(money.column(0) == ["1234.5", "7", "-5.25", "3"])
        #expect(money.resolution.columns[0].type == .decimal)
    }

    @Test("Mixed currencies, mixed separators and percentages stay text")
    func unclearFormats() throws {
        for values in [["$5.10", "€6.20", "$7.30"], ["1,5", "2.5", "3,7"], ["45%", "50%", "12%"]] {
            let run = try Run.one(values)
            #expect(run.column(0) == values)
            #expect(run.resolution.columns[0].type == .text)
        }
    }

    @Test(
        "Dates of many notations become ISO 8601",
        arguments: [
            ("2024/1/5", "2024-01-05"), ("5 Jan 2024", "2024-01-05"), ("Jan 5, 2024", "2024-01-05"),
            ("05-Jan-2024", "2024-01-05"),
            ("January 5th, 2024", "2024-01-05"), ("25.12.2023", "2023-12-25"), ("25/12/99", "1999-12-25"),
            ("2023-02-30", "2023-02-30"),
            ("05/06/2024", "2024-06-05"), ("12/25/2023", "12/25/2023"),
        ])
    func dates(input: String, expected: String) throws {
        let run = try Run.one([input]) {
            $0.type = .date; $0.dateOrder = .dmy
        }
        #expect(run.column(0) == [expected])
    }

    @Test(
        "Timestamps become ISO 8601, an offset is kept",
        arguments: [
            ("2024-01-05 08:30:00", "2024-01-05T08:30:00"), ("2024-01-05T08:30:00.5", "2024-01-05T08:30:00.500000"),
            ("2024-01-05T08:30:00+00:00", "2024-01-05T08:30:00Z"), ("2024-01-05 08:30 PM", "2024-01-05T20:30:00"),
            ("2024-01-05T08:30:00+0200", "2024-01-05T08:30:00+02:00"), ("2024-01-05", "2024-01-05"),
            ("2024-01-05 25:00:00", "2024-01-05 25:00:00"),
        ])
    func timestamps(input: String, expected: String) throws {
        #expect(try Run.one([input]) { $0.type = .timestamp }.column(0) == [expected])
    }

    @Test("The order of day and month needs proof; without it dates stay as they are and are reported")
    func dateOrder() throws {
        let proven = try Run.one(["13/05/2024", "04/05/2024", "28/02/2024"])
        #expect(proven.recipe.columns[0].dateOrder == .dmy)
        #expect(proven.column(0) == ["2024-05-13", "2024-05-04", "2024-02-28"])
        #expect(proven.resolution.columns[0].type == .date)
        for unproven in [["01/05/2024", "04/05/2024", "02/02/2024"], ["13/05/2024", "05/13/2024", "01/02/2024"]] {
            let run = try Run.one(unproven)
            #expect(run.column(0) == unproven)
            #expect(run.resolution.columns[0].type == .text)
            #expect(run.resolution.columns[0].findings.contains { $0.kind == "dates_not_read" })
        }
    }

    @Test("Null words count in typed columns, and in text only when no value can look so or blanks are there")
    func nullWords() throws {
        #expect(
            try Run.one(["1", "NA", "-", "2", "none"]) { $0.impute = Imputation.none }.column(0) == ["1", nil, nil, "2", nil])
        #expect(try Run.one(["Nan", "Mary", "Null", "-"], name: "first_name").column(0) == ["Nan", "Mary", "Null", "-"])
        #expect(try Run.one(["NA", "DE", "N/A", "none"], name: "country").column(0) == ["NA", "DE", nil, "none"])
        #expect(try Run.one(["x-ray", nil, "-", "null"], name: "method").column(0) == ["x-ray", nil, nil, nil])
    }

    @Test("Normalising twice changes nothing more, and every change is recorded with its original")
    func idempotent() throws {
        let values: [String?] = [" 1,200 ", "3.50", nil, "N/A", "x", "  ", "-0", "12"]
        let run = try Run(["a", "b"], values.map { [$0, $0] })
        let again = TextBatch.of(columns: 2, (0..<run.batch.rows).map { r in [run.batch.string(r, 0), run.batch.string(r, 1)] })
        let silent = ChangeRecorder(columns: 2, keepDetails: false)
        try Normaliser(recipe: run.recipe, names: ["a", "b"]).normalise(again, rows: 0..<again.rows, recorder: silent)
        #expect(silent.counts.total == 0)
        for change in run.recorder.changes where change.transformation.type == "normalise" {
            let original = run.recorder.texts(change).original.map { String(decoding: $0, as: UTF8.self) }
            #expect(original == values[Int(change.row) - 100])
        }
    }

    @Test("Untouched cells are exactly those whose text is the same, on random bytes too")
    func recordsMatchChanges() throws {
        let alphabet = Array(" \t1290.,-+eE$%()/:aZÄ\u{301}\u{200B}\u{A0}n?N")
        var state: UInt64 = 7
        var rows: [[String?]] = []
        for _ in 0..<3000 {
            state = Hash.mix(state &+ 0x9E37_79B9_7F4A_7C15)
            var text = ""
            var h = state
            for _ in 0..<Int(state % 22) {
                text.append(alphabet[Int(h % UInt64(alphabet.count))])
                h = Hash.mix(h)
            }
            rows.append([text.isEmpty ? nil : text])
        }
        for type in ColumnType.allCases {
            var recipe = Recipe()
            var column = ColumnRecipe(name: "v")
            column.type = type
            column.impute = Imputation.none
            column.unify = false
            recipe.columns = [column]
            let run = try Run(["v"], rows, overrides: recipe)
            let changed = Set(run.recorder.changes.map { Int($0.row) - 100 })
            for r in rows.indices {
                let before = rows[r][0].map { Array($0.utf8) }
                let after = run.batch.string(r, 0).map { Array($0.utf8) }
                #expect((before != after) == changed.contains(r), "\(type) row \(r): \(rows[r][0] ?? "nil")")
            }
        }
    }
}
