internal import Domain

/// The rules of object keys: what they let through cannot leave the store's folder or bucket prefix.
public enum ObjectKey {
    /// In bytes, as S3 has it.
    public static let maximumLength = 1024

    /// - Throws: `internal` when the key is empty, absolute, too long, has an empty, `.` or `..` segment, or a control character.
    public static func validate(_ key: String) throws {
        guard let reason = fault(key) else { return }
        throw SanitizerError(.internal, "object key refused: \(reason)")
    }

    /// Like ``validate(_:)``, but a trailing slash or a cut segment is fine. Returns the prefix.
    static func validatePrefix(_ prefix: String) throws -> String {
        try validate(prefix.hasSuffix("/") ? String(prefix.dropLast()) : prefix)
        return prefix
    }

    private static func fault(_ key: String) -> String? {
        if key.isEmpty { return "it is empty" }
        if key.utf8.count > maximumLength { return "longer than \(maximumLength) bytes" }
        if key.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\\") }) {
            return "control character or backslash"
        }
        for segment in key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            if segment.isEmpty { return "empty segment or absolute path" }
            if segment.elementsEqual(".".utf8) || segment.elementsEqual("..".utf8) { return "segment that names a folder" }
            if segment.count > 255 { return "segment longer than 255 bytes" }
        }
        return nil
    }
}
