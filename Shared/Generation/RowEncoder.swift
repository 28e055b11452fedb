import Tabular

/// Renders made-up rows as the text of one format.
protocol RowEncoder {
    /// Appends the row that `maker` holds.
    func append(row: Int, maker: RowMaker, to out: ByteArena)
}

struct CSVRowEncoder: RowEncoder {
    static func header(_ columns: [ColumnSpec]) -> String { columns.map(\.name).joined(separator: ",") + "\n" }

    func append(row: Int, maker: RowMaker, to out: ByteArena) {
        let buffer = maker.buffer
        // Twice the slots, for quotes.
        let start = out.reserve(2 &* buffer.columns &* RowBuffer.slot)
        var at = start
        for column in 0..<buffer.columns {
            if column > 0 {
                at.pointee = 0x2C
                at += 1
            }
            at += CSVText.write(buffer.cell(column), to: at)
        }
        at.pointee = 0x0A
        out.commit(at + 1 - start)
    }
}

/// RFC 4180 cells.
enum CSVText {
    /// Writes a cell of a ``RowBuffer``, quoted where needed, and returns its length. There must be room for twice the cell and
    /// 10 bytes; up to 7 bytes behind the cell are read, and written as rubbish.
    @inline(__always)
    static func write(_ cell: UnsafeBufferPointer<UInt8>, to out: UnsafeMutablePointer<UInt8>) -> Int {
        guard let base = cell.baseAddress else { return 0 }
        var done = 0
        var special: UInt64 = 0
        while done < cell.count {
            var word = UnsafeRawPointer(base + done).loadUnaligned(as: UInt64.self)
            UnsafeMutableRawPointer(out + done).storeBytes(of: word, as: UInt64.self)
            let rest = cell.count &- done
            if rest < 8 { word &= (1 << UInt64(rest &* 8)) &- 1 }
            special |= matches(word, 0x2C) | matches(word, 0x22) | matches(word, 0x0A) | matches(word, 0x0D)
            done &+= 8
        }
        return special != 0 ? quote(cell, to: out) : cell.count
    }
    /// Not zero when one of the eight bytes is `byte`.
    ///
    /// - Source: https://graphics.stanford.edu/~seander/bithacks.html#ValueInWord
    @inline(__always)
    private static func matches(_ word: UInt64, _ byte: UInt64) -> UInt64 {
        let difference = word ^ (byte &* 0x0101_0101_0101_0101)
        return (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
    }
    @inline(never)
    private static func quote(_ cell: UnsafeBufferPointer<UInt8>, to out: UnsafeMutablePointer<UInt8>) -> Int {
        out[0] = 0x22
        var n = 1
        for b in cell {
            if b == 0x22 {
                out[n] = b
                n += 1
            }
            out[n] = b
            n += 1
        }
        out[n] = 0x22
        return n + 1
    }
}

/// JSON Lines with a drifting schema: keys that are missing, a key that only some records have, numbers that are sometimes text.
struct JSONLinesRowEncoder: RowEncoder {
    private let keys: [[UInt8]]
    private let isNumeric: [Bool]
    private let seed: UInt64

    init(columns: [ColumnSpec], seed: UInt64) {
        keys = columns.map { Array("\"\($0.name)\":".utf8) }
        isNumeric = columns.map(\.role.isNumeric)
        self.seed = seed
    }

    func append(row: Int, maker: RowMaker, to out: ByteArena) {
        var random = RowRandom(seed: seed, row: row, .drift)
        let buffer = maker.buffer
        var separator: StaticString = "{"
        for column in 0..<buffer.columns {
            let cell = buffer.cell(column)
            if cell.isEmpty {
                let style = random.below(3)
                if style == 0 { continue }
                begin(column, &separator, out)
                put(style == 1 ? "null" : "\"\"", out)
                continue
            }
            begin(column, &separator, out)
            if isNumeric[column], Self.isPlainNumber(cell), !random.chance(2) {
                out.append(cell)
            } else {
                Self.quote(cell, out)
            }
        }
        // A field that came with a later version of the producer.
        if random.chance(row < 25_000 ? 2 : 40) {
            put(separator, out)
            put("\"schema_version\":2", out)
        }
        put("}\n", out)
    }

    private func begin(_ column: Int, _ separator: inout StaticString, _ out: ByteArena) {
        put(separator, out)
        separator = ","
        keys[column].withUnsafeBufferPointer { _ = out.append($0) }
    }
    private func put(_ text: StaticString, _ out: ByteArena) {
        out.append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
    /// `-?[0-9]+(\.[0-9]+)?`, without leading zeros: the numbers that the models write.
    private static func isPlainNumber(_ cell: UnsafeBufferPointer<UInt8>) -> Bool {
        var i = cell[0] == 0x2D ? 1 : 0
        let first = i
        while i < cell.count, cell[i] &- 0x30 < 10 { i += 1 }
        guard i > first, cell[first] != 0x30 || i == first + 1 else { return false }
        if i == cell.count { return true }
        guard cell[i] == 0x2E, i + 1 < cell.count else { return false }
        return cell[(i + 1)...].allSatisfy { $0 &- 0x30 < 10 }
    }
    private static let hexDigits = Array("0123456789abcdef".utf8)
    private static func quote(_ cell: UnsafeBufferPointer<UInt8>, _ out: ByteArena) {
        let start = out.reserve(cell.count * 6 + 2)
        start[0] = 0x22
        var n = 1
        for b in cell {
            if b < 0x20 {
                for (k, escaped) in [0x5C, 0x75, 0x30, 0x30, hexDigits[Int(b >> 4)], hexDigits[Int(b & 15)]].enumerated() {
                    start[n + k] = escaped
                }
                n += 6
                continue
            }
            if b == 0x22 || b == 0x5C {
                start[n] = 0x5C
                n += 1
            }
            start[n] = b
            n += 1
        }
        start[n] = 0x22
        out.commit(n + 1)
    }
}
