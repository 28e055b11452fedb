internal import Tabular

/// The rows of all chunks as consecutive numbers in the order of their ids, so that they index arrays.
struct RowNumbers {
    /// Number of the first row of every chunk, and the end.
    private var bases: [Int] = []

    var count: Int { bases.last ?? 0 }

    /// Covers the rows of the pairs.
    init(_ pairs: some Sequence<CandidatePair>) {
        var sizes: [Int] = []
        func see(_ id: UInt64) {
            let chunk = Int(id >> 32)
            if chunk >= sizes.count { sizes += [Int](repeating: 0, count: chunk + 1 - sizes.count) }
            sizes[chunk] = max(sizes[chunk], Int(id & 0xFFFF_FFFF) + 1)
        }
        for p in pairs {
            see(p.a)
            see(p.b)
        }
        bases = [0]
        for size in sizes { bases.append(bases[bases.count - 1] + size) }
    }

    @inline(__always) subscript(_ id: UInt64) -> Int { bases[Int(id >> 32)] &+ Int(id & 0xFFFF_FFFF) }

    /// The ids of the numbers that are marked, ascending.
    func ids(_ marked: [Bool]) -> [RowID] {
        var out: [RowID] = []
        for chunk in 0..<(bases.count - 1) {
            for n in bases[chunk]..<bases[chunk + 1] where marked[n] {
                out.append(RowID(chunk: chunk, ordinal: n - bases[chunk]))
            }
        }
        return out
    }
}
