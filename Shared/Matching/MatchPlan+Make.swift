public import Domain
public import Tabular

extension MatchPlan {
    /// Decides how a table is matched.
    ///
    /// - Parameters:
    ///   - recipe: every key set (a draft from the planner).
    ///   - sampleBatches: the first rows of the table, normalised.
    ///   - plannedRows: estimated rows of the table; decides tier, bands and partitions.
    public static func make(
        recipe: Recipe, names: [String], sampleBatches: [TextBatch], plannedRows: Int, salt: String
    ) -> MatchPlan {
        MatchPlan(
            exact: recipe.deduplicate.exact ?? true, tier: .fast, requestedTier: recipe.deduplicate.near ?? .auto,
            partitions: 1, plannedRows: plannedRows, salt: salt, columns: [], bands: 5, bandRows: 3, commonGrams: "",
            threshold: recipe.deduplicate.threshold ?? 0.99, survivor: recipe.deduplicate.survivor ?? .first,
            fill: recipe.deduplicate.fill ?? true)
    }
}
