internal import Domain
internal import Tabular

/// The compared columns of candidate and sampled rows in normal form. Immutable once filled, then shared by threads.
///
/// Per row and column 16 bytes, besides the text.
final class CompareTable: @unchecked Sendable {  // Written in `init` only.
    private struct Cell {
        /// Hash of the normal form, 0 for a missing cell.
        var code: UInt32 = 0
        /// Hash of the cell as it is spelled.
        var spelling: UInt32 = 0
        /// Estimated rows of the table that hold the cell's value.
        var frequency: Float = 0
        var length: UInt16 = 0
    }

    let width: Int
    let columnNumbers: [Int]
    let kinds: [MatchPlan.Kind]
    /// Names, places, addresses of people: two common values may still be one person's.
    let isPersonal: [Bool]
    /// Amounts, measures and days: many agree by chance or hang together, so none says who or what it is.
    let isQuantity: [Bool]
    /// Names, addresses for mail, numbers of somebody: what an event has only when it is one person's.
    let namesSomebody: [Bool]
    /// What the column says of a person, see ``Persons``; 0 for nothing. A household shares its phone, not its addresses for mail.
    let personKinds: [UInt8]
    /// Cities and their codes.
    let isPlace: [Bool]
    /// Numbers of the table, and those that a state gave to a person.
    let isNumbering: [Bool]
    let isNational: [Bool]
    /// Texts with a form of their own, in which words of other columns have no place: addresses for mail and of pages.
    let hasForm: [Bool]
    let isMail: [Bool]
    /// Points in time, not days: two are two events.
    private(set) var isTime: [Bool]
    /// Columns of single words or numbers, nearly all of which are used again and again.
    private(set) var isVocabulary: [Bool]
    /// Rows from which on a value counts as established: a few in a small table, a certain share in a big one, where the same typing
    /// error happens to many and every day is somebody's day of birth.
    private var establishedFrom: [Float]
    /// Highest weight of a word that is established in that sense.
    private(set) var establishedWeight: [Float]
    /// Columns of which hardly any value occurs more than a few times.
    private(set) var isNearlyUnique: [Bool]
    /// Columns that a fifth of the rows lack.
    private var isSparse: [Bool]
    /// Row numbers that candidates share: numbers of the thing.
    let isKey: [Bool]
    let columns: [ColumnStatistics]
    /// Rows in all; the canaries among them, which come last, are compared and not counted.
    let rows: Int
    private let counted: Int
    /// Rows of frequent values alone that have equals: how many these are, itself included.
    private(set) var equalRows: [Int: Float] = [:]
    /// Row-major.
    private let cells: UnsafeMutablePointer<Cell>
    /// Where the normal forms of every row start.
    private let starts: UnsafeMutablePointer<UnsafePointer<UInt8>>
    private var texts: [ByteArena] = []
    /// The model numbers of every row; nil where the table has none.
    let codeSets: CodeSets?
    /// The place among the compared columns where the model numbers are compared, all columns together; -1: nowhere.
    let codePlace: Int
    private let codeColumns: Set<Int>
    /// Columns whose numbers name the thing: the shortest text, and columns of numbers alone.
    private let namingColumns: Set<Int>

