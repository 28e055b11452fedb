import Testing

@testable import Cleaning

@Suite("Filling from related columns")
struct RelatedModelTests {
    /// Two gates whose departures are known: at gate 1 mostly one that is written in an odd way, at gate 2 that alone.
    private let model = RelatedModel(
        column: 1, values: ["9:05 a.m.", "9:05 a.m. (late)", "noon"], prior: [5, 20, 1],
        tables: [
            RelatedModel.Table(
                column: 0, bounds: nil, keys: [1, 2], shifts: [],
                counts: [
                    [RelatedModel.Count(value: 1, count: 12), RelatedModel.Count(value: 0, count: 5)],
                    [RelatedModel.Count(value: 1, count: 8)],
                ])
        ])

    @Test("the likeliest text of the group is filled in")
    func likeliest() {
        #expect(model.predict([1]) == "9:05 a.m. (late)")
        #expect(model.predict([2]) == "9:05 a.m. (late)")
        #expect(model.predict([3]) == nil)
    }

    @Test("no number beyond those of the sample is filled in")
    func range() {
        let table = RelatedModel.Table(column: 0, bounds: nil, keys: [1, 2, 3], shifts: [-8, 1.25, 90], counts: [])
        var model = RelatedModel(column: 1, base: 5, tables: [table])
        model.decimals = 2
        #expect([1, 2, 3].map { model.predict([$0]) } == ["-3", "6.25", "95"])
        model.range = 0.5...40
        #expect([1, 2, 3].map { model.predict([$0]) } == ["0.5", "6.25", "40"])
    }

    @Test("a text that a rule doubts is never filled in: the next one is, or nothing")
    func doubted() {
        let sure = model.without(["9:05 a.m. (late)", "something else"])
        #expect(sure.predict([1]) == "9:05 a.m.")
        #expect(sure.predict([2]) == nil)
        #expect(model.without(["something else"]) == model)
    }
}

@Suite("Similarity")
struct SimilarityTests {
    @Test(
        "another word in the place of one makes another value, a misspelt word does not",
        arguments: [
            ("Rayon (Crown), printed", "Rayon (Enka), printed", false), ("Married-AF-spouse", "Married-civ-spouse", false),
            ("General Hospital, North", "General Hospital, South", false),
            ("Birmingxam General Hospital", "Birmingham General Hospital", true),
            ("Birmingham Generl Hosptal", "Birmingham General Hospital", true), ("Brmingham", "Birmingham", true),
            ("St. Vincnet's East", "St. Vincent's East", true), ("Toledo", "Oxford", false),
        ])
    func words(_ old: String, _ new: String, _ isSimilar: Bool) { #expect(Similarity.isSimilar(old, new) == isSimilar) }

    @Test(
        "two letters that change places are a slip wherever they stand; other initials and endings make other words",
        arguments: [
            ("acute care hospitasl", "acute care hospitals", true), ("ohspital", "hospital", true),
            ("hopsital", "hospital", true),
            ("centre", "center", false), ("hospital", "hospitals", false), ("Barren", "Warren", false),
            ("no leave", "on leave", false),
            ("AB12C", "BA12C", false),
        ])
    func swapped(_ old: String, _ new: String, _ isPlausible: Bool) {
        #expect(Similarity.isPlausible(Similarity.folded(old), Similarity.folded(new)) == isPlausible)
    }

    @Test(
        "a letter too many or too few at the beginning of a longer word",
        arguments: [
            ("iDefender", "Defender", true), ("efender", "Defender", true), ("the efender", "the Defender", true),
            ("lloyd", "loyd", true), ("Befender", "Defender", false), ("Defenders", "Defender", false), ("men", "omen", false),
            ("12th", "2th", false), ("x7ender", "7ender", false),
        ])
    func initials(_ old: String, _ new: String, _ isSlip: Bool) {
        #expect(Similarity.isInitialSlip(Similarity.folded(old), Similarity.folded(new)) == isSlip)
    }

    @Test(
        "slips in texts of up to four letters",
        arguments: [
            ("cGA", "GA", true), ("L", "FL", true), ("JN", "NJ", true), ("yse", "yes", true), ("NC", "NJ", false),
            ("A1", "A", false),
            ("M", "F", false), ("GA", "GA", false), ("women", "omen", false),
        ])
    func short(_ old: String, _ new: String, _ isSlip: Bool) { #expect(Similarity.isShortSlip(old, new) == isSlip) }
}
