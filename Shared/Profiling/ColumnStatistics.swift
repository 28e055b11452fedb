internal import Domain
internal import Tabular

/// Counts that derive from single values: kinds, numbers, order, style, personal data, shapes. Filled row by row for a column with
/// too many distinct values to keep, from value counts else. Merging is order-independent.
final class ColumnStatistics {
    /// A place in the input and the hash of the value there.
    struct Example {
        var row: UInt64
        var hash: UInt64
    }
    struct Extreme {
        var value: Double
        var row: UInt64
    }
    enum Style: Int, CaseIterable { case upper, lower, title, mixed, none }

    static let exampleLimit = 10
    static let extremeLimit = 16
    /// In an open column, styles, shapes and personal data are looked at in one of 16 values, chosen by hash.
    static let detailMask: UInt64 = 15

    private static let kindCount = CellKind.allCases.count
    /// Cells by kind, and how many examples of each are noted; raw memory, because every cell of an open column comes by.
    let kinds: UnsafeMutablePointer<Int>
    private let noted: UnsafeMutablePointer<Int>
    private(set) var examples = [[Example]](repeating: [], count: CellKind.allCases.count)
    var sketch: NumberSketch?
    var numbers = 0
    var lowest = Double.infinity
    var highest = -Double.infinity
    /// Sum of the numbers in millionths; exact, so that it does not depend on the order.
    var microSum: Int128 = 0
    var sumIsExact = true
    private(set) var low: [Extreme] = []
    private(set) var high: [Extreme] = []
    /// Numbers beyond these do not enter the lists of extremes.
    private var lowBound = Double.infinity
    private var highBound = -Double.infinity
    /// In byte order, of what is no number.
    var minimum: [UInt8] = []
    var maximum: [UInt8] = []
    private var minimumKey = UInt64.max
    private var maximumKey: UInt64 = 0
    private var hasOrder = false
    /// Cells behind the counts below.
    var detailCells = 0
    var styles = [Int](repeating: 0, count: Style.allCases.count)
    var personal = [Int](repeating: 0, count: SemanticType.allCases.count)
    var withDigits = 0
    var withBlanks = 0
    var shapes = ValueTable()
    static let shapeLimit = 256

    init() {
        kinds = .allocate(capacity: Self.kindCount)
        kinds.initialize(repeating: 0, count: Self.kindCount)
        noted = .allocate(capacity: Self.kindCount)
        noted.initialize(repeating: 0, count: Self.kindCount)
    }
    deinit {
        kinds.deallocate()
        noted.deallocate()
    }

    /// Adds `n` occurrences of one value whose first one is at `row`.
    @inline(__always)
    func add(_ p: UnsafePointer<UInt8>, _ length: Int, hash: UInt64, count n: Int, row: UInt64, isCut: Bool, allDetails: Bool) {
        var number = 0.0
        let kind = isCut ? CellKind.text : CellKind.of(p, length, number: &number)
        let k = Int(kind.rawValue)
        kinds[k] &+= n
        if noted[k] < Self.exampleLimit { note(kind: k, row: row, hash: hash) }
        if kind.rawValue <= CellKind.decimal.rawValue { add(number: number, count: n, row: row) }
        if kind.rawValue > CellKind.decimal.rawValue {
            let key = Self.key(p, length)
            if key <= minimumKey || key >= maximumKey { order(p, length, key) }
        }
        if allDetails || hash & Self.detailMask == 0 { detail(p, length, hash: hash, count: n, row: row) }
    }

    /// The first eight bytes as a big-endian number: orders texts like their bytes do, up to ties.
    @inline(__always)
    private static func key(_ p: UnsafePointer<UInt8>, _ n: Int) -> UInt64 {
        if n >= 8 { return UInt64(bigEndian: UnsafeRawPointer(p).loadUnaligned(as: UInt64.self)) }
        var key: UInt64 = 0
        for i in 0..<n { key |= UInt64(p[i]) << UInt64(56 &- 8 &* i) }
        return key
    }

    @inline(never)
    private func order(_ p: UnsafePointer<UInt8>, _ n: Int, _ key: UInt64) {
        let value = UnsafeBufferPointer(start: p, count: min(n, ValueTable.maximumValueBytes))
        // Only a tie of the first eight bytes needs a look at the rest.
        if !hasOrder || key < minimumKey || (key == minimumKey && value.lexicographicallyPrecedes(minimum)) {
            minimum.removeAll(keepingCapacity: true)
            minimum.append(contentsOf: value)
            minimumKey = key
        }
        if !hasOrder || key > maximumKey || (key == maximumKey && maximum.lexicographicallyPrecedes(value)) {
            maximum.removeAll(keepingCapacity: true)
            maximum.append(contentsOf: value)
            maximumKey = key
        }
        hasOrder = true
    }

