import Testing

@testable import ServiceKit

/// What a parser reported, with the data of each part joined.
private struct Collected: Equatable {
    var part: MultipartPart
    var body: [UInt8]
    var ended = false
}

private func parse(_ body: [UInt8], boundary: String = "XyZ", cuts: [Int] = []) throws -> [Collected] {
    var parser = try MultipartParser(boundary: boundary)
    var found: [Collected] = []
    var start = 0
    for end in cuts + [body.count] {
        try parser.feed(Array(body[start..<end])) { event in
            switch event {
            case .begin(let part): found.append(Collected(part: part, body: []))
            case .data(let bytes): found[found.count - 1].body += bytes
            case .end: found[found.count - 1].ended = true
            }
        }
        start = end
    }
    try parser.finish()
    return found
}

private func form(_ parts: [(String, [UInt8])], boundary: String = "XyZ") -> [UInt8] {
    var out: [UInt8] = []
    for (headers, body) in parts { out += Array("--\(boundary)\r\n\(headers)\r\n\r\n".utf8) + body + Array("\r\n".utf8) }
    return out + Array("--\(boundary)--\r\n".utf8)
}

private let disposition = "Content-Disposition: form-data; name=\"file\"; filename=\"a.csv\""

/// Bodies that look like delimiters, line ends in every place, empty bodies.
private let trickyBodies: [String] = [
    "", "\r", "\n", "\r\n", "\r\n\r\n", "--XyZ", "--XyZ--", "\r\n--Xy", "\r\n--XyZ1", "\r\n--XyZ-x", "\r\n--XyZ \tq",
    "a\r\n--X\r\n--XyZzz\r\nb", "a,b\r\n1,2\r\n", "\r\r\r\n-", "\r\n--XyZ\r",
]

@Test("every cut of the input into two or three pieces gives the same parts", arguments: trickyBodies)
func everyCutGivesTheSame(text: String) throws {
    // A body that begins with the delimiter's text is only legal after a line end; the first case below is its own test.
    guard !text.hasPrefix("--XyZ") else { return }
    let body = form([(disposition, Array(text.utf8)), ("Content-Disposition: form-data; name=dataset_name", Array("x".utf8))])
    let whole = try parse(body)
    #expect(whole.map(\.body) == [Array(text.utf8), Array("x".utf8)])
    #expect(!whole.contains { !$0.ended })
    #expect(whole[0].part == MultipartPart(name: "file", filename: "a.csv", contentType: nil))
    for first in 0...body.count {
        #expect(try parse(body, cuts: [first]) == whole)
        for second in stride(from: first, through: body.count, by: 7) {
            #expect(try parse(body, cuts: [first, second]) == whole)
        }
    }
    #expect(try parse(body, cuts: Array(0...body.count)) == whole)
}

@Test("random bodies survive random cuts")
func randomBodies() throws {
    var random = SplitMix(state: 42)
    let alphabet = Array("\r\n-XyZa ".utf8)
    for _ in 0..<500 {
        let body = (0..<Int(random.next() % 40)).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
        let text = String(decoding: body, as: UTF8.self)
        // The delimiter itself must not be inside: RFC 2046 asks the sender to choose another boundary.
        guard !("\r\n" + text + "\r\n").contains("\r\n--XyZ") else { continue }
        let encoded = form([(disposition, body)])
        let cuts = (0..<Int(random.next() % 6)).map { _ in Int(random.next() % UInt64(encoded.count)) }.sorted()
        #expect(try parse(encoded, cuts: cuts).map(\.body) == [body])
    }
}

@Test("a preamble, an epilogue and padding after the boundary are skipped")
func preambleAndEpilogue() throws {
    let text = "preamble\r\n--XyZ \t\r\n\(disposition)\r\n\r\nq\r\n--XyZ--\r\nepilogue --XyZ\r\n"
    #expect(try parse(Array(text.utf8)).map(\.body) == [[0x71]])
}

@Test("a part without any body ends at the next boundary")
func partWithoutBody() throws {
    let text = Array("--XyZ\r\n\(disposition)\r\n\r\n--XyZ--".utf8)
    for cut in 0...text.count { #expect(try parse(text, cuts: [cut]).map(\.body) == [[]]) }
}

@Test(
    "a body that is cut, or breaks the format, is refused",
    arguments: [
        "", "--XyZ", "--XyZ\r\n\(disposition)\r\n\r\nabc", "--XyZ\r\n\(disposition)\r\n\r\nabc\r\n--XyZ",
        "--XyZ\r\nno colon\r\n\r\nx\r\n--XyZ--", "--XyZ\r\nContent-Type: text/csv\r\n\r\nx\r\n--XyZ--",
        "--XyZ\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XyZ--",
        "--XyZ\r\nContent-Disposition: form-data; name=\"open\r\n\r\nx\r\n--XyZ--",
        "--XyZ\r\n\(disposition)\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n--XyZ--",
    ])
func refusesBrokenBodies(text: String) {
    #expect(throws: MultipartError.self) { try parse(Array(text.utf8)) }
}

@Test("endless headers and endless parts are refused with bounded memory")
func limits() throws {
    let long = Array("--XyZ\r\nX: ".utf8) + [UInt8](repeating: 0x61, count: 40_000)
    #expect(throws: MultipartError.self) { try parse(long) }
    let many = form(Array(repeating: (disposition, []), count: 65))
    #expect(throws: MultipartError.self) { try parse(many) }
}

@Test(
    "names and file names are read as browsers and curl write them",
    arguments: [
        ("form-data; name=\"file\"; filename=\"a \\\"b\\\".csv\"", "file", "a \"b\".csv"),
        ("form-data; name=file; filename=plain.csv", "file", "plain.csv"),
        ("Form-Data; Name=\"file\"; FileName=\"C:\\data\\x.csv\"", "file", "C:\\data\\x.csv"),
        ("form-data; name=\"file\"; filename=\"%22quoted%22.csv\"", "file", "\"quoted\".csv"),
        ("form-data; name=\"file\"; filename=\"été;1.csv\"", "file", "été;1.csv"),
    ])
func readsNames(header: String, name: String, filename: String) throws {
    let found = try parse(form([("Content-Disposition: " + header, [])]))
    #expect(found[0].part.name == name)
    #expect(found[0].part.filename == filename)
}

@Test("boundaries outside RFC 2046 are refused", arguments: ["", "ends ", String(repeating: "b", count: 71), "tab\t"])
func refusesBoundaries(boundary: String) {
    #expect(throws: MultipartError.self) { try MultipartParser(boundary: boundary) }
}

/// A small generator with a fixed seed, so that a failure repeats.
struct SplitMix {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
