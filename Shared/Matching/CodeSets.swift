internal import Tabular

/// The words of every row that look like model numbers, and how many rows hold each.
///
/// Two rows that share a number which hardly any other row has are about the same thing, whatever else they say.
final class CodeSets {
    private struct Code {
        var hash: UInt32
        /// It stands in the column that names the thing, not in a longer text about it.
        var isName: Bool
    }
    private let isSampleWhole: Bool
    private let scratch = UnsafeMutablePointer<UInt8>.allocate(capacity: 64)
    private var starts: [Int32] = [0]
    private var all: [Code] = []
    private var current: [Code] = []
    private var sampled: [UInt32: UInt32] = [:]
    private var candidates: [UInt32: UInt32] = [:]

    private static let maximumPerRow = 24
    /// Rows up to which a number names one thing, and up to which it is no size or standard.
    private static let rare: UInt32 = 3
    private static let telling: UInt32 = 8

    /// `isSampleWhole`: the sample holds every row of the table.
    init(isSampleWhole: Bool) { self.isSampleWhole = isSampleWhole }
    deinit { scratch.deallocate() }

    /// Reads one cell of the row that is being added.
    func add(_ bytes: UnsafeBufferPointer<UInt8>, isName: Bool) {
        CodeWords.forEach(bytes, scratch: scratch) { word, length, _ in
            if current.count >= Self.maximumPerRow { return }
            current.append(Code(hash: ColumnStatistics.hash(word, length), isName: isName))
        }
    }

    enum Origin { case sample, candidate, canary }

    /// Ends the row; returns a hash of its numbers, 0 without any. Those of a canary are not counted.
    func endRow(_ origin: Origin) -> UInt32 {
        current.sort { ($0.hash, $0.isName ? 0 : 1) < ($1.hash, $1.isName ? 0 : 1) }
        var set: UInt64 = 0
        for (i, code) in current.enumerated() where i == 0 || current[i - 1].hash != code.hash {
            all.append(code)
            set = Hash.mix(set &+ UInt64(code.hash))
            switch origin {
            case .sample: sampled[code.hash, default: 0] += 1
            case .candidate: candidates[code.hash, default: 0] += 1
            case .canary: break
            }
        }
        current.removeAll(keepingCapacity: true)
        starts.append(Int32(all.count))
        return set == 0 ? 0 : UInt32(truncatingIfNeeded: set) | 1
    }

    /// 6, 5: a number is shared that hardly any, or few, other rows have, and that names at least one of the two; 0: each has a
    /// name of its own; -1: nothing is known.
    func level(_ a: Int, _ b: Int) -> Int8 {
        var i = Int(starts[a])
        var j = Int(starts[b])
        let endA = Int(starts[a + 1])
        let endB = Int(starts[b + 1])
        var least = UInt32.max
        var ownA = false
        var ownB = false
        while i < endA || j < endB {
            if i < endA, j < endB, all[i].hash == all[j].hash {
                if all[i].isName || all[j].isName { least = min(least, frequency(all[i].hash)) }
                i += 1
                j += 1
            } else if j >= endB || (i < endA && all[i].hash < all[j].hash) {
                ownA = ownA || (all[i].isName && frequency(all[i].hash) <= Self.telling)
                i += 1
            } else {
                ownB = ownB || (all[j].isName && frequency(all[j].hash) <= Self.telling)
                j += 1
            }
        }
        if least <= Self.rare { return 6 }
        if ownA && ownB { return 0 }
        return least <= Self.telling ? 5 : -1
    }

    private func frequency(_ hash: UInt32) -> UInt32 {
        max(isSampleWhole ? sampled[hash] ?? 0 : 0, candidates[hash] ?? 0)
    }
}
