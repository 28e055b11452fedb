internal import Cleaning
internal import Domain
internal import Formats
internal import Matching
internal import Profiling
internal import Tabular

/// Stage 2, per chunk: normalise in place, profile every column, fingerprint every row.
enum ScanStage {
    /// What a scan leaves behind; the statistics went into the given profile.
    struct Output {
        /// Fingerprints and band keys, partitioned (see ``Matching/KeyBlob``).
        var keys: [UInt8]
        /// Records of the chunk, rejected ones included.
        var records: Int
        var rows: Int
    }

    /// Rows worked on at a time, so that their cells stay in the second-level cache from step to step.
    static let stride = 2048

    static func run(
        _ chunk: JobPlan.Chunk, index: Int, plan: JobPlan, source: OpenedSource, normaliser: Normaliser,
        keys: KeyBuilder, into profile: TableProfile
    ) throws -> Output {
        let batch = try ChunkReading.read(chunk, source)
        var start = 0
        while start < batch.rows {
            let rows = start..<min(start + stride, batch.rows)
            normaliser.normalise(batch, rows: rows, recorder: nil)
            profile.add(batch, rows: rows, chunk: index)
            keys.add(batch, rows: rows, chunk: index)
            start = rows.upperBound
        }
        return Output(keys: keys.finish(), records: batch.recordCount, rows: batch.rows)
    }
}
