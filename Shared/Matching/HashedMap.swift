/// Values by keys that are hashes already and never 0: nothing is hashed again. Open addressing, at most half full.
final class HashedMap<Key: FixedWidthInteger & UnsignedInteger & BitwiseCopyable, Value: BitwiseCopyable> {
    private var count = 0
    private let none: Value
    private var bits = 4
    private var keys: UnsafeMutablePointer<Key>
    private var values: UnsafeMutablePointer<Value>

    /// - Parameter none: the value of a key before one is given to it.
    init(none: Value) {
        self.none = none
        (keys, values) = Self.places(bits, none)
    }
    deinit {
        keys.deallocate()
        values.deallocate()
    }

    private static func places(_ bits: Int, _ none: Value) -> (UnsafeMutablePointer<Key>, UnsafeMutablePointer<Value>) {
        let keys = UnsafeMutablePointer<Key>.allocate(capacity: 1 << bits)
        keys.initialize(repeating: 0, count: 1 << bits)
        let values = UnsafeMutablePointer<Value>.allocate(capacity: 1 << bits)
        values.initialize(repeating: none, count: 1 << bits)
        return (keys, values)
    }

    /// Where the key is, or the free place where it would be.
    @inline(__always)
    private func place(_ key: Key) -> Int {
        let mask = 1 << bits - 1
        let mixed = key &* Key(truncatingIfNeeded: 0x9E37_79B9_7F4A_7C15 as UInt64)
        var at = Int(truncatingIfNeeded: mixed >> Key(Key.bitWidth - bits))
        while keys[at] != 0, keys[at] != key { at = (at &+ 1) & mask }
        return at
    }

    /// Setting it adds the key.
    subscript(key: Key) -> Value {
        @inline(__always) get { values[place(key)] }
        @inline(__always)
        _modify {
            var at = place(key)
            if keys[at] == 0 {
                if count &* 2 == 1 << bits {
                    grow()
                    at = place(key)
                }
                keys[at] = key
                count &+= 1
            }
            yield &values[at]
        }
    }

    private func grow() {
        let (oldKeys, oldValues, size) = (keys, values, 1 << bits)
        bits += 1
        (keys, values) = Self.places(bits, none)
        for i in 0..<size where oldKeys[i] != 0 {
            let at = place(oldKeys[i])
            keys[at] = oldKeys[i]
            values[at] = oldValues[i]
        }
        oldKeys.deallocate()
        oldValues.deallocate()
    }

    /// In no order that means anything.
    func forEach(_ body: (Key, inout Value) -> Void) {
        for i in 0..<(1 << bits) where keys[i] != 0 { body(keys[i], &values[i]) }
    }
}
