import Domain
import Foundation
import ObjectStore
import ServiceKit
import Tabular

/// Files that a job may take its input from: below allow-listed folders only, links resolved first.
struct SourceRoots: Sendable {
    private let roots: [String]

    /// - Parameter roots: absolute folders; relative or missing ones allow nothing.
    init(_ roots: [String]) {
        self.roots = roots.filter { $0.hasPrefix("/") }.compactMap(Self.real).map { $0.hasSuffix("/") ? $0 : $0 + "/" }
    }

    /// The real path of an allowed file.
    /// - Throws: 422 for what is not allowed; the same answer for what does not exist, so that nothing can be probed.
    func resolve(_ uri: String) throws -> String {
        guard uri.hasPrefix("file:///"), !uri.contains("\0"), uri.utf8.count <= 4096,
            let path = String(uri.dropFirst(7)).removingPercentEncoding, !path.contains("\0"), let real = Self.real(path),
            roots.contains(where: { real.hasPrefix($0) })
        else { throw Self.refused }
        var info = stat()
        guard stat(real, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { throw Self.refused }
        return real
    }

    /// One answer for what is not allowed, not there, and not readable.
    static let refused = Problem(
        422, "source_not_allowed", "the source_uri is not a readable file below an allowed folder: ask the operator which are")

    private static func real(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
