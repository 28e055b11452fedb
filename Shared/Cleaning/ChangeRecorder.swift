public import Domain
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
        public var confidence: Float
        public var originalOffset: Int
        public var cleanedOffset: Int
        public var transformation: Transformation
    }
    public private(set) var counts: ChangeCounts
    public private(set) var changes: [Change] = []
    public let arena = ByteArena()
    /// Tokens handed out in this chunk and what they stand for, sorted by token, for the vault.
    public internal(set) var vault: [(token: String, value: String)] = []

    public convenience init(columns: Int, keepDetails: Bool) {
        self.init(columns: columns, protected: [:], hidden: [], keepDetails: keepDetails)
    }
    /// A recorder for the second pass: personal data under a protective strategy never enters the details, and columns that
    /// are left out of the output are not recorded.
    public convenience init(resolution: Resolution, keepDetails: Bool) {
        self.init(columns: resolution.columns.count, protected: [:], hidden: [], keepDetails: keepDetails)
    }
    init(columns: Int, protected: [Int: String], hidden: Set<Int>, keepDetails: Bool) {
        counts = ChangeCounts(columns: columns)
    }

    /// Starts a chunk: the record number of its ordinal 0, and the ordinals whose rows will not be in the output (sorted), so that
    /// their changes are neither counted nor kept.
    public func begin(firstRecord: Int, dropped: [UInt32]) {}

    /// Notes that a cell was changed; nil is a missing cell.
    public func record(
        ordinal: UInt32, column: Int, _ transformation: Transformation, confidence: Float,
        original: UnsafeBufferPointer<UInt8>?, cleaned: UnsafeBufferPointer<UInt8>?
    ) {}

    /// Sorts the details by row, then column, then order of change.
    public func finish() {}

    /// Original and cleaned text of a change; nil is a missing cell.
    public func texts(_ change: Change) -> (original: UnsafeBufferPointer<UInt8>?, cleaned: UnsafeBufferPointer<UInt8>?) {
        (
            change.originalLength < 0
                ? nil : UnsafeBufferPointer(start: arena.base + change.originalOffset, count: Int(change.originalLength)),
            change.cleanedLength < 0
                ? nil : UnsafeBufferPointer(start: arena.base + change.cleanedOffset, count: Int(change.cleanedLength))
        )
    }
}
