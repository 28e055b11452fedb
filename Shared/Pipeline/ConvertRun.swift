public import Domain
internal import Formats
internal import Foundation
public import ObjectStore
internal import Synchronization
internal import Tabular

/// Tolerant read and faithful write: no normalisation, no deduplication, cells as they stand.
public final class ConvertRun: Sendable {
    /// What the columns are called in the output.
    public enum Names: String, Sendable, CaseIterable {
        /// Unique and never empty.
        case unique
        /// CSV only: the header line as it stands in the first input; no line where that has none.
        case original
    }

    public struct Outcome: Sendable {
        public var rows: Int
        public var rejected: Int
        public var repaired: Int
        public var bytes: Int64
        public var sha256: String
    }

    private let inputs: [String]
    private let output: String
    private let format: OutputFormat
    private let input: InputOptions
    private let names: Names
    private let policy: SourcePolicy
    private let threads: Int
    private let memoryBytes: Int
    private let rejectsPath: String?
    private let repairsPath: String?
    private let force: Bool
    private let progress: any ProgressObserver

    public init(
        inputs: [String], output: String, format: OutputFormat, input: InputOptions = InputOptions(), names: Names = .unique,
        threads: Int = 1, memoryBytes: Int = 512 << 20, rejectsPath: String? = nil, repairsPath: String? = nil,
        force: Bool = false, policy: SourcePolicy = .environment, progress: any ProgressObserver = SilentProgress()
    ) {
        self.policy = policy
        self.inputs = inputs
        self.input = input
        self.names = names
        self.repairsPath = repairsPath
        self.output = output
        self.format = format
        self.threads = threads
        self.memoryBytes = memoryBytes
        self.rejectsPath = rejectsPath
        self.force = force
        self.progress = progress
    }

    /// Blocks. The output appears complete or not at all.
    public func run() throws -> Outcome {
        guard names == .unique || format == .csv else {
            throw SanitizerError(.recipeInvalid, "only csv output can hold the names as they stand: leave them unique")
        }
        let scratch = Scratch(budget: memoryBytes / 8)
        let found = try InputFiles.find(inputs, options: input, policy: policy, scratch: scratch)
        try OutputFiles.check(
            [output] + [rejectsPath, repairsPath].compactMap { $0 }, inputs: found.compactMap(\.path), force: force)
        let sources = try EmbeddedRun.open(found, options: input, scratch: scratch)
        let (chunks, opened, columns) = try PlanStage.chunks(sources)
        // Typed columns of the input stay typed; text stays text.
        let declared = PlanStage.declaredTypes(opened, columns: columns)
        let schema = TableSchema(
            columns: columns.indices.map { TableSchema.Column(name: columns[$0], type: declared[$0] ?? .text) })
        progress.begin(.clean, units: chunks.count, rows: 0)
        let header = names == .original ? opened[0].plan.detection.header.map(PartReader.csvHeader) ?? [] : nil
        let table = try OutputAssembler(
            format: format, schema: schema, sink: try FileSink(path: output), metadata: OutputMetadata.converted, header: header)
        let rejects = try rejectsPath.map { try FileSink(path: $0) }
        let repairs = try repairsPath.map { try FileSink(path: $0) }
        do {
            try rejects?.write(Listings.rejectsHeader)
            try repairs?.write(Listings.rejectsHeader)
            let columnMap = Array(columns.indices)
            let counts = Guarded((rows: 0, rejected: 0, repaired: 0))
            let drain = OrderedDrain<
                (part: [UInt8], rejects: [UInt8], repairs: [UInt8], rows: Int, rejected: Int, repaired: Int)
            >(
                window: threads * 2
            ) {
                if $1.rows > 0 { try table.append(part: MemorySource($1.part)) }
                try rejects?.write($1.rejects)
                try repairs?.write($1.repairs)
                counts.value.rows += $1.rows
                counts.value.rejected += $1.rejected
                counts.value.repaired += $1.repaired
            }
            try Workers.forEach(chunks.count, threads: threads) { [format, progress] _, index in
                try drain.waitForTurn(index)
                do {
                    let batch = try ChunkReading.read(chunks[index], opened[chunks[index].source])
                    let part = try PartEncoder.encode(
                        batch, rows: Array(0..<batch.rows), columnMap: columnMap, schema: schema, format: format,
                        options: OutputOptions())
                    let rejected = batch.problems.filter(\.isReject).count
                    try drain.finish(
                        index,
                        (
                            part, Listings.rejects(batch.problems), Listings.repairs(batch.problems), batch.rows, rejected,
                            batch.problems.count - rejected
                        ))
                    progress.advance(.clean, rows: batch.rows)
                } catch {
                    drain.fail(error)
                    throw error
                }
            }
            let (bytes, sha256) = try table.finish()
            try rejects?.close()
            try repairs?.close()
            return Outcome(
                rows: counts.value.rows, rejected: counts.value.rejected, repaired: counts.value.repaired, bytes: bytes,
                sha256: sha256)
        } catch {
            table.abort()
            rejects?.abort()
            repairs?.abort()
            throw error
        }
    }
}