    /// The sampled rows come first, then the candidates, then the canaries; sampled values count for the frequencies.
    ///
    /// - Parameters:
    ///   - scale: rows of the table per row of the sample.
    ///   - canaries: damaged copies of sampled rows.
    init(
        plan: MatchPlan, columns: [Int], scale: Double, sample: [SampledRow], candidates store: RowStore,
        canaries: [SampledRow], threads: Int
    ) {
        let codeOnly = plan.codeOnlyColumns ?? []
        codeColumns = Set(plan.codeColumns + codeOnly)
        namingColumns = Set(plan.codeColumns.prefix(1) + codeOnly)
        codePlace = codeColumns.isEmpty ? -1 : columns.count
        codeSets = codeColumns.isEmpty ? nil : CodeSets(isSampleWhole: scale <= 1)
        columnNumbers = columns + (codeColumns.isEmpty ? [] : [plan.columns.count])
        let width = columnNumbers.count
        self.width = width
        let kinds = columns.map { plan.columns[$0].kind } + (codeColumns.isEmpty ? [] : [.code])
        self.kinds = kinds
        isPersonal =
            columns.map { [.personName, .city, .address, .email].contains(plan.columns[$0].semantic) }
            + (codeColumns.isEmpty ? [] : [false])
        isQuantity =
            columns.map {
                let column = plan.columns[$0]
                return column.kind == .number || (column.kind == .date && column.semantic != .dateOfBirth)
            } + (codeColumns.isEmpty ? [] : [false])
        namesSomebody =
            columns.map { [.personName, .email, .phone, .nationalID, .paymentCard, .iban].contains(plan.columns[$0].semantic) }
            + (codeColumns.isEmpty ? [] : [false])
        let semantics = columns.map { plan.columns[$0].semantic } + (codeColumns.isEmpty ? [] : [.other])
        personKinds = semantics.map {
            switch $0 {
            case .personName: Persons.name
            case .dateOfBirth: Persons.birth
            case .email, .nationalID, .paymentCard, .iban: Persons.own
            default: 0
            }
        }
        isPlace = semantics.map { [.city, .postalCode].contains($0) }
        isNumbering = semantics.map { $0 == .identifier }
        isNational = semantics.map { $0 == .nationalID }
        isMail = semantics.map { $0 == .email }
        hasForm =
            columns.map { [.email, .url].contains(plan.columns[$0].semantic) } + (codeColumns.isEmpty ? [] : [true])
        isTime = [Bool](repeating: false, count: width)
        isVocabulary = [Bool](repeating: false, count: width)
        isNearlyUnique = [Bool](repeating: false, count: width)
        isSparse = isNearlyUnique
        establishedFrom = [Float](repeating: Self.fewRows, count: width)
        establishedWeight = [Float](repeating: 0, count: width)
        isKey = columnNumbers.map { $0 < plan.columns.count && plan.columns[$0].isPossibleKey }
        self.columns = columnNumbers.enumerated().map { ColumnStatistics(column: $1, kind: kinds[$0], scale: scale) }
        counted = sample.count + store.count
        rows = counted + canaries.count
        cells = .allocate(capacity: max(rows * width, 1))
        cells.initialize(repeating: Cell(), count: rows * width)
        starts = .allocate(capacity: max(rows, 1))
        // The model numbers are collected row after row.
        texts = fill(sample, store, canaries, threads: codePlace < 0 ? threads : 1)
        let traits = count(sampled: sample.count, threads: threads)
        for (k, trait) in traits.enumerated() {
            isTime[k] = trait.isTime
            isVocabulary[k] = trait.isVocabulary
            isNearlyUnique[k] = trait.isNearlyUnique
            isSparse[k] = trait.isSparse
            establishedFrom[k] = trait.establishedFrom
            establishedWeight[k] = self.columns[k].tokenWeight(ofRows: Double(trait.establishedFrom))
        }
        equalRows = countEqualRows(sampled: sample.count, least: PairScorer.vocabulary)
    }
    deinit {
        cells.deallocate()
        starts.deallocate()
    }

    // MARK: Filling

