internal import Domain
public import Tabular

/// Mergeable statistics of one column.
///
/// *Closed*: every distinct value is kept with its count. *Open*: there were more than ``closedLimit``; then a uniform sample of the
/// distinct values with exact counts (those with the smallest hashes), frequent values with lower bounds, and statistics kept row by row.
/// Both are functions of the cells of each chunk, so merging is commutative and associative.
public final class ColumnProfile {
    /// A value and how often it occurs.
    public struct ValueCount: Sendable, Equatable {
        public var text: String
        public var count: Int
        /// The first record with this value.
        public var firstRow: RowID
        /// The text was too long to keep and is cut.
        public var isCut: Bool
    }
    /// A number and the first record that has it.
    public struct Extreme: Sendable, Equatable {
        public var value: Double
        public var row: RowID
    }
    public static let closedLimit = 8192
    /// In a chunk of many rows, a column with this many values, four fifths of them new, is opened early: it will be open anyway, and
    /// keeping values is dear.
    static let earlyLimit = 2048
    static let manyRows = 16_384
    static let sampleLimit = 1024
    static let frequentLimit = 16384

    /// Cells seen, missing ones included.
    public internal(set) var rows = 0
    /// Missing or empty cells.
    public internal(set) var missing = 0
    public internal(set) var minimumLength = Int.max
    public internal(set) var maximumLength = 0
    var lengthSum = 0

    var table = ValueTable()
    var open: OpenColumn?

    init() {}

    // MARK: adding

    /// Adds cells `cells[0], cells[stride], ...` with their hashes; rows are `rowBase + ordinals[i]`.
    func add(
        _ cells: UnsafePointer<Cell>, stride: Int, count: Int, hashes: UnsafePointer<UInt64>, base: UnsafePointer<UInt8>,
        arena: UnsafePointer<UInt8>, rowBase: UInt64, ordinals: UnsafePointer<UInt32>, chunkRows: Int
    ) {
        rows &+= count
        var i = 0
        var lengths = 0
        var shortest = minimumLength
        var longest = maximumLength
        var absent = 0
        var openEarly = false
        if open == nil {
            let table = self.table
            let watch = rows &- count &- missing
            var limit = table.count < Self.earlyLimit && chunkRows >= Self.manyRows ? Self.earlyLimit : Self.closedLimit
            var at = cells
            while i < count {
                let h = hashes[i]
                if h == 0 {
                    absent &+= 1
                } else {
                    let n = at.pointee.length
                    lengths &+= n
                    if n < shortest { shortest = n }
                    if n > longest { longest = n }
                    let found = table.find(h)
                    if found >= 0 {
                        table.entries[found].count &+= 1
                    } else {
                        table.insert(
                            hash: h, bytes: (at.pointee.isInArena ? arena : base) + Int(at.pointee.offset), length: n, count: 1,
                            firstRow: rowBase | UInt64(ordinals[i]), isCut: false)
                        if table.count > limit {
                            if limit == Self.closedLimit || table.count * 5 > (watch + i - absent) * 4 {
                                i &+= 1
                                openEarly = true
                                break
                            }
                            limit = Self.closedLimit
                        }
                    }
                }
                i &+= 1
                at += stride
            }
            if openEarly {
                let next = OpenColumn()
                next.take(table, leastFrequent: 4)
                next.frequentSlots = FrequentValues()
                open = next
                self.table = ValueTable()
            }
        }
        if let open, i < count {
            let slots = open.slots()
            var at = cells + i &* stride
            while i < count {
                let h = hashes[i]
                if h == 0 {
                    absent &+= 1
                } else {
                    let cell = at.pointee
                    let n = cell.length
                    lengths &+= n
                    if n < shortest { shortest = n }
                    if n > longest { longest = n }
                    let p = (cell.isInArena ? arena : base) + Int(cell.offset)
                    let row = rowBase | UInt64(ordinals[i])
                    open.distinct.add(h)
                    open.sample.add(hash: h, bytes: p, length: n, count: 1, firstRow: row)
                    slots.add(h, p, n, row: row)
                    open.statistics.add(
                        p, n, hash: h, count: 1, row: row, isCut: n > ValueTable.maximumValueBytes, allDetails: false)
                }
                i &+= 1
                at += stride
            }
            open.rowsInChunk &+= count
            if open.sample.count > 4 * Self.sampleLimit { open.sample.keepSmallest(Self.sampleLimit) }
        }
        lengthSum &+= lengths
        minimumLength = shortest
        maximumLength = longest
        missing &+= absent
    }

    /// Ends a chunk: what counts per chunk is settled.
    func seal() { open?.seal() }

    // MARK: merging

