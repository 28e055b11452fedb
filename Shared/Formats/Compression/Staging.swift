public import Domain
public import Tabular

/// Rewrites an input so that readers can jump to any chunk: decompressed, UTF-8, JSON arrays as JSON Lines.
public enum Staging {
    private static let blockBytes = 1 << 20
    /// Rewrites in a row: a workbook in an archive takes two.
    public static let mostSteps = 3

    /// Streams `source` into `sink`; memory is bounded. The caller closes or aborts the sink.
    /// - Throws: `input_unreadable` for damaged data, `limit_exceeded` for a bomb, what source and sink throw.
    public static func write(
        _ detection: Detection, from source: any ByteSource, to sink: any ByteSink, options: InputOptions = InputOptions()
    ) throws {
        if let member = detection.member, detection.compression == .zip {
            return try ZipContainer.unpack(source, member: member, limits: detection.limits, to: sink)
        }
        if detection.compression == .none, let sheet = detection.sheet {
            return try writeSheet(sheet, detection, from: source, to: sink, hiddenRows: options.hiddenRows ?? .keep)
        }
        guard detection.format == .json else { return try unpack(detection, from: source, to: sink) }
        let lines = LineSink(sink)
        try unpack(detection, from: source, to: lines)
        try lines.close()
    }

    /// How to read what ``write(_:from:to:options:)`` wrote: plain UTF-8, whatever was said of the original.
    public static func optionsBehind(_ detection: Detection, _ options: InputOptions) -> InputOptions {
        var rewritten = options
        if detection.compression == .zip {
            // Unpacked as it is; only the archive was dealt with.
            rewritten.member = nil
            return rewritten
        }
        if isSheet(detection) {
            (rewritten.format, rewritten.encoding) = (.csv, TextEncoding.utf8.rawValue)
            (rewritten.delimiter, rewritten.quote, rewritten.escape) = (",", "\"", "")
            return rewritten
        }
        rewritten.encoding = nil
        rewritten.format = detection.format == .json ? .jsonl : detection.format
        return rewritten
    }

    /// A worksheet is rewritten as delimited text without a fault.
    public static func isSheet(_ detection: Detection) -> Bool { detection.compression == .none && detection.sheet != nil }

    private static func writeSheet(
        _ sheet: Int, _ detection: Detection, from source: any ByteSource, to sink: any ByteSink, hiddenRows: HiddenRows
    ) throws {
        let name = "the workbook"
        let archive = try ZipArchive(source, name: name, limits: detection.limits)
        let workbook = try WorkbookFile.open(archive, limits: detection.limits)
        guard workbook.sheets.indices.contains(sheet) else {
            throw SanitizerError(.corruptIntermediate, "the workbook has no sheet \(sheet)")
        }
        let layout = try workbook.measure(sheet)
        let writer = SheetWriter(sink, name: name, packedBytes: source.size, limits: detection.limits)
        try workbook.write(sheet, layout, hiddenRows: hiddenRows, to: writer)
        try writer.finish()
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
        let stream = try Decompression(source, detection.compression, limits: detection.limits)
        guard let encoding = TextEncoding(rawValue: detection.encoding) else {
            throw SanitizerError(.internal, "unknown encoding \(detection.encoding)")
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: blockBytes, alignment: 16)
        defer { buffer.deallocate() }
        let isBinary = [.parquet, .xlsx, .ods].contains(detection.format)
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
