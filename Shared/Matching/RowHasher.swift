internal import CScan
internal import Tabular

/// 128-bit fingerprint of a row: XXH3 over all cells, each with its length in front; a missing cell equals an empty one.
///
/// Equal fingerprints are taken as equal rows: among 10^9 rows the chance of any collision is below 2 * 10^-21.
struct RowHasher {
    private let arena = ByteArena(capacity: 1 << 14)

    @inline(__always)
    mutating func hash(_ batch: TextBatch, _ row: Int) -> (low: UInt64, high: UInt64) {
        let columns = batch.columns
        let cells = batch.cells + row &* columns
        let base = batch.base
        let text = UnsafePointer(batch.arena.base)
        var size = columns &* 4
        for c in 0..<columns { size &+= cells[c].length }
        arena.removeAll()
        let start = arena.reserve(size &+ 16)
        var p = start
        for c in 0..<columns {
            let cell = cells[c]
            let n = cell.length
            UnsafeMutableRawPointer(p).storeBytes(of: UInt32(truncatingIfNeeded: n), as: UInt32.self)
            p += 4
            let from = (cell.isInArena ? text : base) + Int(cell.offset)
            p.update(from: from, count: n)
            p += n
        }
        return Hash.h128(start, p - start)
    }
}

/// Room for the grams of one row. One thread at a time.
final class GramScratch {
    private var capacity = 0
    private var text = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
    private(set) var output = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
    deinit {
        text.deallocate()
        output.deallocate()
    }

    /// Rows with more text get no near-duplicate keys: a bound on time and memory, reported nowhere because none compares them.
    static let maximumRowBytes = 1 << 16

    /// Fills `output` and returns the number of grams.
    @inline(__always)
    func grams(_ batch: TextBatch, _ row: Int, roles: UnsafePointer<UInt8>, common: UnsafePointer<UInt64>?) -> Int {
        let columns = batch.columns
        let cells = batch.cells + row &* columns
        var size = 8 &* columns &+ 16
        for c in 0..<columns { size &+= cells[c].length }
        if size &- 8 &* columns > Self.maximumRowBytes { return 0 }
        if size > capacity { grow(size) }
        return UnsafeRawPointer(cells).withMemoryRebound(to: UInt32.self, capacity: 2 &* columns) {
            cscan_grams($0, batch.base, batch.arena.base, roles, columns, common, text, output)
        }
    }

    @inline(never)
    private func grow(_ size: Int) {
        capacity = size * 2
        text.deallocate()
        output.deallocate()
        text = .allocate(capacity: capacity)
        output = .allocate(capacity: capacity)
    }
}
