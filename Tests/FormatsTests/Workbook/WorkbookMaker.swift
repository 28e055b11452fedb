import Domain
import Formats
import Tabular

/// Small workbooks for tests.
enum WorkbookMaker {
    /// - Parameter sheets: name, further attributes, and the XML between the worksheet tags.
    static func xlsx(
        _ sheets: [(name: String, attributes: String, xml: String)], strings: [String] = [], styles: String = "",
        properties: String = ""
    ) -> [UInt8] {
        var zip = ZipMaker()
        zip.add("[Content_Types].xml", "<Types/>")
        zip.add(
            "_rels/.rels",
            "<Relationships><Relationship Id='r' Type='http://x/officeDocument' Target='xl/workbook.xml'/></Relationships>")
        let list = sheets.enumerated().map { "<sheet name='\($1.name)' sheetId='\($0 + 1)' r:id='s\($0)' \($1.attributes)/>" }
        zip.add(
            "xl/workbook.xml", "<workbook xmlns:r='r'><workbookPr \(properties)/><sheets>\(list.joined())</sheets></workbook>")
        let relations = sheets.indices.map {
            "<Relationship Id='s\($0)' Type='http://x/worksheet' Target='worksheets/sheet\($0).xml'/>"
        }
        zip.add(
            "xl/_rels/workbook.xml.rels",
            "<Relationships>\(relations.joined())<Relationship Id='t' Type='http://x/sharedStrings' Target='/xl/strings.xml'/>"
                + "<Relationship Id='y' Type='http://x/styles' Target='styles.xml'/></Relationships>")
        zip.add("xl/strings.xml", "<sst>\(strings.map { "<si>\($0)</si>" }.joined())</sst>")
        zip.add("xl/styles.xml", "<styleSheet>\(styles)</styleSheet>")
        for (i, sheet) in sheets.enumerated() { zip.add("xl/worksheets/sheet\(i).xml", "<worksheet>\(sheet.xml)</worksheet>") }
        return zip.bytes()
    }

    static func xlsx(rows: String, after: String = "", strings: [String] = [], styles: String = "", properties: String = "")
        -> [UInt8]
    {
        xlsx([("Sheet1", "", "<sheetData>\(rows)</sheetData>\(after)")], strings: strings, styles: styles, properties: properties)
    }

    static func ods(_ tables: String) -> [UInt8] {
        var zip = ZipMaker()
        zip.add("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        zip.add("META-INF/manifest.xml", "<manifest/>")
        zip.add("content.xml", "<document><body><spreadsheet>\(tables)</spreadsheet></body></document>")
        return zip.bytes()
    }

    /// Names and rows as the pipeline reads them.
    static func read(_ bytes: [UInt8], _ options: InputOptions = InputOptions()) throws -> (names: [String], rows: [[String]]) {
        var options = options
        var source = MemorySource(bytes)
        var isTrusted = false
        while true {
            let detection = try Sniffer.detect(source, name: "book.xlsx", options: options, isTrusted: isTrusted)
            guard detection.needsStaging else {
                let table = try CSVTestTable(source, detection, target: 8 << 20)
                return (table.names, table.rows)
            }
            let sink = MemorySink()
            try Staging.write(detection, from: source, to: sink, options: options)
            source = MemorySource(sink.bytes)
            isTrusted = Staging.isSheet(detection)
            options = Staging.optionsBehind(detection, options)
        }
    }
}
