internal import Domain
public import Tabular

/// Counts changes by transformation and column; keeps every change when asked. One chunk at a time, one thread at a time.
public final class ChangeRecorder {
    /// One changed cell. Texts are in the recorder's arena; a length of -1 is a missing cell.
    public struct Change {
        /// Input record number (0-based, header not counted).
        public var row: Int64
        public var column: Int32
        public var originalLength: Int32
        public var cleanedLength: Int32
        /// 1: follows from the recipe alone; below: how sure a heuristic is.
        public var confidence: Float
        public var originalOffset: Int
        public var cleanedOffset: Int
        public var transformation: Transformation
        /// The cell is as it was: the cleaned text is a proposal, or the original again where there is none.
        public var isSuggestion: Bool
        public var source: ChangeSource { isSuggestion ? .suggestion : transformation.source }
        var sequence: UInt32
    }
    public private(set) var counts: ChangeCounts
    /// In order of row, then column, then time, after ``finish()``.
    public private(set) var changes: [Change] = []
    public let arena = ByteArena()
    /// Tokens handed out in this chunk and what they stand for, for the vault; sorted by token, without repeats, after ``finish()``.
    public private(set) var vault: [(token: String, value: String)] = []

    private let keepDetails: Bool
    /// By column: text that stands for every original, or nil.
    private let masks: [[UInt8]?]
    private let hidden: [Bool]
    private var firstRecord = 0
    private var dropped: [Bool] = []
    /// Ordinals with a change, by transformation: a bit set.
    private var touched: [[UInt64]]

    public convenience init(columns: Int, keepDetails: Bool) {
        self.init(columns: columns, masks: [:], hidden: [], keepDetails: keepDetails)
    }
    /// A recorder for the second pass: originals of personal data under a protective strategy never enter the details, and columns that
    /// are left out of the output are not recorded.
    public convenience init(resolution: Resolution, keepDetails: Bool) {
        var masks: [Int: String] = [:]
        var hidden: Set<Int> = []
        for (c, column) in resolution.columns.enumerated() {
            switch column.pii {
            case .report: break
            case .exclude: hidden.insert(c)
            case .redact, .redactSpans, .hash, .tokenize: masks[c] = Cleaner.label(column.semantic)
            }
        }
        self.init(columns: resolution.columns.count, masks: masks, hidden: hidden, keepDetails: keepDetails)
    }
    private init(columns: Int, masks: [Int: String], hidden: Set<Int>, keepDetails: Bool) {
        counts = ChangeCounts(columns: columns)
        self.keepDetails = keepDetails
        self.masks = (0..<columns).map { masks[$0].map { Array($0.utf8) } }
        self.hidden = (0..<columns).map { hidden.contains($0) }
        touched = Array(repeating: [], count: Transformation.allCases.count)
    }

    /// Starts a chunk: the record number of its ordinal 0, and the ordinals whose rows will not be in the output (ascending), so that
    /// their changes are neither counted nor kept. Call ``finish()`` first when a chunk was recorded before.
    public func begin(firstRecord: Int, dropped ordinals: [UInt32]) {
        self.firstRecord = firstRecord
        dropped = []
        if let last = ordinals.last {
            dropped = Array(repeating: false, count: Int(last) + 1)
            for o in ordinals { dropped[Int(o)] = true }
        }
    }

    /// Notes that a cell was changed; nil is a missing cell.
    public func record(
        ordinal: UInt32, column: Int, _ transformation: Transformation, confidence: Float,
        original: UnsafeBufferPointer<UInt8>?, cleaned: UnsafeBufferPointer<UInt8>?, isSuggestion: Bool = false
    ) {
        let o = Int(ordinal)
        if o < dropped.count, dropped[o] { return }
        if hidden[column] { return }
        let t = Int(transformation.rawValue)
        let at = t &* counts.columns &+ column
        if counts.examples[at].count < ChangeCounts.exampleLimit { counts.note(example: firstRecord + o, at: at) }
        if isSuggestion {
            counts.suggested[at] &+= 1
        } else {
            counts.cells[at] &+= 1
            counts.confidenceSum &+= Int((confidence * 10_000).rounded())
            let word = o >> 6
            if word >= touched[t].count {
                touched[t].append(contentsOf: repeatElement(0, count: max(1024, word + 1 - touched[t].count)))
            }
            touched[t][word] |= 1 << UInt64(o & 63)
        }
        guard keepDetails else { return }
        var before = original
        var after = cleaned
        if let mask = masks[column] {
            mask.withUnsafeBufferPointer { m in
                if before != nil { before = m }
                if after != nil, transformation.type != "pii" { after = m }
                append(o, column, transformation, confidence, before, after, isSuggestion)
            }
        } else {
            append(o, column, transformation, confidence, before, after, isSuggestion)
        }
    }
    private func append(
        _ ordinal: Int, _ column: Int, _ t: Transformation, _ confidence: Float, _ original: UnsafeBufferPointer<UInt8>?,
        _ cleaned: UnsafeBufferPointer<UInt8>?, _ isSuggestion: Bool
    ) {
        let from = original.map { arena.append($0) } ?? 0
        let to = cleaned.map { arena.append($0) } ?? 0
        changes.append(
            Change(
                row: Int64(firstRecord + ordinal), column: Int32(truncatingIfNeeded: column),
                originalLength: original.map { Int32(truncatingIfNeeded: $0.count) } ?? -1,
                cleanedLength: cleaned.map { Int32(truncatingIfNeeded: $0.count) } ?? -1, confidence: confidence,
                originalOffset: from,
                cleanedOffset: to, transformation: t, isSuggestion: isSuggestion,
                sequence: UInt32(truncatingIfNeeded: changes.count)))
    }

    func noteOutliers(column: Int, _ n: Int) { if !hidden[column] { counts.outliers[column] += n } }
    func noteMissing(column: Int, _ n: Int) { if !hidden[column] { counts.missing[column] += n } }
    func noteToken(_ token: String, value: String) { vault.append((token, value)) }

    /// Ends a chunk: settles the counts of rows, sorts details and vault.
    public func finish() {
        for t in touched.indices {
            counts.rows[t] += touched[t].reduce(0) { $0 + $1.nonzeroBitCount }
            touched[t] = []
        }
        changes.sort { ($0.row, $0.column, $0.sequence) < ($1.row, $1.column, $1.sequence) }
        vault.sort { $0.token < $1.token }
        var distinct: [(token: String, value: String)] = []
        for entry in vault where distinct.last?.token != entry.token { distinct.append(entry) }
        vault = distinct
    }

    /// Forgets the details, keeps the counts.
    public func removeDetails() {
        changes.removeAll(keepingCapacity: true)
        vault.removeAll(keepingCapacity: true)
        arena.removeAll()
    }

    /// Original and cleaned text of a change; nil is a missing cell. Valid until the next record.
    public func texts(_ change: Change) -> (original: UnsafeBufferPointer<UInt8>?, cleaned: UnsafeBufferPointer<UInt8>?) {
        (
            change.originalLength < 0
                ? nil : UnsafeBufferPointer(start: arena.base + change.originalOffset, count: Int(change.originalLength)),
            change.cleanedLength < 0
                ? nil : UnsafeBufferPointer(start: arena.base + change.cleanedOffset, count: Int(change.cleanedLength))
        )
    }
}
