internal import Domain
internal import Tabular

/// Workbooks and other zip archives: what is in them and what of it is read. Rows are read once staging has written them as text.
enum WorkbookDetection {
    static func detect(_ head: InputHead) throws -> Detection {
        if head.compression != .none {
            // Packed twice: staging unpacks it once, then it is looked at again.
            return Detection(format: .xlsx, compression: head.compression, columns: [], needsStaging: true)
        }
        let archive = try ZipArchive(head.source, name: head.name, limits: head.options.limits)
        let kind = WorkbookKind(archive)
        guard kind != .container else { return try container(archive, head) }
        let workbook = try WorkbookFile.open(archive, limits: head.options.limits)
        let sheet = try WorkbookFile.choose(workbook, head.options.sheet, name: head.name)
        let name = workbook.sheets[sheet].name
        var notes: [String] = []
        if workbook.sheets.count > 1 {
            let others = workbook.sheets.indices.filter { $0 != sheet }.prefix(10).map { workbook.sheets[$0].name }
            notes.append("sheet \(name) is read; others: \(others.joined(separator: ", "))")
        }
        if workbook.sheets[sheet].isHidden { notes.append("the sheet is hidden") }
        var detection = Detection(format: kind == .ods ? .ods : .xlsx, columns: [], notes: notes, needsStaging: true)
        detection.sheet = sheet
        detection.evidence = [
            Evidence(
                "format", detection.format.rawValue, confidence: 1,
                reason: kind == .ods ? "a zip archive with content.xml" : "a zip archive with a workbook of Office Open XML"),
            Evidence(
                "sheet", name, confidence: head.options.sheet == nil && workbook.sheets.count > 1 ? 0.7 : 1,
                reason: head.options.sheet == nil ? "the first of \(workbook.sheets.count) that is not hidden" : "was given"),
        ]
        return detection
    }

    private static func container(_ archive: ZipArchive, _ head: InputHead) throws -> Detection {
        let entry = try ZipContainer.choose(archive, head.options.member)
        var detection = Detection(format: .csv, compression: .zip, columns: [], needsStaging: true)
        detection.member = entry.name
        detection.evidence = [
            Evidence(
                "member", entry.name, confidence: 1,
                reason: head.options.member == nil ? "the only file of the zip archive" : "was given")
        ]
        return detection
    }
}