    @inline(never)
    private func note(kind k: Int, row: UInt64, hash: UInt64) {
        if examples[k].contains(where: { $0.hash == hash }) { return }
        examples[k].append(Example(row: row, hash: hash))
        noted[k] = examples[k].count
    }

    @inline(__always)
    private func add(number x: Double, count n: Int, row: UInt64) {
        numbers &+= n
        if x < lowest { lowest = x }
        if x > highest { highest = x }
        if x.magnitude < 1e12 {
            microSum &+= Int128(Int64((x * 1e6).rounded())) &* Int128(n)
        } else {
            sumIsExact = false
        }
        if x <= lowBound { keepLow(x, row) }
        if x >= highBound { keepHigh(x, row) }
        if sketch == nil { sketch = NumberSketch() }
        sketch?.add(x, n)
    }

    @inline(never)
    private func keepLow(_ x: Double, _ row: UInt64) {
        Self.keep(&low, x, row) { $0 < $1 }
        if low.count == Self.extremeLimit { lowBound = low[low.count - 1].value }
    }
    @inline(never)
    private func keepHigh(_ x: Double, _ row: UInt64) {
        Self.keep(&high, x, row) { $0 > $1 }
        if high.count == Self.extremeLimit { highBound = high[high.count - 1].value }
    }

    /// Keeps the most extreme distinct numbers, each with its first row.
    private static func keep(_ list: inout [Extreme], _ x: Double, _ row: UInt64, _ before: (Double, Double) -> Bool) {
        var at = list.count
        while at > 0, before(x, list[at - 1].value) { at -= 1 }
        if at > 0, list[at - 1].value == x {
            list[at - 1].row = min(list[at - 1].row, row)
            return
        }
        list.insert(Extreme(value: x, row: row), at: at)
        if list.count > extremeLimit { list.removeLast() }
    }

    // MARK: details

