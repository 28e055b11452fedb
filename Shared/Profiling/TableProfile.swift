internal import CScan
internal import Domain
public import Tabular

/// Statistics of every column of a table; one per thread or chunk, merged later. Not thread-safe.
///
/// What it says depends on the cells and on the chunk each came from, never on the order of ``merge(_:)``.
public final class TableProfile {
    /// Records seen.
    public private(set) var rows = 0
    private var settled: [ColumnProfile]
    private var current: [ColumnProfile]?
    private var currentChunk = -1
    private let hashes = HashBlock()
    /// Whose pairs of values are counted, and the counts.
    public let dependencies: [Dependency]
    public private(set) var pairs: [PairCounts]
    /// Hashes of one block, for the columns that take part in a dependency.
    private let blocks: [HashBlock?]

    /// Statistics by column.
    public var columns: [ColumnProfile] {
        settle()
        return settled
    }

    public init(columns: Int, dependencies: [Dependency] = []) {
        settled = (0..<columns).map { _ in ColumnProfile() }
        self.dependencies = dependencies
        pairs = dependencies.map { _ in PairCounts(limit: PairCounts.limit(of: dependencies.count)) }
        blocks = Self.blocks(dependencies, columns)
    }
    private static func blocks(_ dependencies: [Dependency], _ columns: Int) -> [HashBlock?] {
        let used = Set(dependencies.flatMap { $0.lhs + [$0.rhs] })
        return (0..<columns).map { used.contains($0) ? HashBlock() : nil }
    }

    /// Counts the cells of `rows` of the batch, which belongs to the chunk with number `chunk`. The rows of a chunk must come in
    /// order and without rows of another chunk between them.
    public func add(_ batch: TextBatch, rows range: Range<Int>, chunk: Int) {
        if chunk != currentChunk || current == nil {
            settle()
            currentChunk = chunk
            current = settled.map { _ in ColumnProfile() }
        }
        guard let current, !range.isEmpty else { return }
        rows += range.count
        let width = batch.columns
        let base = batch.base
        let arena = UnsafePointer(batch.arena.base)
        let rowBase = RowID(chunk: chunk, ordinal: 0).raw
        var start = range.lowerBound
        while start < range.upperBound {
            let n = min(HashBlock.size, range.upperBound - start)
            for c in 0..<min(width, current.count) {
                let cells = UnsafePointer(batch.cells) + (start &* width &+ c)
                let block = blocks[c] ?? hashes
                cscan_hash_cells(cells, width, n, base, arena, block.values)
                current[c].add(
                    cells, stride: width, count: n, hashes: block.values, base: base, arena: arena, rowBase: rowBase,
                    ordinals: batch.ordinals + start, chunkRows: batch.rows)
            }
            for (d, dependency) in dependencies.enumerated() { count(dependency, pairs[d], batch, start, n) }
            start &+= n
        }
    }

    /// Counts the pairs of one block of rows, whose hashes are in `blocks`.
    private func count(_ dependency: Dependency, _ pairs: PairCounts, _ batch: TextBatch, _ start: Int, _ n: Int) {
        guard let left = blocks[dependency.lhs[0]]?.values, let right = blocks[dependency.rhs]?.values else { return }
        let second = dependency.lhs.count > 1 ? blocks[dependency.lhs[1]]?.values : nil
        for i in 0..<n {
            var key = left[i]
            let value = right[i]
            if key == 0 { continue }
            if let second {
                if second[i] == 0 { continue }
                key = Dependency.combine(key, second[i])
            }
            let cell = batch.cell(start &+ i, dependency.rhs)
            pairs.add(lhs: key, rhs: value, bytes: batch.pointer(cell), length: cell.length)
        }
    }

    /// Adds the current chunk to what is settled.
    private func settle() {
        guard let finished = current else { return }
        current = nil
        for (c, column) in finished.enumerated() {
            column.seal()
            if settled[c].rows == 0 { settled[c] = column } else { settled[c].merge(column) }
        }
    }

    /// Takes over the counts of another profile with the same columns.
    public func merge(_ other: TableProfile) {
        settle()
        let theirs = other.columns
        precondition(theirs.count == settled.count && other.dependencies == dependencies, "profiles of different tables")
        rows += other.rows
        for c in settled.indices { settled[c].merge(theirs[c]) }
        for d in pairs.indices { pairs[d].merge(other.pairs[d]) }
    }

    /// Same profile, same bytes.
    public func encode() -> [UInt8] {
        settle()
        var w = ByteWriter()
        w.u8(2)
        w.varint(UInt64(rows))
        w.varint(UInt64(settled.count))
        for column in settled { column.encode(to: &w) }
        w.varint(UInt64(dependencies.count))
        for (d, dependency) in dependencies.enumerated() {
            w.varint(UInt64(dependency.lhs.count))
            for column in dependency.lhs { w.varint(UInt64(column)) }
            w.varint(UInt64(dependency.rhs))
            pairs[d].encode(to: &w)
        }
        return w.bytes
    }
    /// - Throws: ``SanitizerError`` (`corrupt_intermediate`) when the bytes are not a whole profile.
    public init(decoding bytes: [UInt8]) throws {
        var r = ByteReader(bytes)
        guard try r.u8() == 2 else { throw SanitizerError(.corruptIntermediate, "profile of an unknown version") }
        rows = Int(truncatingIfNeeded: try r.varint())
        settled = []
        for _ in 0..<(try r.count(itemBytes: 20)) { settled.append(try ColumnProfile(from: &r)) }
        var dependencies: [Dependency] = []
        var pairs: [PairCounts] = []
        let dependencyCount = try r.count(itemBytes: 12)
        for _ in 0..<dependencyCount {
            let lhs = try (0..<(try r.count())).map { _ in Int(truncatingIfNeeded: try r.varint()) }
            let dependency = Dependency(lhs: lhs, rhs: Int(truncatingIfNeeded: try r.varint()))
            guard (1...2).contains(lhs.count), (lhs + [dependency.rhs]).allSatisfy(settled.indices.contains) else {
                throw SanitizerError(.corruptIntermediate, "profile holds an impossible dependency at byte \(r.position)")
            }
            dependencies.append(dependency)
            pairs.append(try PairCounts(from: &r, limit: PairCounts.limit(of: dependencyCount)))
        }
        self.dependencies = dependencies
        self.pairs = pairs
        blocks = Self.blocks(dependencies, settled.count)
        guard r.isAtEnd else {
            throw SanitizerError(.corruptIntermediate, "profile has \(bytes.count - r.position) bytes too many")
        }
    }
}

/// Scratch for the hashes of one block of cells: a block of rows stays in the first-level cache while its columns are visited.
private final class HashBlock {
    static let size = 256
    let values = UnsafeMutablePointer<UInt64>.allocate(capacity: HashBlock.size)
    deinit { values.deallocate() }
}
