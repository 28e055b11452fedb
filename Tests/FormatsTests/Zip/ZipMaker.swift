/// Makes zip archives of stored entries, byte by byte, so that tests can say anything in their headers.
///
/// - Source: PKWARE APPNOTE 6.3, section 4.3.
struct ZipMaker {
    private var body: [UInt8] = []
    private var directory: [UInt8] = []
    private var count = 0
    /// Number of entries that the end record announces instead of the true one.
    var announcedCount: Int?

    mutating func add(_ name: String, _ text: String) { add(name, Array(text.utf8)) }

    /// - Parameters:
    ///   - packed: what stands in the file, when it is not the bytes themselves.
    ///   - method: 0 stored, 8 deflate.
    mutating func add(_ name: String, _ bytes: [UInt8], packed: [UInt8]? = nil, method: Int = 0, flags: Int = 0) {
        let stored = packed ?? bytes
        let offset = body.count
        var common: [UInt8] = []
        for (value, size) in [
            (20, 2), (flags, 2), (method, 2), (0, 4), (Int(Self.crc32(bytes)), 4), (stored.count, 4), (bytes.count, 4),
            (name.utf8.count, 2), (0, 2),
        ] {
            common += number(value, size)
        }
        body += [0x50, 0x4B, 3, 4] + common + Array(name.utf8) + stored
        directory += [0x50, 0x4B, 1, 2] + number(20, 2) + common
        for (value, size) in [(0, 2), (0, 2), (0, 2), (0, 4), (offset, 4)] { directory += number(value, size) }
        directory += Array(name.utf8)
        count += 1
    }

    func bytes() -> [UInt8] {
        let announced = announcedCount ?? count
        var out = body + directory + [0x50, 0x4B, 5, 6]
        for (value, size) in [(0, 4), (announced, 2), (announced, 2), (directory.count, 4), (body.count, 4), (0, 2)] {
            out += number(value, size)
        }
        return out
    }

    private func number(_ value: Int, _ count: Int) -> [UInt8] {
        var out: [UInt8] = []
        for i in 0..<count { out.append(UInt8(truncatingIfNeeded: value >> (8 * i))) }
        return out
    }

    static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 {
                let carries = crc & 1 == 1
                crc >>= 1
                if carries { crc ^= 0xEDB8_8320 }
            }
        }
        return ~crc
    }
}
