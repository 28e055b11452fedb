/// Writes structs in Thrift's compact protocol, as Parquet's metadata has it.
///
/// - Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
struct ThriftWriter {
    private(set) var bytes: [UInt8] = []
    private var lastField: [Int16] = [0]

    mutating func varint(_ v: UInt64) {
        var v = v
        while v >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: v) | 0x80)
            v >>= 7
        }
        bytes.append(UInt8(v))
    }
    mutating func zigzag(_ v: Int64) { varint(UInt64(bitPattern: (v << 1) ^ (v >> 63))) }
    mutating func raw(_ b: some Collection<UInt8>) { bytes.append(contentsOf: b) }

    mutating func field(_ id: Int16, _ type: ThriftType) {
        let step = id - lastField[lastField.count - 1]
        if step > 0 && step <= 15 {
            bytes.append(UInt8(step) << 4 | type.rawValue)
        } else {
            bytes.append(type.rawValue)
            zigzag(Int64(id))
        }
        lastField[lastField.count - 1] = id
    }
    mutating func i32(_ id: Int16, _ v: Int) {
        field(id, .i32)
        zigzag(Int64(v))
    }
    mutating func i64(_ id: Int16, _ v: Int64) {
        field(id, .i64)
        zigzag(v)
    }
    mutating func i16(_ id: Int16, _ v: Int) {
        field(id, .i16)
        zigzag(Int64(v))
    }
    mutating func bool(_ id: Int16, _ v: Bool) { field(id, v ? .true : .false) }
    mutating func binary(_ id: Int16, _ v: some Collection<UInt8>) {
        field(id, .binary)
        element(v)
    }
    mutating func element(_ v: some Collection<UInt8>) {
        varint(UInt64(v.count))
        raw(v)
    }
    mutating func list(_ id: Int16, _ type: ThriftType, count: Int) {
        field(id, .list)
        listHeader(type, count: count)
    }
    mutating func listHeader(_ type: ThriftType, count: Int) {
        if count < 15 {
            bytes.append(UInt8(count) << 4 | type.rawValue)
        } else {
            bytes.append(0xF0 | type.rawValue)
            varint(UInt64(count))
        }
    }
    /// A struct as field `id`, or as list element without one.
    mutating func structure(_ id: Int16? = nil, _ body: (inout ThriftWriter) -> Void) {
        if let id { field(id, .structure) }
        lastField.append(0)
        body(&self)
        stop()
    }
    private mutating func stop() {
        bytes.append(0)
        lastField.removeLast()
    }
    /// The bytes of one top-level struct.
    static func encode(_ body: (inout ThriftWriter) -> Void) -> [UInt8] {
        var w = ThriftWriter()
        w.structure(nil, body)
        return w.bytes
    }
}

/// Type codes of the compact protocol.
enum ThriftType: UInt8 {
    case `true` = 1
    case `false` = 2
    case i8 = 3
    case i16 = 4
    case i32 = 5
    case i64 = 6
    case double = 7
    case binary = 8
    case list = 9
    case set = 10
    case map = 11
    case structure = 12
}
