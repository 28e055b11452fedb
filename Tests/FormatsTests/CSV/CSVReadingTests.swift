import Domain
import Formats
import Tabular
import Testing

struct CSVReadingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: String
        var names: [String]
        var rows: [[String]]
        init(_ name: String, _ text: String, _ names: [String], _ rows: [[String]]) {
            (testDescription, self.text, self.names, self.rows) = (name, text, names, rows)
        }
    }

    static let wellFormed: [Case] = [
        Case("plain", "a,b,c\n1,2,3\n4,5,6\n", ["a", "b", "c"], [["1", "2", "3"], ["4", "5", "6"]]),
        Case("no trailing newline", "a,b\n1,2\n3,4", ["a", "b"], [["1", "2"], ["3", "4"]]),
        Case("crlf", "a,b\r\n1,2\r\n3,4\r\n", ["a", "b"], [["1", "2"], ["3", "4"]]),
        Case("lone carriage returns", "a,b\r1,2\r3,4\r", ["a", "b"], [["1", "2"], ["3", "4"]]),
        Case("cr cr lf", "a,b\r\r\n1,2\r\r\n3,4\r\r\n", ["a", "b"], [["1", "2"], ["3", "4"]]),
        Case("mixed record ends", "a,b\n1,2\r\n3,4\n5,6\r\n", ["a", "b"], [["1", "2"], ["3", "4"], ["5", "6"]]),
        Case("delimiter in quotes", "a,b\n1,\"x, y\"\n2,z\n", ["a", "b"], [["1", "x, y"], ["2", "z"]]),
        Case("doubled quotes", "a,b\n1,\"say \"\"hi\"\"\"\n3,4\n", ["a", "b"], [["1", "say \"hi\""], ["3", "4"]]),
        Case("empty quoted cell", "a,b\n1,\"\"\n2,\"\"\"\"\n", ["a", "b"], [["1", ""], ["2", "\""]]),
        Case(
            "line ends in quotes", "a,b,c\n1,2,3\n\"Once upon\na time\",5,6\n7,8,9\n", ["a", "b", "c"],
            [["1", "2", "3"], ["Once upon\na time", "5", "6"], ["7", "8", "9"]]),
        Case(
            "backslash escapes", "id,text\n1,\"a \\\"b\\\" c\"\n2,\"d \\\"e\\\"\"\n", ["id", "text"],
            [["1", "a \"b\" c"], ["2", "d \"e\""]]),
        Case("tabs", "a\tb\n1\tx, y\n2\tz\n", ["a", "b"], [["1", "x, y"], ["2", "z"]]),
        Case("semicolons and decimal commas", "a;b\n1,5;x\n2,5;y\n", ["a", "b"], [["1,5", "x"], ["2,5", "y"]]),
        Case(
            "delimiter of two characters", "id||name||city\n1||Ann|| \n2||||Oslo\n3||Cid||Bonn\n", ["id", "name", "city"],
            [["1", "Ann", " "], ["2", "", "Oslo"], ["3", "Cid", "Bonn"]]),
        Case("pipes", "a|b|c\n1|2|3\n4|5|6\n", ["a", "b", "c"], [["1", "2", "3"], ["4", "5", "6"]]),
        Case(
            "single quotes", "id,name\n1,'x, y'\n2,'z'\n3,'it''s'\n", ["id", "name"],
            [["1", "x, y"], ["2", "z"], ["3", "it's"]]),
        Case(
            "space after each delimiter", "id, name, city\n1, Ann, Rome\n2, Bob, Oslo\n3, \"C, D\", Bonn\n",
            ["id", "name", "city"],
            [["1", "Ann", "Rome"], ["2", "Bob", "Oslo"], ["3", "C, D", "Bonn"]]),
        Case("blank lines", "a,b\n1,2\n\n3,4\n\n\n", ["a", "b"], [["1", "2"], ["3", "4"]]),
        Case(
            "a row of empty cells", "a,b,c\n1,2,3\n,,\n4,5,6\n", ["a", "b", "c"],
            [["1", "2", "3"], ["", "", ""], ["4", "5", "6"]]),
        Case("header only", "a,b,c\n", ["a", "b", "c"], []),
        Case(
            "no header", "1,2.5\n2,3.5\n3,4.5\n4,5.5\n", ["column_1", "column_2"],
            [["1", "2.5"], ["2", "3.5"], ["3", "4.5"], ["4", "5.5"]]),
        Case(
            "names that repeat or lack", "id,name,,name\n1,a,b,c\n2,d,e,f\n3,g,h,i\n", ["id", "name", "column_3", "name_2"],
            [["1", "a", "b", "c"], ["2", "d", "e", "f"], ["3", "g", "h", "i"]]),
        Case("one column", "value\n10\n20\n30\n", ["value"], [["10"], ["20"], ["30"]]),
        Case("byte order mark", "\u{FEFF}a,b\n1,2\n", ["a", "b"], [["1", "2"]]),
        Case("non-ascii", "n,ö\n1,ä\n2,日本\n3,😀\n", ["n", "ö"], [["1", "ä"], ["2", "日本"], ["3", "😀"]]),
    ]

    @Test("a well-formed text is read as it is written, without a problem", arguments: wellFormed)
    func readsWellFormed(_ c: Case) throws {
        let table = try CSVTestTable(c.text)
        #expect(table.names == c.names)
        #expect(table.rows == c.rows)
        #expect(table.problems == [])
    }

    static let damaged: [Case] = [
        Case(
            "missing cell where the types say",
            "id,day,amount,city\n1,2024-01-02,3.50,Rome\n2,2024-01-03,4.50,Oslo\n3,4.75,Bonn\n"
                + "4,2024-01-05,5.50,Lima\n5,2024-01-06,6.50,Kyiv\n6,2024-01-07,7.50,Bern\n", ["id", "day", "amount", "city"],
            [
                ["1", "2024-01-02", "3.50", "Rome"], ["2", "2024-01-03", "4.50", "Oslo"], ["3", "", "4.75", "Bonn"],
                ["4", "2024-01-05", "5.50", "Lima"], ["5", "2024-01-06", "6.50", "Kyiv"], ["6", "2024-01-07", "7.50", "Bern"],
            ]),
        Case(
            "extra delimiter", "id,day,amount\n1,2024-01-02,3.50\n2,,2024-01-03,4.50\n3,2024-01-04,4.75\n4,2024-01-05,5.50\n",
            ["id", "day", "amount"],
            [
                ["1", "2024-01-02", "3.50"], ["2", "2024-01-03", "4.50"], ["3", "2024-01-04", "4.75"],
                ["4", "2024-01-05", "5.50"],
            ]),
        Case(
            "cells that no column is left for stay in the last one",
            "id,day,amount\n1,2024-01-02,3.50\n2,2024-01-03,4.50\n3,2024-01-04,4.75,x1,\"x2\",x3,x4,x5\n4,2024-01-05,5.50\n"
                + "5,2024-01-06,6.50\n",
            ["id", "day", "amount"],
            [
                ["1", "2024-01-02", "3.50"], ["2", "2024-01-03", "4.50"], ["3", "2024-01-04", "4.75,x1,x2,x3,x4,x5"],
                ["4", "2024-01-05", "5.50"], ["5", "2024-01-06", "6.50"],
            ]),
        Case(
            "stray opening quote does not eat the next line",
            "id,name,city\n1,Ann,Rome\n2,\"Bob,Oslo\n3,Cid,Bonn\n4,Dan,Lima\n5,Eve,Kyiv\n", ["id", "name", "city"],
            [["1", "Ann", "Rome"], ["2", "\"Bob", "Oslo"], ["3", "Cid", "Bonn"], ["4", "Dan", "Lima"], ["5", "Eve", "Kyiv"]]),
    ]

    @Test("a damaged row is repaired alone and reported", arguments: damaged)
    func repairs(_ c: Case) throws {
        let table = try CSVTestTable(c.text)
        #expect(table.names == c.names)
        #expect(table.rows == c.rows)
        #expect(table.problems.count == 1)
        let problem = try #require(table.problems.first)
        #expect(!problem.isReject)
        // The problem points at the line it speaks of.
        let lines = c.text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(problem.raw == lines[problem.line - 1])
        #expect(Array(c.text.utf8)[Int(problem.byteOffset)...].starts(with: problem.raw.utf8))
        #expect(problem.record == problem.line - 2)
    }

    @Test("cells beyond the width are reported with the whole line")
    func reportsExtraCells() throws {
        var text = "a,b,c\n"
        for i in 0..<20 { text += "\(i),x\(i),y\(i)\n" }
        text += "20,p,q,r,s,t,u,v,w,z1,z2,z3\n"
        let table = try CSVTestTable(text)
        #expect(table.rows.count == 21)
        #expect(table.problems.map(\.raw) == ["20,p,q,r,s,t,u,v,w,z1,z2,z3"])
        #expect(table.problems.first?.code == .ragged)
    }

    @Test("bytes that are not utf-8 are read as windows-1252 cell by cell and reported")
    func decodesBadCells() throws {
        var bytes = Array("id,name\n1,Zoë\n2,Müller\n3,".utf8)
        bytes += [0x4A, 0xF6, 0x72, 0x67, 0x80]  // Jörg€
        bytes += Array("\n4,Ann\n".utf8)
        let table = try CSVTestTable(bytes)
        #expect(table.rows == [["1", "Zoë"], ["2", "Müller"], ["3", "Jörg€"], ["4", "Ann"]])
        #expect(table.problems.map(\.code) == [.badEncoding])
        #expect(table.problems.map(\.line) == [4])
        #expect(table.problems.map(\.record) == [2])
    }

    @Test("a text in windows-1252 is detected as such and not reported row by row")
    func detectsWindows1252() throws {
        let table = try CSVTestTable(Array("id,name\n1,J".utf8) + [0xF6] + Array("rg\n2,M".utf8) + [0xFC] + Array("ller\n".utf8))
        #expect(table.detection.encoding == "windows-1252")
        #expect(table.rows == [["1", "Jörg"], ["2", "Müller"]])
        #expect(table.problems == [])
    }

    @Test("utf-16 is transcoded, with and without a mark", arguments: [true, false], [true, false])
    func readsUTF16(isBig: Bool, hasMark: Bool) throws {
        let text = (hasMark ? "\u{FEFF}" : "") + "id,name\n1,Zoë\n2,日本\n3,plain ascii text so that zeros show\n"
        let bytes = text.utf16.flatMap { isBig ? [UInt8($0 >> 8), UInt8($0 & 255)] : [UInt8($0 & 255), UInt8($0 >> 8)] }
        let table = try CSVTestTable(bytes)
        #expect(table.names == ["id", "name"])
        #expect(table.rows == [["1", "Zoë"], ["2", "日本"], ["3", "plain ascii text so that zeros show"]])
    }

    @Test("zero bytes are removed and reported where they stood")
    func removesZeros() throws {
        let table = try CSVTestTable("a,b\n1,2\n3,\0\04\n5,6\n")
        #expect(table.rows == [["1", "2"], ["3", "4"], ["5", "6"]])
        #expect(table.problems.map(\.code) == [.nulByte])
        #expect(table.problems.map(\.byteOffset) == [8])
        #expect(table.problems.map(\.line) == [3])
    }

    @Test("lines around the table are reported, not read as records")
    func skipsPreambleAndFootnotes() throws {
        let text = "Report of May\n\nid,name,amount\n1,Ann,3.50\n2,Bob,4.50\n3,Cid,5.50\n4,Dan,6.50\n\nSource: the office\n"
        let table = try CSVTestTable(text)
        #expect(table.names == ["id", "name", "amount"])
        #expect(table.rows.map { $0[1] } == ["Ann", "Bob", "Cid", "Dan"])
        #expect(table.problems.map(\.code) == [.preamble, .footnote])
        #expect(table.problems.map(\.raw) == ["Report of May", "Source: the office"])
        #expect(table.problems.map(\.line) == [1, 9])
        #expect(table.problems.allSatisfy { $0.record == -1 && !$0.isReject })
    }

    @Test("header lines above each other are joined")
    func joinsHeaderLines() throws {
        var text = "id,size,size,when\n,width,height,\n"
        for i in 0..<40 { text += "\(i),\(i * 3).5,\(i * 7).5,2024-01-\(10 + i % 20)\n" }
        let table = try CSVTestTable(text)
        #expect(table.names == ["id", "size width", "size height", "when"])
        #expect(table.rows.count == 40)
    }

    @Test("numbers of rows without a name do not hide the other names", arguments: [0, 1])
    func unnamedNumbers(first: Int) throws {
        let lines = ["anna,bonn", "bob,rome", "cid,oslo", "dan,kiel"].enumerated().map { "\($0 + first),\($1)" }
        let table = try CSVTestTable(([",name,city"] + lines).joined(separator: "\n") + "\n")
        #expect(table.names == ["column_1", "name", "city"])
        #expect(table.rows.count == 4)
    }

    @Test("the header line repeated between records is left out and reported")
    func skipsRepeatedHeader() throws {
        let part = (0..<40).map { "\($0),Ann\($0)\n" }.joined()
        let table = try CSVTestTable("id,name\n" + part + "id,name\n" + part)
        #expect(table.names == ["id", "name"])
        #expect(table.rows.count == 80)
        #expect(table.ordinals == Array(0..<80))
        #expect(table.problems.map(\.line) == [42])
        #expect(table.problems.map(\.raw) == ["id,name"])
    }

    @Test("a wider table behind the first one is left out, reported, and does not widen it")
    func leavesOutOtherTable() throws {
        let first = "id,name,day\n" + (0..<30).map { "\($0),Ann\($0),2024-01-02\n" }.joined()
        let second = "id,name,day,city\n" + (0..<30).map { "\($0),Bob\($0),2024-01-03,Rome\n" }.joined()
        let table = try CSVTestTable(first + second)
        #expect(table.names == ["id", "name", "day"])
        #expect(table.rows.count == 30)
        #expect(table.problems.count == 31)
        #expect(table.problems.allSatisfy { $0.record == -1 && !$0.raw.isEmpty })
    }

    @Test(
        "lists in the cells below a header do not make the table",
        arguments: [
            ("emotion,pixels,usage", "3,17 250 8 91 120 33,Training"), ("id,pixels", "7,17 250 8 91 120 33"),
            ("who;when", "Ann X;19 June 2024"), ("start,end", "14:36:25:25,03:29:22:13"), ("host\tmac", "h1\t55:4f:06:7e:06:0d"),
            ("when,place", "12 June 2024 7:16,hall 0 row 0 seat 11"),
        ])
    func keepsLists(header: String, line: String) throws {
        let delimiter = try #require(header.first { ",;\t".contains($0) })
        // Digits differ from line to line.
        let lines = (0..<40).map { i in String(line.map { $0.isNumber ? Character("\(($0.wholeNumberValue! + i) % 9 + 1)") : $0 })
        }
        let table = try CSVTestTable(([header] + lines).joined(separator: "\n") + "\n")
        #expect(table.names == header.split(separator: delimiter).map(String.init))
        #expect(table.rows == lines.map { $0.split(separator: delimiter).map(String.init) })
    }

    @Test("texts of many lines are cells, also where the sample ends inside one", arguments: [5, 60, 400, 3000])
    func keepsLongTexts(lines: Int) throws {
        let words = ["plain", "a, b", "\"quoted\"", "", "12.5", "• end", "x: y"]
        let rows = (0..<max(12, 9000 / lines)).map { i in
            let text = (0..<(lines / 2 + i * 7 % lines)).map { words[($0 * $0 + i) % 7] + " " + words[($0 + i * 3) % 7] }
            return [
                "\(i + 100)", text.joined(separator: "\n"), "name \(i)",
                i % 3 == 0 ? text.prefix(3).joined(separator: "\n") : "-",
            ]
        }
        func cell(_ text: String) -> String {
            text.contains { ",\"\n".contains($0) } ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
        }
        let table = try CSVTestTable(
            "id,text,name,more\n" + rows.map { $0.map(cell).joined(separator: ",") + "\n" }.joined())
        #expect(table.names == ["id", "text", "name", "more"])
        #expect(table.rows.count == rows.count)
        #expect(table.rows == rows)
        #expect(table.problems == [])
    }

    @Test("what the user says is not sniffed")
    func obeysOptions() throws {
        var options = InputOptions()
        options.delimiter = "::"
        let table = try CSVTestTable("a::b\n1::\"x::y\"\n2::z:\n", options: options)
        #expect(table.names == ["a", "b"])
        #expect(table.rows == [["1", "x::y"], ["2", "z:"]])

        options = InputOptions()
        options.header = false
        options.quote = ""
        let raw = try CSVTestTable("a,b\n\"1\",2\n", options: options)
        #expect(raw.names == ["column_1", "column_2"])
        #expect(raw.rows == [["a", "b"], ["\"1\"", "2"]])
    }

    @Test("an option that makes no sense is refused", arguments: ["", "\n", String(repeating: "x", count: 17)])
    func refusesBadDelimiter(_ delimiter: String) {
        var options = InputOptions()
        options.delimiter = delimiter
        #expect { try CSVTestTable("a,b\n1,2\n", options: options) } throws: { ($0 as? SanitizerError)?.code == .recipeInvalid }
    }

    @Test("reading stops at the wanted number of rows")
    func stopsEarly() throws {
        let source = MemorySource(Array("a,b\n1,2\n3,4\n5,6\n".utf8))
        let reader = try Readers.open(try Sniffer.detect(source, name: "x", options: InputOptions()), source)
        let chunk = try #require(try reader.planChunks(targetBytes: 1 << 20).first)
        #expect(try reader.read(chunk, maxRows: 2).rows == 2)
    }
}
