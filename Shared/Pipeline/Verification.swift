internal import Domain
internal import Foundation
internal import Formats
internal import Tabular

/// Checks an output file against its report, from the bytes alone.
public enum Verification {
    public struct Check: Sendable {
        public var name: String
        public var passed: Bool
        public var detail: String
    }

    /// - Throws: when a file cannot be read or the report is no report; a check that fails is a value.
    public static func run(output: String, report path: String) throws -> [Check] {
        let source = try FileSource(path: path)
        let bytes = try source.read(at: 0, count: Int(min(source.size, 1 << 28)))
        let report: Report
        do {
            report = try JSONDecoder().decode(Report.self, from: Data(bytes))
        } catch {
            throw SanitizerError(.inputUnreadable, "\(path): not a report of this program: \(error)")
        }
        let file = try FileSource(path: output)
        let (size, digest) = try InputDigest(of: file).wait()
        let c = report.conservation
        let counted = c.kept + c.exactDuplicates + c.nearDuplicates + c.quarantined + c.rejected
        let partRows = report.output.parts.reduce(0) { $0 + $1.rows }
        let recipeDigest = SHA256.hex(RecipeFile.json(report.recipe))
        var checks = [
            Check(
                name: "digest", passed: digest == report.output.digest,
                detail: digest == report.output.digest ? digest : "file has \(digest), report says \(report.output.digest)"),
            Check(
                name: "size", passed: size == report.output.bytes,
                detail: "\(size) bytes\(size == report.output.bytes ? "" : ", report says \(report.output.bytes)")"),
            Check(
                name: "conservation", passed: c.balanced && counted == c.input,
                detail:
                    "\(c.input) records = \(c.kept) kept + \(c.exactDuplicates) exact + \(c.nearDuplicates) near + \(c.quarantined) quarantined + \(c.rejected) rejected"
            ),
            Check(
                name: "parts", passed: partRows == c.kept,
                detail: "\(report.output.parts.count) parts with \(partRows) rows, \(c.kept) kept"),
            Check(
                name: "recipe", passed: recipeDigest == report.recipeDigest,
                detail: recipeDigest == report.recipeDigest
                    ? recipeDigest : "recipe in the report has \(recipeDigest), report says \(report.recipeDigest)"),
        ]
        if report.output.format == .parquet, report.output.container == nil {
            let rows = try parquetRows(file, name: output)
            checks.append(Check(name: "rows", passed: rows == c.kept, detail: "file has \(rows) rows, \(c.kept) kept"))
        }
        return checks
    }

    private static func parquetRows(_ file: FileSource, name: String) throws -> Int {
        var options = InputOptions()
        options.format = .parquet
        let detection = try Sniffer.detect(file, name: name, options: options)
        return try Readers.open(detection, file).planChunks(targetBytes: Chunking.targetBytes).reduce(0) { $0 + $1.rows }
    }
}
