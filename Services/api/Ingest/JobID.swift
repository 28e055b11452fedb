import Foundation
import Tabular

/// Ids of jobs: UUID version 7, so that their order is the order of creation.
///
/// - Source: RFC 9562 section 5.7
enum JobID {
    static func make(milliseconds: UInt64 = UInt64(Date().timeIntervalSince1970 * 1000)) -> String {
        var bytes = SecureRandom.bytes(16)
        for i in 0..<6 { bytes[i] = UInt8(truncatingIfNeeded: milliseconds >> (40 - 8 * UInt64(i))) }
        bytes[6] = 0x70 | (bytes[6] & 0x0F)
        bytes[8] = 0x80 | (bytes[8] & 0x3F)
        let hex = Hex.encode(bytes)
        let cuts = [0, 8, 12, 16, 20, 32]
        return zip(cuts, cuts.dropFirst()).map { start, end in
            String(hex[hex.index(hex.startIndex, offsetBy: start)..<hex.index(hex.startIndex, offsetBy: end)])
        }.joined(separator: "-")
    }

    /// The id in its one spelling, or nil: what is no id cannot name a job.
    static func canonical(_ text: String) -> String? {
        text.utf8.count == 36 ? UUID(uuidString: text)?.uuidString.lowercased() : nil
    }
}
