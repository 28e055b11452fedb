internal import Domain
internal import Tabular

/// The files of a zip archive that are tables.
enum ZipContainer {
    /// Leaves out folders and what operating systems add.
    static func members(_ archive: ZipArchive) -> [ZipArchive.Entry] {
        archive.entries.filter { entry in
            let last = entry.name.split(separator: "/").last ?? ""
            return !entry.isFolder && !entry.name.hasPrefix("__MACOSX/") && !last.hasPrefix(".") && last != "Thumbs.db"
        }
    }

    /// - Throws: `inputEmpty` without files, `recipeInvalid` when one of several must be chosen.
    static func choose(_ archive: ZipArchive, _ wanted: String?) throws -> ZipArchive.Entry {
        let members = members(archive)
        guard let first = members.first else {
            throw SanitizerError(.inputEmpty, "\(archive.name): no file in the zip archive, nothing to read")
        }
        if let wanted {
            if let found = members.first(where: { $0.name == ZipArchive.normal(wanted) }) { return found }
        } else if members.count == 1 {
            return first
        }
        let known = members.prefix(20).map(\.name).joined(separator: ", ")
        throw SanitizerError(
            .recipeInvalid,
            "\(archive.name): \(wanted.map { "no member \($0)" } ?? "\(members.count) files in the archive"), choose one with "
                + "member: \(known)")
    }

    static func unpack(_ source: any ByteSource, member: String, limits: InputLimits?, to sink: any ByteSink) throws {
        let archive = try ZipArchive(source, name: "the zip archive", limits: limits)
        guard let entry = archive.entry(member) else {
            throw SanitizerError(.inputUnreadable, "the zip archive has no member \(member)")
        }
        let stream = try archive.open(entry)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let n = try stream.read(into: buffer)
            if n == 0 { return }
            try sink.write(UnsafeRawBufferPointer(rebasing: buffer[0..<n]))
        }
    }
}
