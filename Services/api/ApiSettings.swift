import Foundation
import ServiceKit

/// What the API reads beyond ``ServiceSettings``.
struct ApiSettings: Sendable {
    var service: ServiceSettings
    /// Largest upload; a tenant's own limit may be lower.
    var uploadLimit: Int
    /// Folders from which `source_uri` may take files; none by default.
    var sourceRoots: [String]
    /// An upload that sends nothing for this long is given up.
    var uploadIdle: Duration
    /// Jobs that may be open at a time, over all tenants.
    var openJobs: Int
    /// Messages that may wait for the broker before uploads are turned away.
    var outboxLimit: Int
    /// Pause between two rounds of the collector.
    var collectEvery: Duration
    /// What no job refers to is removed after this time.
    var collectAfter: Duration
    /// Jobs that ended so long ago are erased; nil keeps them.
    var retention: Duration?
    /// Longest `Prefer: wait`.
    var longestWait: Int

    init(reader: inout SettingsReader) throws {
        service = try ServiceSettings(name: "api", defaultPort: 8080, reader: &reader)
        uploadLimit = reader.bytes("SANITIZER_UPLOAD_LIMIT", default: "64GiB", atLeast: 1, "largest upload")
        sourceRoots = reader.list(
            "SANITIZER_SOURCE_ROOTS", default: "", "folders that a source_uri with file:// may point into")
        uploadIdle = reader.seconds(
            "SANITIZER_UPLOAD_IDLE_SECONDS", default: 30, in: 1...3600, "an upload that sends nothing for this long is given up")
        openJobs = reader.integer(
            "SANITIZER_OPEN_JOBS", default: 10_000, in: 1...10_000_000, "jobs that may be open at a time, over all tenants")
        outboxLimit = reader.integer(
            "SANITIZER_OUTBOX_LIMIT", default: 20_000, in: 1...10_000_000,
            "messages that may wait for the broker before uploads are turned away")
        collectEvery = reader.seconds(
            "SANITIZER_COLLECT_SECONDS", default: 3600, in: 1...86_400, "pause between two rounds of the collector")
        collectAfter = reader.seconds(
            "SANITIZER_COLLECT_AFTER_SECONDS", default: 86_400, in: 1...31_536_000,
            "what no job refers to is removed after this time")
        let days = reader.integer(
            "SANITIZER_RETENTION_DAYS", default: 0, in: 0...36_500, "jobs that ended so long ago are erased; 0 keeps them")
        retention = days > 0 ? .seconds(days * 86_400) : nil
        longestWait = reader.integer("SANITIZER_LONGEST_WAIT_SECONDS", default: 60, in: 0...600, "longest 'Prefer: wait'")
    }
}
