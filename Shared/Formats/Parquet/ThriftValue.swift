internal import Domain

/// Any Thrift value, so that metadata can be rewritten without knowing every field: what a newer writer added is kept.
indirect enum ThriftValue: Equatable {
    case bool(Bool)
    /// 8 to 64 bits; the type says how many.
    case integer(ThriftType, Int64)
    case double(UInt64)
    case binary([UInt8])
    case list(ThriftType, [ThriftValue])
    case map(ThriftType, ThriftType, [ThriftValue])
    case structure([ThriftField])
}

struct ThriftField: Equatable {
    var id: Int16
    var value: ThriftValue
}

extension ThriftValue {
    /// Field `id` of a struct; setting nil removes it.
    subscript(_ id: Int16) -> ThriftValue? {
        get {
            guard case .structure(let fields) = self else { return nil }
            return fields.first { $0.id == id }?.value
        }
        set {
            guard case .structure(var fields) = self else { return }
            let at = fields.firstIndex { $0.id >= id } ?? fields.count
            let exists = at < fields.count && fields[at].id == id
            switch (newValue, exists) {
            case (nil, true): fields.remove(at: at)
            case (nil, false): break
            case (let value?, true): fields[at].value = value
            case (let value?, false): fields.insert(ThriftField(id: id, value: value), at: at)
            }
            self = .structure(fields)
        }
    }
    var integer: Int64? { if case .integer(_, let v) = self { v } else { nil } }
    var binary: [UInt8]? { if case .binary(let v) = self { v } else { nil } }
    var elements: [ThriftValue]? { if case .list(_, let v) = self { v } else { nil } }
    /// Adds to the integer field `id`, when there is one.
    mutating func shift(_ id: Int16, by delta: Int64) {
        guard case .integer(let type, let v)? = self[id] else { return }
        self[id] = .integer(type, v &+ delta)
    }

    var type: ThriftType {
        switch self {
        case .bool: .true
        case .integer(let type, _): type
        case .double: .double
        case .binary: .binary
        case .list: .list
        case .map: .map
        case .structure: .structure
        }
    }
}

extension ThriftWriter {
    /// A value as list element, or as top-level struct.
    mutating func element(_ value: ThriftValue) {
        switch value {
        case .bool(let v): raw(CollectionOfOne(v ? 1 : 2))
        case .integer(.i8, let v): raw(CollectionOfOne(UInt8(truncatingIfNeeded: v)))
        case .integer(_, let v): zigzag(v)
        case .double(let bits): withUnsafeBytes(of: bits.littleEndian) { raw($0) }
        case .binary(let v): element(v)
        case .list(let type, let items):
            listHeader(type, count: items.count)
            for item in items { element(item) }
        case .map(let key, let item, let entries):
            varint(UInt64(entries.count / 2))
            if !entries.isEmpty { raw(CollectionOfOne(key.rawValue << 4 | item.rawValue)) }
            for entry in entries { element(entry) }
        case .structure(let fields):
            structure { w in
                for f in fields {
                    if case .bool(let v) = f.value {
                        w.bool(f.id, v)
                    } else {
                        w.field(f.id, f.value.type)
                        w.element(f.value)
                    }
                }
            }
        }
    }
}

/// Reads Thrift's compact protocol; depth, counts and lengths are checked against the bytes at hand.
struct ThriftReader {
    private let bytes: [UInt8]
    private(set) var position = 0
    private static let depthLimit = 32

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func structure(_ bytes: [UInt8]) throws(SanitizerError) -> ThriftValue {
        var reader = ThriftReader(bytes)
        return try reader.value(.structure, depth: 0)
    }

    private func fail(_ what: String) -> SanitizerError {
        SanitizerError(.corruptIntermediate, "parquet footer: \(what) at byte \(position)")
    }
    private mutating func byte() throws(SanitizerError) -> UInt8 {
        guard position < bytes.count else { throw fail("ends early") }
        position += 1
        return bytes[position - 1]
    }
    private mutating func varint() throws(SanitizerError) -> UInt64 {
        var v: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            let b = try byte()
            v |= UInt64(b & 0x7F) << shift
            if b < 0x80 { return v }
        }
        throw fail("number too long")
    }
    private mutating func zigzag() throws(SanitizerError) -> Int64 {
        let v = try varint()
        return Int64(bitPattern: v >> 1) ^ -Int64(bitPattern: v & 1)
    }
    private mutating func count() throws(SanitizerError) -> Int {
        let n = try varint()
        guard n <= UInt64(bytes.count - position) else { throw fail("count \(n) exceeds the footer") }
        return Int(n)
    }
    private func type(_ code: UInt8) throws(SanitizerError) -> ThriftType {
        guard let type = ThriftType(rawValue: code) else { throw fail("unknown type \(code)") }
        return type
    }

    private mutating func value(_ type: ThriftType, depth: Int) throws(SanitizerError) -> ThriftValue {
        guard depth < Self.depthLimit else { throw fail("nested too deep") }
        switch type {
        case .true, .false: return .bool(try byte() == 1)
        case .i8: return .integer(.i8, Int64(Int8(bitPattern: try byte())))
        case .i16, .i32, .i64: return .integer(type, try zigzag())
        case .double:
            var bits: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 64, by: 8) { bits |= UInt64(try byte()) << shift }
            return .double(bits)
        case .binary:
            let n = try count()
            guard n <= bytes.count - position else { throw fail("length \(n) exceeds the footer") }
            defer { position += n }
            return .binary(Array(bytes[position..<position + n]))
        case .list, .set:
            let head = try byte()
            let item = try self.type(head & 15)
            let n = head >> 4 == 15 ? try count() : Int(head >> 4)
            var items: [ThriftValue] = []
            for _ in 0..<n { items.append(try value(item, depth: depth + 1)) }
            return .list(item, items)
        case .map:
            let n = try count()
            guard n > 0 else { return .map(.binary, .binary, []) }
            let types = try byte()
            let (key, item) = (try self.type(types >> 4), try self.type(types & 15))
            var entries: [ThriftValue] = []
            for _ in 0..<n {
                entries.append(try value(key, depth: depth + 1))
                entries.append(try value(item, depth: depth + 1))
            }
            return .map(key, item, entries)
        case .structure:
            var fields: [ThriftField] = []
            var id: Int16 = 0
            while true {
                let head = try byte()
                if head == 0 { return .structure(fields) }
                let type = try self.type(head & 15)
                if head >> 4 == 0 {
                    id = Int16(truncatingIfNeeded: try zigzag())
                } else {
                    id &+= Int16(head >> 4)
                }
                let field: ThriftValue =
                    switch type {
                    case .true: .bool(true)
                    case .false: .bool(false)
                    default: try value(type, depth: depth + 1)
                    }
                fields.append(ThriftField(id: id, value: field))
            }
        }
    }
}
