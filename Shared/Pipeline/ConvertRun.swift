public import Domain
internal import Formats
internal import Foundation
internal import Synchronization
internal import Tabular

/// Tolerant read and faithful write: no normalisation, no deduplication, cells as they stand.
public final class ConvertRun: Sendable {
    public struct Outcome: Sendable {
        public var rows: Int
        public var rejected: Int
        public var repaired: Int
        public var bytes: Int64
        public var sha256: String
    }

    private let input: String
    private let output: String
    private let format: OutputFormat
    private let threads: Int
    private let memoryBytes: Int
    private let rejectsPath: String?
    private let force: Bool
    private let progress: any ProgressObserver

    public init(
        input: String, output: String, format: OutputFormat, threads: Int = 1, memoryBytes: Int = 512 << 20,
        rejectsPath: String? = nil, force: Bool = false, progress: any ProgressObserver = SilentProgress()
    ) {
        self.input = input
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
        try OutputFiles.check([output] + [rejectsPath].compactMap { $0 }, inputs: [input], force: force)
        let scratch = Scratch(budget: memoryBytes / 8)
        let opened = try PlanStage.open(
            PlanStage.Input(name: (input as NSString).lastPathComponent, source: try FileSource(path: input)),
            options: InputOptions()
        ) {
            let path = try scratch.nextFile()
            return (try FileSink(path: path), { (try FileSource(path: path), path) })
        }
        let detection = opened.plan.detection
        // Typed columns of the input stay typed; text stays text.
        let schema = TableSchema(
            columns: detection.columns.indices.map {
                TableSchema.Column(name: detection.columns[$0], type: detection.declaredTypes[$0] ?? .text)
            })
        let chunks = try opened.reader.planChunks(targetBytes: Chunking.targetBytes)
        progress.begin(.clean, units: chunks.count, rows: 0)
        let table = try OutputAssembler(
            format: format, schema: schema, sink: try FileSink(path: output), metadata: OutputMetadata.converted)
        let rejects = try rejectsPath.map { try FileSink(path: $0) }
        do {
            try rejects?.write(Listings.rejectsHeader)
            let columnMap = Array(detection.columns.indices)
            let counts = Guarded((rows: 0, rejected: 0, repaired: 0))
            let drain = OrderedDrain<(part: [UInt8], rejects: [UInt8], rows: Int, rejected: Int, repaired: Int)>(
                window: threads * 2
            ) {
                if $1.rows > 0 { try table.append(part: MemorySource($1.part)) }
                try rejects?.write($1.rejects)
                counts.value.rows += $1.rows
                counts.value.rejected += $1.rejected
                counts.value.repaired += $1.repaired
            }
            try Workers.forEach(chunks.count, threads: threads) { [format, progress] _, index in
                try drain.waitForTurn(index)
                do {
                    let batch = try opened.reader.read(chunks[index], maxRows: nil)
                    let part = try PartEncoder.encode(
                        batch, rows: Array(0..<batch.rows), columnMap: columnMap, schema: schema, format: format,
                        options: OutputOptions())
                    let rejected = batch.problems.filter(\.isReject).count
                    try drain.finish(
                        index,
                        (
                            part, Listings.rejects(batch.problems), batch.rows, rejected,
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
            return Outcome(
                rows: counts.value.rows, rejected: counts.value.rejected, repaired: counts.value.repaired, bytes: bytes,
                sha256: sha256)
        } catch {
            table.abort()
            rejects?.abort()
            throw error
        }
    }
}
