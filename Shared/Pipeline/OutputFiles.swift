internal import Cleaning
internal import Domain
internal import Formats
internal import Foundation
internal import Matching
internal import Tabular

/// The files of an embedded run. Each is written beside its name and renamed when all are complete.
final class OutputFiles {
    private let options: EmbeddedRun.Options
    private let format: OutputFormat
    /// One of both.
    private let table: OutputAssembler?
    private let workbook: WorkbookFile?
    private let provenance: OutputAssembler?
    private let matches: FileSink?
    private let rejects: FileSink?
    private let repairs: FileSink?
    private var parts: [Report.Part] = []

    /// Refuses early what would be refused at the end.
    /// - Throws: `output_exists`, `output_unwritable`; `output_exists` also when an output is an input.
    static func check(_ outputs: [String], inputs: [String], force: Bool) throws {
        func resolved(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }
        let inputPaths = Set(inputs.map(resolved))
        var seen: Set<String> = []
        for path in outputs {
            let file = resolved(path)
            guard seen.insert(file).inserted else {
                throw SanitizerError(.outputExists, "\(path): named for two outputs, give each its own file")
            }
            guard !inputPaths.contains(file) else {
                throw SanitizerError(.outputExists, "\(path): is the input, write to another file")
            }
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) {
                if isFolder.boolValue { throw SanitizerError(.outputUnwritable, "\(path): is a folder, give a file name") }
                guard force else {
                    throw SanitizerError(.outputExists, "\(path): exists already, choose another name or add --force")
                }
            }
            let folder = (file as NSString).deletingLastPathComponent
            guard FileManager.default.isWritableFile(atPath: folder.isEmpty ? "." : folder) else {
                throw SanitizerError(
                    .outputUnwritable, "\(path): cannot write to the folder \(folder), create it or choose another")
            }
        }
    }

    init(_ options: EmbeddedRun.Options, resolution: Resolution, scratch: Scratch) throws {
        self.options = options
        format = options.format
        workbook =
            options.isWorkbook ? try WorkbookFile(options.output, schema: resolution.schema, scratch: scratch) : nil
        table =
            options.isWorkbook
            ? nil
            : try OutputAssembler(
                format: options.format, schema: resolution.schema, sink: try FileSink(path: options.output),
                metadata: OutputMetadata.table(resolution), options: resolution.recipe.output)
        provenance = try options.provenancePath.map {
            try OutputAssembler(
                format: .parquet, schema: ProvenancePart.schema, sink: try FileSink(path: $0), metadata: OutputMetadata.provenance
            )
        }
        matches = try options.matchesPath.map { try FileSink(path: $0) }
        rejects = try options.rejectsPath.map { try FileSink(path: $0) }
        repairs = try options.repairsPath.map { try FileSink(path: $0) }
        try matches?.write(Listings.matchesHeader)
        try rejects?.write(Listings.rejectsHeader)
        try repairs?.write(Listings.rejectsHeader)
    }

    /// Takes the chunks in order.
    func append(_ output: CleanStage.Output) throws {
        if output.summary.kept > 0 {
            try table?.append(part: MemorySource(output.part))
            if let workbook { try PartReader.forEachBatch(parquet: MemorySource(output.part), workbook.append) }
        }
        if let bytes = output.provenance, output.summary.changes.total + output.summary.changes.totalSuggested > 0 {
            try provenance?.append(part: MemorySource(bytes))
        }
        try matches?.write(output.matches)
        try rejects?.write(output.rejects)
        try repairs?.write(output.repairs)
        parts.append(OutputMetadata.part(output.summary, bytes: output.part.count, sha256: output.partSHA256, format: format))
    }

    /// Reconciles, writes the report, and makes all files visible.
    func finish(_ inputs: ReportStage.Inputs) throws -> Report {
        // Conservation is checked before anything becomes visible under its final name.
        let provisional = Report.Output(format: format, parts: parts, digest: "", bytes: 0)
        var report = try ReportStage.report(inputs, output: provisional)
        if let written = try workbook?.finish() ?? table?.finish() {
            report.output.digest = written.sha256
            report.output.bytes = written.bytes
        }
        if workbook != nil { report.output.container = "xlsx" }
        _ = try provenance?.finish()
        try matches?.close()
        try rejects?.close()
        try repairs?.close()
        if let path = options.reportPath {
            let sink = try FileSink(path: path)
            try sink.write(try report.json())
            try sink.close()
        }
        return report
    }

    func abort() {
        table?.abort()
        provenance?.abort()
        matches?.abort()
        rejects?.abort()
        repairs?.abort()
    }
}

/// What is written into output files beside the rows; the same embedded and served.
enum OutputMetadata {
    static func table(_ resolution: Resolution) -> [(String, String)] {
        [
            ("sanitizer.engine_version", Engine.version),
            ("sanitizer.recipe_digest", SHA256.hex(RecipeFile.json(resolution.recipe))),
        ]
    }
    static let converted = [("sanitizer.engine_version", Engine.version)]
    static let provenance = [("sanitizer.engine_version", Engine.version), ("sanitizer.content", "provenance")]

    static func part(_ summary: ChunkSummary, bytes: Int, sha256: String, format: OutputFormat) -> Report.Part {
        let number = String(summary.index)
        let padded = String(repeating: "0", count: max(0, 6 - number.count)) + number
        return Report.Part(
            path: "part-\(padded).\(format.rawValue)", rows: summary.kept, bytes: Int64(bytes), sha256: sha256)
    }
}
