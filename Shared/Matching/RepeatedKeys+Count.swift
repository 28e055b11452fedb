internal import Tabular

extension RepeatedKeys {
    /// Counted exactly, by 61 bits of a hash: of 10^9 keys less than one is taken for another by chance.
    /// - Parameter entries: of every chunk the ``KeyEntry``s of one partition.
    /// - Returns: one per column of `MatchPlan.keyColumns`.
    static func count(_ entries: [(chunk: UInt64, bytes: [UInt8])], columns: Int) -> [RepeatedKeys] {
        var alone = [Int](repeating: 0, count: columns)
        let total = entries.reduce(0) { $0 + $1.bytes.count / KeyEntry.bytes }
        // Nearly all keys are alone.
        var filter = SharedKeyFilter(keys: total, places: 8)
        for (_, bytes) in entries {
            bytes.withUnsafeBytes { raw in
                for at in stride(from: 0, to: raw.count, by: KeyEntry.bytes) { filter.add(KeyEntry.hash(raw, at: at)) }
            }
        }
        var repeated: [(key: UInt64, content: UInt32, row: UInt64)] = []
        repeated.reserveCapacity(filter.shared)
        for (chunk, bytes) in entries {
            bytes.withUnsafeBytes { raw in
                for at in stride(from: 0, to: raw.count, by: KeyEntry.bytes) {
                    let entry = KeyEntry.load(raw, at: at)
                    if filter.isShared(KeyEntry.hash(raw, at: at)) {
                        repeated.append((entry.key, entry.content, chunk | UInt64(entry.ordinal)))
                    } else {
                        alone[KeyEntry.column(entry.key)] += 1
                    }
                }
            }
        }
        var out = alone.map { RepeatedKeys(rows: $0, values: $0) }
        repeated.sort { ($0.key, $0.content, $0.row) < ($1.key, $1.content, $1.row) }
        var start = 0
        while start < repeated.count {
            let key = repeated[start].key
            var different: [RowID] = []
            var end = start
            while end < repeated.count, repeated[end].key == key {
                if end == start || repeated[end].content != repeated[end - 1].content {
                    different.append(RowID(raw: repeated[end].row))
                }
                end += 1
            }
            let isOften = different.count > 1
            out[KeyEntry.column(key)].add(
                RepeatedKeys(
                    rows: different.count, values: 1, repeating: isOften ? different.count : 0,
                    examples: isOften ? different : []))
            start = end
        }
        return out
    }
}
