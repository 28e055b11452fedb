import Domain
import Pipeline
import ServiceKit
import Tabular

/// What a client says about its upload, from form fields, the query or a JSON body.
struct IngestForm: Sendable {
    var datasetName: String?
    /// Name of the file as the client knows it: a hint for format detection.
    var fileName: String?
    /// YAML or JSON.
    var recipe: String?
    var format: String?
    var salt: String?

    /// - Throws: 400 for a field that is set twice.
    mutating func set(_ field: String, _ value: String) throws {
        switch field {
        case "dataset_name": try Self.assign(&datasetName, value, field)
        case "recipe", "schema_config": try Self.assign(&recipe, value, "recipe")
        case "format": try Self.assign(&format, value, field)
        case "salt": try Self.assign(&salt, value, field)
        case "file_name", "filename": try Self.assign(&fileName, value, "file_name")
        default:
            throw Problem.badRequest("unknown_field", "unknown field '\(Self.shown(field))': see /api/docs for the known ones")
        }
    }

    private static func assign(_ target: inout String?, _ value: String, _ name: String) throws {
        guard target == nil else { throw Problem.badRequest("bad_request", "'\(name)' is given twice") }
        target = value
    }

    /// The checked form of what was sent.
    struct Checked: Sendable {
        var datasetName: String
        var fileName: String
        var recipe: String?
        var format: OutputFormat
        var salt: String
    }

    /// - Throws: 400 or 422 that names the field.
    func checked() throws -> Checked {
        let file = try Self.clean(fileName ?? "", "file_name", limit: 255)
        let name = try Self.clean(datasetName ?? Self.stem(file), "dataset_name", limit: 200)
        guard !name.isEmpty else { throw Problem.badRequest("bad_request", "'dataset_name' is missing") }
        guard let format = format.map({ OutputFormat(rawValue: $0) }) ?? .parquet else {
            throw Problem.badRequest("bad_request", "'format' must be parquet, csv or jsonl")
        }
        let salt = try Self.clean(salt ?? "", "salt", limit: 200)
        let recipe = recipe.flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
        if let recipe {
            guard recipe.utf8.count <= 1 << 20 else { throw Problem(413, "limit_exceeded", "the recipe is larger than 1 MiB") }
            guard JSONDepth.isAtMost(64, Array(recipe.utf8)) else {
                throw Problem(422, "recipe_invalid", "the recipe is nested too deeply")
            }
            _ = try RecipeFile.load(text: recipe, name: "recipe")
        }
        return Checked(datasetName: name, fileName: file, recipe: recipe, format: format, salt: salt)
    }

    private static func clean(_ text: String, _ field: String, limit: Int) throws -> String {
        guard text.unicodeScalars.count <= limit else {
            throw Problem.badRequest("bad_request", "'\(field)' is longer than \(limit) characters")
        }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            throw Problem.badRequest("bad_request", "'\(field)' has a control character")
        }
        return text
    }

    /// `dir/orders.csv.gz` becomes `orders`.
    static func stem(_ file: String) -> String {
        let base = file.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? ""
        return String(base.split(separator: ".", omittingEmptySubsequences: true).first ?? "")
    }

    private static func shown(_ text: String) -> String { String(text.prefix(40)) }
}

extension IngestForm.Checked {
    /// SHA-256 over everything that makes the request what it is, for the idempotency key.
    func requestHash(content: String) -> [UInt8] {
        let hash = SHA256()
        for piece in [datasetName, fileName, recipe ?? "", recipe == nil ? "0" : "1", format.rawValue, salt, content] {
            hash.update(Array("\(piece.utf8.count):\(piece)".utf8))
        }
        return hash.finish()
    }
}
