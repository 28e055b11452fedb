public import Domain

/// The records of one chunk as text cells, row-major: cell (r, c) is `cells[r * columns + c]`.
///
/// The bytes of a cell are either in `base` (the chunk as read, never written to) or in `arena` (repaired, unescaped or
/// normalised text). Missing cells carry no bytes. One batch belongs to one thread at a time.
public final class TextBatch {
    public let columns: Int
    public private(set) var rows = 0
    /// Ordinal inside the chunk of each row; differs from the row index where a record before it was rejected.
    public private(set) var ordinals: UnsafeMutablePointer<UInt32>
    public private(set) var cells: UnsafeMutablePointer<Cell>
    private var capacity: Int
    /// The chunk's bytes.
    public var base: UnsafePointer<UInt8>
    /// Keeps the memory behind `base` alive.
    public var owner: AnyObject?
    public let arena: ByteArena
    /// Records of the chunk, rejected ones included.
    public var recordCount = 0
    /// Physical lines of the chunk (text formats), else 0.
    public var lineCount = 0
    /// Rejected and repaired records, in input order.
    public var problems: [RowProblem] = []

    public init(columns: Int, base: UnsafePointer<UInt8>, owner: AnyObject?, rowCapacity: Int = 1024, arenaCapacity: Int = 4096) {
        self.columns = columns
        self.base = base
        self.owner = owner
        capacity = max(rowCapacity, 16)
        cells = .allocate(capacity: capacity * max(columns, 1))
        ordinals = .allocate(capacity: capacity)
        arena = ByteArena(capacity: arenaCapacity)
    }
    deinit {
        cells.deallocate()
        ordinals.deallocate()
    }

    /// Makes room for one more row and returns where its `columns` cells go; follow with ``commitRow(ordinal:)``.
    @inline(__always)
    public func reserveRow() -> UnsafeMutablePointer<Cell> {
        if rows == capacity { grow(capacity * 2) }
        return cells + rows &* columns
    }
    @inline(__always)
    public func commitRow(ordinal: Int) {
        ordinals[rows] = UInt32(truncatingIfNeeded: ordinal)
        rows &+= 1
    }
    /// Makes room for `n` rows in all.
    public func reserveRows(_ n: Int) { if n > capacity { grow(n) } }
    /// Sets the number of rows after cells and ordinals were filled in place.
    public func setRows(_ n: Int) { rows = n }

    /// The start of a cell's bytes; valid until the arena grows.
    @inline(__always)
    public func pointer(_ cell: Cell) -> UnsafePointer<UInt8> {
        (cell.isInArena ? UnsafePointer(arena.base) : base) + Int(cell.offset)
    }
    @inline(__always)
    public func bytes(_ cell: Cell) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: pointer(cell), count: cell.length)
    }
    @inline(__always)
    public func cell(_ row: Int, _ column: Int) -> Cell { cells[row &* columns &+ column] }

    public func string(_ row: Int, _ column: Int) -> String? {
        let cell = cell(row, column)
        return cell.isMissing ? nil : String(decoding: bytes(cell), as: UTF8.self)
    }
    /// Puts text into the arena and returns its cell.
    public func store(_ bytes: UnsafeBufferPointer<UInt8>) -> Cell { Cell(arena: arena.append(bytes), length: bytes.count) }
    public func store(_ text: String) -> Cell {
        var text = text
        return text.withUTF8 { store($0) }
    }
    /// Appends a row of texts; nil is missing. For readers that are not hot, and for tests.
    public func append(_ row: [String?], ordinal: Int? = nil) {
        precondition(row.count == columns)
        let at = reserveRow()
        for (c, text) in row.enumerated() { at[c] = text.map(store) ?? .missing }
        commitRow(ordinal: ordinal ?? rows)
    }

    private func grow(_ n: Int) {
        let nextCells = UnsafeMutablePointer<Cell>.allocate(capacity: n * max(columns, 1))
        nextCells.update(from: cells, count: rows * columns)
        cells.deallocate()
        cells = nextCells
        let nextOrdinals = UnsafeMutablePointer<UInt32>.allocate(capacity: n)
        nextOrdinals.update(from: ordinals, count: rows)
        ordinals.deallocate()
        ordinals = nextOrdinals
        capacity = n
    }

    /// A batch of the given texts, for tests and small tables.
    public static func of(columns: Int, _ table: [[String?]]) -> TextBatch {
        let empty = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
        let batch = TextBatch(columns: columns, base: UnsafePointer(empty), owner: HeapBytes(empty, capacity: 1))
        for row in table { batch.append(row) }
        batch.recordCount = table.count
        return batch
    }
}

/// Owns a heap allocation that a batch reads from.
public final class HeapBytes {
    public let pointer: UnsafeMutablePointer<UInt8>
    public let capacity: Int
    public init(_ pointer: UnsafeMutablePointer<UInt8>, capacity: Int) {
        self.pointer = pointer
        self.capacity = capacity
    }
    /// Allocates `capacity` bytes and 64 readable bytes of zeros behind them, so SIMD loads may run over the end.
    public convenience init(capacity: Int) {
        let p = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity + 64)
        (p + capacity).update(repeating: 0, count: 64)
        self.init(p, capacity: capacity)
    }
    deinit { pointer.deallocate() }
}
