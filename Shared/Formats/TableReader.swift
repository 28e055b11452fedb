public import Tabular

/// Reads one table chunk by chunk. Safe to share between threads. Calls block.
public protocol TableReader: Sendable {
    var detection: Detection { get }

    /// Cuts the input into runs of whole records: at most one sequential pass in bounded memory.
    ///
    /// Depends on the input and the detection only, so every process plans alike.
    /// - Parameter targetBytes: wanted size of a chunk, for example 8 MiB; at least 1.
    func planChunks(targetBytes: Int) throws -> [ChunkDescriptor]

    /// Reads the records of a chunk into cells; bad records become ``TextBatch/problems``.
    ///
    /// - Parameter maxRows: stop after so many rows; nil reads all.
    /// - Returns: a batch with `detection.columns.count` columns that owns its memory.
    /// - Throws: only when the input itself cannot be read.
    func read(_ chunk: ChunkDescriptor, maxRows: Int?) throws -> TextBatch
}
