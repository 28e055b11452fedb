internal import Tabular

/// The cells of a row, one after the other, each with its length in front (a varint): what a ``ByteWriter`` makes of as many blobs.
enum PackedCells {
    /// Bytes of a length at most.
    static let lengthBytes = 5

    static func pack(_ cells: [[UInt8]]) -> [UInt8] {
        var w = ByteWriter()
        for cell in cells { w.blob(cell) }
        return w.bytes
    }

    /// Writes a cell and returns where the next one goes.
    @inline(__always)
    static func write(_ bytes: UnsafeBufferPointer<UInt8>, to out: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        var p = out
        var v = UInt32(bytes.count)
        while v >= 0x80 {
            p.pointee = UInt8(truncatingIfNeeded: v) | 0x80
            p += 1
            v >>= 7
        }
        p.pointee = UInt8(v)
        p += 1
        if let start = bytes.baseAddress { p.update(from: start, count: bytes.count) }
        return p + bytes.count
    }

    /// Calls `body` with column and bytes of every cell.
    @inline(__always)
    static func forEach(_ start: UnsafePointer<UInt8>, columns: Int, _ body: (Int, UnsafeBufferPointer<UInt8>) -> Void) {
        var p = start
        for c in 0..<columns {
            var length = 0
            var shift = 0
            while true {
                let b = p.pointee
                p += 1
                length |= Int(b & 0x7F) << shift
                if b < 0x80 { break }
                shift += 7
            }
            body(c, UnsafeBufferPointer(start: p, count: length))
            p += length
        }
    }
}
