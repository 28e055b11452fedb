internal import Domain
internal import Tabular

/// A workbook: its worksheets by name, and their rows as a stream. Not thread-safe.
protocol Workbook: AnyObject {
    var sheets: [WorkbookSheet] { get }
    /// Width of a sheet and what else must be known before its rows are written.
    func measure(_ sheet: Int) throws -> SheetLayout
    /// Writes the rows of a sheet, every one with `layout.width` cells.
    func write(_ sheet: Int, _ layout: SheetLayout, hiddenRows: HiddenRows, to writer: SheetWriter) throws
}

struct WorkbookSheet {
    var name: String
    var isHidden: Bool
}

/// What the first pass over a worksheet finds out.
struct SheetLayout {
    /// Columns up to the last one with a value.
    var width = 0
    /// Ranges whose cells share the value of the first one, by first row.
    var merged: [MergedRange] = []
}

enum WorkbookFile {
    /// Opens the workbook in an archive.
    /// - Throws: `formatUnsupported` for workbooks of a kind that is not read, with what to do.
    static func open(_ archive: ZipArchive, limits: InputLimits?) throws -> any Workbook {
        switch WorkbookKind(archive) {
        case .xlsx: return try XLSXWorkbook(archive, limits: limits)
        case .ods: return try ODSWorkbook(archive)
        case .refused(let what):
            throw SanitizerError(.formatUnsupported, "\(archive.name): \(what); save it as .xlsx or csv")
        case .container: throw SanitizerError(.formatUnsupported, "\(archive.name): a zip archive without a workbook")
        }
    }

    /// The sheet that the options name, else the first one that is not hidden.
    static func choose(_ workbook: any Workbook, _ wanted: String?, name: String) throws -> Int {
        let sheets = workbook.sheets
        guard !sheets.isEmpty else { throw SanitizerError(.inputEmpty, "\(name): no worksheet in it, nothing to read") }
        guard let wanted else { return sheets.firstIndex { !$0.isHidden } ?? 0 }
        if let found = sheets.firstIndex(where: { $0.name == wanted }) { return found }
        if let number = Int(wanted), sheets.indices.contains(number) { return number }
        let known = sheets.prefix(20).map(\.name).joined(separator: ", ")
        throw SanitizerError(
            .recipeInvalid, "\(name): no sheet \"\(wanted)\" (sheets: \(known)); give a name or a 0-based number")
    }
}

/// What a zip archive holds.
enum WorkbookKind: Equatable {
    case xlsx, ods
    /// A document of another kind; the text says which.
    case refused(String)
    /// Files for whoever packed them.
    case container

    init(_ archive: ZipArchive) {
        let names = Set(archive.entries.map { $0.name.lowercased() })
        if names.contains("xl/workbook.bin") {
            self = .refused("a binary Excel workbook (.xlsb)")
        } else if names.contains("[content_types].xml"), names.contains(where: { $0.hasPrefix("xl/") && $0.hasSuffix(".xml") }) {
            self = .xlsx
        } else if names.contains("[content_types].xml"), names.contains(where: { $0.hasSuffix("workbook.xml") }) {
            self = .xlsx
        } else if names.contains("word/document.xml") {
            self = .refused("a Word document")
        } else if names.contains("ppt/presentation.xml") {
            self = .refused("a presentation")
        } else if names.contains("content.xml"), names.contains("meta-inf/manifest.xml") || names.contains("mimetype") {
            self = .ods
        } else {
            self = .container
        }
    }
}