    func merge(_ other: ColumnProfile) {
        derived = nil
        rows += other.rows
        missing += other.missing
        lengthSum += other.lengthSum
        minimumLength = min(minimumLength, other.minimumLength)
        maximumLength = max(maximumLength, other.maximumLength)
        switch (open, other.open) {
        case (nil, nil):
            table.merge(other.table)
            if table.count > Self.closedLimit { openUp() }
        case (nil, let theirs?):
            openUp()
            open?.merge(theirs)
        case (let ours?, nil):
            let theirs = OpenColumn()
            theirs.take(other.table, leastFrequent: 1)
            ours.merge(theirs)
        case (let ours?, let theirs?):
            ours.merge(theirs)
        }
    }
    private func openUp() {
        let next = OpenColumn()
        next.take(table, leastFrequent: 1)
        next.seal()
        open = next
        table = ValueTable()
    }

    func encode(to w: inout ByteWriter) {
        w.varint(UInt64(rows))
        w.varint(UInt64(missing))
        w.varint(UInt64(lengthSum))
        w.int(minimumLength)
        w.int(maximumLength)
        w.bool(open != nil)
        if let open { open.encode(to: &w) } else { table.encode(to: &w) }
    }
    init(from r: inout ByteReader) throws {
        rows = Int(truncatingIfNeeded: try r.varint())
        missing = Int(truncatingIfNeeded: try r.varint())
        lengthSum = Int(truncatingIfNeeded: try r.varint())
        minimumLength = try r.int()
        maximumLength = try r.int()
        if try r.bool() { open = try OpenColumn(from: &r) } else { table = try ValueTable(from: &r) }
    }

    // MARK: derived

    private var derived: ColumnStatistics?
    /// Statistics of the values; made from the value counts while the column is closed.
    var statistics: ColumnStatistics {
        if let open { return open.statistics }
        if let derived { return derived }
        let s = ColumnStatistics()
        // In order of first rows, so that the examples of each kind are the earliest.
        for e in table.inRowOrder() {
            s.add(
                table.arena.base + Int(e.offset), e.byteCount, hash: e.hash, count: e.count, row: e.firstRow, isCut: e.isCut,
                allDetails: true)
        }
        derived = s
        return s
    }
    func forgetDerived() { derived = nil }
}

/// What is kept of a column with too many distinct values.
final class OpenColumn {
    var distinct = DistinctSketch()
    var sample = ValueTable()
    var frequent = ValueTable()
    var statistics = ColumnStatistics()
    var frequentSlots: FrequentValues?
    var rowsInChunk = 0

    init() {}

    func slots() -> FrequentValues {
        if let frequentSlots { return frequentSlots }
        let made = FrequentValues()
        frequentSlots = made
        return made
    }

    /// Takes over the values of a closed column.
    func take(_ table: ValueTable, leastFrequent: Int) {
        for e in table.inRowOrder() {
            let p = UnsafePointer(table.arena.base + Int(e.offset))
            distinct.add(e.hash)
            statistics.add(p, e.byteCount, hash: e.hash, count: e.count, row: e.firstRow, isCut: e.isCut, allDetails: false)
            if e.count >= leastFrequent {
                frequent.add(hash: e.hash, bytes: p, length: e.byteCount, count: e.count, firstRow: e.firstRow, isCut: e.isCut)
            }
            sample.add(hash: e.hash, bytes: p, length: e.byteCount, count: e.count, firstRow: e.firstRow, isCut: e.isCut)
        }
        sample.keepSmallest(ColumnProfile.sampleLimit)
        frequent.keepSmallest(ColumnProfile.frequentLimit)
    }

    func seal() {
        frequentSlots?.drain(into: frequent, least: max(8, rowsInChunk / 512))
        frequentSlots = nil
        rowsInChunk = 0
    }

    /// Cuts sample and frequent values to their final size; between merges they may be larger.
    func trim() {
        sample.keepSmallest(ColumnProfile.sampleLimit)
        frequent.keepSmallest(ColumnProfile.frequentLimit)
    }

    func merge(_ other: OpenColumn) {
        distinct.merge(other.distinct)
        sample.merge(other.sample)
        if sample.count > 4 * ColumnProfile.sampleLimit { sample.keepSmallest(ColumnProfile.sampleLimit) }
        frequent.merge(other.frequent)
        if frequent.count > 2 * ColumnProfile.frequentLimit { frequent.keepSmallest(ColumnProfile.frequentLimit) }
        statistics.merge(other.statistics)
    }

    func encode(to w: inout ByteWriter) {
        trim()
        distinct.encode(to: &w)
        sample.encode(to: &w)
        frequent.encode(to: &w)
        statistics.encode(to: &w)
    }
    init(from r: inout ByteReader) throws {
        distinct = try DistinctSketch(from: &r)
        sample = try ValueTable(from: &r)
        frequent = try ValueTable(from: &r)
        statistics = try ColumnStatistics(from: &r)
    }
}
