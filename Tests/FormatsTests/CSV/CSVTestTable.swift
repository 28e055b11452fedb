import Domain
import Formats
import Tabular

/// A text read through the public interface, as the pipeline reads it.
struct CSVTestTable {
    var detection: Detection
    var rows: [[String]] = []
    var ordinals: [Int] = []
    var problems: [RowProblem] = []
    var records = 0
    var chunks: [ChunkDescriptor] = []

    var names: [String] { detection.columns }

    init(_ bytes: [UInt8], options: InputOptions = InputOptions(), target: Int = 8 << 20) throws {
        let source = MemorySource(bytes)
        try self.init(source, Sniffer.detect(source, name: "test.csv", options: options), target: target)
    }
    init(_ source: MemorySource, _ detection: Detection, target: Int) throws {
        self.detection = detection
        var source = source
        if detection.needsStaging {
            let sink = MemorySink()
            try Staging.write(detection, from: source, to: sink)
            source = MemorySource(sink.bytes)
        }
        let reader = try Readers.open(detection, source)
        chunks = try reader.planChunks(targetBytes: target)
        for chunk in chunks {
            let batch = try reader.read(chunk, maxRows: nil)
            for row in 0..<batch.rows {
                rows.append((0..<batch.columns).map { batch.string(row, $0) ?? "" })
                ordinals.append(records + Int(batch.ordinals[row]))
            }
            problems += batch.problems
            records += batch.recordCount
        }
    }
    init(_ text: String, options: InputOptions = InputOptions(), target: Int = 8 << 20) throws {
        try self.init(Array(text.utf8), options: options, target: target)
    }

    /// Everything about the problems that must not depend on how the input was cut.
    var problemKeys: [String] { problems.map { "\($0.code) \($0.isReject) \($0.line) \($0.byteOffset) \($0.reason) \($0.raw)" } }
}

/// A small deterministic generator.
struct TestRandom {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
    mutating func next(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state >> 33) % bound
    }
    mutating func pick<T>(_ values: [T]) -> T { values[next(values.count)] }
}
