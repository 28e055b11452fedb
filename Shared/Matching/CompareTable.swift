internal import Domain
internal import Tabular

/// The compared columns of candidate and sampled rows in normal form. Immutable once sealed, then shared by threads.
///
/// Per row and column 8 bytes of hashes and 2 of length, besides the text.
final class CompareTable: @unchecked Sendable {  // Written by one thread until `seal()`, read-only afterwards.
    let width: Int
    let columnNumbers: [Int]
    let kinds: [MatchPlan.Kind]
    /// Names, places, addresses of people: two common values may still be one person's.
    let isPersonal: [Bool]
    /// Points in time, not days: two are two events.
    private(set) var isTime: [Bool]
    /// Columns of single words or numbers, nearly all of which are used again and again.
    private(set) var isVocabulary: [Bool]
    /// Columns of which hardly any value occurs more than a few times.
    private(set) var isNearlyUnique: [Bool]
    /// Row numbers that candidates share: numbers of the thing.
    let isKey: [Bool]
    let columns: [ColumnStatistics]
    private(set) var rows = 0
    /// Hash of the normal form, 0 for a missing cell; row-major.
    private(set) var codes: [UInt32] = []
    /// Hash of the cell as it is spelled.
    private(set) var spellings: [UInt32] = []
    /// Estimated rows of the table that hold the cell's value; filled by ``seal()``.
    private(set) var frequencies: [Float] = []
    private var lengths: [UInt16] = []
    private var starts: [Int] = []
    /// The model numbers of every row; nil where the table has none.
    let codeSets: CodeSets?
    /// The place among the compared columns where the model numbers are compared, all columns together; -1: nowhere.
    let codePlace: Int
    private let codeColumns: Set<Int>
    private let namingColumn: Int
    private let arena = ByteArena(capacity: 1 << 16)
    private let scratch = ByteArena(capacity: 1 << 14)

    /// `scale`: rows of the table per row of the sample.
    init(plan: MatchPlan, columns: [Int], scale: Double) {
        codeColumns = Set(plan.codeColumns)
        namingColumn = plan.codeColumns.first ?? -1
        codePlace = codeColumns.isEmpty ? -1 : columns.count
        codeSets = codeColumns.isEmpty ? nil : CodeSets(isSampleWhole: scale <= 1)
        columnNumbers = columns + (codeColumns.isEmpty ? [] : [plan.columns.count])
        width = columnNumbers.count
        kinds = columns.map { plan.columns[$0].kind } + (codeColumns.isEmpty ? [] : [.code])
        isPersonal =
            columns.map { [.personName, .city, .address, .email].contains(plan.columns[$0].semantic) }
            + (codeColumns.isEmpty ? [] : [false])
        isTime = [Bool](repeating: false, count: width)
        isVocabulary = [Bool](repeating: false, count: width)
        isNearlyUnique = [Bool](repeating: false, count: width)
        isKey = columnNumbers.map { $0 < plan.columns.count && plan.columns[$0].isPossibleKey }
        let kinds = kinds
        self.columns = columnNumbers.enumerated().map { ColumnStatistics(column: $1, kind: kinds[$0], scale: scale) }
    }

    func reserve(rows n: Int) {
        codes.reserveCapacity(n * width)
        spellings.reserveCapacity(n * width)
        lengths.reserveCapacity(n * width)
        starts.reserveCapacity(n)
    }

    /// Adds a row of the sample; its values count for the frequencies.
    func addSample(_ row: SampledRow) {
        starts.append(arena.count)
        for k in 0..<width where k != codePlace {
            row.cells[columnNumbers[k]].withUnsafeBufferPointer { addCell($0, k) }
            let n = Int(lengths[rows * width + k])
            columns[k].addSample(UnsafePointer(arena.base) + arena.count - n, n, code: codes[rows * width + k])
        }
        if codePlace >= 0 { addCodes(isSample: true) }
        rows += 1
    }

    /// What was read of the row becomes its cell in the place of the codes.
    private func addCodes(isSample: Bool) {
        guard let codeSets else { return }
        let code = codeSets.endRow(isSample: isSample)
        codes.append(code)
        spellings.append(code)
        lengths.append(0)
        if isSample {
            columns[codePlace].addSample(UnsafePointer(arena.base), 0, code: code)
        } else {
            columns[codePlace].addCandidate(code: code)
        }
    }

    /// Adds a candidate row.
    func addCandidate(_ store: RowStore, at position: Int) {
        starts.append(arena.count)
        var k = 0
        store.forEachCell(at: store.index[position].offset) { c, bytes in
            if k < width, k != codePlace, columnNumbers[k] == c {
                addCell(bytes, k)
                columns[k].addCandidate(code: codes[rows * width + k])
                k += 1
            }
        }
        if codePlace >= 0 { addCodes(isSample: false) }
        rows += 1
    }

    private func addCell(_ bytes: UnsafeBufferPointer<UInt8>, _ k: Int) {
        guard let start = bytes.baseAddress, bytes.count > 0 else {
            codes.append(0)
            spellings.append(0)
            lengths.append(0)
            return
        }
        if codePlace >= 0, codeColumns.contains(columnNumbers[k]) {
            codeSets?.add(bytes, isName: columnNumbers[k] == namingColumn)
        }
        let out = arena.reserve(3 * NormalForm.maximumBytes + 16)
        let n = NormalForm.write(bytes, kind: kinds[k], to: out)
        spellings.append(ColumnStatistics.hash(start, bytes.count))
        // Punctuation alone is compared as missing.
        codes.append(n == 0 ? 0 : ColumnStatistics.hash(out, n))
        lengths.append(UInt16(truncatingIfNeeded: n))
        if kinds[k] == .date, n > 8 { isTime[k] = true }
        arena.commit(n)
    }

    func seal() {
        for column in columns { column.seal() }
        frequencies = [Float](repeating: 0, count: rows * width)
        for k in 0..<width {
            let column = columns[k]
            for row in 0..<rows where codes[row &* width &+ k] != 0 {
                frequencies[row &* width &+ k] = Float(column.frequency(codes[row &* width &+ k]))
            }
            isVocabulary[k] = kinds[k] != .text || column.tokensPerValue <= LevelBuilder.establishedTokens
            var present = 0
            var established = 0
            for row in 0..<rows where codes[row &* width &+ k] != 0 {
                present += 1
                established += frequencies[row &* width &+ k] >= LevelBuilder.established ? 1 : 0
            }
            isVocabulary[k] = isVocabulary[k] && k != codePlace && established * 5 >= present * 4
            isNearlyUnique[k] = k != codePlace && present * 2 > rows && established * 5 <= present
        }
    }

    @inline(__always) func frequency(_ row: Int, _ k: Int) -> Float { frequencies[row &* width &+ k] }

    @inline(__always) func code(_ row: Int, _ k: Int) -> UInt32 { codes[row &* width &+ k] }
    @inline(__always) func spelling(_ row: Int, _ k: Int) -> UInt32 { spellings[row &* width &+ k] }

    /// The normal forms of a row: start and length per column.
    @inline(__always)
    func locate(_ row: Int, _ cells: UnsafeMutablePointer<(UnsafePointer<UInt8>, Int)>) {
        var p = UnsafePointer(arena.base) + starts[row]
        for k in 0..<width {
            let n = Int(lengths[row &* width &+ k])
            cells[k] = (p, n)
            p += n
        }
    }
}
