import Domain
import Foundation
import Tabular
import Testing

@testable import Formats

@Suite struct JSONLinesTests {
    struct Table {
        var columns: [String]
        var rows: [[String?]]
        var problems: [RowProblem]
        var records: Int
    }

    /// Detects, stages when needed, and reads every chunk.
    static func read(
        _ text: some Collection<UInt8>, name: String = "t.jsonl", format: InputFormat? = nil, chunkBytes: Int = 1 << 20
    ) throws -> Table {
        var options = InputOptions()
        options.format = format
        var source = MemorySource(Array(text))
        var detection = try Sniffer.detect(source, name: name, options: options)
        if detection.needsStaging {
            let sink = MemorySink()
            try Staging.write(detection, from: source, to: sink)
            source = MemorySource(sink.bytes)
            options.format = .jsonl
            detection = try Sniffer.detect(source, name: name, options: options)
        }
        let reader = try Readers.open(detection, source)
        var table = Table(columns: detection.columns, rows: [], problems: [], records: 0)
        for chunk in try reader.planChunks(targetBytes: chunkBytes) {
            let batch = try reader.read(chunk, maxRows: nil)
            for r in 0..<batch.rows { table.rows.append((0..<batch.columns).map { batch.string(r, $0) }) }
            table.problems += batch.problems.map { p in
                var p = p
                p.record += table.records
                return p
            }
            table.records += batch.recordCount
        }
        return table
    }
    static func read(_ text: String, format: InputFormat? = nil, chunkBytes: Int = 1 << 20) throws -> Table {
        try read(Array(text.utf8), format: format, chunkBytes: chunkBytes)
    }

