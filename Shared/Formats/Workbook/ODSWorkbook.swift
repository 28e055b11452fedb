internal import Domain
internal import Glibc
internal import Tabular

/// An OpenDocument spreadsheet: one text with all sheets, streamed.
///
/// - Source: OpenDocument 1.3, part 3, 9 Tables.
final class ODSWorkbook: Workbook {
    private let archive: ZipArchive
    private let content: ZipArchive.Entry
    private let widths: [Int]
    let sheets: [WorkbookSheet]

    init(_ archive: ZipArchive) throws {
        self.archive = archive
        if let manifest = archive.entry("META-INF/manifest.xml") {
            let bytes = try archive.bytes(manifest, limit: 1 << 20)
            if String(decoding: bytes, as: UTF8.self).contains("encryption-data") {
                throw SanitizerError(.formatUnsupported, "\(archive.name): is encrypted; save it without a password")
            }
        }
        guard let content = archive.entry("content.xml") else {
            throw SanitizerError(.inputUnreadable, "\(archive.name): content.xml is missing; get the file again")
        }
        self.content = content
        let reader = ODSReader(sheet: nil, width: 0, skipsHidden: false, writer: nil)
        try XMLReader.parse(try archive.open(content), part: "\(archive.name): content.xml", reader)
        sheets = reader.found.map { WorkbookSheet(name: $0.name, isHidden: false) }
        widths = reader.found.map(\.width)
    }

    func measure(_ sheet: Int) throws -> SheetLayout {
        SheetLayout(width: min(max(widths[sheet], 1), CellReference.mostColumns))
    }

    func write(_ sheet: Int, _ layout: SheetLayout, hiddenRows: HiddenRows, to writer: SheetWriter) throws {
        let reader = ODSReader(sheet: sheet, width: layout.width, skipsHidden: hiddenRows == .skip, writer: writer)
        try XMLReader.parse(try archive.open(content), part: "\(archive.name): content.xml", reader)
    }
}

/// Reads the tables of a content.xml: all of them to measure, or one to write.
private final class ODSReader: XMLHandler {
    private static let mostRows = 1 << 20

    private let wanted: Int?
    private let width: Int
    private let skipsHidden: Bool
    private let writer: SheetWriter?
    private(set) var found: [(name: String, width: Int)] = []

    private let row = SheetRow()
    private var depth = 0
    private var rowRepeats = 1
    private var rowIsHidden = false
    private var rowNumber = 0
    private var column = 0
    private var columnRepeats = 1
    private var span = (rows: 1, columns: 1)
    private var isInCell = false
    /// Inside something of a cell that is not its text: a note, a drawing.
    private var aside = 0
    private var isInText = false
    private var paragraphs = 0
    private var value: [UInt8] = []
    private var text: [UInt8] = []
    private var filler: [(rows: ClosedRange<Int>, columns: ClosedRange<Int>, value: [UInt8])] = []
    /// Columns of the ranges that reach into the row; valid ones do not overlap, so there are no more than a row has.
    private var spanned = 0
    private var started: [(rows: ClosedRange<Int>, columns: ClosedRange<Int>, value: [UInt8])] = []

    init(sheet: Int?, width: Int, skipsHidden: Bool, writer: SheetWriter?) {
        wanted = sheet
        self.width = width
        self.skipsHidden = skipsHidden
        self.writer = writer
    }

    private var isWanted: Bool { depth == 1 && (wanted == nil || wanted == found.count - 1) }

    override func start(_ name: XMLName, _ attributes: XMLAttributes) throws {
        if name == "table" {
            depth += 1
            if depth == 1 {
                found.append((attributes.string("name") ?? "Sheet\(found.count + 1)", 0))
                rowNumber = 0
                filler = []
            }
            return
        }
        guard isWanted else { return }
        if isInCell { return startInside(name, attributes) }
        if name == "table-row" {
            row.removeAll()
            filler.removeAll { $0.rows.upperBound < rowNumber }
            started = []
            spanned = filler.reduce(0) { $0 + $1.columns.count }
            column = 0
            rowRepeats = max(1, min(attributes.integer("number-rows-repeated") ?? 1, Self.mostRows))
            let visibility = attributes.string("visibility")
            rowIsHidden = visibility == "collapse" || visibility == "filter"
        } else if name == "table-cell" || name == "covered-table-cell" {
            isInCell = true
            columnRepeats = max(1, min(attributes.integer("number-columns-repeated") ?? 1, CellReference.mostColumns))
            span = (
                max(1, min(attributes.integer("number-rows-spanned") ?? 1, Self.mostRows)),
                max(1, min(attributes.integer("number-columns-spanned") ?? 1, CellReference.mostColumns))
            )
            text.removeAll(keepingCapacity: true)
            value.removeAll(keepingCapacity: true)
            paragraphs = 0
            aside = 0
            typed(attributes)
        }
    }

