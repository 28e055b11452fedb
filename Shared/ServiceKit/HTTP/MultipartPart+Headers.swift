extension MultipartPart {
    /// Reads the header block of a part.
    ///
    /// - Throws: ``MultipartError`` when the part is no form field or has a transfer encoding.
    init(headerBlock: String) throws {
        var disposition: String?
        contentType = nil
        for line in headerBlock.split(separator: "\r\n", omittingEmptySubsequences: true) {
            guard let colon = line.firstIndex(of: ":") else {
                throw MultipartError(reason: "a multipart part has a header line without a colon")
            }
            let value = HeaderText.trim(line[line.index(after: colon)...])
            switch line[..<colon].lowercased() {
            case "content-disposition": disposition = value
            case "content-type": contentType = value
            case "content-transfer-encoding":
                guard ["binary", "8bit", "7bit"].contains(value.lowercased()) else {
                    throw MultipartError(reason: "a multipart part has a transfer encoding: send it as binary")
                }
            default: break
            }
        }
        guard let disposition, let parsed = HeaderText.parameters(disposition), parsed.value == "form-data" else {
            throw MultipartError(reason: "a multipart part has no 'Content-Disposition: form-data' header")
        }
        guard let name = parsed.parameters["name"] else {
            throw MultipartError(reason: "a multipart part has no name")
        }
        self.name = Self.decodeFormEscapes(name)
        filename = parsed.parameters["filename"].map(Self.decodeFormEscapes)
    }

    /// Browsers write `"`, CR and LF inside names as %22, %0D and %0A, and nothing else percent-encoded (WHATWG form submission).
    private static func decodeFormEscapes(_ text: String) -> String {
        text.replacing("%22", with: "\"").replacing("%0D", with: "\r").replacing("%0A", with: "\n")
    }
}

/// Small parts of RFC 9110 header syntax.
public enum HeaderText {
    static func trim(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }

    /// Splits `value; name=token; name="quoted \" text"`; the value and the names in lower case. Nil when malformed.
    public static func parameters(_ text: String) -> (value: String, parameters: [String: String])? {
        var rest = text[...]
        let value = trim(rest.prefix { $0 != ";" }).lowercased()
        rest = rest.drop { $0 != ";" }
        var found: [String: String] = [:]
        while rest.first == ";" {
            rest.removeFirst()
            rest = rest.drop { $0 == " " || $0 == "\t" }
            if rest.isEmpty { break }
            let name = trim(rest.prefix { $0 != "=" && $0 != ";" }).lowercased()
            rest = rest.drop { $0 != "=" && $0 != ";" }
            guard rest.first == "=" else { return nil }
            rest.removeFirst()
            guard let parameter = takeValue(&rest) else { return nil }
            if found[name] == nil { found[name] = parameter }
            rest = rest.drop { $0 == " " || $0 == "\t" }
            if !rest.isEmpty, rest.first != ";" { return nil }
        }
        return (value, found)
    }

    private static func takeValue(_ rest: inout Substring) -> String? {
        guard rest.first == "\"" else {
            let token = rest.prefix { $0 != ";" }
            rest = rest[token.endIndex...]
            return trim(token)
        }
        rest.removeFirst()
        var out = ""
        while let c = rest.popFirst() {
            if c == "\"" { return out }
            // A backslash escapes a quote or a backslash only: old browsers send Windows paths as they are.
            if c == "\\", let next = rest.first, next == "\"" || next == "\\" {
                out.append(next)
                rest.removeFirst()
            } else {
                out.append(c)
            }
        }
        return nil
    }
}
