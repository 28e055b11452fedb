import Foundation
import Testing

@testable import ServiceKit

@Test("a missing required setting and a value out of range are reported together, by name")
func reportsAllProblems() {
    var reader = SettingsReader(environment: ["PORT": "99999"])
    _ = reader.integer("PORT", default: 8080, in: 1...65535, "port")
    _ = reader.text("DATABASE", default: nil, "database")
    let error = #expect(throws: SettingsError.self) { try reader.validate() }
    #expect(error?.problems.count == 2)
    #expect(error?.description.contains("PORT must be 1 to 65535, not '99999'") == true)
    #expect(error?.description.contains("DATABASE is not set") == true)
}

@Test("defaults hold where nothing is set, and an empty variable counts as not set")
func defaults() throws {
    var reader = SettingsReader(environment: ["SIZE": ""])
    #expect(reader.bytes("SIZE", default: "512MiB", atLeast: 1, "size") == 512 << 20)
    #expect(reader.seconds("LEASE", default: 30, in: 5...60, "lease") == .seconds(30))
    try reader.validate()
}

@Test("a secret is read from a file, and no description of it shows its value")
func secretFromFile() throws {
    let path = NSTemporaryDirectory() + "secret-\(UUID().uuidString)"
    try Data("s3cr3t\n".utf8).write(to: URL(fileURLWithPath: path))
    defer { unlink(path) }
    var reader = SettingsReader(environment: ["KEY_FILE": path])
    let secret = reader.secret("KEY", default: nil, "key")
    try reader.validate()
    #expect(secret.value == "s3cr3t")
    for text in ["\(secret)", String(reflecting: secret), "\([secret])", "\(Optional(secret) as Any)"] {
        #expect(!text.contains("s3cr3t"))
    }
    var dumped = ""
    dump(secret, to: &dumped)
    #expect(!dumped.contains("s3cr3t"))
}

@Test("a wrong secret is not repeated in the error")
func wrongSecretIsNotShown() {
    var reader = SettingsReader(environment: ["KEY": "oops-private"])
    _ = reader.secret("KEY", default: nil, "key", range: "64 hexadecimal digits") { $0.count == 64 }
    #expect(reader.problems == ["KEY must be 64 hexadecimal digits"])
}

@Test(
    "sizes are read with and without units",
    arguments: [("4096", 4096), ("512MiB", 512 << 20), ("2 GB", 2_000_000_000), ("1kib", 1024), ("10b", 10)])
func sizes(text: String, bytes: Int) {
    #expect(ByteSize.parse(text) == bytes)
}

@Test("what is no size is refused", arguments: ["", "MiB", "-1", "1.5GB", "9999999999TB", "1 XB"])
func noSizes(text: String) {
    #expect(ByteSize.parse(text) == nil)
}
