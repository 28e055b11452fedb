internal import CLinux

/// What the C library's allocator does with freed memory.
enum HeapMemory {
    private static let largestReused: Int32 = 32 << 20
    private static let mostKept: Int32 = 64 << 20
    private static let largestKept: Int32 = 1 << 20
    /// Free memory at the end of an arena that is not given back: a block read for each of many partitions is not mapped anew.
    private static let mostIdle: Int32 = 8 << 20
    /// What lies unused between blocks that are used again, at most, as measured.
    private static let gaps = 120 << 20

    /// Says what becomes of blocks of a chunk's size. If the gaps between them fit below the ceiling, they are used again for
    /// the next chunk, else given back at once. Mapped anew, their pages are cleared by the kernel: a tenth of the time of a large
    /// job. Left to itself the allocator keeps more and more of them. Holds for the stages that follow.
    ///
    /// - Parameters:
    ///   - needed: what these stages need without gaps, in bytes.
    ///   - ceiling: what the process may have, in bytes.
    static func manage(needed: Int, ceiling: Int) {
        if needed + gaps <= ceiling {
            _ = mallopt(M_MMAP_THRESHOLD, largestReused)
            _ = mallopt(M_TRIM_THRESHOLD, mostKept)
        } else {
            _ = mallopt(M_MMAP_THRESHOLD, largestKept)
            _ = mallopt(M_TRIM_THRESHOLD, mostIdle)
        }
    }

    /// Returns free pages of every arena (glibc, malloc_trim(3)).
    static func trim() { malloc_trim(0) }
}
