internal import Domain
public import Tabular

/// Rewrites an input so that readers can jump to any chunk: decompressed, UTF-8, JSON arrays as JSON Lines.
public enum Staging {
    private static let blockBytes = 1 << 20

    /// Streams `source` into `sink`; memory is bounded. The caller closes or aborts the sink.
    /// - Throws: `input_unreadable` for damaged data, `limit_exceeded` for a bomb, what source and sink throw.
    public static func write(_ detection: Detection, from source: any ByteSource, to sink: any ByteSink) throws {
        guard detection.format == .json else { return try unpack(detection, from: source, to: sink) }
        let lines = LineSink(sink)
        try unpack(detection, from: source, to: lines)
        try lines.close()
    }

    /// Rewrites JSON of any layout as JSON Lines on its way to another sink, which it leaves open.
    private final class LineSink: ByteSink {
        private let sink: any ByteSink
        private var splitter = JSONSplitter()
        private var lines: [UInt8] = []
        init(_ sink: any ByteSink) { self.sink = sink }

        func write(_ bytes: UnsafeRawBufferPointer) throws {
            lines.removeAll(keepingCapacity: true)
            splitter.split(bytes, into: &lines)
            try sink.write(lines)
        }
        func close() throws {
            lines.removeAll()
            splitter.finish(into: &lines)
            try sink.write(lines)
        }
        func abort() { sink.abort() }
    }

    private static func unpack(_ detection: Detection, from source: any ByteSource, to sink: any ByteSink) throws {
        let stream = try Decompression(source, detection.compression)
        guard let encoding = TextEncoding(rawValue: detection.encoding) else {
            throw SanitizerError(.internal, "unknown encoding \(detection.encoding)")
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: blockBytes, alignment: 16)
        defer { buffer.deallocate() }
        let isBinary = detection.format == .parquet || detection.format == .xlsx
        if isBinary || encoding.isASCIISuperset {
            while true {
                let n = try stream.read(into: buffer)
                if n == 0 { return }
                try sink.write(UnsafeRawBufferPointer(rebasing: buffer[0..<n]))
            }
        }
        try transcode(stream, encoding, buffer, sink)
    }

    /// Whole code points per block: a unit or surrogate pair that a block cuts is carried into the next.
    private static func transcode(
        _ stream: Decompression, _ encoding: TextEncoding, _ buffer: UnsafeMutableRawBufferPointer, _ sink: any ByteSink
    ) throws {
        let unit = encoding == .utf32le || encoding == .utf32be ? 4 : 2
        var carry: [UInt8] = []
        var isFirst = true
        while true {
            let n = try stream.read(into: buffer)
            var block = carry + buffer[0..<n]
            carry = []
            if isFirst {
                let mark = TextEncoding.detect(Array(block.prefix(4)))
                if mark.mark > 0, mark.encoding == encoding { block.removeFirst(mark.mark) }
                isFirst = false
            }
            if n > 0 {
                var whole = block.count - block.count % unit
                if unit == 2, whole >= 2 {
                    let high = block[encoding == .utf16be ? whole - 2 : whole - 1]
                    if high >= 0xD8, high <= 0xDB { whole -= 2 }
                }
                carry = Array(block[whole...])
                block.removeSubrange(whole...)
            }
            try sink.write(encoding.toUTF8(block[...]))
            if n == 0 { return }
        }
    }
}
