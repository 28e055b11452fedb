internal import Formats

extension CSVDialect {
    /// The dialect in words, for reports and people: `delimiter`, `quote`, `escape`, `header`.
    func description(for detection: Detection) -> [String: String] {
        func spell(_ bytes: [UInt8]) -> String {
            bytes.map { byte in
                switch byte {
                case 0x09: "\\t"
                case 0x0A: "\\n"
                case 0x0D: "\\r"
                case 0x20...0x7E: String(UnicodeScalar(byte))
                default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
                }
            }.joined()
        }
        return [
            "delimiter": spell(delimiter),
            "quote": quote.map { spell([$0]) } ?? "",
            "escape": escape.map { spell([$0]) } ?? "",
            "header": hasHeader ? "present" : "absent",
        ]
    }
}
