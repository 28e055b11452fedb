internal import CRabbitMQ

/// A value in an AMQP table.
enum AMQPValue: Sendable {
    case string(String)
    case int(Int64)
    case bool(Bool)
    case table([(String, AMQPValue)])
}

/// Lends values to librabbitmq. `amqp_bytes_t` only borrows: what is lent lives until the closure returns, and no longer.
enum AMQPBridge {
    static func view(_ bytes: amqp_bytes_t) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len)
    }
    static func string(_ bytes: amqp_bytes_t) -> String { String(decoding: view(bytes), as: UTF8.self) }

    static func withBytes<Value>(_ text: String, _ body: (amqp_bytes_t) throws -> Value) rethrows -> Value {
        var text = text
        return try text.withUTF8 {
            try body(amqp_bytes_t(len: $0.count, bytes: UnsafeMutableRawPointer(mutating: $0.baseAddress)))
        }
    }

    static func withBytes<Value>(_ array: [UInt8], _ body: (amqp_bytes_t) throws -> Value) rethrows -> Value {
        try array.withUnsafeBytes {
            try body(amqp_bytes_t(len: $0.count, bytes: UnsafeMutableRawPointer(mutating: $0.baseAddress)))
        }
    }

    static func withTable<Value>(
        _ entries: [(String, AMQPValue)], _ body: (amqp_table_t) throws -> Value
    ) rethrows -> Value {
        var pool = amqp_pool_t()
        init_amqp_pool(&pool, 4096)
        defer { empty_amqp_pool(&pool) }
        return try body(table(entries, &pool))
    }

    private static func table(_ entries: [(String, AMQPValue)], _ pool: inout amqp_pool_t) -> amqp_table_t {
        let stride = MemoryLayout<amqp_table_entry_t>.stride
        guard !entries.isEmpty, let raw = amqp_pool_alloc(&pool, entries.count * stride) else {
            return amqp_table_t(num_entries: 0, entries: nil)
        }
        let list = raw.bindMemory(to: amqp_table_entry_t.self, capacity: entries.count)
        for (i, (key, entry)) in entries.enumerated() {
            var value = amqp_field_value_t()
            switch entry {
            case .string(let text):
                value.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
                value.value.bytes = copy(text, &pool)
            case .int(let number):
                value.kind = UInt8(AMQP_FIELD_KIND_I64.rawValue)
                value.value.i64 = number
            case .bool(let flag):
                value.kind = UInt8(AMQP_FIELD_KIND_BOOLEAN.rawValue)
                value.value.boolean = flag ? 1 : 0
            case .table(let inner):
                value.kind = UInt8(AMQP_FIELD_KIND_TABLE.rawValue)
                value.value.table = table(inner, &pool)
            }
            (list + i).initialize(to: amqp_table_entry_t(key: copy(key, &pool), value: value))
        }
        return amqp_table_t(num_entries: Int32(entries.count), entries: list)
    }

    private static func copy(_ text: String, _ pool: inout amqp_pool_t) -> amqp_bytes_t {
        let utf8 = Array(text.utf8)
        guard !utf8.isEmpty, let memory = amqp_pool_alloc(&pool, utf8.count) else { return amqp_bytes_t(len: 0, bytes: nil) }
        utf8.withUnsafeBytes { if let base = $0.baseAddress { memory.copyMemory(from: base, byteCount: utf8.count) } }
        return amqp_bytes_t(len: utf8.count, bytes: memory)
    }
}