    @inline(never)
    private func detail(_ p: UnsafePointer<UInt8>, _ length: Int, hash: UInt64, count n: Int, row: UInt64) {
        detailCells &+= n
        var upper = 0
        var lower = 0
        var digits = 0
        var blanks = 0
        var capitalised = true
        var inWord = false
        // Character-class shape with runs folded: `Aa9`, punctuation as is, blanks as one blank.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 48) { shape in
            var s = 0
            var last: UInt8 = 0
            for i in 0..<length {
                let c = p[i]
                var mark = c
                if c &- 0x30 < 10 {
                    digits += 1
                    mark = 0x39
                } else if c &- 0x61 < 26 || c >= 0x80 {
                    if c < 0x80 { lower += 1 }
                    if !inWord, c < 0x80 { capitalised = false }
                    mark = 0x61
                } else if c &- 0x41 < 26 {
                    upper += 1
                    if inWord { capitalised = false }
                    mark = 0x41
                } else if c == 0x20 {
                    blanks += 1
                }
                inWord = mark == 0x61 || mark == 0x41
                if s < 48, mark != last || !(mark == 0x39 || mark == 0x61 || mark == 0x41) {
                    shape[s] = mark
                    s += 1
                }
                last = mark
            }
            if let base = shape.baseAddress {
                shapes.add(hash: max(Hash.h64(base, s), 1), bytes: base, length: s, count: n, firstRow: row)
                if shapes.count > 2 * Self.shapeLimit { shapes.keepSmallest(Self.shapeLimit) }
            }
        }
        if digits > 0 { withDigits &+= n }
        if blanks > 0 { withBlanks &+= n }
        let style: Style =
            upper + lower == 0
            ? .none : lower == 0 ? (upper > 1 ? .upper : .title) : upper == 0 ? .lower : capitalised ? .title : .mixed
        styles[style.rawValue] &+= n
        if let type = PersonalData.detect(UnsafeBufferPointer(start: p, count: length)),
            let at = SemanticType.allCases.firstIndex(of: type)
        {
            personal[at] &+= n
        }
    }

    // MARK: merging

    func merge(_ other: ColumnStatistics) {
        for k in 0..<Self.kindCount {
            kinds[k] &+= other.kinds[k]
            examples[k] = Self.merged(examples[k], other.examples[k])
            noted[k] = examples[k].count
        }
        numbers &+= other.numbers
        lowest = min(lowest, other.lowest)
        highest = max(highest, other.highest)
        microSum &+= other.microSum
        sumIsExact = sumIsExact && other.sumIsExact
        for e in other.low { keepLow(e.value, e.row) }
        for e in other.high { keepHigh(e.value, e.row) }
        if let theirs = other.sketch {
            if sketch == nil { sketch = NumberSketch() }
            sketch?.merge(theirs)
        }
        for value in [other.minimum, other.maximum] where other.hasOrder {
            value.withUnsafeBufferPointer { v in if let p = v.baseAddress { order(p, v.count, Self.key(p, v.count)) } }
        }
        detailCells &+= other.detailCells
        for i in styles.indices { styles[i] &+= other.styles[i] }
        for i in personal.indices { personal[i] &+= other.personal[i] }
        withDigits &+= other.withDigits
        withBlanks &+= other.withBlanks
        shapes.merge(other.shapes)
        shapes.keepSmallest(Self.shapeLimit)
    }

    /// The first rows of different values: by value the smallest row, then the ten smallest.
    private static func merged(_ a: [Example], _ b: [Example]) -> [Example] {
        if a.isEmpty && b.isEmpty { return [] }
        let all = (a + b).sorted { ($0.row, $0.hash) < ($1.row, $1.hash) }
        var out: [Example] = []
        for e in all where out.count < exampleLimit && !out.contains(where: { $0.hash == e.hash }) { out.append(e) }
        return out
    }

    func encode(to w: inout ByteWriter) {
        for k in 0..<Self.kindCount {
            w.varint(UInt64(kinds[k]))
            w.varint(UInt64(examples[k].count))
            for e in examples[k] {
                w.varint(e.row)
                w.u64(e.hash)
            }
        }
        w.varint(UInt64(numbers))
        w.double(lowest)
        w.double(highest)
        w.u64(UInt64(truncatingIfNeeded: microSum))
        w.u64(UInt64(truncatingIfNeeded: microSum >> 64))
        w.bool(sumIsExact)
        for list in [low, high] {
            w.varint(UInt64(list.count))
            for e in list {
                w.double(e.value)
                w.varint(e.row)
            }
        }
        w.bool(sketch != nil)
        sketch?.encode(to: &w)
        w.bool(hasOrder)
        w.blob(minimum)
        w.blob(maximum)
        w.varint(UInt64(detailCells))
        for n in styles + personal + [withDigits, withBlanks] { w.varint(UInt64(n)) }
        shapes.keepSmallest(Self.shapeLimit)
        shapes.encode(to: &w)
    }

    convenience init(from r: inout ByteReader) throws {
        self.init()
        for k in 0..<Self.kindCount {
            kinds[k] = Int(truncatingIfNeeded: try r.varint())
            for _ in 0..<(try r.count(itemBytes: 9)) { examples[k].append(Example(row: try r.varint(), hash: try r.u64())) }
            noted[k] = examples[k].count
        }
        numbers = Int(truncatingIfNeeded: try r.varint())
        lowest = try r.double()
        highest = try r.double()
        let lowHalf = try r.u64()
        microSum = Int128(Int64(bitPattern: try r.u64())) << 64 | Int128(lowHalf)
        sumIsExact = try r.bool()
        for _ in 0..<(try r.count(itemBytes: 9)) { keepLow(try r.double(), try r.varint()) }
        for _ in 0..<(try r.count(itemBytes: 9)) { keepHigh(try r.double(), try r.varint()) }
        if try r.bool() { sketch = try NumberSketch(from: &r) }
        hasOrder = try r.bool()
        minimum = try r.blob()
        maximum = try r.blob()
        minimumKey = minimum.withUnsafeBufferPointer { v in v.baseAddress.map { Self.key($0, v.count) } ?? .max }
        maximumKey = maximum.withUnsafeBufferPointer { v in v.baseAddress.map { Self.key($0, v.count) } ?? 0 }
        detailCells = Int(truncatingIfNeeded: try r.varint())
        for i in styles.indices { styles[i] = Int(truncatingIfNeeded: try r.varint()) }
        for i in personal.indices { personal[i] = Int(truncatingIfNeeded: try r.varint()) }
        withDigits = Int(truncatingIfNeeded: try r.varint())
        withBlanks = Int(truncatingIfNeeded: try r.varint())
        shapes = try ValueTable(from: &r)
    }
}
