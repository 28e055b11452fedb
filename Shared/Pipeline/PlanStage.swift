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
        public init(name: String, source: any ByteSource) {
            self.name = name
            self.source = source
        }
    }

    /// Detects the format of one input and rewrites it when the readers cannot take it as it is.
    ///
    /// - Parameter stage: makes the place for a rewritten input: a sink, and after it was closed the source and its key.
    static func open(
        _ input: Input, options: InputOptions,
        stage: () throws -> (sink: any ByteSink, reopen: () throws -> (any ByteSource, String))
    ) throws -> OpenedSource {
        let detected = try Sniffer.detect(input.source, name: input.name, options: options)
        var detection = detected
        var source = input.source
        var stagedKey: String?
        if detection.needsStaging {
            let place = try stage()
            do {
                try Staging.write(detection, from: source, to: place.sink)
                try place.sink.close()
            } catch {
                place.sink.abort()
                throw error
            }
            (source, stagedKey) = try place.reopen()
            // Rewritten bytes are plain UTF-8: what the client said of the encoding was true of the original only.
            var rewritten = options
            rewritten.encoding = nil
            rewritten.format = detected.format == .json ? .jsonl : detected.format
            detection = try Sniffer.detect(source, name: input.name, options: rewritten)
        }
        let plan = JobPlan.Source(
            name: input.name, detected: detected, detection: detection,
            columnMap: Array(detection.columns.indices), stagedKey: stagedKey)
        return OpenedSource(plan: plan, reader: try Readers.open(detection, source))
    }

    /// Cuts the opened sources into chunks, samples them, and drafts recipe and match plan.
    ///
    /// Reads the input at most once from start to end, plus the sample.
    static func plan(_ opened: [OpenedSource], overrides: Recipe?, salt: String) throws -> (JobPlan, [OpenedSource]) {
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
        let sample = try Sample.take(chunks, opened, columns: columns)
        let declared = columns.indices.map { column -> ColumnType? in
            let types = opened.map { source -> ColumnType? in
                let own = source.plan.columnMap[column]
                return own < 0 ? nil : source.plan.detection.declaredTypes[own]
            }
            return types.allSatisfy { $0 == types[0] } ? types[0] : nil
        }
        let recipe = try RecipePlanner.draft(
            names: columns, declared: declared, sample: sample.profile, sampleBatches: sample.batches,
            overrides: overrides)
        let normaliser = try Normaliser(recipe: recipe, names: columns)
        for batch in sample.batches { normaliser.normalise(batch, rows: 0..<batch.rows, recorder: nil) }
        let match = MatchPlan.make(
            recipe: recipe, names: columns, sampleBatches: sample.batches, plannedRows: sample.plannedRows, salt: salt,
            chunkSources: chunks.map(\.source))
        let seen = decide(sample.batches, recipe, columns)
        let plan = JobPlan(
            sources: opened.map(\.plan), columns: columns, chunks: chunks, plannedRows: sample.plannedRows,
            recipe: recipe, match: match, dependencies: DependencyDiscovery.find(in: sample.batches, resolution: seen),
            findings: SampleFindings.find(in: sample.batches, resolution: seen, recipe: recipe))
        return (plan, opened)
    }

    /// What would be decided if the (normalised) sample were the table.
    private static func decide(_ batches: [TextBatch], _ recipe: Recipe, _ columns: [String]) -> Resolution {
        let profile = TableProfile(columns: columns.count)
        for (index, batch) in batches.enumerated() { profile.add(batch, rows: 0..<batch.rows, chunk: index) }
        return Decider.decide(draft: recipe, names: columns, profile: profile, judgesValues: false)
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

    static func take(_ chunks: [JobPlan.Chunk], _ opened: [OpenedSource], columns: [String]) throws -> Sample {
        let picks = min(Chunking.sampleChunks, chunks.count)
        let profile = TableProfile(columns: columns.count)
        guard picks > 0 else { return Sample(batches: [], profile: profile, plannedRows: 0) }
        let perChunk = max(1, Chunking.sampleRows / picks)
        var batches: [TextBatch] = []
        var bytesSeen = 0.0
        var rowsSeen = 0.0
        var exactRows = 0
        for pick in 0..<picks {
            let index = picks == 1 ? 0 : pick * (chunks.count - 1) / (picks - 1)
            let chunk = chunks[index]
            let batch = try ChunkReading.read(chunk, opened[chunk.source], maxRows: perChunk)
            profile.add(batch, rows: 0..<batch.rows, chunk: pick)
            batches.append(batch)
            for row in 0..<batch.rows {
                for column in 0..<batch.columns { bytesSeen += Double(batch.cell(row, column).length + 1) }
            }
            rowsSeen += Double(batch.rows)
            exactRows += batch.recordCount
        }
        let planned: Int
        if chunks.allSatisfy({ $0.descriptor.rows > 0 }) {
            planned = chunks.reduce(0) { $0 + $1.descriptor.rows }
        } else if picks == chunks.count, exactRows < perChunk {
            planned = exactRows
        } else {
            let bytes = chunks.reduce(0.0) { $0 + Double($1.descriptor.length) }
            planned = rowsSeen == 0 ? 0 : Int(bytes / max(1, bytesSeen / rowsSeen))
        }
        return Sample(batches: batches, profile: profile, plannedRows: planned)
    }
}
