public import Domain
internal import Formats
internal import Foundation
public import ObjectStore
internal import Tabular

/// Reads inputs to their end and writes nothing: what could be read, what was repaired, what was not.
public struct CheckRun: Sendable {
    public struct Outcome: Codable, Sendable {
        public var bytes: Int64
        public var columns: Int
        public var records: Int
        public var rejected: Int
        public var repaired: Int
        /// Lines that are no records: titles, notes, repeated headers.
        public var asides: Int
        /// Of planning the chunks and of reading them.
        public var seconds: Double
    }

    private let inputs: [String]
    private let input: InputOptions
    private let threads: Int
    private let policy: SourcePolicy

    public init(inputs: [String], input: InputOptions = InputOptions(), threads: Int = 1, policy: SourcePolicy = .environment) {
        self.inputs = inputs
        self.input = input
        self.threads = threads
        self.policy = policy
    }

    /// Blocks.
    public func run() throws -> Outcome {
        let scratch = Scratch(budget: 64 << 20)
        HeapMemory.manage(needed: 0, ceiling: .max)
        let found = try InputFiles.find(inputs, options: input, policy: policy, scratch: scratch)
        let sources = try EmbeddedRun.open(found, options: input, scratch: scratch)
        let start = ContinuousClock.now
        let (chunks, opened, columns) = try PlanStage.chunks(sources)
        let bytes = found.reduce(0) { $0 + $1.source.size }
        let empty = Outcome(bytes: bytes, columns: columns.count, records: 0, rejected: 0, repaired: 0, asides: 0, seconds: 0)
        let lanes = (0..<threads).map { _ in Guarded(empty) }
        try Workers.forEach(chunks.count, threads: threads) { lane, index in
            let batch = try ChunkReading.read(chunks[index], opened[chunks[index].source])
            lanes[lane].value.records += batch.rows
            for problem in batch.problems {
                if problem.isReject {
                    lanes[lane].value.rejected += 1
                } else if problem.record < 0 {
                    lanes[lane].value.asides += 1
                } else {
                    lanes[lane].value.repaired += 1
                }
            }
        }
        var outcome = empty
        for lane in lanes {
            outcome.records += lane.value.records
            outcome.rejected += lane.value.rejected
            outcome.repaired += lane.value.repaired
            outcome.asides += lane.value.asides
        }
        outcome.seconds = (.now - start) / .seconds(1)
        return outcome
    }
}

extension CheckRun.Outcome {
    public func json() throws -> String {
        String(decoding: try StableJSON.encode(self), as: UTF8.self).trimmingCharacters(in: .newlines)
    }
}
