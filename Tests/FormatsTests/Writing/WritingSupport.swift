import Domain
import Formats
import Tabular

/// A table with every type, and the schema that goes with it.
enum WritingSupport {
    static let schema = TableSchema(columns: [
        .init(name: "id", type: .integer), .init(name: "name", type: .text), .init(name: "price", type: .decimal),
        .init(name: "ok", type: .boolean), .init(name: "day", type: .date), .init(name: "at", type: .timestamp, isUTC: true),
        .init(name: "local", type: .timestamp),
    ])
    static let identity = Array(0..<7)

    /// A small generator with fixed seeds (SplitMix64).
    struct Numbers {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            return Hash.mix(state)
        }
        mutating func below(_ n: Int) -> Int { Int(next() % UInt64(n)) }
    }

    static func text(_ write: (UnsafeMutablePointer<UInt8>) -> Int) -> String {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: CanonicalText.maximumLength) { out in
            String(decoding: UnsafeBufferPointer(start: out.baseAddress, count: write(out.baseAddress!)), as: UTF8.self)
        }
    }

    /// Rows of canonical text; `distinct` bounds the values per column, so both small and large dictionaries come up.
    static func table(rows: Int, distinct: Int, missingInTen: Int, seed: UInt64) -> [[String?]] {
        var numbers = Numbers(state: seed)
        let awkward = [
            "", "a,b", "say \"hi\"", "two\nlines", " space ", "=1+1", "-7", "@x", "Ünïcödé 😀", "tab\there", "\\", "\u{1}", "NULL",
            "\r",
        ]
        return (0..<rows).map { _ in
            let v = numbers.below(distinct)
            var own = Numbers(state: UInt64(v) &+ 77)
            let x = own.next()
            let real = Double(Int64(bitPattern: x) >> 20) / Double([1, 10, 1000, 7, 1 << 40][v % 5])
            let micros = Int64(x % 4_000_000_000_000_000) - 1_000_000_000_000_000
            let row: [String?] = [
                text { CanonicalText.write(integer: Int64(bitPattern: x) >> (v % 60), to: $0) },
                v % 3 == 0 ? awkward[v / 3 % awkward.count] : "value \(v) \(x % 1000)",
                CanonicalText.text(real),
                x % 2 == 0 ? "true" : "false",
                text { CanonicalText.write(date: Int32(x % 40000) - 10000, to: $0) },
                text { CanonicalText.write(timestamp: .init(micros: micros, isUTC: true), to: $0) },
                text { CanonicalText.write(timestamp: .init(micros: micros / 1_000_000 * 1_000_000, isUTC: false), to: $0) },
            ]
            return row.map { numbers.below(10) < missingInTen ? nil : $0 }
        }
    }

    static func encode(_ table: [[String?]], _ format: OutputFormat, schema: TableSchema = schema, rows: [Int]? = nil) throws
        -> [UInt8]
    {
        let batch = TextBatch.of(columns: schema.columns.count, table)
        return try PartEncoder.encode(
            batch, rows: rows ?? Array(0..<table.count), columnMap: Array(schema.columns.indices), schema: schema, format: format,
            options: OutputOptions())
    }

    static func read(_ bytes: [UInt8], range: Range<Int>? = nil) throws -> [[String?]] {
        let batch = try PartReader.rows(parquetPart: MemorySource(bytes), range: range)
        return (0..<batch.rows).map { r in (0..<batch.columns).map { batch.string(r, $0) } }
    }

    static func assemble(
        _ parts: [[UInt8]], _ format: OutputFormat, schema: TableSchema = schema, metadata: [(String, String)] = []
    ) throws -> [UInt8] {
        let sink = MemorySink()
        let assembler = try OutputAssembler(format: format, schema: schema, sink: sink, metadata: metadata)
        for part in parts { try assembler.append(part: MemorySource(part)) }
        let done = try assembler.finish()
        precondition(sink.isClosed && done.bytes == Int64(sink.bytes.count) && done.sha256 == SHA256.hex(sink.bytes))
        return sink.bytes
    }
}
