import Domain
import Formats
import Testing

@Suite("OpenDocument spreadsheets")
struct ODSTests {
    @Test("typed values are read as the file states them, text with its paragraphs and blanks")
    func values() throws {
        let table = """
            <table name='t'>
            <table-row><table-cell value-type='string'><p>text</p></table-cell><table-cell><p>day</p></table-cell>
            <table-cell><p>amount</p></table-cell><table-cell><p>at</p></table-cell><table-cell><p>ok</p></table-cell></table-row>
            <table-row><table-cell><annotation><p>note</p></annotation><p>a<s c='2'/>b</p><p>c<line-break/>d</p></table-cell>
            <table-cell value-type='date' date-value='2025-11-21'><p>21.11.25</p></table-cell>
            <table-cell value-type='float' value='1234.5'><p>1.234,50</p></table-cell>
            <table-cell value-type='time' time-value='PT08H05M00S'><p>8:05</p></table-cell>
            <table-cell value-type='boolean' boolean-value='true'><p>WAHR</p></table-cell></table-row>
            </table>
            """
        let read = try WorkbookMaker.read(WorkbookMaker.ods(table))
        #expect(read.names == ["text", "day", "amount", "at", "ok"])
        #expect(read.rows == [["a  b\nc\nd", "2025-11-21", "1234.5", "08:05:00", "true"]])
    }

    @Test("repeated cells and rows are repeated; empty ones at the end are not")
    func repeats() throws {
        let table = """
            <table name='t'><table-row><table-cell><p>a</p></table-cell><table-cell><p>b</p></table-cell>
            <table-cell number-columns-repeated='16000'/></table-row>
            <table-row number-rows-repeated='3'><table-cell number-columns-repeated='2' value-type='float' value='7'/></table-row>
            <table-row number-rows-repeated='1048000'><table-cell number-columns-repeated='16384'/></table-row></table>
            """
        let read = try WorkbookMaker.read(WorkbookMaker.ods(table))
        #expect(read.names == ["a", "b"])
        #expect(read.rows == [["7", "7"], ["7", "7"], ["7", "7"]])
    }

    @Test("an encrypted file is refused")
    func encrypted() throws {
        var zip = ZipMaker()
        zip.add("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        zip.add("META-INF/manifest.xml", "<manifest><encryption-data/></manifest>")
        zip.add("content.xml", "garbage")
        let error = #expect(throws: SanitizerError.self) { try WorkbookMaker.read(zip.bytes()) }
        #expect(error?.code == .formatUnsupported)
        #expect(error?.message.contains("password") == true)
    }
}
