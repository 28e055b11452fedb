internal import Domain
internal import Foundation

/// JSON with one spelling per value: sorted keys, two-space indentation, a final line feed.
enum StableJSON {
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return Array(try encoder.encode(value)) + [0x0A]
    }
    static func compact(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }
    static func decode<Value: Decodable>(_: Value.Type, _ bytes: [UInt8], what: String) throws -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(bytes))
        } catch {
            throw SanitizerError(.corruptIntermediate, "cannot decode \(what): \(error)")
        }
    }
}
