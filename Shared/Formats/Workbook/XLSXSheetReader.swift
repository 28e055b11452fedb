internal import Domain
internal import Glibc
internal import Tabular

/// First pass over a worksheet: its width and its merged ranges.
final class XLSXSheetMeasure: XMLHandler {
    private static let mostRanges = 100_000
    private(set) var layout = SheetLayout()
    private var column = -1
    private var isInCell = false

    override func start(_ name: XMLName, _ attributes: XMLAttributes) throws {
        if name == "c" {
            column += 1
            isInCell = true
            if var p = attributes["r"], let reference = CellReference(&p) { column = reference.column }
        } else if isInCell, name == "v" || name == "t" {
            layout.width = max(layout.width, column + 1)
        } else if name == "row" {
            column = -1
        } else if name == "mergeCell", layout.merged.count < Self.mostRanges, let text = attributes["ref"],
            let range = MergedRange(text), range.columns.upperBound < CellReference.mostColumns
        {
            layout.merged.append(range)
        }
    }
    override func end(_ name: XMLName) throws {
        if name == "c" {
            isInCell = false
        } else if name == "worksheet" {
            layout.merged.sort { ($0.rows.lowerBound, $0.columns.lowerBound) < ($1.rows.lowerBound, $1.columns.lowerBound) }
            layout.width = min(max(layout.width, 1), CellReference.mostColumns)
        }
    }
}

/// Second pass over a worksheet: its rows, cell by cell, with cached values of formulas.
final class XLSXSheetReader: XMLHandler {
    private enum CellType { case number, shared, inline, text, boolean, error, isoDate }

    private let width: Int
    private let strings: XLSXStrings
    private let kinds: [NumberKind]
    private let uses1904: Bool
    private let skipsHidden: Bool
    private let writer: SheetWriter
    private var filler: MergeFiller

    private let row = SheetRow()
    private var rowNumber = -1
    private var isHidden = false
    private var column = -1
    private var type = CellType.number
    private var style = 0
    private var isInCell = false
    private var isInValue = false
    private var isInInline = false
    private var isPhonetic = false
    private var value: [UInt8] = []

    init(
        _ layout: SheetLayout, strings: XLSXStrings, kinds: [NumberKind], uses1904: Bool, skipsHidden: Bool, writer: SheetWriter
    ) {
        width = layout.width
        self.strings = strings
        self.kinds = kinds
        self.uses1904 = uses1904
        self.skipsHidden = skipsHidden
        self.writer = writer
        filler = MergeFiller(layout.merged, width: layout.width)
    }

    override func start(_ name: XMLName, _ attributes: XMLAttributes) throws {
        if name == "c" {
            column += 1
            if var p = attributes["r"], let reference = CellReference(&p) { column = reference.column }
            type = Self.type(attributes["t"])
            style = attributes["s"].map { Int(strtol($0, nil, 10)) } ?? 0
            value.removeAll(keepingCapacity: true)
            isInCell = true
        } else if !isInCell {
            if name == "row" {
                row.removeAll()
                column = -1
                let number = attributes["r"].map { Int(strtol($0, nil, 10)) - 1 } ?? rowNumber + 1
                // A gap stays a gap, however wide.
                if number > rowNumber + 1 { try writer.write(row, width: width) }
                rowNumber = max(number, 0)
                isHidden = attributes.isSet("hidden")
            }
        } else if name == "v" {
            isInValue = true
        } else if name == "is" {
            isInInline = true
        } else if name == "rPh" {
            isPhonetic = true
        } else if name == "t", isInInline, !isPhonetic {
            isInValue = true
        }
    }

    override func end(_ name: XMLName) throws {
        if name == "v" || name == "t" {
            isInValue = false
        } else if name == "rPh" {
            isPhonetic = false
        } else if name == "is" {
            isInInline = false
        } else if name == "c" {
            isInCell = false
            isInInline = false
            isPhonetic = false
            if column >= 0, column < width, !value.isEmpty { take() }
        } else if name == "row", !isInCell {
            if isHidden, skipsHidden { return }
            filler.fill(row, number: rowNumber)
            try writer.write(row, width: width)
        }
    }

    override func text(_ bytes: UnsafeBufferPointer<UInt8>) {
        if isInValue { value.append(contentsOf: bytes) }
    }

    private static func type(_ text: UnsafePointer<CChar>?) -> CellType {
        guard let text else { return .number }
        if strcmp(text, "s") == 0 { return .shared }
        if strcmp(text, "inlineStr") == 0 { return .inline }
        if strcmp(text, "str") == 0 { return .text }
        if strcmp(text, "b") == 0 { return .boolean }
        if strcmp(text, "e") == 0 { return .error }
        if strcmp(text, "d") == 0 { return .isoDate }
        return .number
    }

    /// Puts the value of the cell that ends into the row.
    private func take() {
        switch type {
        case .shared:
            let index = Int(String(decoding: value, as: UTF8.self).trimmingSpaces) ?? -1
            if let text = strings.text(index) { row.set(column, text) }
        case .inline, .text:
            XLSXText.unescape(&value, from: 0)
            row.set(column, value)
        case .error, .isoDate: row.set(column, value)
        case .boolean: row.set(column, Array((value.first == UInt8(ascii: "0") ? "false" : "true").utf8))
        case .number: number()
        }
    }

    private func number() {
        if style > 0, style < kinds.count, kinds[style] != .plain, let number = Double(String(decoding: value, as: UTF8.self)),
            let text = SpreadsheetNumber.text(number, kinds[style], uses1904: uses1904)
        {
            row.set(column, text.utf8)
        } else if let text = value.withUnsafeBufferPointer(SpreadsheetNumber.shortened) {
            row.set(column, text.utf8)
        } else {
            row.set(column, value)
        }
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        var text = Substring(self)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
