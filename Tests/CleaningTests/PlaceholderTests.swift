import Domain
import Testing

@testable import Cleaning

@Suite("What stands where a value should be")
struct PlaceholderTests {
    private func values(_ run: Run, _ c: Int) -> Set<String?> { Set(run.column(c)) }

    @Test("a word that several columns of numbers have is missing there, and in texts with real blanks")
    func placeholders() throws {
        let items = ["tea", "cake", "juice"]
        let rows = (0..<400).map { i -> [String?] in
            let amount = i % 31 == 0 ? "XYZ" : "\(i % 50)"
            let rate = i % 29 == 3 ? "xyz" : "\(i % 70).5"
            let item: String? = i % 23 == 0 ? nil : i % 23 == 1 ? "XYZ" : items[i % 3]
            let kind = i % 37 == 0 ? "XYZ" : ["a1", "b2"][i % 2]
            return [amount, rate, item, kind]
        }
        let run = try Run(["amount", "rate", "item", "kind"], rows)
        #expect(run.resolution.columns[0].type == .integer)
        #expect(run.resolution.columns[1].type == .decimal)
        for c in 0..<3 { #expect(!values(run, c).contains { $0?.uppercased() == "XYZ" }) }
        // No blank there says that values are missing.
        #expect(values(run, 3).contains("XYZ"))
    }

    @Test("a word for a missing value that numbers and texts have is missing in texts without blanks, too")
    func proven() throws {
        func rows(_ word: String, ofNumbers: Bool) -> [[String?]] {
            (0..<400).map { i -> [String?] in
                let amount = ofNumbers && i % 31 == 0 ? word : "\(i % 50)"
                let item = i % 29 == 3 ? word : ["tea", "cake"][i % 2]
                let town = i % 37 == 5 ? word : ["Rome", "Oslo", "Kiel"][i % 3]
                return [amount, item, town, i % 41 == 1 ? "open" : word]
            }
        }
        let names = ["amount", "item", "town", "bin"]
        let run = try Run(names, rows("empty", ofNumbers: true))
        for c in 0..<3 { #expect(!values(run, c).contains("empty")) }
        // Nearly all say so: that is what the column is about.
        #expect(values(run, 3).contains("empty"))
        // Texts alone prove nothing, and `none` may be a choice.
        #expect(values(try Run(names, rows("empty", ofNumbers: false)), 1).contains("empty"))
        #expect(values(try Run(names, rows("none", ofNumbers: true)), 1).contains("none"))
    }

    @Test("nothing but signs is no value among words; among signs it is one")
    func signs() throws {
        let rows = (0..<400).map { i -> [String?] in
            let metal = i % 37 == 0 ? "***" : ["gold", "tin"][i % 2]
            let sign = i % 37 == 1 ? "***" : i % 3 == 0 ? "+" : "ok"
            return [metal, sign, i % 5 == 0 ? "***" : "two"]
        }
        let run = try Run(["metal", "sign", "stars"], rows)
        #expect(!values(run, 0).contains("***"))
        #expect(values(run, 1).contains("***") && values(run, 2).contains("***"))
    }

    @Test("a word that looks like the values of a text column stays there")
    func codes() throws {
        let rows = (0..<400).map { i -> [String?] in
            let country: String? = i % 23 == 0 ? nil : ["NA", "DE", "FR", "US"][i % 4]
            return [
                i % 31 == 0 ? "NA" : "\(i % 50)", i % 29 == 3 ? "NA" : "\(i % 70).5", country,
                i % 17 == 0 ? nil : i % 17 == 1 ? "NA" : "Rome",
            ]
        }
        let run = try Run(["amount", "rate", "country", "town"], rows)
        #expect(values(run, 2).contains("NA"))
        #expect(!values(run, 3).contains("NA"))
    }

    @Test("one column alone, or a word that texts alone have, proves nothing")
    func noPlaceholder() throws {
        let items = ["tea", "cake", "juice"]
        let rows = (0..<400).map { i -> [String?] in
            let item: String? = i % 23 == 0 ? nil : i % 23 == 1 ? "unknown" : items[i % 3]
            return [i % 31 == 0 ? "closed" : "\(i % 50)", "\(i % 70).5", item]
        }
        let run = try Run(["amount", "rate", "item"], rows)
        #expect(values(run, 0).contains("closed"))
        #expect(values(run, 2).contains("unknown"))
    }

    @Test("a dash among values that have digits is no value; among grades and signs it is one")
    func dashes() throws {
        let rows = (0..<400).map { i -> [String?] in
            let strength = i % 17 == 0 ? "-" : "\(i % 70).5 %"
            let part = i % 17 == 1 ? "?" : "K\(100 + i)"
            let sign = i % 17 == 2 ? "-" : "+"
            let grade = i % 17 == 3 ? "-" : ["A", "B"][i % 2]
            return [strength, part, sign, grade]
        }
        let run = try Run(["strength", "part", "sign", "grade"], rows)
        #expect(!values(run, 0).contains("-") && !values(run, 1).contains("?"))
        #expect(values(run, 2).contains("-") && values(run, 3).contains("-"))
    }

    @Test(
        "numbers in words",
        arguments: [
            ("forty", 40), ("Twenty-six", 26), ("twenty six", 26), ("two hundred", 200), ("SIXTY THOUSAND", 60_000),
            ("one hundred and five", 105), ("three hundred twelve thousand and seven", 312_007), ("two million", 2_000_000),
            ("nineteen", 19), ("zero", 0), ("hundred", nil), ("forty fifty", nil), ("twenty eleven", nil), ("one two", nil),
            ("and five", nil), ("five and", nil), ("thousand million", nil), ("five million two billion", nil), ("fortyish", nil),
            ("", nil), ("no", nil), ("ten of them", nil), ("seven eleven", nil), ("one hundred hundred", nil),
        ] as [(String, Int?)])
    func numberWords(text: String, value: Int?) {
        #expect(Array(text.utf8).withUnsafeBufferPointer(NumberWords.value) == value)
    }

    @Test("a column of numbers may have some in words; words alone, or a few numbers among names, are no numbers")
    func columnOfWords() throws {
        let ages = (0..<100).map { $0 % 5 == 0 ? "forty" : "\(20 + $0 % 30)" }
        let run = try Run(["age", "grade"], ages.enumerated().map { [$1, ["one", "two", "three"][$0 % 3]] })
        #expect(run.resolution.columns[0].type == .integer)
        #expect(run.column(0)[0] == "40")
        #expect(run.resolution.columns[1].type == .text)
        #expect(values(run, 1) == ["one", "two", "three"])
        let few = (0..<100).map { $0 % 50 == 7 ? "forty" : "\(20 + $0 % 30)" }
        let flagged = try Run.one(few, name: "age")
        #expect(flagged.column(0) == few)
        #expect(flagged.resolution.columns[0].findings.contains { $0.kind == "wrong_type" })
        let bands = (0..<100).map { $0 % 3 == 0 ? "\($0)" : ["Seven", "Eleven", "Wire"][$0 % 3] }
        #expect(try Run.one(bands, name: "band").column(0) == bands)
    }

    @Test("where the name of a column says numbers, other words are flagged, not the whole column given up")
    func measures() throws {
        let run = try Run.one(["25", "30", "n/a", "28", "abc", "35", "27", "29"], name: "Age")
        #expect(run.recipe.columns[0].type == .integer)
        #expect(run.column(0).contains("abc"))
        #expect(run.resolution.columns[0].findings.contains { $0.kind == "wrong_type" })
        let codes = ["25", "30", "28", "abc", "35", "27", "29", "31"]
        #expect(try Run.one(codes, name: "room").recipe.columns[0].type == .text)
    }

    @Test("points that group thousands are told from decimal points by the longer numbers of the column")
    func groups() throws {
        let votes = (0..<60).map { $0 % 3 == 0 ? "\(1 + $0 % 9).\(100 + $0).\(200 + $0)" : "\(100 + $0).\(300 + $0)" }
        let run = try Run.one(votes, name: "votes")
        #expect(run.resolution.columns[0].type == .integer)
        #expect(run.column(0) == votes.map { $0.filter { $0 != "." } })
        // One such number among many: nobody knows.
        let weights = (0..<60).map { $0 == 7 ? "1.234.567" : "\(100 + $0).\(300 + $0)" }
        #expect(try Run.one(weights, name: "weight").column(0) == weights)
        let prices = (0..<60).map { $0 % 2 == 0 ? "\($0 + 1),50" : "\($0 + 1).250" }
        let read = try Run.one(prices, name: "price")
        #expect(read.column(0)[0] == "1.5")
        #expect(read.column(0)[1] == "2250")
    }

    @Test("punctuation at the end makes no other value")
    func endings() throws {
        let values =
            Array(repeating: "United States", count: 120) + Array(repeating: "Canada", count: 40) + ["United States.", "Canada,"]
        #expect(Set(try Run.one(values, name: "country").column(0)) == ["United States", "Canada"])
    }

    @Test("quotation marks around all values of an export are no part of them")
    func quotes() throws {
        let rows = (0..<200).map { i -> [String?] in
            let amount = i % 50 == 7 ? "12" : "\"\(i % 90)\""
            let name = i % 9 == 0 ? "'n/a'" : "'Thing \(i % 40)'"
            let colour = "'\(["red", "green"][i % 2])'"
            return [amount, name, colour, "=\"\(10_000 + i)\"", i % 3 == 0 ? "say \"\(i)\"" : "\"\(i)\""]
        }
        let run = try Run(["amount", "name", "colour", "code", "mixed"], rows)
        #expect(run.recipe.columns.map(\.quotes) == ["\"", "'", "'", "=\"", ""])
        #expect(run.resolution.columns[0].type == .integer)
        #expect(values(run, 0).contains("12") && values(run, 0).contains("89"))
        #expect(values(run, 1).contains("Thing 3") && values(run, 1).contains(nil))
        #expect(values(run, 2) == ["red", "green"])
        #expect(values(run, 3).contains("10007"))
        #expect(values(run, 4).contains("\"1\""))
        // Kept where the recipe says so.
        var recipe = Recipe()
        var column = ColumnRecipe(name: "amount")
        column.quotes = ""
        recipe.columns = [column]
        let kept = try Run(["amount", "name", "colour", "code", "mixed"], rows, overrides: recipe)
        #expect(values(kept, 0).contains("\"89\""))
    }

    @Test("one column of quoted texts may hold quotations")
    func quotations() throws {
        let rows = (0..<200).map { i -> [String?] in ["\(i)", "\"To be or not to be \(i)\""] }
        let run = try Run(["line", "saying"], rows)
        #expect(values(run, 1).contains("\"To be or not to be 7\""))
    }
}
