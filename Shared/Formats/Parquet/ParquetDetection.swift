internal import Domain
internal import Tabular

/// Columns and declared types from a Parquet footer.
enum ParquetDetection {
    /// A compressed file keeps its footer behind everything else: only staging gets at it, so its columns are found after that.
    static func detect(_ head: InputHead) throws -> Detection {
        if head.compression != .none {
            return Detection(format: .parquet, compression: head.compression, columns: [], needsStaging: true)
        }
        return try detect(head.source, name: head.name, options: head.options)
    }

    /// - Throws: `inputUnreadable` when the file is malformed or has no columns.
    static func detect(_ source: any ByteSource, name: String, options: InputOptions) throws -> Detection {
        let table: ParquetTable
        do {
            table = try ParquetTable(source, limits: options.limits, isOwn: false)
        } catch let error as SanitizerError {
            throw SanitizerError(error.code, "\(name): \(error.message)", isRetryable: error.isRetryable)
        }
        let most = options.limit(InputLimits.columnCount)
        guard table.columns.count <= most else {
            throw SanitizerError(
                .limitExceeded, "\(name): \(table.columns.count) columns, above the limit of \(most); raise the limit columns")
        }
        guard !table.columns.isEmpty else { throw SanitizerError(.inputUnreadable, "\(name): parquet file without columns") }
        return Detection(
            format: .parquet, columns: UniqueNames.make(table.columns.map(\.name)), declaredTypes: table.columns.map(\.type))
    }
}

/// Column names as the engine wants them: not empty, each once.
enum UniqueNames {
    static func make(_ names: [String]) -> [String] {
        var taken = Set(names)
        var seen: Set<String> = []
        return names.enumerated().map { i, name in
            let base = name.isEmpty ? "column_\(i + 1)" : name
            if !name.isEmpty, seen.insert(name).inserted { return name }
            var candidate = base
            var n = 2
            while taken.contains(candidate) {
                candidate = "\(base)_\(n)"
                n += 1
            }
            taken.insert(candidate)
            seen.insert(candidate)
            return candidate
        }
    }
}
