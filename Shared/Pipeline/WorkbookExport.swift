public import Domain
internal import Formats
internal import Foundation
public import ObjectStore
internal import Tabular

/// Writes a small table as an .xlsx file: inputs read tolerantly, nothing cleaned, types of typed inputs kept.
public struct WorkbookExport: Sendable {
    private let inputs: [String]
    private let output: String
    private let input: InputOptions
    private let force: Bool
    private let policy: SourcePolicy

    public init(inputs: [String], output: String, input: InputOptions, force: Bool, policy: SourcePolicy = .environment) {
        self.inputs = inputs
        self.output = output
        self.input = input
        self.force = force
        self.policy = policy
    }

    /// Blocks. The output appears complete or not at all.
    public func run() throws -> ConvertRun.Outcome {
        let scratch = Scratch(budget: 64 << 20)
        let found = try InputFiles.find(inputs, options: input, policy: policy, scratch: scratch)
        try OutputFiles.check([output], inputs: found.compactMap(\.path), force: force)
        let sources = try EmbeddedRun.open(found, options: input, scratch: scratch)
        let (chunks, opened, columns) = try PlanStage.chunks(sources)
        let declared = PlanStage.declaredTypes(opened, columns: columns)
        let schema = TableSchema(columns: columns.indices.map { .init(name: columns[$0], type: declared[$0] ?? .text) })
        let workbook = try WorkbookFile(output, schema: schema, scratch: scratch)
        var outcome = ConvertRun.Outcome(rows: 0, rejected: 0, repaired: 0, bytes: 0, sha256: "")
        for chunk in chunks {
            let batch = try ChunkReading.read(chunk, opened[chunk.source])
            try workbook.append(batch)
            let rejected = batch.problems.filter(\.isReject).count
            outcome.rows += batch.rows
            outcome.rejected += rejected
            outcome.repaired += batch.problems.count - rejected
        }
        (outcome.bytes, outcome.sha256) = try workbook.finish()
        return outcome
    }
}