    /// Writes the normal forms of all rows; returns the memory that holds them.
    private func fill(_ sample: [SampledRow], _ store: RowStore, _ canaries: [SampledRow], threads: Int) -> [ByteArena] {
        // Safe to send: the store is only read, and every thread has a text of its own.
        nonisolated(unsafe) let store = store
        nonisolated(unsafe) let texts = (0..<max(threads, 1)).map { _ in ByteArena(capacity: 1 << 16) }
        Parallel.slices(rows, threads: threads) { worker, range in
            let text = texts[worker]
            var offsets: [Int] = []
            offsets.reserveCapacity(range.count)
            for row in range {
                offsets.append(text.count)
                let target = cells + row &* width
                var k = 0
                func add(_ column: Int, _ bytes: UnsafeBufferPointer<UInt8>) {
                    guard k < width, k != codePlace, columnNumbers[k] == column else { return }
                    write(bytes, k, target + k, text)
                    k += 1
                }
                if row < sample.count {
                    sample[row].forEachCell(add)
                } else if row < counted {
                    store.forEachCell(at: store.index[row - sample.count].offset, add)
                } else {
                    canaries[row - counted].forEachCell(add)
                }
                if let codeSets {
                    // What was read of the row becomes its cell in the place of the codes.
                    target[codePlace].code = codeSets.endRow(
                        row < sample.count ? .sample : row < counted ? .candidate : .canary)
                    target[codePlace].spelling = target[codePlace].code
                }
            }
            for (row, offset) in zip(range, offsets) { starts[row] = UnsafePointer(text.base) + offset }
        }
        return texts
    }

    private func write(
        _ bytes: UnsafeBufferPointer<UInt8>, _ k: Int, _ cell: UnsafeMutablePointer<Cell>, _ text: ByteArena
    ) {
        guard let start = bytes.baseAddress, bytes.count > 0 else { return }
        if codePlace >= 0, codeColumns.contains(columnNumbers[k]) {
            codeSets?.add(bytes, isName: namingColumns.contains(columnNumbers[k]))
        }
        let out = text.reserve(3 * NormalForm.maximumBytes + 16)
        let n = NormalForm.write(bytes, kind: kinds[k], to: out).count
        cell.pointee.spelling = ColumnStatistics.hash(start, bytes.count)
        // Punctuation alone is compared as missing.
        cell.pointee.code = n == 0 ? 0 : ColumnStatistics.hash(out, n)
        cell.pointee.length = UInt16(truncatingIfNeeded: n)
        text.commit(n)
    }

    // MARK: Counting

    private struct Traits {
        var isTime = false
        var isVocabulary = false
        var isNearlyUnique = false
        var isSparse = false
        var establishedFrom = CompareTable.fewRows
    }
    private static let fewRows: Float = 4
    /// Digits of a day, `20241231`.
    private static let dayLength = 8
    private static let establishedShare = 1.0 / 2000

