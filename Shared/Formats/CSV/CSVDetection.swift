internal import Domain

enum CSVDetection {
    static func detect(_ head: InputHead) throws -> Detection {
        throw SanitizerError(.formatUnsupported, "reading csv is not supported yet")
    }
}
