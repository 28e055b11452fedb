import CZlib
import CZstd
import Domain
import Tabular
import Testing

@testable import Formats

@Suite("Staging")
struct StagingTests {
    private static let text = Array(String(repeating: "id,name\n1,Zoë 😀\n22,\"a,b\"\n", count: 50_000).utf8)

    private func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        deflateInit2_(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        defer { deflateEnd(&stream) }
        var input = bytes
        return [UInt8](unsafeUninitializedCapacity: bytes.count + 1024) { out, n in
            input.withUnsafeMutableBufferPointer { source in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = out.baseAddress
                stream.avail_out = UInt32(out.count)
                deflate(&stream, Z_FINISH)
                n = Int(stream.total_out)
            }
        }
    }
    private func zstd(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { out, n in
            // With a checksum, as the command line tool writes it: without one, damage to a literal cannot be seen.
            let context = ZSTD_createCCtx()
            defer { ZSTD_freeCCtx(context) }
            ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
            n = ZSTD_compress2(context, out.baseAddress, out.count, bytes, bytes.count)
        }
    }
    private func staged(_ bytes: [UInt8], _ compression: Compression, _ encoding: String = "utf-8") throws -> [UInt8] {
        let sink = MemorySink()
        let detection = Detection(format: .csv, compression: compression, encoding: encoding, columns: [])
        try Staging.write(detection, from: MemorySource(bytes), to: sink)
        return sink.bytes
    }

    @Test("unpacks gzip members and zstd frames one after the other")
    func concatenated() throws {
        let half = Self.text.count / 2
        let (a, b) = (Array(Self.text[..<half]), Array(Self.text[half...]))
        #expect(try staged(gzip(a) + gzip(b), .gzip) == Self.text)
        #expect(try staged(gzip(a) + gzip(b) + [0, 0, 0, 0], .gzip) == Self.text)
        #expect(try staged(zstd(a) + zstd(b), .zstd) == Self.text)
    }

    @Test("says that a file was cut off or damaged", arguments: [Compression.gzip, .zstd])
    func damaged(compression: Compression) throws {
        let packed = compression == .gzip ? gzip(Self.text) : zstd(Self.text)
        let cut = #expect(throws: SanitizerError.self) { try staged(Array(packed.dropLast(20)), compression).count }
        #expect(cut?.code == .inputUnreadable)
        var flipped = packed
        // In the trailer: elsewhere a flip may hit what the decoder does not read.
        flipped[packed.count - 3] ^= 0xFF
        let broken = #expect(throws: SanitizerError.self) { try staged(flipped, compression).count }
        #expect(broken?.code == .inputUnreadable)
    }

    @Test("refuses a bomb", arguments: [Compression.gzip, .zstd])
    func bomb(compression: Compression) throws {
        let zeros = [UInt8](repeating: 0, count: 64 << 20)
        let one = compression == .gzip ? gzip(zeros) : zstd(zeros)
        let sink = CountingSink()
        let error = #expect(throws: SanitizerError.self) {
            try Staging.write(
                Detection(format: .csv, compression: compression, columns: []),
                from: MemorySource(Array(repeatElement(one, count: 40).joined())), to: sink)
        }
        #expect(error?.code == .limitExceeded)
        #expect(sink.count < 600 << 20)
    }

    @Test("rewrites UTF-16 and UTF-32 as UTF-8", arguments: ["utf-16le", "utf-16be", "utf-32le", "utf-32be"])
    func encodings(encoding: String) throws {
        let text = String(decoding: Self.text, as: UTF8.self)
        var bytes: [UInt8] = []
        func put(_ value: UInt32, _ width: Int) {
            let big = (0..<width).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * (width - 1 - $0))) }
            bytes += encoding.hasSuffix("be") ? big : big.reversed()
        }
        let wide = encoding.hasPrefix("utf-32")
        put(0xFEFF, wide ? 4 : 2)
        if wide {
            for scalar in text.unicodeScalars { put(scalar.value, 4) }
        } else {
            for unit in text.utf16 { put(UInt32(unit), 2) }
        }
        #expect(try staged(bytes, .none, encoding) == Self.text)
    }

    private final class CountingSink: ByteSink {
        var count = 0
        func write(_ bytes: UnsafeRawBufferPointer) throws { count += bytes.count }
        func close() throws {}
        func abort() {}
    }
}
