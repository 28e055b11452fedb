import Domain
import Formats
import Tabular
import Testing

@Suite struct OutputAssemblerTests {
    @Test("an assembled Parquet file holds the rows of its parts, in order", arguments: [0, 1, 2, 40])
    func parquet(parts: Int) throws {
        let tables = (0..<parts).map { WritingSupport.table(rows: $0 * 31, distinct: 50, missingInTen: 1, seed: UInt64($0)) }
        let file = try WritingSupport.assemble(
            try tables.map { try WritingSupport.encode($0, .parquet) }, .parquet, metadata: [("digest", "ab"), ("note", "ü")])
        #expect(try WritingSupport.read(file) == Array(tables.joined()))
        #expect(try PartReader.columns(parquet: MemorySource(file)) == WritingSupport.schema.columns.map(\.name))
    }

    @Test("assembling an assembled file again changes nothing but the sizes of the groups")
    func twice() throws {
        let tables = (0..<3).map { WritingSupport.table(rows: 100, distinct: 50, missingInTen: 1, seed: UInt64($0)) }
        let once = try WritingSupport.assemble(try tables.map { try WritingSupport.encode($0, .parquet) }, .parquet)
        let again = try WritingSupport.assemble([once], .parquet)
        #expect(again == once)
    }

    @Test("an empty table is a file with its columns")
    func empty() throws {
        let csv = try WritingSupport.assemble([], .csv)
        #expect(String(decoding: csv, as: UTF8.self) == "id,name,price,ok,day,at,local\n")
        #expect(try WritingSupport.assemble([], .jsonl).isEmpty)
        #expect(try WritingSupport.read(WritingSupport.assemble([], .parquet)).isEmpty)
    }

    @Test("text parts follow the header as they are", arguments: [OutputFormat.csv, .jsonl])
    func text(format: OutputFormat) throws {
        let tables = (0..<3).map { WritingSupport.table(rows: 10, distinct: 50, missingInTen: 1, seed: UInt64($0)) }
        let parts = try tables.map { try WritingSupport.encode($0, format) }
        let whole = try WritingSupport.encode(Array(tables.joined()), format)
        #expect(
            try WritingSupport.assemble(parts, format) == PartReader.header(schema: WritingSupport.schema, as: format) + whole)
    }

    @Test("a damaged part is refused and never crashes")
    func damaged() throws {
        let part = try WritingSupport.encode(WritingSupport.table(rows: 50, distinct: 9, missingInTen: 1, seed: 1), .parquet)
        var numbers = WritingSupport.Numbers(state: 99)
        for _ in 0..<2000 {
            var bytes = part
            let footer = bytes.count - 8 - Int(bytes[bytes.count - 8]) - Int(bytes[bytes.count - 7]) * 256
            for _ in 0...numbers.below(3) { bytes[footer + numbers.below(bytes.count - footer)] = UInt8(numbers.below(256)) }
            do {
                let file = try WritingSupport.assemble([bytes], .parquet)
                _ = try WritingSupport.read(file)
            } catch let error as SanitizerError {
                #expect([.corruptIntermediate, .limitExceeded, .formatUnsupported].contains(error.code), "\(error)")
            }
        }
        for length in 0..<part.count where length % 7 == 0 {
            #expect(throws: SanitizerError.self) { try WritingSupport.assemble([Array(part[..<length])], .parquet) }
        }
        let other = TableSchema(columns: [.init(name: "other", type: .text)])
        #expect(throws: SanitizerError.self) { try WritingSupport.assemble([part], .parquet, schema: other) }
    }
}
