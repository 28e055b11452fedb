import Foundation

/// The paths and methods of the description: tells a wrong method from a wrong path.
struct KnownPaths: Sendable {
    private let paths: [(segments: [Substring], methods: [String])]

    /// - Parameter document: OpenAPI, JSON.
    init(document: [UInt8]) throws {
        struct Outline: Decodable {
            struct Operation: Decodable {}
            var paths: [String: [String: Operation]]
        }
        let outline = try JSONDecoder().decode(Outline.self, from: Data(document))
        paths = outline.paths.sorted { $0.key < $1.key }.map { path, operations in
            (path.split(separator: "/"), operations.keys.map { $0.uppercased() }.sorted())
        }
    }

    /// The methods that a path takes; empty for an unknown path.
    func methods(of path: String) -> [String] {
        let segments = path.split(separator: "/")
        return paths.filter { known in
            known.segments.count == segments.count
                && zip(known.segments, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }.flatMap(\.methods)
    }

    /// Every pattern with its methods, for tests.
    var all: [(path: String, methods: [String])] { paths.map { ("/" + $0.segments.joined(separator: "/"), $0.methods) } }
}
