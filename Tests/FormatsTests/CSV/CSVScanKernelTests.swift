import CScan
import Testing

struct CSVScanKernelTests {
    private struct Rows: Equatable {
        var status: Int32
        var position: UInt64
        var blank: UInt64
        var cells: [UInt64]
        var escaped: [UInt32]
    }

    private static func text(_ seed: Int) -> [UInt8] {
        var random = TestRandom(UInt64(seed))
        let pieces = [
            "a", "bc", "def ghi", ",", ",", ",", "\n", "\r\n", "\"x\"", "\"y,z\"", "\"a\"\"b\"", "\"\"", "\"", "\r", "\n\n",
            "12345678901234567890",
        ]
        var out: [UInt8] = []
        let quoteShare = random.next(10)
        for _ in 0..<(1 + random.next(400)) {
            var piece = random.pick(pieces)
            if piece.contains("\""), random.next(10) >= quoteShare { piece = "q" }
            if piece.contains("\""), random.next(20) > 0 { piece = "," + piece + "," }
            out += Array(piece.utf8)
        }
        return out
    }

    private static func rows(
        _ text: [UInt8], _ kernel: (UnsafeMutablePointer<cscan_scan_rows_t>) -> Int32, any: Bool, escape: UInt8
    ) -> Rows {
        let padded = text + [UInt8](repeating: 0, count: 64)
        var cells = [UInt64](repeating: 0, count: 3 * (text.count + 40) + 128)
        var escaped = [UInt32](repeating: 0, count: text.count + 1)
        var scan = cscan_scan_rows_t()
        let status = padded.withUnsafeBufferPointer { base in
            cells.withUnsafeMutableBufferPointer { out in
                escaped.withUnsafeMutableBufferPointer { list in
                    scan.base = base.baseAddress
                    scan.end = UInt64(text.count)
                    scan.delimiter = 0x2C
                    scan.quote = 0x22
                    scan.escape = escape
                    scan.width = 3
                    scan.stride = 3
                    scan.accepts_any_width = any ? 1 : 0
                    scan.record_limit = 1 << 20
                    scan.cells = out.baseAddress
                    scan.row_capacity = UInt64(text.count + 1)
                    scan.escaped = list.baseAddress
                    scan.escaped_capacity = UInt64(text.count + 1)
                    return kernel(&scan)
                }
            }
        }
        return Rows(
            status: status, position: scan.position, blank: scan.blank_lines, cells: Array(cells[..<Int(scan.rows * 3)]),
            escaped: Array(escaped[..<Int(scan.escaped_count)]))
    }

    @Test("the vector kernel and the portable one take the same rows", arguments: 0..<200)
    func kernelsAgree(seed: Int) {
        let text = Self.text(seed)
        for any in [false, true] {
            for escape: UInt8 in [0x2C, 0x5C] {
                let fast = Self.rows(text, { cscan_scan_rows($0) }, any: any, escape: escape)
                let slow = Self.rows(text, { cscan_scan_rows_portable($0) }, any: any, escape: escape)
                #expect(fast == slow, "seed \(seed)")
            }
        }
    }

    @Test("the vector kernel and the portable one pass the same lines", arguments: 0..<200)
    func linesAgree(seed: Int) {
        let text = Self.text(seed)
        let padded = text + [UInt8](repeating: 0, count: 64)
        padded.withUnsafeBufferPointer { base in
            for wanted in [1, text.count / 3 + 1, text.count] {
                var fast = cscan_scan_lines_t()
                fast.base = base.baseAddress
                fast.end = UInt64(text.count)
                fast.wanted = UInt64(wanted)
                fast.record_limit = 1 << 20
                (fast.delimiter, fast.quote, fast.escape) = (0x2C, 0x22, 0x2C)
                var slow = fast
                #expect(cscan_scan_lines(&fast) == cscan_scan_lines_portable(&slow))
                #expect(fast.position == slow.position && fast.lines == slow.lines)
                // It stops at a record start.
                #expect(fast.position == 0 || text[Int(fast.position) - 1] == 0x0A)
            }
        }
    }

    @Test("validation of utf-8 agrees with the standard library", arguments: 0..<300)
    func validatesUTF8(seed: Int) {
        var random = TestRandom(UInt64(seed))
        var bytes: [UInt8] = []
        for _ in 0..<random.next(60) {
            bytes += Array(random.pick(["abcdefghijk", "é", "日本", "😀", "\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}"]).utf8)
        }
        if !bytes.isEmpty, seed % 3 > 0 {
            switch random.next(4) {
            case 0: bytes[random.next(bytes.count)] = UInt8(random.next(256))
            case 1:
                bytes.insert(
                    contentsOf: random.pick([[0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE0, 0x9F, 0xBF]]),
                    at: random.next(bytes.count))
            case 2: bytes.removeLast()
            default: bytes.remove(at: random.next(bytes.count))
            }
        }
        let isValid = String(validating: bytes, as: UTF8.self) != nil
        #expect((cscan_utf8_valid(bytes, bytes.count) != 0) == isValid, "seed \(seed)")
        #expect(cscan_count(bytes, bytes.count, 0x61) == bytes.count { $0 == 0x61 })
    }
}
