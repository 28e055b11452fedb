internal import Tabular
import Foundation

/// Ids of jobs and keys: UUIDs of version 7, which sort by the time they were made.
///
/// - Source: RFC 9562, section 5.7
public enum Identifier {
    /// A new id: 48 bits of milliseconds, 74 random bits, in lower-case canonical form.
    public static func make() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let milliseconds = UInt64(bitPattern: Int64(time.tv_sec)) &* 1000 &+ UInt64(time.tv_nsec / 1_000_000)
        var bytes = SecureRandom.bytes(16)
        for i in 0..<6 { bytes[i] = UInt8(truncatingIfNeeded: milliseconds >> UInt64(40 - 8 * i)) }
        bytes[6] = bytes[6] & 0x0F | 0x70
        bytes[8] = bytes[8] & 0x3F | 0x80
        let text = Hex.encode(bytes)
        func part(_ from: Int, _ to: Int) -> Substring {
            text[text.index(text.startIndex, offsetBy: from)..<text.index(text.startIndex, offsetBy: to)]
        }
        return "\(part(0, 8))-\(part(8, 12))-\(part(12, 16))-\(part(16, 20))-\(part(20, 32))"
    }

    /// The id in canonical form, or nil when `text` is none: then no such object exists, and nobody need ask the database.
    public static func canonical(_ text: String) -> String? {
        guard text.utf8.count == 36 else { return nil }
        return UUID(uuidString: text)?.uuidString.lowercased()
    }
}