    @Test("columns are the union of all keys, in order of first appearance, however late they come")
    func union() throws {
        let lines = (0..<5000).map { "{\"id\":\($0)\($0 == 4999 ? ",\"late\":true" : "")}" }
        let table = try Self.read(lines.joined(separator: "\n"), chunkBytes: 1000)
        #expect(table.columns == ["id", "late"])
        #expect(table.rows.count == 5000)
        #expect(table.rows[4999] == ["4999", "true"])
        #expect(table.rows[0] == ["0", nil])
    }

    @Test("values keep their exact text")
    func values() throws {
        let table = try Self.read(
            #"{"big":123456789012345678901234567890,"dec":1.10,"exp":-2.5E+7,"t":true,"f":false,"n":null,"e":"","arr":[1, {"x":"]"}],"nan":NaN}"#
        )
        #expect(table.columns == ["big", "dec", "exp", "t", "f", "n", "e", "arr", "nan"])
        #expect(
            table.rows == [
                ["123456789012345678901234567890", "1.10", "-2.5E+7", "true", "false", nil, "", #"[1, {"x":"]"}]"#, "NaN"]
            ])
    }

    @Test("nested objects become dotted columns, in any mixture with values")
    func nested() throws {
        let table = try Self.read(
            """
            {"a":{"b":{"c":1},"d":"x"},"e":{}}
            {"a":"plain","a.d":"dotted","":"none"}
            """)
        #expect(table.columns == ["a.b.c", "a.d", "a", "_empty"])
        #expect(table.rows == [["1", "x", nil, nil], [nil, "dotted", "plain", "none"]])
    }

    @Test("strings are unescaped")
    func escapes() throws {
        let table = try Self.read(
            #"{"k\u0065y":"a\"b\\c\/d\b\f\n\r\t\u00e9\u20ac\ud83d\ude00","lone":"\ud800x\udc00","plain":"Ünï"}"#)
        #expect(table.columns == ["key", "lone", "plain"])
        #expect(table.rows == [["a\"b\\c/d\u{8}\u{c}\n\r\té€😀", "\u{FFFD}x\u{FFFD}", "Ünï"]])
    }

    @Test("of equal keys the last one counts")
    func duplicates() throws {
        #expect(try Self.read(#"{"a":1,"b":2,"a":"3"}"#).rows == [["3", "2"]])
    }

    @Test("a bad record is rejected alone, with its line, and adds no columns")
    func rejects() throws {
        let text = "{\"a\":1}\n{\"a\":2,\"bad\":}\n\n[1]\n{\"a\":3}  \r\n{\"a\":4} x\n{\"a\":\"un\n{\"a\":01}\n{\"a\":5}"
        let table = try Self.read(text, chunkBytes: 12)
        #expect(table.columns == ["a"])
        #expect(table.rows == [["1"], ["3"], ["5"]])
        #expect(table.records == 8)
        #expect(table.problems.map(\.line) == [2, 4, 6, 7, 8])
        #expect(table.problems.map(\.record) == [1, 2, 4, 5, 6])
        #expect(table.problems.allSatisfy { $0.isReject && $0.code == .malformed })
        #expect(table.problems[0].raw == "{\"a\":2,\"bad\":}")
        #expect(table.problems[0].byteOffset == Int64(8 + 13))
    }

    @Test("bytes that are not UTF-8 are read as Windows-1252, and that is noted")
    func encoding() throws {
        let table = try Self.read(Array("{\"a\":\"caf".utf8) + [0xE9, 0x80] + Array("\",\"b\":\"é\\n\"}\n{\"a\":1}".utf8))
        #expect(table.rows == [["café€", "é\n"], ["1", nil]])
        #expect(table.problems.map(\.code) == [.badEncoding])
        #expect(table.problems.first?.isReject == false)
    }

    @Test("depth is limited, so no input overflows the stack", arguments: [64, 65, 1_000_000])
    func depth(levels: Int) throws {
        let deep = String(repeating: "[", count: levels - 1) + String(repeating: "]", count: levels - 1)
        let table = try Self.read("{\"a\":1}\n{\"a\":\(deep)}\n{\"a\":2}")
        #expect(table.rows.count == (levels <= 64 ? 3 : 2))
        let objects = String(repeating: "{\"o\":", count: levels) + "1" + String(repeating: "}", count: levels)
        #expect(try Self.read("{\"a\":1}\n\(objects)").rows.count == (levels <= 64 ? 2 : 1))
    }

    @Test("a top-level array is read like JSON Lines", arguments: ["[%]", " [ % ]\n", "%", "[%"])
    func array(frame: String) throws {
        let records = #"{"a":\#n 1, "b": "x,]}\"{"}, \#n {"a": {"c": [1,\#n2]}}"#
        let separated = frame.contains("[") ? records : records.replacingOccurrences(of: "}, ", with: "} ")
        let table = try Self.read(
            Array(frame.replacingOccurrences(of: "%", with: separated).utf8), name: "t.json",
            format: frame.contains("[") ? .json : nil)
        #expect(table.columns == ["a", "b", "a.c"])
        #expect(table.rows == [["1", "x,]}\"{", nil], [nil, nil, "[1, 2]"]])
        // An array that is never closed is said to be so.
        #expect(table.problems.map(\.raw) == (frame == "[%" ? ["["] : []))
    }

    @Test(
        "what is wrong between the elements of an array is rejected with its place",
        arguments: [
            "[1,]", "[,1]", "[1,,2]", "[1 2]", "[1]]", "[1],", "[][]", "[1]x", "[1", "[", "[,]", "[\"a\" \"b\"]", "]", "1]",
        ])
    func brokenArrays(text: String) throws {
        do {
            let table = try Self.read(Array(text.utf8), name: "t.json", format: .json)
            #expect(table.problems.contains { $0.isReject })
        } catch let error as SanitizerError {
            #expect(error.code == .inputUnreadable)
        }
    }

    @Test(
        "values that are no objects make a table of one column",
        arguments: ["[1, \"a\", null, {}, [2]]", "1\n\"a\"\nnull\n{}\n[2]"])
    func plainValues(text: String) throws {
        let table = try Self.read(Array(text.utf8), name: "t.json", format: text.hasPrefix("[") ? .json : .jsonl)
        #expect(table.columns == ["value"])
        #expect(table.rows == [["1"], ["a"], [nil], ["{}"], ["[2]"]])
        #expect(table.problems == [])
    }

    @Test("splitting gives the same lines wherever the blocks are cut")
    func splitterBlocks() throws {
        let text = Array("[{\"a\":\"x\\\"]\"},\n{\"b\":[1,{\"c\":2}]} , 7, \"s\",{\"d\":\"open\n},{\"e\":1}] {\"f\":1}".utf8)
        func split(_ size: Int) -> String {
            var splitter = JSONSplitter()
            var out: [UInt8] = []
            for at in stride(from: 0, to: text.count, by: size) {
                splitter.split(text[at..<min(at + size, text.count)], into: &out)
            }
            splitter.finish(into: &out)
            return String(decoding: out, as: UTF8.self)
        }
        let whole = split(text.count)
        #expect(
            whole == "{\"a\":\"x\\\"]\"}\n{\"b\":[1,{\"c\":2}]} \n7\n\"s\"\n{\"d\":\"open\n}\n{\"e\":1}\n{\"f\":1}\n")
        for size in 1..<text.count { #expect(split(size) == whole) }
    }

    @Test("chunks of any size give the same rows")
    func chunks() throws {
        let lines = (0..<300).map { "{\"id\":\($0),\"t\":\"\(String(repeating: "é\\n", count: $0 % 40))\"}" }.joined(
            separator: "\n")
        let whole = try Self.read(lines, chunkBytes: 1 << 20)
        for bytes in [1, 17, 100, 4096] { #expect(try Self.read(lines, chunkBytes: bytes).rows == whole.rows) }
    }

    @Test("keys that look like data are refused")
    func tooManyKeys() throws {
        let lines = (0..<InputLimits.columnCount.standard + 1).map { "{\"k\($0)\":1}" }.joined(separator: "\n")
        let error = #expect(throws: SanitizerError.self) { try Self.read(lines) }
        #expect(error?.code == .limitExceeded)
    }

    @Test("random bytes never crash the parser and agree with Foundation on what is valid")
    func fuzz() throws {
        var numbers = WritingSupport.Numbers(state: 42)
        let seed = Array(#"{"a":[1,-2.5e3,{"b":null}],"c":"x\u00e9\n","d":{"e":true,"f":false},"g":""}"#.utf8)
        var valid = 0
        for _ in 0..<4000 {
            var bytes = seed
            for _ in 0..<1 + numbers.below(3) {
                let alphabet = Array("{}[]:,\"\\ 0123456789.eE+-truefalsn\u{1}x".utf8)
                bytes[numbers.below(bytes.count)] = alphabet[numbers.below(alphabet.count)]
            }
            let parser = try JSONParser(columns: [], discover: true)
            let heap = HeapBytes(capacity: bytes.count)
            for (i, b) in bytes.enumerated() { heap.pointer[i] = b }
            let outcome = try parser.parse(UnsafePointer(heap.pointer), 0..<bytes.count, into: nil)
            let isValid = (try? JSONSerialization.jsonObject(with: Data(bytes))) is [String: Any]
            if case .failed(_, let reason, _) = outcome {
                #expect(!isValid, "\(reason): \(String(decoding: bytes, as: UTF8.self))")
                #expect(parser.columnCount == 0)
            } else {
                valid += 1
                #expect(isValid, "\(String(decoding: bytes, as: UTF8.self))")
            }
        }
        #expect(valid > 100)
    }
}
