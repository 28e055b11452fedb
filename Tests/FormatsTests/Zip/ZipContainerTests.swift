import Domain
import Formats
import Tabular
import Testing

@Suite("Zip archives")
struct ZipContainerTests {
    @Test("the only file is read, whatever it is; what systems add does not count")
    func single() throws {
        var zip = ZipMaker()
        zip.add("data/", "")
        zip.add("data/table.csv", "a;b\n1;2\n3;4\n")
        zip.add("__MACOSX/data/._table.csv", "x")
        zip.add("data/.DS_Store", "x")
        let table = try WorkbookMaker.read(zip.bytes())
        #expect(table.names == ["a", "b"])
        #expect(table.rows == [["1", "2"], ["3", "4"]])
    }

    @Test("one of several files has to be named")
    func several() throws {
        var zip = ZipMaker()
        zip.add("one.csv", "a,b\n1,2\n3,4\n")
        zip.add("two.csv", "c,d\n5,6\n7,8\n")
        let error = #expect(throws: SanitizerError.self) { try WorkbookMaker.read(zip.bytes()) }
        #expect(error?.message.contains("one.csv, two.csv") == true)
        var options = InputOptions()
        options.member = "two.csv"
        #expect(try WorkbookMaker.read(zip.bytes(), options).rows == [["5", "6"], ["7", "8"]])
    }

    @Test("an error is one line without control characters, whatever files and members are called")
    func names() throws {
        var zip = ZipMaker()
        zip.add("one\n\t.csv", "a,b\n1,2\n")
        zip.add("two.csv", "c,d\n5,6\n")
        let error = #expect(throws: SanitizerError.self) { try WorkbookMaker.read(zip.bytes()) }
        #expect(error?.message.contains("one\\n\\t.csv, two.csv") == true, "\(error?.message ?? "")")
        #expect(
            SanitizerError(.inputMissing, "a\u{1b}[31m\u{2028}é: no such file").message == "a\\u{1B}[31m\\u{2028}é: no such file")
    }

    @Test("an entry that announces more than the limits is refused before it is unpacked")
    func limits() throws {
        var zip = ZipMaker()
        zip.add("big.csv", Array(repeating: 0x61, count: 5000))
        var options = InputOptions()
        options.limits = InputLimits()
        options.limits?.unpackedBytes = 1000
        let error = #expect(throws: SanitizerError.self) { try WorkbookMaker.read(zip.bytes(), options) }
        #expect(error?.code == .limitExceeded)
    }

    @Test("a workbook in an archive is read")
    func nested() throws {
        let rows = "<row><c t='str'><v>a</v></c><c t='str'><v>b</v></c></row><row><c><v>1</v></c><c><v>2</v></c></row>"
        var zip = ZipMaker()
        zip.add("book.xlsx", WorkbookMaker.xlsx(rows: rows))
        #expect(try WorkbookMaker.read(zip.bytes()).rows == [["1", "2"]])
    }
}
