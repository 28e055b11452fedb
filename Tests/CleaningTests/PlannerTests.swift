import Cleaning
import Domain
import Profiling
import Tabular
import Testing

@Suite struct RecipePlannerTests {
    @Test(
        "A column's type never endangers codes",
        arguments: [
            ("zip", ["02134", "10001", "94110"], ColumnType.text, SemanticType.postalCode),
            ("zip", ["10001", "94110", "60601"], .text, .postalCode),
            ("sku", ["007", "123", "456"], .text, .identifier),
            ("customer_id", ["17850.0", "13047.0", "12583.0"], .integer, .identifier),
            ("InvoiceNo", ["536365", "C536379", "536367"], .text, .identifier),
            ("phone", ["2053258100", "2052313030", "2055551234"], .text, .phone),
            ("card", ["4111111111111111", "5500005555555559", "4012888888881881"], .text, .paymentCard),
            ("amount", ["12.50", "3", "-4.25"], .decimal, .quantity),
            ("flag", ["true", "FALSE", "True"], .boolean, .category),
            ("answer", ["yes", "no", "yes"], .text, .category),
            ("email", ["a@example.org", "b@example.org", "c@example.org"], .text, .email),
            ("when", ["2024-01-05 10:00:00", "2024-01-06 11:30:00", "2024-01-07 12:00:00"], .timestamp, .date),
            ("dob", ["1980-01-05", "1990-02-06", "1975-03-07"], .date, .dateOfBirth),
            ("first_name", ["Ann", "Bob", "Cy"], .text, .personName),
            ("version", ["1.10", "1.9", "2.0"], .text, .other),
            ("code", ["1e5", "2E7", "3e9"], .text, .identifier),
        ])
    func types(name: String, values: [String], type: ColumnType, semantic: SemanticType) throws {
        let run = try Run([name], (values + values).map { [$0] })
        #expect(run.resolution.columns[0].type == type)
        if name != "version" { #expect(run.recipe.columns[0].semantic == semantic) }
    }

    @Test("The user's keys win one by one, the others are derived; an unknown column is refused")
    func overrides() throws {
        var recipe = Recipe()
        var column = ColumnRecipe(name: "amount")
        column.outliers = .clip
        recipe.columns = [column]
        recipe.deduplicate.near = .off
        let run = try Run(["amount", "city"], [["1", "Bonn"], ["2", "Bonn"], [nil, "Köln"]], overrides: recipe)
        #expect(run.recipe.columns.map(\.name) == ["amount", "city"])
        #expect(run.recipe.columns[0].outliers == .clip)
        #expect(run.recipe.columns[0].impute == .median)
        #expect(run.recipe.columns[0].type == .integer)
        #expect(run.recipe.deduplicate.near == .off)
        #expect(run.recipe.deduplicate.exact == true)
        recipe.columns = [ColumnRecipe(name: "price")]
        #expect(throws: SanitizerError.self) { try Run(["amount"], [["1"]], overrides: recipe) }
    }

    @Test("Running again with the returned recipe gives the same result")
    func repeatable() throws {
        let rows: [[String?]] = (0..<60).map { i in
            [
                i % 9 == 0 ? nil : "\(i),\(String(format3(i)))", i % 5 == 0 ? "N/A" : "Red", "13/0\(i % 9 + 1)/2024",
                i == 7 ? "oops" : "\(i)",
            ]
        }
        let first = try Run(["n", "c", "d", "m"], rows)
        let second = try Run(["n", "c", "d", "m"], rows, overrides: first.resolution.recipe)
        #expect(second.resolution == first.resolution)
        for c in 0..<4 { #expect(first.column(c) == second.column(c)) }
    }
    private func format3(_ i: Int) -> String { String(1000 + i).dropFirst().description }
}

@Suite struct DeciderTests {
    @Test("A few values that do not fit leave a column its type; their text stays where the output can hold it")
    func misfit() throws {
        let values = (0..<200).map { String($0) } + ["12x"]
        var recipe = Recipe()
        recipe.output.format = .csv
        let csv = try Run(["amount"], values.map { [$0] }, overrides: recipe)
        #expect(csv.resolution.columns[0].type == .integer)
        #expect(csv.column(0).last == "12x")
        #expect(csv.resolution.columns[0].findings.first?.rows == [RowID(chunk: 0, ordinal: 200).raw])
        #expect(csv.recorder.changes.map(\.transformation) == [.wrongType])
        #expect(csv.recorder.changes.map(\.source) == [.suggestion])
        #expect(csv.recorder.counts.total == 0)

        recipe.output.format = .parquet
        let typed = try Run(["amount"], values.map { [$0] }, overrides: recipe)
        #expect(typed.resolution.columns[0].type == .integer)
        #expect(typed.column(0).last == .some(nil))
        let change = try #require(typed.recorder.changes.first)
        #expect(change.transformation == .typeMisfit)
        #expect(typed.recorder.texts(change).original.map { String(decoding: $0, as: UTF8.self) } == "12x")
    }

    @Test("Where misfits are many, hide codes, or the recipe says so, the column is text and nothing is lost")
    func textInstead() throws {
        let numbers = (0..<200).map { String($0) }
        for extra in [["12x", "13x", "14x"], ["007"]] {
            let run = try Run(["amount"], (numbers + extra).map { [$0] })
            #expect(run.resolution.columns[0].type == .text)
            #expect(run.column(0) == numbers + extra)
        }
        let wanted = try Run.one(numbers + ["12x"], name: "amount") { $0.misfits = .text }
        #expect(wanted.resolution.columns[0].type == .text)
        #expect(wanted.column(0).last == "12x")
    }

    @Test("A missing integer is filled with the median and the column stays integer; confidence is below 1")
    func medianOfIntegers() throws {
        let run = try Run.one(["1", "2", nil, "3", "10", "N/A", "4", "5", "6"], name: "amount")
        #expect(run.resolution.columns[0].type == .integer)
        #expect(run.column(0)[2] == "4")
        #expect(run.column(0)[5] == "4")
        let imputed = run.recorder.changes.filter { $0.transformation == .imputeMedian }
        #expect(imputed.map(\.row) == [102, 105])
        #expect(imputed.allSatisfy { $0.confidence < 1 })
        #expect(run.recorder.counts.imputed == 2)
    }

    @Test("Identifiers, free text, dates, personal data and half-empty columns are never filled")
    func neverImputed() throws {
        let rows: [[String?]] = (0..<40).map { i in
            i % 8 == 0
                ? [nil, nil, nil, nil, nil]
                : [
                    "\(i)", "a long remark about case number \(i) that nobody reads", "2024-01-\(10 + i % 10)",
                    "p\(i)@example.org", i % 3 == 0 ? "5" : nil,
                ]
        }
        let run = try Run(["customer_id", "notes", "day", "email", "amount"], rows)
        #expect(run.recorder.counts.imputed == 0)
        #expect(run.resolution.columns[4].findings.contains { $0.kind == "many_missing" })
    }

    @Test("Case variants of a category become its usual spelling; a rare typing error too; codes and real neighbours do not")
    func unify() throws {
        var values = Array(repeating: "completed", count: 120) + Array(repeating: "cancelled", count: 80)
        values += ["Completed", "COMPLETED", "compelted", "cancelled"]
        let run = try Run.one(values, name: "status")
        #expect(Set(run.column(0)) == ["completed", "cancelled"])
        let countries =
            Array(repeating: "Austria", count: 400) + ["Australia", "Australia"] + Array(repeating: "Germany", count: 100)
        #expect(try Run.one(countries, name: "country").column(0) == countries)
        let codes =
            Array(repeating: "85123A", count: 90) + Array(repeating: "85123a", count: 3) + Array(repeating: "71053", count: 50)
        #expect(try Run.one(codes, name: "kind").column(0) == codes)
    }

    @Test("Outliers are flagged and kept by default, clipped or emptied when the recipe says so")
    func outliers() throws {
        let values = (0..<200).map { String(50 + Int(Hash.mix(UInt64($0)) % 20)) } + ["100000"]
        let flagged = try Run.one(values, name: "amount")
        #expect(flagged.column(0).last == "100000")
        #expect(flagged.recorder.counts.outliers == [1])
        #expect(flagged.resolution.columns[0].findings.contains { $0.kind == "outlier" && $0.rows == [200] })
        let clipped = try Run.one(values, name: "amount") { $0.outliers = .clip }
        #expect((Int(clipped.column(0).last.flatMap { $0 } ?? "") ?? 100_000) < 500)
        let emptied = try Run.one(values, name: "amount") { $0.outliers = .null }
        #expect(emptied.column(0).last == .some(nil))
        #expect(emptied.recorder.counts.missing == [1])
    }
}

@Suite struct PersonalDataStrategyTests {
    private let values: [String?] = ["ann@example.org", " bob@example.org", nil, "ann@example.org"]

    @Test(
        "Redacted, hashed and tokenised values leave no original behind, equal values stay equal",
        arguments: [PIIStrategy.redact, .hash, .tokenize])
    func protect(strategy: PIIStrategy) throws {
        let run = try Run.one(values, name: "email") { $0.pii = strategy }
        let out = run.column(0)
        #expect(out[0] == out[3])
        #expect(out[2] == nil)
        #expect(strategy == .redact || out[0] != out[1])
        for text in out { #expect(text?.contains("@") != true) }
        for change in run.recorder.changes {
            let (original, cleaned) = run.recorder.texts(change)
            for side in [original, cleaned] { #expect(!(side.map { $0.contains(0x40) } ?? false)) }
        }
        #expect(
            run.recorder.vault.map(\.value).sorted() == (strategy == .tokenize ? ["ann@example.org", "bob@example.org"] : []))
        let report = ReportPieces.columns(
            profile: run.profile, resolution: run.resolution, counts: run.recorder.counts, firstRecords: [0])
        #expect(report[0].topValues.isEmpty)
        #expect(report[0].min == nil)
        #expect(report[0].pii?.strategy == strategy)
    }

    @Test("An excluded column is not in the output and not in the details")
    func exclude() throws {
        var recipe = Recipe()
        var column = ColumnRecipe(name: "email")
        column.pii = .exclude
        recipe.columns = [column]
        let run = try Run(["id", "email"], values.enumerated().map { [String($0.offset), $0.element] }, overrides: recipe)
        #expect(run.resolution.schema.columns.map(\.name) == ["id"])
        #expect(run.resolution.columnMap == [0])
        #expect(run.recorder.changes.isEmpty)
    }

    @Test("Hashing without a key is refused")
    func key() throws {
        var recipe = Recipe()
        var column = ColumnRecipe(name: "email")
        column.pii = .hash
        recipe.columns = [column]
        #expect(throws: SanitizerError.self) { try Run(["email"], values.map { [$0] }, overrides: recipe, key: []) }
    }
}

@Suite struct ChangeRecorderTests {
    @Test("days that are written as one number are days: nothing is made up for them, and a birthday is personal")
    func compactDates() throws {
        let days = (0..<60).map { i -> [String?] in
            [
                "19\(20 + i)0\(1 + i % 9)\(10 + i % 19)", "2024\(10 + i % 3)\(10 + i % 19)", "\(10_000_000 + i * 1_237_911)",
                "\(1 + i % 40)",
            ]
        }
        let rows = days + [[nil, nil, nil, nil]]
        let run = try Run(["date_of_birth", "opened", "amount", "street_number"], rows)
        #expect(run.recipe.columns.map(\.semantic) == [.dateOfBirth, .date, .quantity, .quantity])
        #expect(run.recipe.columns.map(\.impute) == [Imputation.none, Imputation.none, .median, Imputation.none])
        #expect(run.recipe.columns.map(\.outliers) == [.ignore, .ignore, .flag, .flag])
        #expect((0..<4).map { run.batch.string(60, $0) == nil } == [true, true, false, true])
        #expect((0..<60).allSatisfy { run.batch.string($0, 0) == rows[$0][0] })
    }

    @Test("what is only punctuation is no value to fill in")
    func punctuation() throws {
        let run = try Run.one(Array(repeating: "|", count: 60) + Array(repeating: "glass", count: 40) + [nil], name: "kind") {
            $0.semantic = .category; $0.impute = .mode
        }
        #expect(run.column(0).last == "glass")
        #expect(run.column(0).first == "|")
    }

    @Test("Counts survive encoding and add up in any order")
    func counts() throws {
        let a = try Run.one([" a", "b "]).recorder.counts
        let b = try Run.one(["c", " d"]).recorder.counts
        var ab = a
        ab.merge(b)
        var ba = b
        ba.merge(a)
        #expect(ab == ba)
        #expect(ab.count(.trim) == 3)
        #expect(try ChangeCounts(decoding: ab.encode()) == ab)
        #expect(throws: SanitizerError.self) { try ChangeCounts(decoding: Array(ab.encode().dropLast())) }
    }

    @Test("Changes of dropped rows are neither counted nor kept")
    func dropped() throws {
        let batch = TextBatch.of(columns: 1, [[" a"], [" b"], [" c"]])
        let run = try Run.one([" a", " b", " c"])
        let recorder = ChangeRecorder(columns: 1, keepDetails: true)
        recorder.begin(firstRecord: 10, dropped: [1])
        try Normaliser(recipe: run.recipe, names: ["value"]).normalise(batch, rows: 0..<3, recorder: recorder)
        recorder.finish()
        #expect(recorder.changes.map(\.row) == [10, 12])
        #expect(recorder.counts.rows[Int(Transformation.trim.rawValue)] == 2)
    }
}
