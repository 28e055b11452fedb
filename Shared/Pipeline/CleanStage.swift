internal import Cleaning
internal import Domain
internal import Formats
internal import Matching
internal import Profiling
internal import Tabular

/// Stage 5, per chunk: read again, drop what was decided, normalise, fill, clean, encode.
enum CleanStage {
    struct Options {
        var format: OutputFormat
        var keepProvenance: Bool
        var keepRepairs = false
        /// Key of hashes and tokens of personal data.
        var hmacKey: [UInt8]
    }

    struct Output {
        /// One encoded part of the output table.
        var part: [UInt8]
        var partSHA256: String
        /// One encoded part of the provenance table, when asked for.
        var provenance: [UInt8]?
        /// Lines of the rejects and of the matches file, without header.
        var rejects: [UInt8]
        /// Lines of the repairs file; the embedded run alone offers it.
        var repairs: [UInt8]
        var matches: [UInt8]
        var summary: ChunkSummary
    }

    /// The decisions for one chunk, cut out of the job's.
    struct Decisions {
        var drops: ArraySlice<RowDecision>
        var fills: ArraySlice<GapFill>
        var suggestions: ArraySlice<RowDecision>
        /// Global number of the first record of every chunk.
        var firstRecords: [Int]
    }

    /// The objects that a thread reuses from chunk to chunk.
    final class Tools {
        let normaliser: Normaliser
        let cleaner: Cleaner
        init(plan: JobPlan, resolution: Resolution, options: Options) throws {
            normaliser = try Normaliser(recipe: plan.recipe, names: plan.columns)
            cleaner = try Cleaner(resolution: resolution, hmacKey: options.hmacKey)
        }
    }

    static func run(
        _ chunk: JobPlan.Chunk, index: Int, plan: JobPlan, source: OpenedSource, resolution: Resolution,
        decisions: Decisions, tools: Tools, options: Options
    ) throws -> Output {
        let batch = try ChunkReading.read(chunk, source)
        let firstRecord = decisions.firstRecords[index]
        var summary = ChunkSummary(index: index, columns: plan.columns.count)
        summary.count(batch, drops: decisions.drops)
        try summary.checkRecords(batch.recordCount, planned: decisions.firstRecords[index + 1] - firstRecord)
        try drop(decisions.drops, from: batch, chunk: index)
        summary.kept = batch.rows

        let recorder = ChangeRecorder(resolution: resolution, keepDetails: options.keepProvenance)
        recorder.begin(firstRecord: firstRecord, dropped: [])
        tools.normaliser.normalise(batch, rows: 0..<batch.rows, recorder: recorder)
        fill(decisions.fills, batch, recorder)
        let rows = Array(0..<batch.rows)
        tools.cleaner.clean(batch, rows: rows, recorder: recorder)
        recorder.finish()
        summary.changes = recorder.counts

        let part = try PartEncoder.encode(
            batch, rows: rows, columnMap: resolution.columnMap, schema: resolution.schema,
            format: options.format, options: resolution.recipe.output)
        return Output(
            part: part, partSHA256: SHA256.hex(part),
            provenance: options.keepProvenance ? try ProvenancePart.encode(recorder, columns: plan.columns) : nil,
            rejects: Listings.rejects(batch.problems),
            repairs: options.keepRepairs ? Listings.repairs(batch.problems) : [],
            matches: Listings.matches(
                decisions.drops, decisions.suggestions, firstRecords: decisions.firstRecords, columns: plan.columns),
            summary: summary)
    }

    /// Takes the dropped rows out of the batch, in place.
    private static func drop(_ drops: ArraySlice<RowDecision>, from batch: TextBatch, chunk: Int) throws {
        guard !drops.isEmpty else { return }
        var next = drops.startIndex
        var kept = 0
        for row in 0..<batch.rows {
            let ordinal = Int(batch.ordinals[row])
            if next < drops.endIndex, drops[next].row.ordinal == ordinal {
                next += 1
                continue
            }
            if kept != row {
                (batch.cells + kept * batch.columns).update(from: batch.cells + row * batch.columns, count: batch.columns)
                batch.ordinals[kept] = batch.ordinals[row]
            }
            kept += 1
        }
        guard next == drops.endIndex else {
            throw SanitizerError(
                .corruptIntermediate,
                "decision about record \(drops[next].row.ordinal) of chunk \(chunk), which is not there: the input changed during the run"
            )
        }
        batch.setRows(kept)
    }

    /// Fills empty cells of survivors from their dropped duplicates.
    private static func fill(_ fills: ArraySlice<GapFill>, _ batch: TextBatch, _ recorder: ChangeRecorder) {
        var row = 0
        for fill in fills {
            while row < batch.rows, Int(batch.ordinals[row]) < fill.row.ordinal { row += 1 }
            guard row < batch.rows, Int(batch.ordinals[row]) == fill.row.ordinal else { continue }
            let at = row * batch.columns + fill.column
            guard batch.cells[at].isEmpty else { continue }
            let cell = batch.store(fill.text)
            recorder.record(
                ordinal: batch.ordinals[row], column: fill.column, .nearDuplicateFill, confidence: Float(fill.score),
                original: nil, cleaned: batch.bytes(cell))
            batch.cells[at] = cell
        }
    }
}

/// What a cleaned chunk adds to the job: counts only, no rows.
struct ChunkSummary: Sendable {
    var index: Int
    var records = 0
    var kept = 0
    var exactDuplicates = 0
    var nearDuplicates = 0
    var quarantined = 0
    var rejected = 0
    /// Rejected and repaired records by kind.
    var problems: [RowProblem.Code: (rejected: Int, repaired: Int)] = [:]
    var changes: ChangeCounts

    init(index: Int, columns: Int) {
        self.index = index
        changes = ChangeCounts(columns: columns)
    }

    mutating func count(_ batch: TextBatch, drops: ArraySlice<RowDecision>) {
        records = batch.recordCount
        for problem in batch.problems {
            var entry = problems[problem.code] ?? (0, 0)
            if problem.isReject { entry.rejected += 1 } else { entry.repaired += 1 }
            problems[problem.code] = entry
            if problem.isReject, problem.record >= 0 { rejected += 1 }
        }
        for drop in drops {
            if drop.kind == .exact { exactDuplicates += 1 } else { nearDuplicates += 1 }
        }
    }

    /// - Throws: when the chunk has another number of records than the scan saw: nothing may get lost between passes.
    func checkRecords(_ seen: Int, planned: Int) throws {
        guard seen == planned else {
            throw SanitizerError(
                .conservationViolated,
                "chunk \(index) had \(planned) records in pass 1 and \(seen) in pass 2: the input changed during the run")
        }
    }

    /// Every record of the chunk is in exactly one class.
    var isBalanced: Bool { records == kept + exactDuplicates + nearDuplicates + quarantined + rejected }
}
