import Domain
import Formats
import Tabular
import Testing

@Suite("Workbooks of Excel")
struct XLSXTests {
    @Test("shared, inline and formula texts, numbers, booleans and errors are read as they are shown")
    func values() throws {
        let rows = """
            <row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' t='inlineStr'><is><t>num</t></is></c><c r='C1' t='str'><v>flag</v></c></row>
            <row r='2'><c r='A2' t='s'><v>1</v></c><c r='B2'><f>1.1*1</f><v>1.1000000000000001</v></c><c r='C2' t='b'><v>1</v></c></row>
            <row r='3'><c r='A3' t='s'><v>2</v></c><c r='B3'><v>1E+3</v></c><c r='C3' t='e'><v>#N/A</v></c></row>
            <row r='4'><c r='A4' t='s'><v>3</v></c><c r='B4'><v>12345678901234567890</v></c><c r='C4' t='b'><v>0</v></c></row>
            """
        let strings = [
            "<t>name</t>", "<r><t>Zo</t></r><r><t xml:space='preserve'>ë </t></r><rPh><t>say</t></rPh>",
            "<t>a_x000D_b, \"c\"</t>",
            "<t/>",
        ]
        let table = try WorkbookMaker.read(WorkbookMaker.xlsx(rows: rows, strings: strings))
        #expect(table.names == ["name", "num", "flag"])
        #expect(
            table.rows == [
                ["Zoë ", "1.1", "true"], ["a\rb, \"c\"", "1000", "#N/A"], ["", "12345678901234567890", "false"],
            ])
    }

    @Test("numbers shown as dates are dates, in both calendars", arguments: [false, true])
    func dates(uses1904: Bool) throws {
        let styles = """
            <numFmts><numFmt numFmtId='164' formatCode='[$-409]yyyy\\-mm\\-dd hh:mm;@'/><numFmt numFmtId='165' formatCode='[h]:mm'/>
            <numFmt numFmtId='166' formatCode='0.0 "days"'/></numFmts>
            <cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='164'/><xf numFmtId='20'/><xf numFmtId='165'/><xf numFmtId='166'/></cellXfs>
            """
        let cells = ["45982", "45982.5", "0.75", "1.25", "3.5"]
        let rows =
            "<row r='1'>\(["d", "t", "c", "h", "n"].enumerated().map { "<c t='str'><v>\($1)</v></c>" }.joined())</row>"
            + (2...4).map { r in "<row r='\(r)'>\(cells.enumerated().map { "<c s='\($0 + 1)'><v>\($1)</v></c>" }.joined())</row>"
            }
            .joined()
        let book = WorkbookMaker.xlsx(rows: rows, styles: styles, properties: uses1904 ? "date1904='1'" : "")
        let table = try WorkbookMaker.read(book)
        let day = uses1904 ? "2029-11-22" : "2025-11-21"
        #expect(table.rows[0] == [day, "\(day)T12:00:00", "18:00:00", "30:00:00", "3.5"])
    }

    @Test("the leap day that never was does not shift the days before it")
    func leapDay() throws {
        let styles = "<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs>"
        let rows =
            "<row><c t='str'><v>day</v></c><c t='str'><v>n</v></c></row>"
            + [1, 59, 61].map { "<row><c s='1'><v>\($0)</v></c><c><v>\($0)</v></c></row>" }.joined()
        let table = try WorkbookMaker.read(WorkbookMaker.xlsx(rows: rows, styles: styles))
        #expect(table.rows.map { $0[0] } == ["1900-01-01", "1900-02-28", "1900-03-01"])
    }

    @Test("cells without a place follow one another; gaps stay empty; every row is as wide as the sheet")
    func places() throws {
        let rows = """
            <row r='1'><c t='str'><v>a</v></c><c t='str'><v>b</v></c><c r='D1' t='str'><v>d</v></c></row>
            <row r='2'><c><v>1</v></c></row>
            <row r='4'><c r='B4'><v>2</v></c><c><v>3</v></c></row>
            """
        let table = try WorkbookMaker.read(WorkbookMaker.xlsx(rows: rows))
        #expect(table.names == ["a", "b", "column_3", "d"])
        #expect(table.rows == [["1", "", "", ""], ["", "2", "3", ""]])
    }

    @Test("a text with line ends is one cell, whatever it looks like")
    func lineEnds() throws {
        let rows =
            "<row><c t='str'><v>a</v></c><c t='str'><v>b</v></c><c t='str'><v>c</v></c></row>"
            + (0..<5).map { "<row><c><v>\($0)</v></c><c t='str'><v>x\n1,2,3\n4,5,6\ny</v></c><c><v>9</v></c></row>" }.joined()
        let table = try WorkbookMaker.read(WorkbookMaker.xlsx(rows: rows))
        #expect(table.rows.count == 5)
        #expect(table.rows[2] == ["2", "x\n1,2,3\n4,5,6\ny", "9"])
    }

    @Test("merged cells share their value, but a title is not spread over the columns")
    func merged() throws {
        let rows = """
            <row r='1'><c r='A1' t='str'><v>Report</v></c></row>
            <row r='2'><c r='A2' t='str'><v>city</v></c><c r='B2' t='str'><v>shop</v></c><c r='C2' t='str'><v>sold</v></c></row>
            <row r='3'><c r='A3' t='str'><v>Rome</v></c><c r='B3' t='str'><v>one</v></c><c r='C3'><v>5</v></c></row>
            <row r='4'><c r='A4'/><c r='B4' t='str'><v>two</v></c><c r='C4'><v>6</v></c></row>
            <row r='5'><c r='A5' t='str'><v>Oslo</v></c><c r='B5' t='str'><v>three</v></c><c r='C5'><v>7</v></c></row>
            """
        let merges = "<mergeCells><mergeCell ref='A1:C1'/><mergeCell ref='A3:A4'/></mergeCells>"
        let table = try WorkbookMaker.read(WorkbookMaker.xlsx(rows: rows, after: merges))
        #expect(table.names == ["city", "shop", "sold"])
        #expect(table.rows == [["Rome", "one", "5"], ["Rome", "two", "6"], ["Oslo", "three", "7"]])
    }

    @Test("a merged range fills what is empty below it, as far as the sheet is wide, and spares what is not")
    func mergedOver() throws {
        let rows = """
            <row r='1'><c r='A1' t='str'><v>a</v></c><c r='B1' t='str'><v>b</v></c><c r='C1' t='str'><v>c</v></c><c r='D1' t='str'><v>d</v></c></row>
            <row r='2'><c r='A2' t='str'><v>x, "y"</v></c><c r='D2'><v>1</v></c></row>
            <row r='3'><c r='A3'><v>7</v></c><c r='C3'><v>2</v></c></row>
            <row r='4'><c r='B4'><v>3</v></c></row>
            <row r='5'><c r='A5'><v>8</v></c></row>
            """
        let merges = "<mergeCells><mergeCell ref='A2:XFD4'/><mergeCell ref='ZZ1:ZZ1048576'/></mergeCells>"
        let table = try WorkbookMaker.read(WorkbookMaker.xlsx(rows: rows, after: merges))
        let text = "x, \"y\""
        #expect(table.names == ["a", "b", "c", "d"])
        #expect(table.rows == [[text, text, text, "1"], ["7", text, "2", text], [text, "3", text, text], ["8", "", "", ""]])
    }

    @Test("a long text merged over the whole sheet is refused before it fills the memory")
    func mergedBomb() throws {
        let text = String(repeating: "x", count: 1 << 20)
        let rows = "<row r='1'><c r='A1' t='str'><v>\(text)</v></c><c r='XFD1'><v>1</v></c></row>"
        let merges = "<mergeCells><mergeCell ref='A1:XFD1'/></mergeCells>"
        let error = #expect(throws: SanitizerError.self) { try WorkbookMaker.read(WorkbookMaker.xlsx(rows: rows, after: merges)) }
        #expect(error?.code == .limitExceeded)
    }

    @Test("sheets are chosen by name or number; the first visible one without a choice")
    func sheets() throws {
        func data(_ text: String) -> String {
            "<sheetData><row><c t='str'><v>name</v></c></row><row><c t='str'><v>\(text)</v></c></row></sheetData>"
        }
        let book = WorkbookMaker.xlsx([("one", "state='hidden'", data("x")), ("two", "", data("y")), ("3", "", data("z"))])
        func value(_ sheet: String?) throws -> [[String]] {
            var options = InputOptions()
            options.sheet = sheet
            options.header = true
            return try WorkbookMaker.read(book, options).rows
        }
        #expect(try value(nil) == [["y"]])
        #expect(try value("one") == [["x"]])
        #expect(try value("0") == [["x"]])
        #expect(try value("3") == [["z"]])
        let error = #expect(throws: SanitizerError.self) { try value("four") }
        #expect(error?.message.contains("one, two, 3") == true)
    }

    @Test("hidden rows are kept, or skipped when told so")
    func hidden() throws {
        let rows =
            "<row><c t='str'><v>a</v></c><c t='str'><v>b</v></c></row><row hidden='1'><c><v>1</v></c><c><v>2</v></c></row>"
            + "<row><c><v>3</v></c><c><v>4</v></c></row>"
        var options = InputOptions()
        #expect(try WorkbookMaker.read(WorkbookMaker.xlsx(rows: rows), options).rows.count == 2)
        options.hiddenRows = .skip
        #expect(try WorkbookMaker.read(WorkbookMaker.xlsx(rows: rows), options).rows == [["3", "4"]])
    }

    @Test("what is refused says why", arguments: ["xls", "encrypted", "xlsb", "word", "entities", "cut off", "forged count"])
    func refusals(kind: String) throws {
        var zip = ZipMaker()
        var bytes: [UInt8] = []
        let code: SanitizerError.Code
        let word: String
        switch kind {
        case "xls":
            bytes = [0xD0, 0xCF, 0x11, 0xE0] + [UInt8](repeating: 0, count: 600)
            (code, word) = (.formatUnsupported, "save it as .xlsx")
        case "encrypted":
            bytes =
                [0xD0, 0xCF, 0x11, 0xE0] + [UInt8](repeating: 0, count: 600)
                + Array("EncryptedPackage".utf8.map { [$0, 0] }.joined())
            (code, word) = (.formatUnsupported, "without a password")
        case "xlsb":
            zip.add("xl/workbook.bin", "x")
            (bytes, code, word) = (zip.bytes(), .formatUnsupported, "xlsb")
        case "word":
            zip.add("[Content_Types].xml", "x")
            zip.add("word/document.xml", "x")
            (bytes, code, word) = (zip.bytes(), .formatUnsupported, "Word")
        case "entities":
            let laughs = "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><worksheet><sheetData>&b;</sheetData></worksheet>"
            zip.add("[Content_Types].xml", "<Types/>")
            zip.add("xl/workbook.xml", laughs)
            (bytes, code, word) = (zip.bytes(), .limitExceeded, "entities")
        case "cut off":
            bytes = Array(WorkbookMaker.xlsx(rows: "<row/>").dropLast(100))
            (code, word) = (.inputUnreadable, "cut off")
        default:
            zip.add("a.csv", "a,b\n")
            zip.announcedCount = 60_000
            (bytes, code, word) = (zip.bytes(), .limitExceeded, "zip_entries")
        }
        let error = #expect(throws: SanitizerError.self) { try WorkbookMaker.read(bytes) }
        #expect(error?.code == code)
        #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
    }

    @Test("a sheet that repeats itself beyond the limits is refused before it fills the disk")
    func bomb() throws {
        let table =
            "<table name='t'>"
            + String(
                repeating:
                    "<table-row number-rows-repeated='1000000'><table-cell number-columns-repeated='10000' value-type='float' value='1'/></table-row>",
                count: 3) + "</table>"
        let error = #expect(throws: SanitizerError.self) { try WorkbookMaker.read(WorkbookMaker.ods(table)) }
        #expect(error?.code == .limitExceeded)
    }

    @Test("shared texts are limited")
    func sharedTexts() throws {
        var options = InputOptions()
        options.limits = InputLimits()
        options.limits?.sharedTextBytes = 1000
        let book = WorkbookMaker.xlsx(
            rows: "<row><c t='s'><v>0</v></c></row>", strings: ["<t>\(String(repeating: "x", count: 2000))</t>"])
        let error = #expect(throws: SanitizerError.self) { try WorkbookMaker.read(book, options) }
        #expect(error?.code == .limitExceeded)
    }
}