    /// Counts the values of every column and looks their frequencies up.
    private func count(sampled: Int, threads: Int) -> [Traits] {
        var traits = [Traits](repeating: Traits(), count: width)
        traits.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            let target = SharedPointer(base: base)
            Parallel.slices(width, threads: threads, least: 1) { _, range in
                for (k, isTime) in zip(range, addValues(of: range, sampled: sampled)) {
                    columns[k].seal()
                    target.base[k].isTime = isTime
                    target.base[k].establishedFrom = establishedFrom(k)
                }
            }
        }
        for (k, (present, repeated)) in setFrequencies(threads: threads).enumerated() {
            let isOfFewWords = kinds[k] != .text || columns[k].tokensPerValue <= LevelBuilder.establishedTokens
            traits[k].isVocabulary = isOfFewWords && k != codePlace && repeated * 5 >= present * 4
            traits[k].isSparse = present * 5 < counted * 4
            traits[k].isNearlyUnique = k != codePlace && present * 5 > counted && repeated * 5 <= present
        }
        return traits
    }

    /// Counts the values of some columns, a few rows at a time: those stay in the cache until all columns have been through them.
    ///
    /// - Returns: of each, whether its days are written with a time; a few days are written in a way that nobody reads.
    private func addValues(of chosen: Range<Int>, sampled: Int) -> [Bool] {
        var dated = [Int](repeating: 0, count: chosen.count)
        var timed = dated
        for start in stride(from: 0, to: counted, by: Self.rowsAtATime) {
            for k in chosen {
                let column = columns[k]
                for row in start..<min(start + Self.rowsAtATime, counted) {
                    let cell = cells[row &* width &+ k]
                    if row < sampled {
                        column.addSample(text(row, k), Int(cell.length), code: cell.code)
                    } else {
                        column.addCandidate(code: cell.code)
                    }
                    if kinds[k] == .date, cell.length > 0 {
                        dated[k - chosen.lowerBound] += 1
                        timed[k - chosen.lowerBound] += cell.length > Self.dayLength ? 1 : 0
                    }
                }
            }
        }
        return zip(dated, timed).map { $1 * 2 > $0 }
    }
    private static let rowsAtATime = 512

    /// Codes and whole numbers are shared by the lines of an invoice, say, however many invoices there are.
    private func establishedFrom(_ k: Int) -> Float {
        guard kinds[k] == .text || kinds[k] == .date || columns[k].isDecimal else { return Self.fewRows }
        return max(Self.fewRows, Float(columns[k].estimatedPresent * Self.establishedShare))
    }

    /// Looks up the frequencies of all values; of each column, how many of its counted values are there, and in more than a few rows.
    private func setFrequencies(threads: Int) -> [(present: Int, repeated: Int)] {
        let none = [(present: Int, repeated: Int)](repeating: (0, 0), count: width)
        var slices = [[(present: Int, repeated: Int)]](repeating: none, count: max(threads, 1))
        slices.withUnsafeMutableBufferPointer { slices in
            let target = SharedPointer(base: slices.baseAddress!)
            Parallel.slices(rows, threads: threads) { worker, range in
                var counts = none
                for row in range {
                    for k in 0..<width where code(row, k) != 0 {
                        let frequency = Float(columns[k].frequency(code(row, k)))
                        cells[row &* width &+ k].frequency = frequency
                        if row >= counted { continue }
                        counts[k].present += 1
                        counts[k].repeated += frequency >= Self.fewRows ? 1 : 0
                    }
                }
                target.base[worker] = counts
            }
        }
        return (0..<width).map { k in slices.reduce((0, 0)) { ($0.0 + $1[k].present, $0.1 + $1[k].repeated) } }
    }

    private func text(_ row: Int, _ k: Int) -> UnsafePointer<UInt8> {
        var p = starts[row]
        for before in 0..<k { p += Int(cells[row &* width &+ before].length) }
        return p
    }

    /// Values of more than one word.
    func isOfSeveralWords(_ k: Int) -> Bool { columns[k].tokensPerValue > LevelBuilder.establishedTokens }

    /// The shortest text of two words or more that hardly any other row has, and that is not about a person.
    var titleColumn: Int? {
        columns.indices.filter {
            kinds[$0] == .text && isNearlyUnique[$0] && !isPersonal[$0] && !isRemark($0)
                && columns[$0].tokensPerValue >= Self.leastWordsOfTitle
        }.min { columns[$0].tokensPerValue < columns[$1].tokensPerValue }
    }
    private static let leastWordsOfTitle = 2.0

    /// A text of several words that many rows lack, and that is not about a person.
    private func isRemark(_ k: Int) -> Bool { isSparse[k] && kinds[k] == .text && isOfSeveralWords(k) && !isPersonal[k] }

    /// What the model is told of the columns.
    var traits: [MatchModel.ColumnTraits] {
        columns.indices.map { k in
            let named = columns[k].concentration * columns[k].estimatedPresent
            let names = !isQuantity[k] && !isPlace[k] && !isRemark(k) && named <= Self.mostOfBroadName
            let isSpelt = !isQuantity[k] && columns[k].concentration <= Self.mostOfSpelling
            return MatchModel.ColumnTraits(
                isVocabulary: isVocabulary[k], isNearlyUnique: isNearlyUnique[k], isQuantity: isQuantity[k],
                isRemark: isRemark(k),
                concentration: columns[k].concentration,
                namesFrom: !names ? nil : UInt8(kinds[k] == .text ? LevelBuilder.agree + 1 : LevelBuilder.levels),
                isNameOfFew: named <= Self.mostOfName,
                misspeltFrom: !isSpelt ? nil : UInt8(isOfSeveralWords(k) ? LevelBuilder.agree + 2 : LevelBuilder.agree + 1))
        }
    }
    /// Two of a few values may be alike and are no spellings of one.
    private static let mostOfSpelling = 0.05
    /// Rows that a name stands for, with their duplicates.
    private static let mostOfName = 4.0
    private static let mostOfBroadName = 20.0

    /// For rows of values that are all in `least` rows or more: how many candidates are equal to the row in every compared column.
    private func countEqualRows(sampled: Int, least: Float) -> [Int: Float] {
        var order: [(hash: UInt64, row: Int)] = []
        for row in sampled..<counted where (0..<width).allSatisfy({ code(row, $0) == 0 || frequency(row, $0) >= least }) {
            order.append((content(row), row))
        }
        order.sort { $0 < $1 }
        var equal: [Int: Float] = [:]
        var start = 0
        while start < order.count {
            let end = order[start...].firstIndex { $0.hash != order[start].hash } ?? order.count
            for i in start..<end where end - start > 1 { equal[order[i].row] = Float(end - start) }
            start = end
        }
        return equal
    }

    /// Hash of a row's normal forms: the same wherever the row stands.
    func content(_ row: Int) -> UInt64 {
        var h: UInt64 = 0
        for k in 0..<width { h = Hash.mix(h ^ UInt64(code(row, k)) &+ 0x9E37_79B9_7F4A_7C15) }
        return h
    }

    /// Hash of a row's normal forms in the other columns; nil where all are missing.
    func content(_ row: Int, but ignored: [Bool]) -> UInt64? {
        var h: UInt64 = 0
        var isMissing = true
        for k in 0..<width where !ignored[k] {
            h = Hash.mix(h ^ UInt64(code(row, k)) &+ 0x9E37_79B9_7F4A_7C15)
            if code(row, k) != 0 { isMissing = false }
        }
        return isMissing ? nil : h
    }

    /// ``content(_:)`` of every row.
    func contents(threads: Int) -> [UInt64] {
        [UInt64](unsafeUninitializedCapacity: rows) { buffer, count in
            count = rows
            guard let base = buffer.baseAddress else { return }
            let target = SharedPointer(base: base)
            Parallel.slices(rows, threads: threads) { _, range in
                for row in range { (target.base + row).initialize(to: self.content(row)) }
            }
        }
    }

    /// In every compared column, after case, accents and punctuation are gone.
    ///
    /// - Parameter changing: per column, whether it does not matter; empty where all do.
    func areEqual(_ a: Int, _ b: Int, but changing: [Bool] = []) -> Bool {
        (0..<width).allSatisfy { code(a, $0) == code(b, $0) || (!changing.isEmpty && changing[$0]) }
    }

    // MARK: Reading

    @inline(__always) func frequency(_ row: Int, _ k: Int) -> Float { cells[row &* width &+ k].frequency }

    /// Both values are too common for a typing error: two values, not two spellings of one.
    @inline(__always)
    func areEstablished(_ a: Int, _ b: Int, _ k: Int) -> Bool { min(frequency(a, k), frequency(b, k)) >= establishedFrom[k] }

    @inline(__always) func code(_ row: Int, _ k: Int) -> UInt32 { cells[row &* width &+ k].code }
    @inline(__always) func spelling(_ row: Int, _ k: Int) -> UInt32 { cells[row &* width &+ k].spelling }

    /// The normal forms of a row: start and length per column.
    @inline(__always)
    func locate(_ row: Int, _ found: UnsafeMutablePointer<(UnsafePointer<UInt8>, Int)>) {
        var p = starts[row]
        for k in 0..<width {
            let n = Int(cells[row &* width &+ k].length)
            found[k] = (p, n)
            p += n
        }
    }
}
