internal import Domain
internal import Tabular

/// An Excel workbook of Office Open XML: sheets, styles and shared strings loaded; rows streamed.
///
/// - Source: ECMA-376-1, 18 SpreadsheetML.
final class XLSXWorkbook: Workbook {
    private let package: XLSXPackage
    private let limits: InputLimits?
    private let parts: [String]
    private let stylesPart: String?
    private let stringsPart: String?
    private let uses1904: Bool
    let sheets: [WorkbookSheet]

    init(_ archive: ZipArchive, limits: InputLimits?) throws {
        package = XLSXPackage(archive: archive)
        self.limits = limits
        let main = try package.relationships(of: "").first { $0.kind == "officeDocument" }?.target ?? "xl/workbook.xml"
        guard let entry = archive.entry(main) else {
            throw SanitizerError(.inputUnreadable, "\(archive.name): the workbook part \(main) is missing; get the file again")
        }
        let reader = WorkbookReader()
        try package.parse(entry, reader)
        let relations = try package.relationships(of: entry.name)
        let byID = Dictionary(relations.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        // Charts and dialogs are sheets without cells.
        let tables = reader.sheets.filter { byID[$0.relation].map { $0.kind == "worksheet" } ?? false }
        sheets = tables.map { WorkbookSheet(name: $0.name, isHidden: $0.isHidden) }
        parts = tables.compactMap { byID[$0.relation]?.target }
        stylesPart = relations.first { $0.kind == "styles" }?.target
        stringsPart = relations.first { $0.kind == "sharedStrings" }?.target
        uses1904 = reader.uses1904
    }

    func measure(_ sheet: Int) throws -> SheetLayout {
        let reader = XLSXSheetMeasure()
        try package.parse(try part(sheet), reader)
        return reader.layout
    }

    func write(_ sheet: Int, _ layout: SheetLayout, hiddenRows: HiddenRows, to writer: SheetWriter) throws {
        let styles = XLSXStyles()
        if let stylesPart, let entry = package.archive.entry(stylesPart) { try package.parse(entry, styles) }
        let strings = XLSXStrings(limit: InputLimits.sharedText.value(in: limits), name: package.archive.name)
        if let stringsPart, let entry = package.archive.entry(stringsPart) { try package.parse(entry, strings) }
        let reader = XLSXSheetReader(
            layout, strings: strings, kinds: styles.kinds, uses1904: uses1904, skipsHidden: hiddenRows == .skip, writer: writer)
        try package.parse(try part(sheet), reader)
    }

    private func part(_ sheet: Int) throws -> ZipArchive.Entry {
        guard let entry = package.archive.entry(parts[sheet]) else {
            throw SanitizerError(
                .inputUnreadable, "\(package.archive.name): the part \(parts[sheet]) of a sheet is missing; get the file again")
        }
        return entry
    }

    private final class WorkbookReader: XMLHandler {
        private static let most = 10_000
        var sheets: [(name: String, isHidden: Bool, relation: String)] = []
        var uses1904 = false

        override func start(_ name: XMLName, _ attributes: XMLAttributes) throws {
            if name == "workbookPr" {
                uses1904 = attributes.isSet("date1904")
            } else if name == "sheet", sheets.count < Self.most, let title = attributes.string("name"),
                let relation = attributes.string("id")
            {
                let state = attributes.string("state")
                sheets.append((title, state != nil && state != "visible", relation))
            }
        }
    }
}

/// Which styles of cells show a number as a date or a time.
final class XLSXStyles: XMLHandler {
    private static let most = 100_000
    private(set) var kinds: [NumberKind] = []
    private var codes: [Int: NumberKind] = [:]
    private var isInCells = false

    override func start(_ name: XMLName, _ attributes: XMLAttributes) throws {
        if name == "numFmt" {
            if let id = attributes.integer("numFmtId"), let code = attributes.string("formatCode"), codes.count < Self.most {
                codes[id] = NumberKind(code: code)
            }
        } else if name == "cellXfs" {
            isInCells = true
        } else if isInCells, name == "xf", kinds.count < Self.most {
            let id = attributes.integer("numFmtId") ?? 0
            kinds.append(codes[id] ?? NumberKind(builtIn: id))
        }
    }
    override func end(_ name: XMLName) throws {
        if name == "cellXfs" { isInCells = false }
    }
}

/// The texts that cells share, in one piece of memory.
final class XLSXStrings: XMLHandler {
    private let limit: Int
    private let name: String
    private var arena: [UInt8] = []
    private var ends: [Int] = []
    private var isInText = false
    private var isPhonetic = false

    init(limit: Int, name: String) {
        self.limit = limit
        self.name = name
    }

    func text(_ index: Int) -> ArraySlice<UInt8>? {
        guard ends.indices.contains(index) else { return nil }
        return arena[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    override func start(_ name: XMLName, _ attributes: XMLAttributes) throws {
        // How a word is pronounced stands beside it and is no part of it.
        if name == "rPh" { isPhonetic = true }
        if name == "t", !isPhonetic { isInText = true }
    }
    override func end(_ name: XMLName) throws {
        if name == "t" {
            isInText = false
        } else if name == "rPh" {
            isPhonetic = false
        } else if name == "si" {
            XLSXText.unescape(&arena, from: ends.last ?? 0)
            ends.append(arena.count)
            guard arena.count + ends.count * MemoryLayout<Int>.size <= limit else {
                throw SanitizerError(
                    .limitExceeded,
                    "\(self.name): the shared texts take more than \(limit >> 20) MiB; raise the limit shared_text_bytes")
            }
        }
    }
    override func text(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard isInText, arena.count <= limit else { return }
        arena.append(contentsOf: bytes)
    }
}

/// `_x000D_` in the texts of Office Open XML stands for a character that XML cannot hold.
enum XLSXText {
    /// Unescapes the end of `bytes` in place.
    static func unescape(_ bytes: inout [UInt8], from start: Int) {
        guard bytes.count - start >= 7, bytes[start...].contains(UInt8(ascii: "_")) else { return }
        var out: [UInt8] = []
        var i = start
        while i < bytes.count {
            if bytes[i] == UInt8(ascii: "_"), let scalar = escaped(bytes, i) {
                out += Array(String(scalar).utf8)
                i += 7
            } else {
                out.append(bytes[i])
                i += 1
            }
        }
        bytes.replaceSubrange(start..., with: out)
    }

    /// The character of `_xHHHH_` at `i`; nil for other text, surrogates and zero.
    private static func escaped(_ bytes: [UInt8], _ i: Int) -> Character? {
        guard i + 6 < bytes.count, bytes[i + 1] == UInt8(ascii: "x"), bytes[i + 6] == UInt8(ascii: "_"),
            let code = UInt32(String(decoding: bytes[(i + 2)..<(i + 6)], as: UTF8.self), radix: 16), code != 0,
            let scalar = Unicode.Scalar(code)
        else { return nil }
        return Character(scalar)
    }
}
