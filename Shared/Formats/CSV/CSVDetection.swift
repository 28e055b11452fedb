internal import CScan
internal import Domain
internal import Tabular

/// Finds dialect, table and columns of a delimited text from its first bytes.
enum CSVDetection {
    /// - Throws: `recipeInvalid` when the options contradict each other.
    static func detect(_ head: InputHead) throws -> Detection {
        let sample = Sample(head)
        let choice = try DialectSniffer(text: sample.text, isPart: !head.isWhole, options: head.options).choose()
        let structure = TableStructure(sample.text, isPart: !head.isWhole, choice, options: head.options)
        var dialect = choice.dialect
        dialect.recordLimit = head.options.limits?.recordBytes
        dialect.hasHeader = structure.header != nil
        dialect.textOffset = Int64(head.mark)
        let mark = Int64(head.mark)
        dialect.headerOffset = mark + sample.original(structure.start)
        dialect.headerLine = structure.startLine
        dialect.bodyOffset = mark + sample.original(structure.body)
        dialect.bodyLine = structure.bodyLine
        dialect.bodyEnd = structure.end.map { mark + sample.original($0) }

        // The regular width may be that of the other table, where one follows.
        let least = structure.end == nil ? dialect.width : min(dialect.width, max(structure.widest, 1))
        let width = dialect.isRigid ? max(dialect.width, structure.header?.count ?? 0) : max(least, structure.widest)
        let cells = (structure.header ?? []).map { $0.withUnsafeBufferPointer(Windows1252.string) }
        var encoding = head.encoding
        if head.options.encoding == nil, encoding == .utf8, sample.isMostlyLegacy(choice.rows) { encoding = .windows1252 }
        let most = head.options.limit(InputLimits.columnCount)
        guard max(width, cells.count) <= most else {
            throw SanitizerError(
                .limitExceeded,
                "\(head.name): \(max(width, cells.count)) columns, above the limit of \(most); give the delimiter if it is none, "
                    + "or raise the limit columns")
        }
        var detection = Detection(
            format: .csv, compression: head.compression, encoding: encoding.rawValue, csv: dialect,
            columns: columnNames(cells, width: width), confidence: min(1, choice.score),
            notes: notes(dialect, structure, encoding, sample), needsStaging: head.needsStaging)
        if structure.header != nil { detection.header = cells }
        detection.evidence = CSVEvidence.list(head, choice, dialect, structure, encoding)
        return detection
    }

    /// Unique, non-empty names: originals where they are unique, then `name_2`; `column_3` for empty ones.
    static func columnNames(_ names: [String], width: Int) -> [String] {
        var taken = Set(names)
        var used: Set<String> = []
        return (0..<max(width, names.count, 1)).map { i in
            let name = i < names.count ? names[i] : ""
            let isBlank = name.allSatisfy(\.isWhitespace)
            if !isBlank, used.insert(name).inserted { return name }
            let stem = isBlank ? "column" : name
            var number = isBlank ? i + 1 : 2
            while taken.contains("\(stem)_\(number)") { number += 1 }
            taken.insert("\(stem)_\(number)")
            used.insert("\(stem)_\(number)")
            return "\(stem)_\(number)"
        }
    }

    private static func notes(
        _ dialect: CSVDialect, _ structure: TableStructure, _ encoding: TextEncoding, _ sample: Sample
    ) -> [String] {
        var notes: [String] = []
        if structure.skippedRows > 0 { notes.append("\(structure.skippedRows) lines above the table are not part of it") }
        if structure.headerRows > 1 { notes.append("\(structure.headerRows) header lines were joined into one") }
        if !dialect.hasHeader { notes.append("no header line: columns are numbered") }
        if structure.end != nil { notes.append("another table follows the first one and is left out") }
        if structure.repeatedHeaders > 0 { notes.append("the header line is repeated between the records and skipped there") }
        if !dialect.isRigid { notes.append("records differ in width and are kept as read") }
        if encoding == .windows1252 { notes.append("cells that are not valid utf-8 are read as windows-1252") }
        if sample.zeros > 0 { notes.append("zero bytes are removed") }
        return notes
    }

    /// The head without zero bytes, cut at the last line end when the input goes on.
    private final class Sample {
        private let memory: HeapBytes
        let text: UnsafeBufferPointer<UInt8>
        /// Places in `text` before which a zero byte was removed, ascending.
        private var removed: [Int] = []
        var zeros: Int { removed.count }

        init(_ head: InputHead) {
            memory = HeapBytes(capacity: head.bytes.count)
            var n = 0
            for b in head.bytes {
                if b == 0 {
                    removed.append(n)
                } else {
                    memory.pointer[n] = b
                    n += 1
                }
            }
            if !head.isWhole {
                var cut = n
                while cut > 0, memory.pointer[cut - 1] != 0x0A, memory.pointer[cut - 1] != 0x0D { cut -= 1 }
                if cut > 0 { n = cut }
            }
            text = UnsafeBufferPointer(start: memory.pointer, count: n)
        }

        /// The offset in the input of a place in `text`.
        func original(_ place: Int) -> Int64 {
            var low = 0
            var high = removed.count
            while low < high {
                let middle = (low + high) / 2
                if removed[middle] <= place { low = middle + 1 } else { high = middle }
            }
            return Int64(place + low)
        }

        /// More of the cells with non-ASCII bytes are invalid UTF-8 than valid.
        func isMostlyLegacy(_ rows: SampleRows?) -> Bool {
            guard let rows else { return false }
            var balance = 0
            for row in rows.rows.indices {
                for cell in rows.cells(row) where cell.contains(where: { $0 >= 0x80 }) {
                    guard let start = cell.baseAddress else { continue }
                    balance += cscan_utf8_valid(start, cell.count) == 0 ? 1 : -1
                }
            }
            return balance > 0
        }
    }
}
