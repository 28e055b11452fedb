public import Domain
public import Profiling
public import Tabular

/// Decides what the second pass does, from the profile of the whole normalised table.
public enum Decider {
    public static func decide(draft: Recipe, names: [String], profile: TableProfile) -> Resolution {
        Resolution(draft: draft, recipe: draft, schema: TableSchema(columns: []), columnMap: [], columns: [])
    }
}
