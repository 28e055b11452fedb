internal import CLinux

/// What the C library's allocator does with freed memory.
enum HeapMemory {
    private static let largestReused: Int32 = 32 << 20
    private static let mostKept: Int32 = 64 << 20

    /// Blocks of a chunk's size are used again for the next chunk. By default every one would be mapped anew, and the kernel
    /// would clear its pages: a tenth of the time of a large job.
    static let reusesLargeBlocks: Bool = mallopt(M_MMAP_THRESHOLD, largestReused) == 1 && mallopt(M_TRIM_THRESHOLD, mostKept) == 1

    /// Returns free pages of every arena (glibc, malloc_trim(3)).
    static func trim() { malloc_trim(0) }
}
