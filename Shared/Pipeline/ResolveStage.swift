internal import Cleaning
internal import Domain
internal import Foundation
internal import Matching
internal import Profiling
internal import Tabular

/// Stage 4: from statistics and candidate pairs to decisions.
enum ResolveStage {
    struct Output {
        var head: ResolvedHead
        var decisions: MatchDecisions
    }

    /// - Parameter slice: a slice of the matches of a partition; asked for once each, so that they need not all be held.
    /// - Parameter fetch: the normalised rows with the given ids (sorted), see ``RowFetching``; asked for once per round of matching.
    static func run(
        plan: JobPlan, profile: TableProfile, records: [Int], threads: Int,
        slice: @escaping @Sendable (_ partition: Int, _ slice: Int) throws -> [UInt8],
        fetch: ([RowID]) throws -> RowStore
    ) throws -> Output {
        var firstRecords = [0]
        for count in records { firstRecords.append(firstRecords.last! + count) }
        let resolver = MatchResolver(plan: plan.match, threads: threads)
        for partition in 0..<plan.match.partitions { resolver.add(try PartitionMatches(head: try slice(partition, 0))) }
        let repeatedKeys = Dictionary(zip(plan.match.keyColumns ?? [], resolver.repeatedKeys)) { first, _ in first }
        let resolution = Decider.decide(
            draft: plan.recipe, names: plan.columns, profile: profile, findings: plan.findings,
            firstRecords: firstRecords, repeatedKeys: repeatedKeys, threads: threads)
        try addStripes(to: resolver, plan.match, threads: threads, slice)
        let decisions = try resolver.resolve(fetch: fetch)
        let head = ResolvedHead(
            resolution: resolution, firstRecords: firstRecords, matching: decisions.statistics, drops: decisions.drops.count,
            falsePositiveRate: decisions.falsePositiveRate, falsePositiveRateMethod: decisions.falsePositiveRateMethod)
        return Output(head: head, decisions: decisions)
    }

    /// Candidate pairs from all partitions, stripe by stripe.
    private static func addStripes(
        to resolver: MatchResolver, _ plan: MatchPlan, threads: Int,
        _ slice: @escaping @Sendable (Int, Int) throws -> [UInt8]
    ) throws {
        let drain = OrderedDrain<CandidateStripe>(window: threads) { _, stripe in resolver.add(stripe) }
        try Workers.forEach(plan.stripeCount, threads: threads) { _, index in
            try drain.waitForTurn(index)
            do {
                let stripe = CandidateStripe(plan: plan)
                for partition in 0..<plan.partitions { try stripe.add(try slice(partition, index + 1)) }
                stripe.addUp()
                try drain.finish(index, stripe)
            } catch {
                drain.fail(error)
                throw error
            }
        }
    }
}

/// What pass 2 and the report need to know beyond the plan; small, whatever the number of rows.
struct ResolvedHead: Codable, Sendable {
    var resolution: Resolution
    /// Global number of the first record of each chunk; one more entry holds the total.
    var firstRecords: [Int]
    var matching: Report.Matching
    /// Rows that were decided to go.
    var drops: Int
    var falsePositiveRate: Double
    var falsePositiveRateMethod: String
}

/// Brings the rows of candidate pairs back from the input.
enum RowFetching {
    /// Reads every chunk that holds a wanted row and keeps those rows, normalised.
    ///
    /// - Parameter ids: sorted.
    static func fetch(_ ids: [RowID], plan: JobPlan, opened: [OpenedSource], threads: Int) throws -> RowStore {
        var byChunk: [(chunk: Int, ids: ArraySlice<RowID>)] = []
        var start = 0
        while start < ids.count {
            var end = start
            while end < ids.count, ids[end].chunk == ids[start].chunk { end += 1 }
            byChunk.append((ids[start].chunk, ids[start..<end]))
            start = end
        }
        let store = Guarded(RowStore(columns: plan.columns.count))
        let wanted = byChunk
        let drain = OrderedDrain<TextBatch>(window: threads * 2) { index, rows in
            for (row, id) in wanted[index].ids.enumerated() { store.value.append(rows, row: row, id: id) }
        }
        try Workers.forEach(wanted.count, threads: threads) { _, index in
            try drain.waitForTurn(index)
            do {
                let (chunk, ids) = wanted[index]
                let planned = plan.chunks[chunk]
                let batch = try ChunkReading.read(planned, opened[planned.source])
                try drain.finish(index, try select(ids, from: batch, plan: plan))
            } catch {
                drain.fail(error)
                throw error
            }
        }
        return store.value
    }

    private static func select(_ ids: ArraySlice<RowID>, from batch: TextBatch, plan: JobPlan) throws -> TextBatch {
        let out = TextBatch(columns: batch.columns, base: batch.base, owner: batch.owner, rowCapacity: ids.count)
        var row = 0
        for id in ids {
            while row < batch.rows, Int(batch.ordinals[row]) < id.ordinal { row += 1 }
            guard row < batch.rows, Int(batch.ordinals[row]) == id.ordinal else {
                throw SanitizerError(
                    .corruptIntermediate, "record \(id.ordinal) of chunk \(id.chunk) is gone: the input changed during the run")
            }
            let cells = out.reserveRow()
            for column in 0..<batch.columns {
                let cell = batch.cell(row, column)
                cells[column] = cell.isInArena ? out.store(batch.bytes(cell)) : cell
            }
            out.commitRow(ordinal: id.ordinal)
        }
        let normaliser = try Normaliser(recipe: plan.recipe, names: plan.columns)
        normaliser.normalise(out, rows: 0..<out.rows, recorder: nil)
        return out
    }
}

/// A value that is touched by one thread at a time, which the surrounding code guarantees (see the uses).
final class Guarded<Value>: @unchecked Sendable {
    var value: Value
    init(_ value: Value) { self.value = value }
}
