/// Words in one block of memory with a table that picks early words more often than late ones, as names and places are in life.
final class WordPool: @unchecked Sendable {
    // @unchecked: written in init only, then read by all threads.
    private let bytes: UnsafeMutablePointer<UInt8>
    private let starts: UnsafeMutablePointer<Int>
    private let picks: UnsafeMutablePointer<UInt16>
    let count: Int
    private static let tableSize = 8192

    /// - Parameters:
    ///   - text: words separated by commas, most frequent first.
    ///   - flatness: the larger, the more alike the frequencies; weight of rank r is 1 / (r + flatness).
    convenience init(_ text: String, flatness: Int = 12) {
        let words = text.split(whereSeparator: { $0 == "," || $0 == "\n" }).map { $0.drop(while: { $0 == " " }) }
        self.init(words: words.filter { !$0.isEmpty }.map(String.init), flatness: flatness)
    }

    init(words: [String], flatness: Int) {
        precondition(!words.isEmpty && words.count <= Self.tableSize)
        count = words.count
        bytes = .allocate(capacity: words.reduce(0) { $0 + $1.utf8.count } + 1)
        starts = .allocate(capacity: words.count + 1)
        starts[0] = 0
        for (i, word) in words.enumerated() {
            var at = starts[i]
            for b in word.utf8 {
                bytes[at] = b
                at += 1
            }
            starts[i + 1] = at
        }
        // Integer weights: the same table on every machine.
        let weights = words.indices.map { 1_000_000 / ($0 + flatness) }
        let total = weights.reduce(0, +)
        picks = .allocate(capacity: Self.tableSize)
        var cumulated = weights[0]
        var word = 0
        for slot in 0..<Self.tableSize {
            while cumulated * Self.tableSize <= slot * total, word + 1 < words.count {
                word += 1
                cumulated += weights[word]
            }
            picks[slot] = UInt16(word)
        }
    }
    deinit {
        bytes.deallocate()
        starts.deallocate()
        picks.deallocate()
    }

    @inline(__always) subscript(_ index: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: bytes + starts[index], count: starts[index &+ 1] &- starts[index])
    }
    /// The number of a word, early ones more often.
    @inline(__always) func pick(_ random: inout RowRandom) -> Int {
        Int(picks[Int(truncatingIfNeeded: random.next() >> 51)])
    }
    /// A word, early ones more often.
    @inline(__always) func word(_ random: inout RowRandom) -> UnsafeBufferPointer<UInt8> { self[pick(&random)] }
}
