internal import Domain
internal import Foundation
internal import Glibc
internal import ObjectStore
internal import Tabular

/// Turns what a user names as inputs (files, folders, patterns, addresses) into opened inputs, in an order that does not depend on the machine.
enum InputFiles {
    /// Endings of files that a folder is searched for, without that of a compression.
    private static let endings: Set<String> = [
        "csv", "tsv", "tab", "psv", "txt", "jsonl", "ndjson", "json", "parquet", "pq", "xlsx", "xlsm", "ods", "zip",
    ]
    private static let mostFiles = 100_000

    /// - Throws: `inputMissing` for what is not there or matches nothing.
    static func find(
        _ arguments: [String], options: InputOptions, policy: SourcePolicy = .environment, scratch: Scratch
    ) throws -> [PlanStage.Input] {
        var inputs: [PlanStage.Input] = []
        for argument in arguments {
            if RemoteInputs.isAddress(argument) {
                let found = try RemoteInputs.open(
                    argument, policy: policy, fetchLimit: Int64(options.limit(InputLimits.fetched)), isTable: isTable,
                    place: scratch.nextFile)
                inputs += found.map { PlanStage.Input(name: $0.name, source: $0.source) }
                continue
            }
            for path in try paths(argument) {
                inputs.append(
                    PlanStage.Input(name: (path as NSString).lastPathComponent, source: try FileSource(path: path), path: path))
            }
            guard inputs.count <= mostFiles else {
                throw SanitizerError(.limitExceeded, "\(argument): more than \(mostFiles) files; name fewer at once")
            }
        }
        return inputs
    }

    /// The files that an argument stands for: itself, the tables of a folder, or what a pattern matches; by name, bytewise.
    static func paths(_ argument: String) throws -> [String] {
        var info = stat()
        if stat(argument, &info) == 0 {
            return info.st_mode & S_IFMT == S_IFDIR ? try tables(ofFolder: argument) : [argument]
        }
        guard argument.contains(where: { "*?[".contains($0) }) else { return [argument] }
        var found = glob_t()
        defer { globfree(&found) }
        // Unsorted: the order of glob depends on the locale.
        let status = glob(argument, GLOB_NOSORT, nil, &found)
        guard status == 0 else {
            throw SanitizerError(.inputMissing, "\(argument): no file matches, check the pattern")
        }
        let matches = (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
        let files = sorted(matches).filter { path in
            var info = stat()
            return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG
        }
        guard !files.isEmpty else { throw SanitizerError(.inputMissing, "\(argument): only folders match, give files") }
        return files
    }

    private static func tables(ofFolder folder: String) throws -> [String] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw SanitizerError(.inputUnreadable, "\(folder): cannot list the folder: \(error.localizedDescription)")
        }
        let base = folder.hasSuffix("/") ? folder : folder + "/"
        let files = sorted(names.filter { !$0.hasPrefix(".") && isTable($0) }).map { base + $0 }
        guard !files.isEmpty else {
            throw SanitizerError(
                .inputMissing, "\(folder): no tables in this folder (\(endings.sorted().joined(separator: ", "))); give a pattern"
            )
        }
        return files
    }

    static func isTable(_ name: String) -> Bool {
        var parts = name.lowercased().split(separator: ".").map(String.init)
        if parts.count > 2, ["gz", "gzip", "zst", "zstd"].contains(parts[parts.count - 1]) { parts.removeLast() }
        return parts.count > 1 && endings.contains(parts[parts.count - 1])
    }

    private static func sorted(_ names: [String]) -> [String] {
        names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
