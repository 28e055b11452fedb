internal import CExpat
internal import Domain
internal import Glibc
internal import Tabular

/// Hears what stands in an XML text. Names are without their prefix.
class XMLHandler {
    func start(_ name: XMLName, _ attributes: XMLAttributes) throws {}
    func end(_ name: XMLName) throws {}
    /// Parts of the text between two tags.
    func text(_ bytes: UnsafeBufferPointer<UInt8>) {}
}

/// Thrown by a handler that has heard enough.
struct XMLEnough: Error {}

/// Name of an element or attribute; valid during the call only.
struct XMLName {
    fileprivate let start: UnsafePointer<CChar>

    fileprivate init(_ full: UnsafePointer<CChar>) {
        start = strrchr(full, Int32(UInt8(ascii: ":"))).map { UnsafePointer($0 + 1) } ?? full
    }
    @inline(__always)
    static func == (name: XMLName, text: StaticString) -> Bool {
        strcmp(name.start, UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)) == 0
    }
}

/// Attributes of an element; valid during the call only.
struct XMLAttributes {
    /// Names and values in turn, ended by nil.
    fileprivate let list: UnsafeMutablePointer<UnsafePointer<CChar>?>

    /// The value of the attribute of this name, whatever its prefix.
    @inline(__always)
    subscript(_ name: StaticString) -> UnsafePointer<CChar>? {
        var i = 0
        while let full = list[i] {
            if XMLName(full) == name { return list[i + 1] }
            i += 2
        }
        return nil
    }
    func string(_ name: StaticString) -> String? { self[name].map { String(cString: $0) } }
    func integer(_ name: StaticString) -> Int? { self[name].flatMap { Int(String(cString: $0)) } }
    /// `1` or `true`.
    func isSet(_ name: StaticString) -> Bool {
        guard let value = self[name] else { return false }
        return strcmp(value, "1") == 0 || strcmp(value, "true") == 0
    }
}

/// Reads XML as a stream. Entities are not declared by anyone: a document that tries to is refused.
enum XMLReader {
    private static let depthLimit = 256
    /// Longest tag; expat keeps a tag in memory until it is complete.
    private static let tagLimit = 8 << 20
    private static let blockBytes: Int32 = 64 << 10

    /// - Parameter part: what is read, for messages.
    static func parse(_ stream: ZipStream, part: String, _ handler: XMLHandler) throws {
        try parse(part: part, handler) { try stream.read(into: $0) }
    }

    /// - Parameter read: fills a buffer with the next bytes; 0 at the end.
    /// - Throws: `inputUnreadable` for what is no well-formed XML, `limitExceeded`, and what `read` and the handler throw.
    static func parse(part: String, _ handler: XMLHandler, read: (UnsafeMutableRawBufferPointer) throws -> Int) throws {
        guard let parser = XML_ParserCreate(nil) else { throw SanitizerError(.internal, "cannot start the xml parser") }
        defer { XML_ParserFree(parser) }
        let context = Context(parser, handler)
        XML_SetUserData(parser, Unmanaged.passUnretained(context).toOpaque())
        XML_SetElementHandler(parser, Context.start, Context.end)
        XML_SetCharacterDataHandler(parser, Context.text)
        XML_SetEntityDeclHandler(parser, Context.entity)
        var fed: Int64 = 0
        while true {
            guard let buffer = XML_GetBuffer(parser, blockBytes) else {
                throw SanitizerError(.limitExceeded, "\(part): out of memory while reading xml")
            }
            let n = try read(UnsafeMutableRawBufferPointer(start: buffer, count: Int(blockBytes)))
            fed += Int64(n)
            let status = XML_ParseBuffer(parser, Int32(n), n == 0 ? 1 : 0)
            if let failure = context.failure {
                if failure is XMLEnough { return }
                throw failure
            }
            guard status == XML_STATUS_OK else {
                let reason = XML_ErrorString(XML_GetErrorCode(parser)).map { String(cString: $0) } ?? "not well-formed"
                throw SanitizerError(
                    .inputUnreadable,
                    "\(part): broken xml at line \(XML_GetCurrentLineNumber(parser)): \(reason); get the file again")
            }
            if n == 0 { return }
            guard fed - Int64(XML_GetCurrentByteIndex(parser)) <= Int64(tagLimit) else {
                throw SanitizerError(.limitExceeded, "\(part): a tag of more than \(tagLimit >> 20) MiB")
            }
        }
    }

    /// What the callbacks share. Lives on the stack of `parse`.
    private final class Context {
        private let parser: XML_Parser
        private let handler: XMLHandler
        private var depth = 0
        private(set) var failure: (any Error)?

        init(_ parser: XML_Parser, _ handler: XMLHandler) {
            self.parser = parser
            self.handler = handler
        }

        private func fail(_ error: any Error) {
            guard failure == nil else { return }
            failure = error
            _ = XML_StopParser(parser, 0)
        }
        private static func of(_ data: UnsafeMutableRawPointer?) -> Context {
            Unmanaged<Context>.fromOpaque(data!).takeUnretainedValue()
        }

        static let start: XML_StartElementHandler = { data, name, attributes in
            let context = of(data)
            guard context.failure == nil, let name, let attributes else { return }
            context.depth += 1
            guard context.depth <= depthLimit else {
                return context.fail(SanitizerError(.limitExceeded, "xml nested deeper than \(depthLimit) levels"))
            }
            do {
                try context.handler.start(XMLName(name), XMLAttributes(list: attributes))
            } catch {
                context.fail(error)
            }
        }
        static let end: XML_EndElementHandler = { data, name in
            let context = of(data)
            guard context.failure == nil, let name else { return }
            context.depth -= 1
            do {
                try context.handler.end(XMLName(name))
            } catch {
                context.fail(error)
            }
        }
        static let text: XML_CharacterDataHandler = { data, text, count in
            guard let text else { return }
            let bytes = UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self)
            of(data).handler.text(UnsafeBufferPointer(start: bytes, count: Int(count)))
        }
        static let entity: XML_EntityDeclHandler = { data, _, _, _, _, _, _, _, _ in
            of(data).fail(SanitizerError(.limitExceeded, "the xml declares entities; they are never read"))
        }
    }
}
