public import Domain

/// Writes the compact little-endian form of intermediate results. Same value, same bytes.
public struct ByteWriter {
    public private(set) var bytes: [UInt8] = []
    public init() {}
    public init(reserving n: Int) { bytes.reserveCapacity(n) }

    public mutating func u8(_ v: UInt8) { bytes.append(v) }
    public mutating func u32(_ v: UInt32) { withUnsafeBytes(of: v.littleEndian) { bytes.append(contentsOf: $0) } }
    public mutating func u64(_ v: UInt64) { withUnsafeBytes(of: v.littleEndian) { bytes.append(contentsOf: $0) } }
    public mutating func int(_ v: Int) { u64(UInt64(bitPattern: Int64(v))) }
    public mutating func double(_ v: Double) { u64(v.bitPattern) }
    public mutating func bool(_ v: Bool) { u8(v ? 1 : 0) }
    /// LEB128.
    public mutating func varint(_ v: UInt64) {
        var v = v
        while v >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: v) | 0x80)
            v >>= 7
        }
        bytes.append(UInt8(v))
    }
    public mutating func blob(_ b: some Collection<UInt8>) {
        varint(UInt64(b.count))
        bytes.append(contentsOf: b)
    }
    public mutating func string(_ s: String) { blob(s.utf8) }
    public mutating func raw(_ b: some Sequence<UInt8>) { bytes.append(contentsOf: b) }
}

/// Reads what ``ByteWriter`` wrote; every overrun is an error, never a crash.
public struct ByteReader {
    private let bytes: [UInt8]
    public private(set) var position: Int
    private let end: Int

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = 0
        end = bytes.count
    }
    public var isAtEnd: Bool { position == end }

    private mutating func take(_ n: Int) throws(SanitizerError) -> Int {
        guard n >= 0, n <= end - position else {
            throw SanitizerError(.corruptIntermediate, "intermediate result ends early at byte \(position)")
        }
        defer { position += n }
        return position
    }
    private mutating func fixed<T: FixedWidthInteger>(_: T.Type) throws(SanitizerError) -> T {
        let at = try take(MemoryLayout<T>.size)
        return bytes.withUnsafeBytes { T(littleEndian: $0.loadUnaligned(fromByteOffset: at, as: T.self)) }
    }
    public mutating func u8() throws(SanitizerError) -> UInt8 { bytes[try take(1)] }
    public mutating func u32() throws(SanitizerError) -> UInt32 { try fixed(UInt32.self) }
    public mutating func u64() throws(SanitizerError) -> UInt64 { try fixed(UInt64.self) }
    public mutating func int() throws(SanitizerError) -> Int { Int(Int64(bitPattern: try u64())) }
    public mutating func double() throws(SanitizerError) -> Double { Double(bitPattern: try u64()) }
    public mutating func bool() throws(SanitizerError) -> Bool { try u8() != 0 }
    public mutating func varint() throws(SanitizerError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let b = try u8()
            guard shift < 64 else { throw SanitizerError(.corruptIntermediate, "number too long at byte \(position)") }
            value |= UInt64(b & 0x7F) << shift
            if b < 0x80 { return value }
            shift += 7
        }
    }
    /// A count of items of at least `itemBytes` each: refused before allocation when the input cannot hold them.
    public mutating func count(itemBytes: Int = 1) throws(SanitizerError) -> Int {
        let n = try varint()
        guard n <= UInt64((end - position) / max(itemBytes, 1)) else {
            throw SanitizerError(.corruptIntermediate, "count \(n) exceeds the intermediate result at byte \(position)")
        }
        return Int(n)
    }
    public mutating func blob() throws(SanitizerError) -> [UInt8] {
        let n = try count()
        let at = try take(n)
        return Array(bytes[at..<at + n])
    }
    /// The bytes of the next `n` blobs, with their lengths.
    public mutating func blobs(_ n: Int) throws(SanitizerError) -> [UInt8] {
        let start = position
        for _ in 0..<n { _ = try take(try count()) }
        return Array(bytes[start..<position])
    }
    public mutating func string() throws(SanitizerError) -> String { String(decoding: try blob(), as: UTF8.self) }
}
