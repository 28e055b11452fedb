import Domain
import Pipeline
import Testing

@Suite struct RecipeFileTests {
    @Test("YAML and JSON with the same keys give the same recipe, and its JSON loads again")
    func formats() throws {
        let yaml = """
            version: 1
            input: {delimiter: ";", header: true}
            columns:
              - name: amount
                type: decimal
                decimals: 2
                impute: none
                null_tokens: [n.v., "-"]
              - {name: mail, pii: hash}
            deduplicate: {near: off, threshold: 0.9}
            output: {format: csv}
            """
        let json = """
            {"version": 1, "input": {"delimiter": ";", "header": true}, "deduplicate": {"near": "off", "threshold": 0.9}, "output": {"format": "csv"},
             "columns": [{"name": "amount", "type": "decimal", "decimals": 2, "impute": "none", "null_tokens": ["n.v.", "-"]}, {"name": "mail", "pii": "hash"}]}
            """
        let recipe = try RecipeFile.load(text: yaml, name: "r.yaml")
        #expect(recipe == (try RecipeFile.load(text: json, name: "r.json")))
        #expect(recipe.columns[0].impute == Imputation.none)
        #expect(recipe.columns[0].decimals == 2)
        #expect(recipe.deduplicate.near == .off)
        #expect(recipe == (try RecipeFile.load(text: RecipeFile.json(recipe), name: "again")))
    }

    @Test(
        "A mistake is refused with file, line and key",
        arguments: [
            ("version: 1\ncolums: []", "r:2: unknown key colums"),
            ("columns: [{name: a, decimals: 7}]", "r:1: key columns[0].decimals: expected a whole number from 0 to 6"),
            ("columns:\n  - name: a\n    type: float", "r:3: key columns[0].type: float is none of text, integer"),
            ("columns:\n  - type: text", "r:2: key columns[0].name is missing"),
            ("columns:\n  - name: a\n  - name: a", "a is given twice"),
            ("version: 2", "r:1: key version: 2 is not supported"),
            ("deduplicate:\n  threshold: 1.5", "r:2: key deduplicate.threshold"),
            ("input:\n  header: maybe", "r:2: key input.header: expected true or false"),
            ("- a", "r:1: a recipe is a mapping"),
            ("a: [1", "r:"),
            ("version: 1\nversion: 1", "r:"),
        ])
    func mistakes(text: String, message: String) {
        let error = #expect(throws: SanitizerError.self) { try RecipeFile.load(text: text, name: "r") }
        #expect(error?.code == .recipeInvalid)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test("An empty text is an empty recipe")
    func empty() throws { #expect(try RecipeFile.load(text: "", name: "r") == Recipe()) }
}
