public import Domain

/// Recipes as text: YAML or JSON.
public enum RecipeFile {
    /// - Throws: ``SanitizerError`` (`recipe_invalid`), with `name:line` and the key in its message.
    public static func load(text: String, name: String) throws -> Recipe { Recipe() }
    /// The recipe as JSON with sorted keys.
    public static func json(_ recipe: Recipe) -> String { "{}" }
}
