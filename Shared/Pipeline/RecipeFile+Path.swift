public import Domain
internal import Tabular

extension RecipeFile {
    /// Longer recipes are refused before they are parsed.
    static let maximumBytes: Int64 = 4 << 20

    /// - Throws: `input_missing`, `input_unreadable` or `recipe_invalid` with file, line and key.
    public static func load(path: String) throws -> Recipe {
        let source = try FileSource(path: path)
        guard source.size <= maximumBytes else {
            throw SanitizerError(.recipeInvalid, "\(path): larger than \(maximumBytes >> 20) MiB, not a recipe")
        }
        let bytes = try source.read(at: 0, count: Int(source.size))
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SanitizerError(.recipeInvalid, "\(path): not UTF-8 text")
        }
        return try load(text: text, name: path)
    }
}
