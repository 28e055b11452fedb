internal import Domain
internal import Tabular

/// What the end of a zip archive announces, read before anything is allocated for it.
///
/// - Source: PKWARE APPNOTE 6.3, sections 4.3.14 to 4.3.16.
enum ZipDirectory {
    private static let end: [UInt8] = [0x50, 0x4B, 5, 6]
    private static let endBytes = 22
    private static let longestComment = 0xFFFF

    static func entryCount(_ source: any ByteSource, name: String) throws -> UInt64 {
        let size = source.size
        let count = Int(min(size, Int64(endBytes + longestComment)))
        let tail = try source.read(at: size - Int64(count), count: count)
        guard tail.count >= endBytes,
            let at = (0...(tail.count - endBytes)).last(where: { tail[$0...].starts(with: end) })
        else {
            throw SanitizerError(
                .inputUnreadable, "\(name): the zip archive has no directory, it was cut off; get the file again")
        }
        let entries = number(tail, at + 10, 2)
        guard entries == 0xFFFF else { return entries }
        // The large form: a locator of 20 bytes stands before the end record.
        let locator = size - Int64(count) + Int64(at) - 20
        guard locator >= 0 else { return entries }
        let bytes = try source.read(at: locator, count: 20)
        guard bytes.count == 20, bytes.starts(with: [0x50, 0x4B, 6, 7]) else { return entries }
        let offset = number(bytes, 8, 8)
        guard offset < UInt64(size) else { return entries }
        let record = try source.read(at: Int64(offset), count: 56)
        guard record.count == 56, record.starts(with: [0x50, 0x4B, 6, 6]) else { return entries }
        return number(record, 32, 8)
    }

    private static func number(_ bytes: [UInt8], _ at: Int, _ count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 | UInt64(bytes[at + $1]) << UInt64(8 * $1) }
    }
}
