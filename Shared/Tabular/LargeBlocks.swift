#if canImport(Glibc)
    internal import Glibc
#endif

/// Blocks of memory that are filled once from end to end.
public enum LargeBlocks {
    /// Smaller blocks would hold hardly any large page.
    private static let leastBytes = 4 << 20
    private static let largePage = 2 << 20

    /// Asks the kernel for large pages in a new block that is about to be filled: one fault for 2 MiB instead of 512. Call before the
    /// first write. Only advice: where there are none, nothing changes.
    /// - Source: madvise(2), MADV_HUGEPAGE
    public static func advise(_ start: UnsafeMutableRawPointer?, bytes: Int) {
        #if canImport(Glibc)
            guard let start, bytes >= leastBytes else { return }
            let first = start.alignedUp(toMultipleOf: largePage)
            let whole = (bytes - (first - start)) / largePage * largePage
            if whole > 0 { _ = madvise(first, whole, MADV_HUGEPAGE) }
        #endif
    }

    /// The same for the room that an array without elements has reserved.
    public static func advise<Element>(_ array: inout [Element]) {
        let bytes = array.capacity * MemoryLayout<Element>.stride
        array.withUnsafeMutableBufferPointer { advise(UnsafeMutableRawPointer($0.baseAddress), bytes: bytes) }
    }
}
