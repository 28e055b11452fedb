internal import Domain
public import Formats
internal import Cleaning
internal import Foundation
internal import Matching
internal import Profiling
public import Tabular

/// An opened input: the detection, the bytes that the readers see (rewritten when needed), and the reader.
public struct OpenedSource: Sendable {
    public var plan: JobPlan.Source
    public var reader: any TableReader
}

/// Stage 1: look at the input, cut it into chunks, draft the recipe.
public enum PlanStage {
    /// One input before it was looked at.
    public struct Input: Sendable {
        public var name: String
        public var source: any ByteSource
        /// Of a file of this machine.
        public var path: String?
        /// The file to read of an archive.
        public var member: String?
        public init(name: String, source: any ByteSource, path: String? = nil, member: String? = nil) {
            self.name = name
            self.source = source
            self.path = path
            self.member = member
        }
    }

    /// Detects the format of one input and rewrites it when the readers cannot take it as it is.
    ///
    /// - Parameter stage: makes the place for a rewritten input: a sink, and after it was closed the source and its key.
    static func open(
        _ input: Input, options: InputOptions,
        stage: () throws -> (sink: any ByteSink, reopen: () throws -> (any ByteSource, String))
    ) throws -> OpenedSource {
        var options = options
        options.member = input.member ?? options.member
        var detected = try Sniffer.detect(input.source, name: input.name, options: options)
        var detection = detected
        var source = input.source
        var stagedKey: String?
        // A workbook inside an archive takes two steps.
        for _ in 0..<Staging.mostSteps where detection.needsStaging {
            let place = try stage()
            do {
                try Staging.write(detection, from: source, to: place.sink, options: options)
                try place.sink.close()
            } catch {
                place.sink.abort()
                throw error
            }
            (source, stagedKey) = try place.reopen()
            options = Staging.optionsBehind(detection, options)
            let packed = detection
            detection = try Sniffer.detect(
                source, name: packed.member ?? input.name, options: options, isTrusted: Staging.isSheet(packed))
            if packed.compression == .zip {
                // What counts is the file in the archive.
                detected = detection
                (detected.compression, detected.member) = (.zip, packed.member)
                detected.evidence = (packed.evidence ?? []) + (detection.evidence ?? [])
            }
        }
        guard !detection.needsStaging else {
            throw SanitizerError(.formatUnsupported, "\(input.name): packed more than once; unpack it")
        }
        let plan = JobPlan.Source(
            name: input.name, detected: detected, detection: detection,
            columnMap: Array(detection.columns.indices), stagedKey: stagedKey)
        return OpenedSource(plan: plan, reader: try Readers.open(detection, source))
    }

    /// Cuts the opened sources into chunks, samples them, and drafts recipe and match plan.
    ///
    /// Reads the input at most once from start to end, plus the sample. The plan does not depend on `threads`.
    static func plan(
        _ opened: [OpenedSource], overrides: Recipe?, salt: String, threads: Int
    ) throws -> (JobPlan, [OpenedSource]) {
        let (chunks, opened, columns) = try chunks(opened)
        let sample = try Sample.take(chunks, opened, columns: columns, threads: threads)
        let declared = declaredTypes(opened, columns: columns)
        var recipe = try RecipePlanner.draft(
            names: columns, declared: declared, sample: sample.profile, sampleBatches: sample.batches,
            overrides: overrides)
        let normaliser = try Normaliser(recipe: recipe, names: columns)
        for batch in sample.batches { normaliser.normalise(batch, rows: 0..<batch.rows, recorder: nil) }
        let match = MatchPlan.make(
            recipe: recipe, overrides: overrides, names: columns, sampleBatches: sample.batches, plannedRows: sample.plannedRows,
            salt: salt, chunkSources: chunks.map(\.source))
        // The report's recipe says what was done.
        for c in (match.repeatedColumns ?? []) + (match.lists?.notCompared ?? []) { recipe.columns[c].compare = false }
        let normalised = try profile(sample.batches, columns.count, threads)
        let seen = Decider.decide(draft: recipe, names: columns, profile: normalised, judgedColumns: [], threads: threads)
        let plan = JobPlan(
            sources: opened.map(\.plan), columns: columns, chunks: chunks, plannedRows: sample.plannedRows,
            recipe: recipe, match: match,
            dependencies: DependencyDiscovery.find(in: sample.batches, resolution: seen) { some in
                let judged = Decider.decide(
                    draft: recipe, names: columns, profile: normalised, judgedColumns: Set(some), threads: threads)
                return some.filter { ContextRule.applies(to: judged.columns[$0]) }
            },
            findings: SampleFindings.find(in: sample.batches, resolution: seen, recipe: recipe))
        return (plan, opened)
    }

