internal import CArrowShim
internal import Domain
internal import Synchronization
internal import Tabular

/// An open Parquet file: its columns (structs flattened to dotted names) and row groups.
///
/// `@unchecked`: the handle holds the footer, which is never changed after `init`; the source is Sendable.
final class ParquetTable: @unchecked Sendable {
    let columns: [Column]
    /// Rows per row group, as the footer says.
    let groupRows: [Int64]
    /// Uncompressed bytes per row group, as the footer says.
    let groupBytes: [Int64]
    private let handle: OpaquePointer
    let bridge: SourceBridge

    struct Column: Sendable, Equatable {
        var name: String
        /// Nil: the values decide.
        var type: ColumnType?
    }

    /// Reads the footer.
    /// - Throws: `inputUnreadable` when the file is malformed, and what the source throws.
    ///
    /// - Parameter limits: of the footer, and of what decoding one batch may hold at once: a dictionary can stand for far more text
    ///   than the file has bytes. Nil: a file of our own, which may hold anything.
    init(_ source: any ByteSource, limits: InputLimits? = nil, isOwn: Bool = true) throws {
        if !isOwn { try Self.checkFooter(source, most: InputLimits.footer.value(in: limits)) }
        let memoryLimit = isOwn ? Int64(2) << 30 : Int64(InputLimits.decoded.value(in: limits))
        let bridge = SourceBridge(source)
        self.bridge = bridge
        var callbacks = sarrow_source(context: bridge.context, size: source.size, read: SourceBridge.read)
        var opened: OpaquePointer?
        try bridge.check { sarrow_parquet_open(&callbacks, memoryLimit, &opened, $0) }
        guard let handle = opened else { throw SanitizerError(.internal, "parquet reader gave no handle") }
        self.handle = handle
        columns = (0..<sarrow_parquet_columns(handle)).map { c in
            var length = 0
            let name = sarrow_parquet_name(handle, c, &length)
            let bytes = UnsafeRawBufferPointer(start: name, count: length)
            return Column(name: String(decoding: bytes, as: UTF8.self), type: Self.type(sarrow_parquet_declared(handle, c)))
        }
        let groups = 0..<sarrow_parquet_row_groups(handle)
        groupRows = groups.map { sarrow_parquet_group_rows(handle, $0) }
        groupBytes = groups.map { sarrow_parquet_group_bytes(handle, $0) }
        let limit: Int64 = 1 << 48
        guard groupRows.allSatisfy({ $0 <= limit }), groupRows.count < 1 << 14 || groupRows.reduce(0, &+) <= limit else {
            throw SanitizerError(.inputUnreadable, "parquet: the footer announces more rows than any file can hold")
        }
    }
    deinit { sarrow_parquet_free(handle) }

    /// The footer's length stands before the magic at the end.
    private static func checkFooter(_ source: any ByteSource, most: Int) throws {
        let tail = try source.read(at: max(0, source.size - 8), count: 8)
        guard tail.count == 8, tail[4...].elementsEqual("PAR1".utf8) else { return }
        let length = (0..<4).reduce(0) { $0 | Int(tail[$1]) << (8 * $1) }
        guard Int64(length) <= source.size else { return }
        guard length <= most else {
            throw SanitizerError(
                .limitExceeded, "parquet: a footer of \(length) bytes, above the limit of \(most); raise the limit footer_bytes")
        }
    }

    /// Opens a row group at its first row; the cursor keeps the table alive.
    func cursor(group: Int, batchRows: Int) throws -> ParquetCursor {
        var opened: OpaquePointer?
        try bridge.check { sarrow_cursor_open(handle, Int32(group), Int64(batchRows), &opened, $0) }
        guard let opened else { throw SanitizerError(.internal, "parquet reader gave no cursor") }
        return ParquetCursor(opened, table: self, group: group)
    }

    private static func type(_ declared: Int32) -> ColumnType? {
        switch Int(declared) {
        case SARROW_DECLARED_INTEGER: .integer
        case SARROW_DECLARED_DECIMAL: .decimal
        case SARROW_DECLARED_BOOLEAN: .boolean
        case SARROW_DECLARED_DATE: .date
        case SARROW_DECLARED_TIMESTAMP: .timestamp
        case SARROW_DECLARED_TEXT: .text
        default: nil
        }
    }
}

/// Lets Arrow read a ``Tabular/ByteSource``, and brings the source's own error back.
final class SourceBridge: Sendable {
    private let source: any ByteSource
    private let failure = Mutex<(any Error)?>(nil)

    init(_ source: any ByteSource) { self.source = source }

    /// Valid as long as this object.
    var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    static let read: @convention(c) (UnsafeMutableRawPointer?, Int64, UnsafeMutableRawPointer?, Int64) -> Int64 = {
        context, offset, buffer, n in
        guard let context, let buffer else { return -1 }
        let bridge = Unmanaged<SourceBridge>.fromOpaque(context).takeUnretainedValue()
        do {
            return Int64(try bridge.source.read(at: offset, into: UnsafeMutableRawBufferPointer(start: buffer, count: Int(n))))
        } catch {
            bridge.failure.withLock { $0 = error }
            return -1
        }
    }

    /// Runs a call of the shim and turns its status into an error.
    func check(_ call: (UnsafeMutablePointer<sarrow_status>) -> Int32) throws {
        var status = sarrow_status()
        guard call(&status) != SARROW_OK else { return }
        defer { sarrow_status_clear(&status) }
        if let own = failure.withLock({ failure in
            defer { failure = nil }
            return failure
        }) {
            throw own
        }
        let text = status.message.map { String(cString: $0) } ?? "unknown failure"
        let line = text.split(separator: "\n").first.map(String.init) ?? text
        switch Int(status.code) {
        case SARROW_OUT_OF_MEMORY:
            throw SanitizerError(
                .limitExceeded, "parquet: the rows need more memory than allowed (\(line)); raise the limit decoded_bytes")
        case SARROW_UNSUPPORTED: throw SanitizerError(.formatUnsupported, "parquet: \(line)")
        default: throw SanitizerError(.inputUnreadable, "parquet: \(line)")
        }
    }
}
