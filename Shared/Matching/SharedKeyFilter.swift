/// Which keys several rows have, about: every key that was added twice is one, a key that was added once is mostly none. Most keys are of
/// one row alone, and need not be sorted.
struct SharedKeyFilter: ~Copyable {
    /// Two bits per place: how often its keys were added, up to twice.
    private let words: UnsafeMutablePointer<UInt64>
    private let mask: UInt64
    /// Keys, each as often as it was added, for which ``isShared(_:)`` holds.
    private(set) var shared = 0

    /// - Parameters:
    ///   - keys: how many will be added.
    ///   - places: per key at least; up to twice as many.
    init(keys: Int, places: Int) {
        var bits = 10
        while 1 << bits < keys * places { bits += 1 }
        mask = 1 << UInt64(bits) - 1
        words = .allocate(capacity: 1 << (bits - 5))
        words.initialize(repeating: 0, count: 1 << (bits - 5))
    }
    deinit { words.deallocate() }

    /// - Parameter key: its lower bits decide the place.
    @inline(__always)
    mutating func add(_ key: UInt64) {
        let place = key & mask
        let word = words + Int(truncatingIfNeeded: place >> 5)
        let shift = (place & 31) &* 2
        // 0, 1 or 2. Which it is is a matter of chance, so that nothing branches on it.
        let times = word.pointee >> shift & 3
        word.pointee &+= (~times >> 1 & 1) << shift
        shared &+= Self.newlyShared >> Int(truncatingIfNeeded: times &* 2) & 3
    }
    /// Two bits per number of times that the key was there before: the second one brings the first with it.
    private static let newlyShared = 0b01_10_00

    @inline(__always)
    func isShared(_ key: UInt64) -> Bool {
        let place = key & mask
        return words[Int(truncatingIfNeeded: place >> 5)] >> ((place & 31) &* 2) & 2 != 0
    }
}
