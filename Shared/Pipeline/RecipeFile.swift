internal import Cleaning
public import Domain
internal import Foundation
internal import Yams

/// Recipes as text: YAML, or JSON (which is YAML too). Strict: unknown keys and values are refused with their place.
public enum RecipeFile {
    private static let largest = 4 << 20

    /// - Throws: ``SanitizerError`` (`recipe_invalid`), with `name:line` and the key in its message.
    public static func load(text: String, name: String) throws -> Recipe {
        guard text.utf8.count <= largest else {
            throw SanitizerError(.recipeInvalid, "\(name): recipe is larger than \(largest >> 20) MiB")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw SanitizerError(.recipeInvalid, "\(name):\(line(of: error)): \(reason(of: error))")
        }
        guard let root else { return Recipe() }
        var reader = RecipeReader(name: name)
        return try reader.recipe(root)
    }

    private static func line(of error: YamlError) -> Int {
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        default: 1
        }
    }
    private static func reason(of error: YamlError) -> String {
        switch error {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _): problem
        default: "not readable as YAML or JSON"
        }
    }

    /// The recipe as JSON with sorted keys.
    public static func json(_ recipe: Recipe) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        // A recipe holds strings, numbers and enums only: encoding it cannot fail.
        do {
            return String(decoding: try encoder.encode(recipe), as: UTF8.self)
        } catch {
            preconditionFailure("recipe is not encodable: \(error)")
        }
    }
}

/// Walks the nodes of a recipe; every key is known or refused.
private struct RecipeReader {
    let name: String

    private func fail(_ node: Node, _ message: String) -> SanitizerError {
        SanitizerError(.recipeInvalid, "\(name):\(node.mark?.line ?? 1): \(message)")
    }

    /// The pairs of a mapping, each key once and known.
    private func pairs(_ node: Node, _ path: String, _ allowed: [String]) throws -> [(key: String, value: Node)] {
        guard let mapping = node.mapping else {
            throw fail(node, path.isEmpty ? "a recipe is a mapping of keys" : "key \(path): expected a mapping")
        }
        var out: [(String, Node)] = []
        for (keyNode, value) in mapping {
            guard let key = keyNode.scalar?.string else { throw fail(keyNode, "keys must be plain text") }
            let full = path.isEmpty ? key : "\(path).\(key)"
            guard allowed.contains(key) else {
                throw fail(keyNode, "unknown key \(full) (allowed: \(allowed.joined(separator: ", ")))")
            }
            if out.contains(where: { $0.0 == key }) { throw fail(keyNode, "key \(full) is given twice") }
            out.append((key, value))
        }
        return out
    }

    private func isNull(_ node: Node) -> Bool { node.scalar != nil && node.tag == Tag(.null) }

    private func string(_ node: Node, _ path: String) throws -> String {
        guard let scalar = node.scalar else { throw fail(node, "key \(path): expected text") }
        return scalar.string
    }
    private func bool(_ node: Node, _ path: String) throws -> Bool {
        guard let value = node.bool else { throw fail(node, "key \(path): expected true or false") }
        return value
    }
    private func share(_ node: Node, _ path: String) throws -> Double {
        guard let value = node.float, value >= 0, value <= 1 else {
            throw fail(node, "key \(path): expected a number from 0 to 1")
        }
        return value
    }
    private func digits(_ node: Node, _ path: String) throws -> Int {
        guard let value = node.int, (0...6).contains(value) else {
            throw fail(node, "key \(path): expected a whole number from 0 to 6")
        }
        return value
    }
    /// Ids of transformations.
    private func quotes(_ node: Node, _ path: String) throws -> String {
        let text = try string(node, path)
        guard text.isEmpty || ValueQuotes(rawValue: text) != nil else {
            throw fail(
                node, "key \(path): \(text) is none of \(ValueQuotes.allCases.map(\.rawValue).joined(separator: " ")), nor empty")
        }
        return text
    }

