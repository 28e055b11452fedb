internal import Domain
internal import Tabular

/// The parts of an Office Open XML package and how they refer to each other.
///
/// - Source: ECMA-376-2, 9.3 Relationships.
struct XLSXPackage {
    let archive: ZipArchive

    struct Relationship {
        var id: String
        /// The last piece of the type's address: `worksheet`, `styles`, ...
        var kind: String
        /// Name of the part.
        var target: String
    }

    /// What a part refers to; the empty name is the package itself.
    func relationships(of part: String) throws -> [Relationship] {
        let folder = part.split(separator: "/").dropLast().joined(separator: "/")
        let file = part.split(separator: "/").last ?? ""
        let name = "\(folder.isEmpty ? "" : folder + "/")_rels/\(file).rels"
        guard let entry = archive.entry(name) else { return [] }
        let reader = RelationshipReader(folder: folder)
        try parse(entry, reader)
        return reader.found
    }

    func parse(_ entry: ZipArchive.Entry, _ handler: XMLHandler) throws {
        try XMLReader.parse(try archive.open(entry), part: "\(archive.name): \(entry.name)", handler)
    }

    /// Name of the part that `target` means, seen from a folder.
    static func resolve(_ target: String, in folder: String) -> String {
        if target.hasPrefix("/") { return ZipArchive.normal(target) }
        var pieces = folder.split(separator: "/")
        for piece in target.replacing("\\", with: "/").split(separator: "/") {
            if piece == ".." {
                if !pieces.isEmpty { pieces.removeLast() }
            } else if piece != "." {
                pieces.append(piece)
            }
        }
        return pieces.joined(separator: "/")
    }

    private final class RelationshipReader: XMLHandler {
        private static let most = 100_000
        var found: [Relationship] = []
        private let folder: String
        init(folder: String) { self.folder = folder }

        override func start(_ name: XMLName, _ attributes: XMLAttributes) throws {
            guard name == "Relationship", found.count < Self.most, let id = attributes.string("Id"),
                let type = attributes.string("Type"), let target = attributes.string("Target")
            else { return }
            let kind = type.split(separator: "/").last.map(String.init) ?? type
            found.append(Relationship(id: id, kind: kind, target: XLSXPackage.resolve(target, in: folder)))
        }
    }
}
