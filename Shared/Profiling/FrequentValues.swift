internal import Tabular

/// Finds the frequent values of an open column within one chunk: 256 slots chosen by hash, a majority vote in each (Boyer and Moore).
/// A value that holds its slot has an exact count since it took it; the total is a lower bound.
final class FrequentValues {
    private static let slots = 256
    private static let slotBytes = 64
    /// From this count on the value's bytes are kept.
    private static let noted: Int32 = 8
    private struct Slot {
        var hash: UInt64 = 0
        var firstRow: UInt64 = 0
        var score: Int32 = 0
        var count: Int32 = 0
        var length: Int32 = 0
    }
    private let table: UnsafeMutablePointer<Slot>
    private let bytes: UnsafeMutablePointer<UInt8>

    init() {
        table = .allocate(capacity: Self.slots)
        table.initialize(repeating: Slot(), count: Self.slots)
        bytes = .allocate(capacity: Self.slots * Self.slotBytes)
    }
    deinit {
        table.deallocate()
        bytes.deallocate()
    }

    @inline(__always)
    func add(_ hash: UInt64, _ p: UnsafePointer<UInt8>, _ n: Int, row: UInt64) {
        let at = Int(truncatingIfNeeded: hash >> 32) & (Self.slots &- 1)
        let slot = table + at
        if slot.pointee.hash == hash {
            slot.pointee.score &+= 1
            slot.pointee.count &+= 1
            if slot.pointee.count == Self.noted, n <= Self.slotBytes {
                (bytes + at &* Self.slotBytes).update(from: p, count: n)
                slot.pointee.length = Int32(truncatingIfNeeded: n)
            }
        } else if slot.pointee.score <= 1 {
            slot.pointee = Slot(hash: hash, firstRow: row, score: 1, count: 1, length: 0)
        } else {
            slot.pointee.score &-= 1
        }
    }

    /// Hands over the values with at least `least` occurrences.
    func drain(into values: ValueTable, least: Int) {
        for i in 0..<Self.slots {
            let s = table[i]
            if s.length > 0, Int(s.count) >= least {
                values.add(
                    hash: s.hash, bytes: bytes + i * Self.slotBytes, length: Int(s.length), count: Int(s.count),
                    firstRow: s.firstRow)
            }
        }
    }
}
