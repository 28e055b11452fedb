internal import Formats

extension CSVDialect {
    /// The dialect in words, for reports and people: `delimiter`, `quote`, `escape`, `header`.
    func description(for detection: Detection) -> [String: String] {
        [
            "delimiter": Self.spell(delimiter),
            "quote": quote.map { Self.spell([$0]) } ?? "",
            "escape": escape.map { Self.spell([$0]) } ?? "",
            "header": hasHeader ? "present" : "absent",
        ]
    }
}