    /// The value as the file states it, for types whose text depends on the language; text cells have none.
    private func typed(_ attributes: XMLAttributes) {
        guard let type = attributes["value-type"] else { return }
        let chosen: UnsafePointer<CChar>? =
            if strcmp(type, "date") == 0 {
                attributes["date-value"]
            } else if strcmp(type, "time") == 0 {
                attributes["time-value"]
            } else if strcmp(type, "boolean") == 0 {
                attributes["boolean-value"]
            } else if strcmp(type, "string") == 0 {
                attributes["string-value"]
            } else {
                attributes["value"]
            }
        guard let chosen else { return }
        value.append(contentsOf: UnsafeRawBufferPointer(start: chosen, count: strlen(chosen)))
        if strcmp(type, "time") == 0, let clock = Self.clock(value) { value = clock }
    }

    /// `PT08H30M00S` as `08:30:00`.
    private static func clock(_ duration: [UInt8]) -> [UInt8]? {
        guard duration.starts(with: Array("PT".utf8)) else { return nil }
        var parts: [UInt8: String] = [:]
        var digits = ""
        for b in duration.dropFirst(2) {
            if (b >= 0x30 && b <= 0x39) || b == UInt8(ascii: ".") {
                digits.append(Character(UnicodeScalar(b)))
            } else {
                parts[b] = digits
                digits = ""
            }
        }
        func two(_ unit: StaticString) -> String {
            let text = parts[unit.utf8Start.pointee] ?? "0"
            return text.prefix { $0 != "." }.count < 2 ? "0" + text : text
        }
        return Array("\(two("H")):\(two("M")):\(two("S"))".utf8)
    }

    private func startInside(_ name: XMLName, _ attributes: XMLAttributes) {
        if aside > 0 || name == "annotation" || name == "frame" || name == "custom-shape" {
            aside += 1
        } else if name == "p" || name == "h" {
            if paragraphs > 0 { text.append(0x0A) }
            paragraphs += 1
            isInText = true
        } else if isInText, name == "s" {
            let count = max(1, min(attributes.integer("c") ?? 1, 1 << 16))
            text.append(contentsOf: repeatElement(0x20, count: count))
        } else if isInText, name == "tab" {
            text.append(0x09)
        } else if isInText, name == "line-break" {
            text.append(0x0A)
        }
    }

    override func end(_ name: XMLName) throws {
        if name == "table" {
            depth -= 1
            return
        }
        guard isWanted else { return }
        if isInCell, aside > 0 {
            aside -= 1
        } else if name == "p" || name == "h" {
            isInText = false
        } else if name == "table-cell" || name == "covered-table-cell" {
            isInCell = false
            isInText = false
            endCell()
        } else if name == "table-row" {
            try endRow()
        }
    }

    override func text(_ bytes: UnsafeBufferPointer<UInt8>) {
        if isInText, aside == 0 { text.append(contentsOf: bytes) }
    }

    private func endCell() {
        let content = value.isEmpty ? text : value
        let first = column
        column += columnRepeats
        guard !content.isEmpty else { return }
        let last = min(first + columnRepeats, CellReference.mostColumns) - 1
        guard first <= last else { return }
        guard writer != nil else {
            found[found.count - 1].width = max(found[found.count - 1].width, last + 1)
            return
        }
        row.fill(first...last, width: width, content)
        if span.rows > 1 || span.columns > 1, spanned + span.columns <= CellReference.mostColumns {
            spanned += span.columns
            started.append((rowNumber...(rowNumber + span.rows - 1), first...(first + span.columns - 1), content))
        }
    }

    private func endRow() throws {
        defer { rowNumber += rowRepeats }
        guard let writer else { return }
        if rowIsHidden, skipsHidden { return }
        let own = row.filled
        if own > 0 {
            for range in filler + (own > 1 ? started : []) {
                row.fill(range.columns, width: width, range.value)
            }
        }
        filler += started
        if row.isEmpty { return try writer.write(row, width: width) }
        for _ in 0..<rowRepeats { try writer.write(row, width: width) }
    }
}
