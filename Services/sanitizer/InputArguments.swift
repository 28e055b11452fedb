import ArgumentParser
import Domain
import ObjectStore

/// How to read the input where the user knows better than the sniffer; wins over the recipe.
struct InputArguments: ParsableArguments {
    @Option(help: ArgumentHelp("csv, jsonl, json, parquet, xlsx or ods.", valueName: "format"))
    var inputFormat: InputFormat?

    @Option(help: ArgumentHelp("One or more characters between cells; \\t for a tab.", valueName: "text"))
    var delimiter: String?

    @Option(help: ArgumentHelp("Character around cells; empty for none.", valueName: "char"))
    var quote: String?

    @Option(help: ArgumentHelp("Character before a quote inside quotes; empty where quotes are doubled.", valueName: "char"))
    var escape: String?

    @Option(help: "utf-8, utf-16le, utf-16be, utf-32le, utf-32be, windows-1252 or latin-1.")
    var encoding: String?

    @Flag(inversion: .prefixedNo, help: "The first line of the table holds the names of its columns.")
    var header: Bool?

    @Option(help: ArgumentHelp("Worksheet, by name or 0-based number.", valueName: "name"))
    var sheet: String?

    @Option(help: ArgumentHelp("File to read of a zip archive that holds several.", valueName: "name"))
    var member: String?

    @Option(help: "keep or skip: rows that a workbook hides.")
    var hiddenRows: HiddenRows?

    @Option(help: "append or first: what becomes of records behind a line that repeats the header.")
    var tables: RepeatedTables?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Type of a column: text, integer, decimal, boolean, date, timestamp; repeat.", valueName: "column=type"),
        transform: ColumnTypeChoice.parse)
    var types: [ColumnTypeChoice] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Host that http addresses may name, beside SANITIZER_ALLOWED_HOSTS; *.example.org for all below; repeat.",
            valueName: "host[:port]"))
    var allowHost: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("A limit of the readers, see docs/formats.md; repeat.", valueName: "name=number"),
        transform: LimitChoice.parse)
    var limit: [LimitChoice] = []

    var policy: SourcePolicy { SourcePolicy(hosts: SourcePolicy.environment.hosts + allowHost) }

    /// Adds to a recipe what was given.
    func apply(to recipe: inout Recipe) throws {
        try apply(to: &recipe.input)
        for choice in types {
            if let index = recipe.columns.firstIndex(where: { $0.name == choice.column }) {
                recipe.columns[index].type = choice.type
            } else {
                var column = ColumnRecipe(name: choice.column)
                column.type = choice.type
                recipe.columns.append(column)
            }
        }
    }

    func apply(to input: inout InputOptions) throws {
        input.format = inputFormat ?? input.format
        input.delimiter = delimiter ?? input.delimiter
        input.quote = quote ?? input.quote
        input.escape = escape ?? input.escape
        input.encoding = encoding ?? input.encoding
        input.header = header ?? input.header
        input.sheet = sheet ?? input.sheet
        input.member = member ?? input.member
        input.hiddenRows = hiddenRows ?? input.hiddenRows
        input.tables = tables ?? input.tables
        guard !limit.isEmpty else { return }
        var limits = input.limits ?? InputLimits()
        for choice in limit { try limits.set(choice.name, choice.value) }
        input.limits = limits
    }
}

/// `column=type`.
struct ColumnTypeChoice {
    var column: String
    var type: ColumnType

    static func parse(_ text: String) throws -> ColumnTypeChoice {
        guard let equals = text.lastIndex(of: "="), equals > text.startIndex,
            let type = ColumnType(rawValue: String(text[text.index(after: equals)...]))
        else {
            let known = ColumnType.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(text)' is not COLUMN=TYPE with one of the types \(known)")
        }
        return ColumnTypeChoice(column: String(text[..<equals]), type: type)
    }
}

/// `name=number`; the number may end in `k`, `m` or `g` (1024 times each).
struct LimitChoice {
    var name: String
    var value: Int

    static func parse(_ text: String) throws -> LimitChoice {
        let sides = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard sides.count == 2, let last = sides[1].lowercased().last else { throw refusal(text) }
        let shift = ["k": 10, "m": 20, "g": 30][String(last)] ?? 0
        guard let number = Int(shift == 0 ? sides[1] : String(sides[1].dropLast())), number >= 0, number <= Int.max >> 31 else {
            throw refusal(text)
        }
        return LimitChoice(name: sides[0], value: number << shift)
    }
    private static func refusal(_ text: String) -> ValidationError {
        let known = InputLimits.all.map(\.name).joined(separator: ", ")
        return ValidationError("'\(text)' is not NAME=NUMBER with one of the names \(known)")
    }
}

extension InputFormat: ExpressibleByArgument {}
extension HiddenRows: ExpressibleByArgument {}
extension RepeatedTables: ExpressibleByArgument {}
