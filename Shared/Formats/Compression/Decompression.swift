internal import CZlib
internal import CZstd
internal import Domain
internal import Foundation
internal import Tabular

/// A compressed input as a stream of its decompressed bytes. Not thread-safe; memory is bounded by the buffers.
final class Decompression {
    /// Above this many bytes the ratio is looked at; a bomb is refused before it fills the disk.
    static let freeBytes: Int64 = 64 << 20
    private static let inputBytes = 1 << 18

    private let source: any ByteSource
    private let maximumRatio: Int64
    private let maximumBytes: Int64
    private var position: Int64 = 0
    private var produced: Int64 = 0
    private let input = UnsafeMutablePointer<UInt8>.allocate(capacity: Decompression.inputBytes)
    private var start = 0
    private var end = 0
    private var codec: Codec
    /// True between two gzip members or zstd frames: the input may end here.
    private var isComplete = true

    private enum Codec {
        case none
        case gzip(UnsafeMutablePointer<z_stream>)
        case zstd(OpaquePointer)
    }

    init(_ source: any ByteSource, _ compression: Compression, limits: InputLimits? = nil) throws {
        self.source = source
        maximumRatio = Int64(InputLimits.ratio.value(in: limits))
        maximumBytes = Int64(InputLimits.unpacked.value(in: limits))
        switch compression {
        case .none: codec = .none
        case .zip: throw SanitizerError(.internal, "a zip archive is no stream")
        case .gzip:
            let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
            stream.initialize(to: z_stream())
            // 15 + 16: the largest window, gzip header expected (zlib.h, inflateInit2).
            guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
                stream.deallocate()
                throw SanitizerError(.internal, "cannot start the gzip decoder")
            }
            codec = .gzip(stream)
        case .zstd:
            guard let stream = ZSTD_createDStream() else { throw SanitizerError(.internal, "cannot start the zstd decoder") }
            // Frames that ask for more than 128 MiB of window are refused (zstd's own default for streams).
            ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, 27)
            codec = .zstd(stream)
        }
    }
    deinit {
        switch codec {
        case .none: break
        case .gzip(let stream):
            inflateEnd(stream)
            stream.deallocate()
        case .zstd(let stream): ZSTD_freeDStream(stream)
        }
        input.deallocate()
    }

    /// Fills the buffer as far as the input goes; 0 at the end.
    /// - Throws: `input_unreadable` for corrupt or truncated data, `limit_exceeded` for a bomb.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var filled = 0
        while filled < buffer.count {
            if start == end {
                end = try source.read(at: position, into: UnsafeMutableRawBufferPointer(start: input, count: Self.inputBytes))
                start = 0
                position += Int64(end)
                if end == 0 {
                    guard isComplete else { throw damaged("ends too early, the file was cut off") }
                    break
                }
            }
            let target = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let n = try step(target)
            filled += n
            produced += Int64(n)
            try check()
        }
        return filled
    }

    private func check() throws {
        guard produced <= maximumBytes else {
            throw SanitizerError(
                .limitExceeded, "the compressed input unpacks to more than \(maximumBytes) bytes; raise the limit unpacked_bytes")
        }
        if produced > Self.freeBytes, produced / max(1, position) > maximumRatio {
            throw SanitizerError(
                .limitExceeded,
                "the compressed input unpacks to more than \(maximumRatio) times its size (\(produced >> 20) MiB so far); "
                    + "raise the limit unpack_ratio if that is meant"
            )
        }
    }

    /// Decodes once from the input buffer into `target`.
    private func step(_ target: UnsafeMutableRawBufferPointer) throws -> Int {
        switch codec {
        case .none:
            let n = min(target.count, end - start)
            target.baseAddress!.copyMemory(from: input + start, byteCount: n)
            start += n
            return n
        case .gzip(let stream):
            if isComplete {
                // Padding with zeros after the last member is common (tar, tapes) and means nothing.
                while start < end, input[start] == 0, produced > 0 { start += 1 }
                if start == end { return 0 }
                inflateReset(stream)
                isComplete = false
            }
            stream.pointee.next_in = input + start
            stream.pointee.avail_in = UInt32(end - start)
            stream.pointee.next_out = target.baseAddress!.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = UInt32(min(target.count, Int(UInt32.max)))
            let before = stream.pointee.avail_out
            let status = inflate(stream, Z_NO_FLUSH)
            start = end - Int(stream.pointee.avail_in)
            switch status {
            case Z_OK, Z_BUF_ERROR: break
            case Z_STREAM_END: isComplete = true
            default: throw damaged(stream.pointee.msg.map { String(cString: $0) } ?? "code \(status)")
            }
            return Int(before - stream.pointee.avail_out)
        case .zstd(let stream):
            var source = ZSTD_inBuffer(src: input + start, size: end - start, pos: 0)
            var out = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
            let status = ZSTD_decompressStream(stream, &out, &source)
            guard ZSTD_isError(status) == 0 else { throw damaged(String(cString: ZSTD_getErrorName(status))) }
            start += source.pos
            isComplete = status == 0
            return out.pos
        }
    }

    private func damaged(_ reason: String) -> SanitizerError {
        SanitizerError(
            .inputUnreadable,
            "the compressed input is damaged near byte \(position - Int64(end - start)): \(reason), get the file again")
    }

    /// Up to `count` decompressed bytes from the start of `source`. What follows a damaged place is not looked at.
    static func head(_ source: any ByteSource, _ compression: Compression, count: Int) throws -> [UInt8] {
        if compression == .none { return try source.read(at: 0, count: count) }
        let stream = try Decompression(source, compression)
        return try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = try stream.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
    }
}
