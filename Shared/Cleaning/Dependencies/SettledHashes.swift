internal import Tabular

/// Maps the hash of a value to the hash of what the column's rewrites make of it; 0 where they empty the cell.
struct SettledHashes {
    private var changed: [UInt64: UInt64] = [:]

    init(_ column: ColumnResolution) {
        for rewrite in column.rewrites where rewrite.isApplied {
            changed[Self.hash(rewrite.from)] = rewrite.to.isEmpty ? 0 : Self.hash(rewrite.to)
        }
    }
    subscript(hash: UInt64) -> UInt64 { changed.isEmpty ? hash : changed[hash] ?? hash }

    /// As the profile hashes cells: 0 stands for a missing one.
    static func hash(_ text: String) -> UInt64 { max(Hash.h64(text), 1) }
}
