/// Makes a workbook out of plain XML texts, so that mutations reach the readers instead of the check sums of the archive.
enum SheetParts {
    /// The archive itself (`PK` in front); else the first byte chooses the kind, and zero bytes part what follows: of .xlsx the sheet,
    /// the shared texts, the styles and the workbook, of .ods the content. What lacks is plain.
    static func archive(_ bytes: [UInt8]) -> [UInt8] {
        guard let first = bytes.first, !bytes.starts(with: "PK".utf8) else { return bytes }
        let parts = bytes.dropFirst().split(separator: 0, maxSplits: 3, omittingEmptySubsequences: false).map(Array.init)
        var zip = ZipMaker()
        if first & 1 == 0 {
            zip.add("[Content_Types].xml", "<Types/>")
            zip.add("_rels/.rels", "<R><Relationship Id='r' Type='x/officeDocument' Target='xl/workbook.xml'/></R>")
            zip.add("xl/workbook.xml", parts.count > 3 ? parts[3] : Array(workbook.utf8))
            zip.add(
                "xl/_rels/workbook.xml.rels",
                "<R><Relationship Id='a' Type='x/worksheet' Target='s.xml'/><Relationship Id='b' Type='x/sharedStrings' Target='t.xml'/>"
                    + "<Relationship Id='c' Type='x/styles' Target='y.xml'/></R>")
            zip.add("xl/s.xml", parts[0])
            zip.add("xl/t.xml", parts.count > 1 ? parts[1] : Array("<sst/>".utf8))
            zip.add("xl/y.xml", parts.count > 2 ? parts[2] : Array("<s/>".utf8))
        } else {
            zip.add("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            zip.add("content.xml", parts[0])
        }
        return zip.bytes()
    }

    private static let workbook = "<w xmlns:r='r'><sheet name='s' sheetId='1' r:id='a'/></w>"
}
