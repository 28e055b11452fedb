internal import CXlsxWriter
internal import Domain
public import Tabular

/// Writes one table as an .xlsx file, row by row, through libxlsxwriter; the same rows give the same bytes. Not thread-safe.
///
/// Numbers, booleans and dates of typed columns are such cells; everything else is text, never a formula.
public final class WorkbookWriter {
    /// Rows below the header line, and columns, that a worksheet can hold.
    public static let mostRows = 1_048_575
    public static let mostColumns = 16_384
    /// 1980-01-01, so that files do not differ by the clock.
    private static let created = 315_532_800

    private let schema: TableSchema
    private let workbook: UnsafeMutablePointer<lxw_workbook>
    private let sheet: UnsafeMutablePointer<lxw_worksheet>
    private let dateFormat: UnsafeMutablePointer<lxw_format>?
    private let timeFormat: UnsafeMutablePointer<lxw_format>?
    private var row: UInt32 = 1
    private var isOpen = true

    /// - Parameter path: of a file that is written when the writer is closed.
    /// - Throws: `limitExceeded` for more columns than a worksheet has.
    public init(path: String, schema: TableSchema) throws {
        guard schema.columns.count <= Self.mostColumns else {
            throw SanitizerError(
                .limitExceeded, "\(schema.columns.count) columns, a worksheet has \(Self.mostColumns); write parquet or csv")
        }
        self.schema = schema
        var options = lxw_workbook_options()
        options.constant_memory = 1
        guard let workbook = path.withCString({ workbook_new_opt($0, &options) }),
            let sheet = workbook_add_worksheet(workbook, nil)
        else { throw SanitizerError(.outputUnwritable, "\(path): cannot start the workbook") }
        self.workbook = workbook
        self.sheet = sheet
        var properties = lxw_doc_properties()
        properties.created = Self.created
        workbook_set_properties(workbook, &properties)
        dateFormat = workbook_add_format(workbook)
        format_set_num_format(dateFormat, "yyyy-mm-dd")
        timeFormat = workbook_add_format(workbook)
        format_set_num_format(timeFormat, "yyyy-mm-dd hh:mm:ss")
        for (c, column) in schema.columns.enumerated() { try text(column.name, row: 0, column: c) }
    }
    deinit { if isOpen { lxw_workbook_free(workbook) } }

    /// Adds the rows of a batch; its columns are those of the schema.
    /// - Throws: `limitExceeded` for what does not fit into a worksheet.
    public func append(_ batch: TextBatch) throws {
        for r in 0..<batch.rows {
            guard row <= UInt32(Self.mostRows) else {
                throw SanitizerError(
                    .limitExceeded, "more than \(Self.mostRows) rows do not fit into a worksheet; write parquet or csv")
            }
            for c in 0..<schema.columns.count {
                guard let value = batch.string(r, c), !value.isEmpty else { continue }
                try write(value, schema.columns[c].type, c)
            }
            row += 1
        }
    }

    /// Writes the file.
    public func close() throws {
        isOpen = false
        let status = workbook_close(workbook)
        guard status == LXW_NO_ERROR else {
            throw SanitizerError(.outputUnwritable, "cannot write the workbook: \(String(cString: lxw_strerror(status)))")
        }
    }

    private func write(_ value: String, _ type: ColumnType, _ column: Int) throws {
        let c = UInt16(column)
        switch type {
        case .integer:
            // Beyond 2^53 a cell would lose digits.
            guard let number = Int64(value), number.magnitude <= 1 << 53 else { return try text(value, row: row, column: column) }
            worksheet_write_number(sheet, row, c, Double(number), nil)
        case .decimal:
            guard let number = Double(value), number.isFinite else { return try text(value, row: row, column: column) }
            worksheet_write_number(sheet, row, c, number, nil)
        case .boolean where value == "true" || value == "false":
            worksheet_write_boolean(sheet, row, c, value == "true" ? 1 : 0, nil)
        case .date, .timestamp:
            guard var moment = Self.moment(value) else { return try text(value, row: row, column: column) }
            worksheet_write_datetime(sheet, row, c, &moment, type == .date ? dateFormat : timeFormat)
        case .boolean, .text: try text(value, row: row, column: column)
        }
    }

    private func text(_ value: String, row: UInt32, column: Int) throws {
        let status = worksheet_write_string(sheet, row, UInt16(column), value, nil)
        guard status == LXW_NO_ERROR else {
            throw SanitizerError(
                .limitExceeded,
                "row \(row), column \(schema.columns[column].name): \(String(cString: lxw_strerror(status))); write parquet or csv"
            )
        }
    }

    /// ISO 8601 without an offset, from 1900 on; other times stay text.
    private static func moment(_ text: String) -> lxw_datetime? {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int32? {
            guard range.upperBound <= bytes.count, bytes[range].allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
            return bytes[range].reduce(0) { $0 * 10 + Int32($1) - 0x30 }
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), (1900...9999).contains(year) else {
            return nil
        }
        var moment = lxw_datetime()
        (moment.year, moment.month, moment.day) = (year, month, day)
        if bytes.count == 10 { return moment }
        guard bytes.count >= 19, let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19) else {
            return nil
        }
        let rest = String(decoding: bytes[19...], as: UTF8.self)
        guard rest.isEmpty || (rest.hasPrefix(".") && rest.utf8.dropFirst().allSatisfy { $0 >= 0x30 && $0 <= 0x39 }) else {
            return nil
        }
        (moment.hour, moment.min) = (hour, minute)
        moment.sec = Double(second) + (Double("0" + rest) ?? 0)
        return moment
    }
}
