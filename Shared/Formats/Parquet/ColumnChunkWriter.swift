internal import CScan
internal import CZstd
internal import Domain

/// The values of one column of a part, ready for encoding.
struct ColumnChunkInput {
    /// Plain values: all present ones, or the distinct ones of a dictionary.
    enum Values {
        case texts(UnsafeBufferPointer<cscan_text>)
        /// 4 or 8 bytes each, little endian.
        case fixed(UnsafeRawBufferPointer, width: Int)
        /// One byte each, 0 or 1.
        case booleans(UnsafeBufferPointer<UInt8>)

        var count: Int {
            switch self {
            case .texts(let v): v.count
            case .fixed(let v, let width): v.count / width
            case .booleans(let v): v.count
            }
        }
    }
    var name: String
    var physical: ParquetFile.Physical
    var rows: Int
    /// Number of rows with a value.
    var present: Int
    /// Bit per row; nil when every row has a value.
    var validity: UnsafePointer<UInt8>?
    var values: Values
    /// Index into `values` per present row; nil when `values` are in row order.
    var indices: UnsafeBufferPointer<UInt32>?
}

/// Encodes column chunks: dictionary page, data pages (version 1), zstd, statistics. One per part; not thread-safe.
final class ColumnChunkWriter {
    /// Data pages are cut near this size, so that readers need little memory.
    private static let pageBytes = 1 << 20
    private static let level: Int32 = 1

    private(set) var file: [UInt8]
    private let context: OpaquePointer
    private var scratch: [UInt8] = []
    private var page: [UInt8] = []

    /// - Parameter capacity: expected size of the file in bytes.
    init(capacity: Int) throws {
        guard let context = ZSTD_createCCtx() else {
            throw SanitizerError(.internal, "out of memory for compression", isRetryable: true)
        }
        self.context = context
        file = []
        file.reserveCapacity(capacity)
        file.append(contentsOf: ParquetFile.magic)
    }
    deinit { ZSTD_freeCCtx(context) }

    func append(_ bytes: [UInt8]) { file.append(contentsOf: bytes) }

    /// Appends the chunk's pages to the file.
    /// - Returns: its ColumnChunk struct and the sizes for the row group.
    func write(_ input: ColumnChunkInput) throws -> (metadata: [UInt8], raw: Int64, compressed: Int64) {
        let start = file.count
        var raw = 0
        var dictionaryAt: Int?
        if input.indices != nil {
            dictionaryAt = file.count
            page.removeAll(keepingCapacity: true)
            plain(input.values, 0..<input.values.count)
            let count = input.values.count
            raw += try emit { sizes in
                ThriftWriter.encode { w in
                    w.i32(1, 2)
                    w.i32(2, sizes.raw)
                    w.i32(3, sizes.compressed)
                    w.structure(7) { w in
                        w.i32(1, count)
                        w.i32(2, ParquetFile.Encoding.plain)
                    }
                }
            }
        }
        let dataAt = file.count
        let encoding = input.indices == nil ? ParquetFile.Encoding.plain : ParquetFile.Encoding.dictionary
        var row = 0
        var value = 0
        let step = rowsPerPage(input)
        repeat {
            let rows = row..<min(row + step, input.rows)
            let present = input.validity.map { cscan_count_bits($0, rows.lowerBound, rows.upperBound) } ?? rows.count
            page.removeAll(keepingCapacity: true)
            levels(input, rows)
            if let indices = input.indices {
                pack(UnsafeBufferPointer(rebasing: indices[value..<value + present]), distinct: input.values.count)
            } else {
                plain(input.values, value..<value + present)
            }
            raw += try emit { sizes in
                ThriftWriter.encode { w in
                    w.i32(1, 0)
                    w.i32(2, sizes.raw)
                    w.i32(3, sizes.compressed)
                    w.structure(5) { w in
                        w.i32(1, rows.count)
                        w.i32(2, encoding)
                        w.i32(3, ParquetFile.Encoding.rle)
                        w.i32(4, ParquetFile.Encoding.rle)
                    }
                }
            }
            row = rows.upperBound
            value += present
        } while row < input.rows
        let compressed = file.count - start
        let statistics = ColumnStatistics(input)
        let metadata = ThriftWriter.encode { w in
            w.i64(2, 0)
            w.structure(3) { w in
                w.i32(1, input.physical.rawValue)
                let encodings =
                    input.indices == nil
                    ? [ParquetFile.Encoding.plain, ParquetFile.Encoding.rle]
                    : [ParquetFile.Encoding.plain, ParquetFile.Encoding.rle, ParquetFile.Encoding.dictionary]
                w.list(2, .i32, count: encodings.count)
                for e in encodings { w.zigzag(Int64(e)) }
                w.list(3, .binary, count: 1)
                w.element(input.name.utf8)
                w.i32(4, ParquetFile.Codec.zstd.rawValue)
                w.i64(5, Int64(input.rows))
                w.i64(6, Int64(raw))
                w.i64(7, Int64(compressed))
                w.i64(9, Int64(dataAt))
                if let dictionaryAt { w.i64(11, Int64(dictionaryAt)) }
                w.structure(12) { statistics.write(to: &$0) }
            }
        }
        return (metadata, Int64(raw), Int64(compressed))
    }

