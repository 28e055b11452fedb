internal import Tabular

/// A set of rows that tells which of them a row is: a bit for every row of their chunks, and 4 bytes for 64 of these.
struct RowSet {
    /// The number of the first bit of every chunk, and of the end.
    private var bases: [Int] = [0]
    private var bits: [UInt64] = []
    /// Members before each word of bits.
    private var ranks: [UInt32] = []

    /// - Parameter ids: ascending, each once.
    init(_ ids: some RandomAccessCollection<UInt64>) {
        var previous: UInt64?
        func close(upTo chunk: Int, lastOrdinal: UInt64) {
            bases.append(bases[bases.count - 1] + (Int(lastOrdinal) / 64 + 1) * 64)
            while bases.count <= chunk { bases.append(bases[bases.count - 1]) }
        }
        for id in ids {
            if let previous, previous >> 32 != id >> 32 {
                close(upTo: Int(id >> 32), lastOrdinal: previous & 0xFFFF_FFFF)
            } else if previous == nil {
                bases = [Int](repeating: 0, count: Int(id >> 32) + 1)
            }
            previous = id
        }
        guard let previous else { return }
        close(upTo: 0, lastOrdinal: previous & 0xFFFF_FFFF)
        bits = [UInt64](repeating: 0, count: bases[bases.count - 1] / 64)
        for id in ids {
            let bit = bases[Int(id >> 32)] + Int(id & 0xFFFF_FFFF)
            bits[bit / 64] |= 1 << UInt64(bit % 64)
        }
        ranks.reserveCapacity(bits.count)
        var count: UInt32 = 0
        for word in bits {
            ranks.append(count)
            count += UInt32(word.nonzeroBitCount)
        }
    }

    /// How many members come before this one; nil for a row that is none.
    @inline(__always)
    func position(of id: UInt64) -> Int? {
        let chunk = Int(id >> 32)
        guard chunk &+ 1 < bases.count else { return nil }
        let bit = bases[chunk] &+ Int(id & 0xFFFF_FFFF)
        guard bit < bases[chunk &+ 1] else { return nil }
        let word = bits[bit >> 6]
        let own: UInt64 = 1 << UInt64(bit & 63)
        return word & own == 0 ? nil : Int(ranks[bit >> 6]) &+ (word & (own &- 1)).nonzeroBitCount
    }
}
