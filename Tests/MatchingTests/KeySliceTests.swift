import Domain
import Testing

@testable import Matching

@Suite("Keys of a chunk, by partition")
struct KeySliceTests {
    private struct Entry: Hashable, Comparable {
        var ordinal: UInt32
        var known: UInt64
        var tail: UInt32
        var key: UInt32
        static func < (a: Self, b: Self) -> Bool { (a.ordinal, a.key) < (b.ordinal, b.key) }
    }

    /// The slice that holds the groups of one partition alone.
    private func slice(_ writer: KeyGroupWriter, _ partition: Int, chunk: Int = 7) -> [UInt8] {
        let count = writer.count(partition)
        var bytes = [UInt8](repeating: 0, count: KeySlice.headBytes + count)
        bytes.withUnsafeMutableBytes {
            KeySlice.writeHead($0.baseAddress!, chunk: chunk, exactBytes: 0, nearBytes: count)
            _ = writer.move(partition, to: $0.baseAddress! + KeySlice.headBytes)
        }
        return bytes
    }

    private func read(_ slice: KeySlice, _ layout: KeyGroups) -> [Entry] {
        var out: [Entry] = []
        var row: UInt64 = 0
        slice.forEachNear(
            layout, row: { number, _ in row = number },
            key: { known, key in
                out.append(
                    Entry(
                        ordinal: UInt32(truncatingIfNeeded: row), known: known.loadUnaligned(as: UInt64.self),
                        tail: layout.rowBytes == 12 ? known.loadUnaligned(fromByteOffset: 8, as: UInt32.self) : 0, key: key))
            })
        return out
    }

    @Test(
        "come back with their rows: far ordinals, canaries, more keys than a group holds", arguments: [true, false], [1, 3, 64])
    func roundTrip(isLinks: Bool, partitions: Int) throws {
        let layout = isLinks ? KeyGroups.links : .wholeRows
        let writer = KeyGroupWriter(layout, partitions: partitions)
        var r = TestRandom(state: UInt64(partitions))
        for round in 0..<2 {
            var expected = [[Entry]](repeating: [], count: partitions)
            var ordinal: UInt32 = 0
            for _ in 0..<300 {
                ordinal += [0, 1, 3, 14, 15, 16, 70_000][r.below(7)]
                let isCanary = r.below(20) == 0
                let known = (r.next(), UInt32(truncatingIfNeeded: r.next()))
                let row = isCanary ? ordinal | Canaries.flag : ordinal
                writer.begin(ordinal: row, known: known)
                for _ in 0..<r.below(40) {
                    let key = r.next()
                    writer.add(key)
                    expected[Partitioning.of(key, partitions)].append(
                        Entry(
                            ordinal: row, known: known.0, tail: isLinks ? 0 : known.1,
                            key: UInt32(truncatingIfNeeded: key)))
                }
                ordinal += 1
            }
            for p in 0..<partitions {
                let slice = try KeySlice(slice(writer, p), layout: layout)
                #expect(slice.nears == expected[p].count, "round \(round)")
                #expect(slice.chunk == 7 << 32)
                #expect(read(slice, layout) == expected[p])
                #expect(slice.highestOrdinal == expected[p].map { $0.ordinal & ~Canaries.flag }.max() ?? 0)
            }
        }
    }

    @Test("are refused when the bytes end early, and never read beyond them when they are broken")
    func broken() throws {
        let writer = KeyGroupWriter(.links, partitions: 1)
        var r = TestRandom(state: 5)
        for i in 0..<40 {
            writer.begin(ordinal: UInt32(i * 9), known: (r.next(), 0))
            for _ in 0..<r.below(20) { writer.add(r.next()) }
        }
        let whole = slice(writer, 0)
        for cut in 0..<whole.count {
            #expect(throws: SanitizerError.self) { try KeySlice(Array(whole.prefix(cut)), layout: .links) }
        }
        for _ in 0..<2000 {
            var bytes = whole
            bytes[r.below(bytes.count)] = UInt8(truncatingIfNeeded: r.next())
            if let slice = try? KeySlice(bytes, layout: .links) { #expect(read(slice, .links).count == slice.nears) }
        }
    }

    @Test(
        "a filter keeps every key that several rows have and hardly another, and knows how many it keeps",
        arguments: [0, 1, 10, 5000])
    func filter(keys: Int) {
        var r = TestRandom(state: UInt64(keys))
        var filter = SharedKeyFilter(keys: keys * 2, places: 4)
        let single = (0..<keys).map { _ in r.next() }
        let double = (0..<keys / 2).map { _ in r.next() }
        let all = single + double + double
        for key in all { filter.add(key) }
        let shared = all.count { filter.isShared($0) }
        let counted = filter.shared
        #expect(counted == shared)
        let missed = double.count { !filter.isShared($0) }
        #expect(missed == 0)
        let wrong = single.count { filter.isShared($0) }
        #expect(wrong <= keys / 3)
    }

    @Test(
        "a row has a code of 32 bits that leads back to it, in the order of the rows",
        arguments: [
            [(0, 0), (0, 1), (1, 0), (40, 99_999)], [(0, 0), (70_000, 70_000)], [(3, 5), (3, 6), (1 << 20, 1 << 20)],
            [(0, (1 << 31) - 1), (1, 4)], [(0, (1 << 31) - 1), (2, 4)],
        ])
    func codes(rows: [(Int, Int)]) {
        let ids = rows.map { UInt64($0.0) << 32 | UInt64($0.1) }
        var codes = RowCodes(
            highestChunk: UInt64(rows.map(\.0).max()!), highestOrdinal: UInt64(rows.map(\.1).max()!))
        var made: [UInt32] = []
        for id in ids {
            codes.add(id)
            made.append(codes.last)
        }
        #expect(made.map { codes[$0] } == ids)
        #expect(made == made.sorted())
    }
}