    private func rowsPerPage(_ input: ColumnChunkInput) -> Int {
        guard input.indices == nil, input.present > 0 else { return max(input.rows, 1) }
        let bytes =
            switch input.values {
            case .texts(let v): cscan_plain_text_bytes(v.baseAddress, v.count)
            case .fixed(let v, _): v.count
            case .booleans: 0
            }
        if bytes <= Self.pageBytes { return input.rows }
        // A multiple of 8, so that the validity bits of every page begin at a byte.
        let pages = (bytes + Self.pageBytes - 1) / Self.pageBytes
        return max((input.rows / pages) & ~7, 8)
    }

    /// Definition levels: 4 bytes of length, then runs of bit width 1. The validity bits are such a run as they are.
    private func levels(_ input: ColumnChunkInput, _ rows: Range<Int>) {
        var runs: [UInt8] = []
        func varint(_ v: Int) {
            var v = UInt64(v)
            while v >= 0x80 {
                runs.append(UInt8(truncatingIfNeeded: v) | 0x80)
                v >>= 7
            }
            runs.append(UInt8(v))
        }
        if let validity = input.validity, input.present > 0 {
            let groups = (rows.count + 7) / 8
            varint(groups << 1 | 1)
            runs.append(contentsOf: UnsafeBufferPointer(start: validity + rows.lowerBound / 8, count: groups))
        } else {
            varint(rows.count << 1)
            runs.append(input.present > 0 ? 1 : 0)
        }
        withUnsafeBytes(of: UInt32(runs.count).littleEndian) { page.append(contentsOf: $0) }
        page.append(contentsOf: runs)
    }

    private func plain(_ values: ColumnChunkInput.Values, _ range: Range<Int>) {
        switch values {
        case .texts(let all):
            guard !range.isEmpty else { return }
            let texts = UnsafeBufferPointer(rebasing: all[range])
            grow(cscan_plain_text_bytes(texts.baseAddress, texts.count)) { out in
                cscan_plain_text(texts.baseAddress, texts.count, out)
                return cscan_plain_text_bytes(texts.baseAddress, texts.count)
            }
        case .fixed(let all, let width):
            page.append(contentsOf: all[range.lowerBound * width..<range.upperBound * width])
        case .booleans(let all):
            var byte: UInt8 = 0
            var bit: UInt8 = 0
            for i in range {
                byte |= all[i] << bit
                bit += 1
                if bit == 8 {
                    page.append(byte)
                    byte = 0
                    bit = 0
                }
            }
            if bit > 0 { page.append(byte) }
        }
    }

    private func pack(_ indices: UnsafeBufferPointer<UInt32>, distinct: Int) {
        let width = max(1, Int.bitWidth - max(distinct - 1, 0).leadingZeroBitCount)
        page.append(UInt8(width))
        grow(cscan_hybrid_bound(indices.count, Int32(width))) { out in
            indices.count == 0 ? 0 : cscan_hybrid(indices.baseAddress, indices.count, Int32(width), out)
        }
    }

    /// Lets `body` write up to `n` bytes at the end of the page; it returns how many it wrote.
    private func grow(_ n: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Int) {
        let old = page.count
        let bigger = [UInt8](unsafeUninitializedCapacity: old + n) { buffer, count in
            guard let out = buffer.baseAddress else { return }
            page.withUnsafeBufferPointer { if let p = $0.baseAddress { out.update(from: p, count: old) } }
            count = old + body(out + old)
        }
        page = bigger
    }

    /// Compresses the page and appends header and body; returns the uncompressed size with header.
    private func emit(_ header: ((raw: Int, compressed: Int)) -> [UInt8]) throws -> Int {
        guard page.count < Int(Int32.max) else {
            throw SanitizerError(.limitExceeded, "a column of the output holds more than 2 GiB in 8 rows, which Parquet cannot")
        }
        let bound = ZSTD_compressBound(page.count)
        if scratch.count < bound { scratch = [UInt8](repeating: 0, count: bound) }
        let n = ZSTD_compressCCtx(context, &scratch, scratch.count, page, page.count, Self.level)
        guard ZSTD_isError(n) == 0 else { throw SanitizerError(.internal, "zstd: \(String(cString: ZSTD_getErrorName(n)))") }
        let head = header((page.count, n))
        file.append(contentsOf: head)
        file.append(contentsOf: scratch[0..<n])
        return page.count + head.count
    }
}
