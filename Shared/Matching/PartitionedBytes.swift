internal import Tabular

/// Growable runs of bytes, one per partition. Not thread-safe.
final class PartitionedBytes {
    private struct Run {
        var base: UnsafeMutableRawPointer
        var count: Int
        var capacity: Int
    }
    private let partitions: Int
    private let runs: UnsafeMutablePointer<Run>

    /// - Parameter capacity: bytes that a partition has room for at first.
    init(partitions: Int, capacity: Int = 4096) {
        self.partitions = partitions
        runs = .allocate(capacity: partitions)
        for p in 0..<partitions {
            (runs + p).initialize(
                to: Run(base: .allocate(byteCount: capacity, alignment: 16), count: 0, capacity: capacity))
        }
    }
    deinit {
        for p in 0..<partitions { runs[p].base.deallocate() }
        runs.deallocate()
    }

    @inline(__always)
    func count(_ partition: Int) -> Int { runs[partition].count }

    /// Makes room for `n` more bytes and returns where they go; follow with ``commit(_:_:)``.
    @inline(__always)
    func reserve(_ partition: Int, _ n: Int) -> UnsafeMutableRawPointer {
        if runs[partition].count &+ n > runs[partition].capacity { grow(partition, n) }
        return runs[partition].base + runs[partition].count
    }
    /// Takes `n` bytes written at the reserved place.
    @inline(__always)
    func commit(_ partition: Int, _ n: Int) { runs[partition].count &+= n }

    /// Copies the bytes of a partition to `out` and forgets them; returns where they end.
    func move(_ partition: Int, to out: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        let count = runs[partition].count
        out.copyMemory(from: runs[partition].base, byteCount: count)
        runs[partition].count = 0
        return out + count
    }

    @inline(never)
    private func grow(_ partition: Int, _ n: Int) {
        let run = runs[partition]
        var capacity = run.capacity
        while capacity < run.count + n { capacity *= 2 }
        let bigger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        LargeBlocks.advise(bigger, bytes: capacity)
        bigger.copyMemory(from: run.base, byteCount: run.count)
        run.base.deallocate()
        runs[partition].base = bigger
        runs[partition].capacity = capacity
    }
}