    private func rules(_ node: Node, _ path: String) throws -> [String] {
        guard let list = node.sequence else { throw fail(node, "key \(path): expected a list of rules") }
        let known = Transformation.allCases.map(\.id)
        return try list.map { item in
            let rule = try string(item, path)
            guard known.contains(rule) else {
                throw fail(item, "key \(path): \(rule) is none of \(known.joined(separator: ", "))")
            }
            return rule
        }
    }
    private func choice<E: RawRepresentable & CaseIterable>(_ node: Node, _ path: String, _: E.Type) throws -> E
    where E.RawValue == String {
        // `off` is a boolean for YAML 1.1, and a tier here: the text as written counts.
        let text = try string(node, path)
        guard let value = E(rawValue: text) else {
            throw fail(node, "key \(path): \(text) is none of \(E.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return value
    }

    mutating func recipe(_ root: Node) throws -> Recipe {
        var out = Recipe()
        for (key, node) in try pairs(root, "", ["version", "input", "columns", "deduplicate", "output"]) where !isNull(node) {
            switch key {
            case "version":
                guard let version = node.int else { throw fail(node, "key version: expected a number") }
                guard version == Recipe.currentVersion else {
                    throw fail(node, "key version: \(version) is not supported, this engine reads \(Recipe.currentVersion)")
                }
                out.version = version
            case "input": out.input = try input(node)
            case "columns": out.columns = try columns(node)
            case "deduplicate": out.deduplicate = try deduplicate(node)
            default: out.output = try output(node)
            }
        }
        return out
    }

    private func input(_ root: Node) throws -> InputOptions {
        var out = InputOptions()
        let keys = [
            "format", "delimiter", "quote", "escape", "header", "encoding", "sheet", "member", "hidden_rows", "tables", "limits",
        ]
        for (key, node) in try pairs(root, "input", keys) where !isNull(node) {
            let path = "input.\(key)"
            switch key {
            case "format": out.format = try choice(node, path, InputFormat.self)
            case "delimiter": out.delimiter = try string(node, path)
            case "quote": out.quote = try string(node, path)
            case "escape": out.escape = try string(node, path)
            case "header": out.header = try bool(node, path)
            case "encoding": out.encoding = try string(node, path)
            case "member": out.member = try string(node, path)
            case "hidden_rows": out.hiddenRows = try choice(node, path, HiddenRows.self)
            case "tables": out.tables = try choice(node, path, RepeatedTables.self)
            case "limits": out.limits = try limits(node)
            default: out.sheet = try string(node, path)
            }
        }
        return out
    }

    private func limits(_ root: Node) throws -> InputLimits {
        var out = InputLimits()
        for (key, node) in try pairs(root, "input.limits", InputLimits.all.map(\.name)) where !isNull(node) {
            guard let value = node.int else { throw fail(node, "key input.limits.\(key): expected a whole number") }
            do {
                try out.set(key, value)
            } catch let error as SanitizerError {
                throw fail(node, error.message)
            }
        }
        return out
    }

    private func columns(_ root: Node) throws -> [ColumnRecipe] {
        guard let sequence = root.sequence else { throw fail(root, "key columns: expected a list") }
        var out: [ColumnRecipe] = []
        for node in sequence {
            let column = try column(node, out.count)
            if out.contains(where: { $0.name == column.name }) {
                throw fail(node, "key columns[\(out.count)].name: \(column.name) is given twice")
            }
            out.append(column)
        }
        return out
    }

    private func column(_ root: Node, _ index: Int) throws -> ColumnRecipe {
        let prefix = "columns[\(index)]"
        let keys = [
            "name", "type", "semantic", "null_tokens", "normalise_text", "unify", "date_order", "decimal_comma",
            "number_words", "quotes", "symbol", "decimals", "repair", "repair_threshold", "rules_off", "misfits", "fold_blanks",
            "impute",
            "outliers", "pii", "compare",
        ]
        var out = ColumnRecipe(name: "")
        for (key, node) in try pairs(root, prefix, keys) where !isNull(node) {
            let path = "\(prefix).\(key)"
            switch key {
            case "name": out.name = try string(node, path)
            case "type": out.type = try choice(node, path, ColumnType.self)
            case "semantic": out.semantic = try choice(node, path, SemanticType.self)
            case "null_tokens":
                guard let list = node.sequence else { throw fail(node, "key \(path): expected a list of words") }
                out.nullTokens = try list.map { try string($0, path) }
            case "normalise_text": out.normaliseText = try bool(node, path)
            case "unify": out.unify = try bool(node, path)
            case "date_order": out.dateOrder = try choice(node, path, DateOrder.self)
            case "decimal_comma": out.decimalComma = try bool(node, path)
            case "number_words": out.numberWords = try bool(node, path)
            case "quotes": out.quotes = try quotes(node, path)
            case "symbol": out.symbol = try string(node, path)
            case "decimals": out.decimals = try digits(node, path)
            case "repair": out.repair = try choice(node, path, RepairMode.self)
            case "repair_threshold": out.repairThreshold = try share(node, path)
            case "rules_off": out.rulesOff = try rules(node, path)
            case "misfits": out.misfits = try choice(node, path, MisfitPolicy.self)
            case "fold_blanks": out.foldBlanks = try bool(node, path)
            case "impute": out.impute = try choice(node, path, Imputation.self)
            case "outliers": out.outliers = try choice(node, path, OutlierPolicy.self)
            case "pii": out.pii = try choice(node, path, PIIStrategy.self)
            default: out.compare = try bool(node, path)
            }
        }
        guard !out.name.isEmpty else { throw fail(root, "key \(prefix).name is missing") }
        return out
    }

    private func deduplicate(_ root: Node) throws -> Deduplication {
        var out = Deduplication()
        for (key, node) in try pairs(root, "deduplicate", ["exact", "near", "survivor", "fill", "threshold", "across", "lists"])
        where !isNull(node) {
            let path = "deduplicate.\(key)"
            switch key {
            case "exact": out.exact = try bool(node, path)
            case "near": out.near = try choice(node, path, NearTier.self)
            case "survivor": out.survivor = try choice(node, path, Survivor.self)
            case "fill": out.fill = try bool(node, path)
            case "across": out.across = try string(node, path)
            case "lists": out.lists = try bool(node, path)
            default: out.threshold = try share(node, path)
            }
        }
        return out
    }

    private func output(_ root: Node) throws -> OutputOptions {
        var out = OutputOptions()
        for (key, node) in try pairs(root, "output", ["format", "spreadsheet_safe"]) where !isNull(node) {
            switch key {
            case "format": out.format = try choice(node, "output.format", OutputFormat.self)
            default: out.spreadsheetSafe = try bool(node, "output.spreadsheet_safe")
            }
        }
        return out
    }
}