    /// The chunks of all sources in order, and the columns of their union; sources know their columns' places in it.
    /// - Throws: `inputEmpty` without columns.
    static func chunks(_ opened: [OpenedSource]) throws -> ([JobPlan.Chunk], [OpenedSource], columns: [String]) {
        let columns = unionOfColumns(opened.map(\.plan.detection.columns))
        guard !columns.isEmpty else {
            throw SanitizerError(.inputEmpty, "\(opened.first?.plan.name ?? "input"): no columns found, nothing to clean")
        }
        var opened = opened
        var chunks: [JobPlan.Chunk] = []
        for index in opened.indices {
            let own = Dictionary(
                opened[index].plan.detection.columns.enumerated().map { ($1, $0) }, uniquingKeysWith: { a, _ in a })
            opened[index].plan.columnMap = columns.map { own[$0] ?? -1 }
            for descriptor in try opened[index].reader.planChunks(targetBytes: Chunking.targetBytes) {
                chunks.append(JobPlan.Chunk(source: index, descriptor: descriptor))
            }
        }
        return (chunks, opened, columns)
    }

    /// The declared type of each column where all sources agree.
    static func declaredTypes(_ opened: [OpenedSource], columns: [String]) -> [ColumnType?] {
        columns.indices.map { column -> ColumnType? in
            let types = opened.map { source -> ColumnType? in
                let own = source.plan.columnMap[column]
                return own < 0 ? nil : source.plan.detection.declaredTypes[own]
            }
            return types.allSatisfy { $0 == types[0] } ? types[0] : nil
        }
    }

    /// Of the (normalised) sample as if it were the table.
    private static func profile(_ batches: [TextBatch], _ columns: Int, _ threads: Int) throws -> TableProfile {
        // Safe to send: every batch is read by one thread, and all are done when this returns.
        nonisolated(unsafe) let batches = batches
        return try Sample.profile(of: batches.count, columns: columns, threads: threads) { batches[$0] }
    }

    /// The columns of all sources in order of first appearance.
    static func unionOfColumns(_ lists: [[String]]) -> [String] {
        var seen: Set<String> = []
        return lists.flatMap { $0 }.filter { seen.insert($0).inserted }
    }
}

/// The rows that the recipe is drafted from: the first ones of evenly spaced chunks.
struct Sample {
    var batches: [TextBatch]
    var profile: TableProfile
    var plannedRows: Int

    static func take(
        _ chunks: [JobPlan.Chunk], _ opened: [OpenedSource], columns: [String], threads: Int
    ) throws -> Sample {
        let picks = min(Chunking.sampleChunks, chunks.count)
        guard picks > 0 else { return Sample(batches: [], profile: TableProfile(columns: columns.count), plannedRows: 0) }
        let perChunk = max(1, Chunking.sampleRows / picks)
        let read = (0..<picks).map { _ in Guarded<TextBatch?>(nil) }
        let profile = try profile(of: picks, columns: columns.count, threads: threads) { pick in
            let chunk = chunks[picks == 1 ? 0 : pick * (chunks.count - 1) / (picks - 1)]
            let batch = try ChunkReading.read(chunk, opened[chunk.source], maxRows: perChunk)
            read[pick].value = batch
            return batch
        }
        let batches = read.compactMap(\.value)
        let rowsSeen = batches.reduce(0) { $0 + $1.rows }
        let exactRows = batches.reduce(0) { $0 + $1.recordCount }
        let planned: Int
        if chunks.allSatisfy({ $0.descriptor.rows > 0 }) {
            planned = chunks.reduce(0) { $0 + $1.descriptor.rows }
        } else if picks == chunks.count, exactRows < perChunk {
            planned = exactRows
        } else {
            let bytes = chunks.reduce(0.0) { $0 + Double($1.descriptor.length) }
            planned = rowsSeen == 0 ? 0 : Int(bytes / max(1, Double(batches.reduce(0) { $0 + size($1) }) / Double(rowsSeen)))
        }
        return Sample(batches: batches, profile: profile, plannedRows: planned)
    }

    /// Bytes of the rows as text: the cells and what stands between them.
    private static func size(_ batch: TextBatch) -> Int {
        var bytes = 0
        for cell in 0..<batch.rows * batch.columns { bytes += batch.cells[cell].length + 1 }
        return bytes
    }

    /// The profile of the batches, each of which counts as a chunk; the same for any number of threads.
    static func profile(
        of count: Int, columns: Int, threads: Int, _ batch: @escaping @Sendable (Int) throws -> TextBatch
    ) throws -> TableProfile {
        let lanes = (0..<max(1, min(threads, count))).map { _ in Guarded(TableProfile(columns: columns)) }
        try Workers.forEach(count, threads: threads) { lane, index in
            let batch = try batch(index)
            lanes[lane].value.add(batch, rows: 0..<batch.rows, chunk: index)
        }
        for other in lanes.dropFirst() { lanes[0].value.merge(other.value) }
        return lanes[0].value
    }
}
