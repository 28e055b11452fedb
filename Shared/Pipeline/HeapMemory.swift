internal import CLinux

/// The allocator keeps freed memory for later; between stages, whose needs differ, it is given back to the system.
enum HeapMemory {
    /// Returns free pages of every arena (glibc, malloc_trim(3)).
    static func trim() { malloc_trim(0) }
}
