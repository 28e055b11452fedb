import Domain
import Formats
import Tabular
import Testing

@Suite struct PartEncoderTests {
    @Test(
        "a Parquet part reads back as the very text that was written",
        arguments: [
            (0, 1, 0), (1, 1, 0), (7, 3, 2), (8, 8, 0), (1000, 5, 1), (5000, 5000, 3), (70_000, 100_000, 1), (9000, 40, 10),
        ])
    func parquetRoundTrip(rows: Int, distinct: Int, missing: Int) throws {
        let table = WritingSupport.table(rows: rows, distinct: distinct, missingInTen: missing, seed: UInt64(rows))
        let part = try WritingSupport.encode(table, .parquet)
        #expect(try WritingSupport.read(part) == table)
        #expect(try WritingSupport.encode(table, .parquet) == part, "same rows, same bytes")
    }

    @Test("a slice of a part is those rows")
    func slice() throws {
        let table = WritingSupport.table(rows: 3000, distinct: 3000, missingInTen: 1, seed: 5)
        let part = try WritingSupport.encode(table, .parquet)
        #expect(try WritingSupport.read(part, range: 2500..<2777) == Array(table[2500..<2777]))
        #expect(try WritingSupport.read(part, range: 2990..<9000) == Array(table[2990...]))
        #expect(try WritingSupport.read(part, range: 5000..<9000).isEmpty)
    }

    @Test("long texts are spread over several pages and survive")
    func longTexts() throws {
        let schema = TableSchema(columns: [.init(name: "t", type: .text)])
        let table: [[String?]] = (0..<300).map { i in i % 7 == 0 ? [nil] : [String(repeating: "\(i)", count: 5000 + i * 17)] }
        let part = try WritingSupport.encode(table, .parquet, schema: schema)
        #expect(try WritingSupport.read(part) == table)
    }

    @Test("kept rows and mapped columns are taken in the order asked for")
    func selection() throws {
        let batch = TextBatch.of(columns: 3, [["a", "1", "x"], ["b", "2", nil], ["c", "3", "z"]])
        let schema = TableSchema(columns: [
            .init(name: "n", type: .integer), .init(name: "gone", type: .text), .init(name: "s", type: .text),
        ])
        let csv = try PartEncoder.encode(
            batch, rows: [2, 0], columnMap: [1, -1, 0], schema: schema, format: .csv, options: OutputOptions())
        #expect(String(decoding: csv, as: UTF8.self) == "3,,c\n1,,a\n")
        let part = try PartEncoder.encode(
            batch, rows: [2, 0], columnMap: [1, -1, 0], schema: schema, format: .parquet, options: OutputOptions())
        #expect(try WritingSupport.read(part) == [["3", nil, "c"], ["1", nil, "a"]])
    }

    @Test("CSV quotes only what needs it, and keeps missing apart from empty")
    func csv() throws {
        let schema = TableSchema(columns: [
            .init(name: "a,b", type: .text), .init(name: "n", type: .integer), .init(name: "c", type: .text),
        ])
        let table: [[String?]] = [
            ["x", "1", nil], ["", "", "q\"q"], [nil, nil, "l\nl"], ["r\rr", "-5", "-5"], [" p ", "2", "1,2"],
        ]
        let csv = try WritingSupport.assemble([try WritingSupport.encode(table, .csv, schema: schema)], .csv, schema: schema)
        #expect(
            String(decoding: csv, as: UTF8.self)
                == "\"a,b\",n,c\nx,1,\n\"\",,\"q\"\"q\"\n,,\"l\nl\"\n\"r\rr\",-5,-5\n p ,2,\"1,2\"\n")
    }

    @Test("spreadsheet-safe CSV defuses formulas in text and in names, and leaves numbers alone")
    func spreadsheetSafe() throws {
        let schema = TableSchema(columns: [.init(name: "=name", type: .text), .init(name: "n", type: .integer)])
        var options = OutputOptions()
        options.spreadsheetSafe = true
        let table: [[String?]] = ["=1+1", "+1", "-1", "@A", "\tx", "\rx", "a=1", ""].map { [$0, "-1"] }
        let csv = try PartEncoder.encode(
            TextBatch.of(columns: 2, table), rows: Array(table.indices), columnMap: [0, 1], schema: schema, format: .csv,
            options: options)
        #expect(
            String(decoding: csv, as: UTF8.self)
                == "'=1+1,-1\n'+1,-1\n'-1,-1\n'@A,-1\n'\tx,-1\n\"'\rx\",-1\na=1,-1\n\"\",-1\n")
        #expect(PartReader.header(schema: schema, as: .csv, options: options) == Array("'=name,n\n".utf8))
    }

    @Test("the one column of a narrow table never leaves a blank line")
    func singleColumn() throws {
        let schema = TableSchema(columns: [.init(name: "a", type: .text)])
        #expect(try WritingSupport.encode([["x"], [nil], [""]], .csv, schema: schema) == Array("x\n\"\"\n\"\"\n".utf8))
    }

    @Test("JSON Lines keep column order, type numbers and booleans, and escape text")
    func jsonLines() throws {
        let row: [String?] = ["-12", "a\"b\\c\n\u{1}é", "0.5", "true", "2026-11-21", "2026-11-21T08:30:00Z", nil]
        let json = try WritingSupport.encode([row], .jsonl)
        #expect(
            String(decoding: json, as: UTF8.self)
                == #"{"id":-12,"name":"a\"b\\c\n\u0001é","price":0.5,"ok":true,"day":"2026-11-21","at":"2026-11-21T08:30:00Z","local":null}"#
                + "\n")
    }

    @Test("text of every length is copied whole, wherever it lies")
    func lengths() throws {
        let schema = TableSchema(columns: [.init(name: "a", type: .text), .init(name: "b", type: .text)])
        let table: [[String?]] = (1..<200).map { n in
            [String(repeating: "x", count: n), String(repeating: "y", count: n - 1) + "\""]
        }
        let csv = String(decoding: try WritingSupport.encode(table, .csv, schema: schema), as: UTF8.self)
        #expect(csv == table.map { "\($0[0]!),\"\($0[1]!)\"\"\n" }.joined())
        let json = String(decoding: try WritingSupport.encode(table, .jsonl, schema: schema), as: UTF8.self)
        #expect(json == table.map { "{\"a\":\"\($0[0]!)\",\"b\":\"\($0[1]!.dropLast())\\\"\"}\n" }.joined())
    }

    @Test(
        "a typed cell that is not canonical is an error that does not show the cell",
        arguments: [ColumnType.integer, .decimal, .boolean, .date, .timestamp])
    func notCanonical(type: ColumnType) throws {
        let schema = TableSchema(columns: [.init(name: "col", type: type)])
        let error = #expect(throws: SanitizerError.self) { try WritingSupport.encode([["secret"]], .parquet, schema: schema) }
        #expect(error?.message.contains("col") == true)
        #expect(error?.message.contains("secret") == false)
    }

    @Test("CSV and JSON Lines rendered from a Parquet part are those encoded directly", arguments: [OutputFormat.csv, .jsonl])
    func render(format: OutputFormat) throws {
        let table = WritingSupport.table(rows: 4000, distinct: 1500, missingInTen: 2, seed: 11)
        let part = try WritingSupport.encode(table, .parquet)
        let rendered = try PartReader.render(
            parquetPart: MemorySource(part), schema: WritingSupport.schema, as: format, options: OutputOptions())
        #expect(rendered == (try WritingSupport.encode(table, format)))
    }
}
