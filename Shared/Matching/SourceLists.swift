internal import Domain
internal import Tabular

/// The lists that a table is made of: two shops' articles, two libraries' records. Rows of different lists word the same thing in two
/// ways; in one list hardly a row has a duplicate.
///
/// Lists come as several inputs, as the values of a column that is named for it, as the letters in front of the rows' numbers, or one below
/// the other: row numbers that start again, or a row from which on all texts look otherwise. Whether they are lists of the same things is
/// told by the pairs that are found, see ``areLists(_:threshold:)``. What is called a list by mistake costs suggestions, never a drop.
struct SourceLists {
    enum Division {
        case inputs
        case column(Int)
        /// What the values of a column start with, up to their first digit.
        case prefix(Int)
        /// Ids of the rows at which the second list and further ones start.
        case starts([UInt64])

        /// For the report.
        func description(_ plan: MatchPlan) -> String {
            switch self {
            case .inputs: "the inputs"
            case .column(let column): "the values of \(plan.columns[column].name)"
            case .prefix(let column): "the letters in front of \(plan.columns[column].name)"
            case .starts(let starts): "\(starts.count + 1) lists, one below the other"
            }
        }
    }

    let division: Division
    /// The list of every row of the store.
    let numbers: [UInt64]
    /// The lists look otherwise, by what their texts are like.
    private let haveOtherForms: Bool

    private static let mostLists = 8
    private static let leastRows = 20

    /// The lists that the rows of `store` may be of, surest sign first. One round's rows tell what holds for all.
    static func candidates(_ plan: MatchPlan, _ store: RowStore) -> [SourceLists] {
        guard let lists = plan.lists, store.count >= 2 * leastRows else { return [] }
        let forms = ListForms(plan, store)
        var divisions: [Division] = []
        if !lists.chunkInputs.isEmpty { divisions.append(.inputs) }
        if let column = lists.column { divisions.append(.column(column)) }
        if let column = lists.prefixed { divisions.append(.prefix(column)) }
        if let column = lists.serial { divisions.append(.starts(restarts(of: column, store))) }
        if let start = forms.change() { divisions.append(.starts([store.index[start].id])) }
        return divisions.compactMap { Self($0, plan, store, forms) }
    }

    /// nil where these are no lists to speak of.
    private init?(_ division: Division, _ plan: MatchPlan, _ store: RowStore, _ forms: ListForms) {
        self.division = division
        numbers = Self.numbers(division, plan, store)
        var sizes: [UInt64: Int] = [:]
        for n in numbers { sizes[n, default: 0] += 1 }
        guard 2...Self.mostLists ~= sizes.count, sizes.values.allSatisfy({ $0 >= Self.leastRows }) else { return nil }
        if case .starts = division { haveOtherForms = true } else { haveOtherForms = forms.differ(numbers) }
    }

    /// The list of every row of `store`.
    static func numbers(_ division: Division, _ plan: MatchPlan, _ store: RowStore) -> [UInt64] {
        switch division {
        case .inputs:
            let inputs = plan.lists?.chunkInputs ?? plan.chunkSources
            return store.index.map { UInt64(inputs[RowID(raw: $0.id).chunk]) }
        case .column(let column):
            return store.index.map { row in
                var value: UInt64 = 0
                store.forEachCell(at: row.offset) { c, bytes in if c == column { value = Hash.h64(bytes) } }
                return value
            }
        case .prefix(let column):
            return store.index.map { row in
                var value: UInt64 = 0
                store.forEachCell(at: row.offset) { c, bytes in if c == column { value = prefix(bytes) } }
                return value
            }
        case .starts(let starts):
            return store.index.map { row in UInt64(starts.count { $0 <= row.id }) }
        }
    }

    /// Hash of the bytes before the first digit.
    static func prefix(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let end = bytes.firstIndex { $0 >= 48 && $0 <= 57 } ?? bytes.count
        return Hash.h64(UnsafeBufferPointer(rebasing: bytes[..<end]))
    }

    /// The rows at which a column of ascending numbers starts again; none where it does so too often for lists.
    private static func restarts(of column: Int, _ store: RowStore) -> [UInt64] {
        var starts: [UInt64] = []
        var last = -1
        for row in store.index {
            store.forEachCell(at: row.offset) { c, bytes in
                guard c == column, let number = Int(String(decoding: bytes, as: UTF8.self)) else { return }
                if number < last { starts.append(row.id) }
                last = number
            }
            if starts.count >= mostLists { return [] }
        }
        return starts
    }

    // MARK: What pairs say

    /// The lists hold the same things, and none holds duplicates of its own: hardly a row of a list is a duplicate for sure, and
    /// likely ones lie across the lists, more than chance would have it unless the lists have other forms. Where nearly all are sure anyway,
    /// nothing has to be known of lists.
    ///
    /// - Parameters:
    ///   - pairs: positions of rows in the store, with their verdicts, which know nothing of lists.
    ///   - threshold: least score for a drop.
    func areLists(_ pairs: some Sequence<(a: Int, b: Int, verdict: PairVerdict)>, threshold: Double) -> Bool {
        var rows: [UInt64: Double] = [:]
        for n in numbers { rows[n, default: 0] += 1 }
        var drops: [UInt64: Double] = [:]
        var across = 0.0
        var within = 0.0
        var sure = 0.0
        for pair in pairs where pair.verdict.assertion > 0 {
            let isSure = pair.verdict.areAlike && pair.verdict.score > threshold
            sure += isSure ? 1 : 0
            let list = numbers[pair.a]
            if list != numbers[pair.b] {
                across += 1
                continue
            }
            within += 1
            if isSure { drops[list, default: 0] += 1 }
        }
        let areClean = rows.allSatisfy { drops[$0.key, default: 0] <= max(Self.fewDrops, Self.mostDrops * $0.value) }
        let isOpen = sure < Self.mostSure * (across + within)
        return areClean && isOpen && lie(across, within, sizes: rows.values.sorted(by: >))
    }

    /// So many pairs across the lists, and within one, are what lists of the same things have.
    private func lie(_ across: Double, _ within: Double, sizes: [Double]) -> Bool {
        // Of pairs drawn by chance.
        let all = sizes.reduce(0, +)
        let equal = sizes.reduce(0) { $0 + $1 * $1 }
        let odds = (all * all - equal) / max(equal - all, 1)
        let leastOdds = haveOtherForms ? Self.leastOddsOfForms : Self.leastOdds
        return across >= max(Self.leastPairs, Self.leastShared * sizes[1]) && across > leastOdds * odds * max(within, 1)
    }

    /// Pairs that are named alike lie across the lists, more than chance would have it.
    ///
    /// - Parameter named: positions of rows in the store.
    func share(_ named: some Sequence<(a: Int, b: Int)>) -> Bool {
        var rows: [UInt64: Double] = [:]
        for n in numbers { rows[n, default: 0] += 1 }
        var across = 0.0
        var within = 0.0
        for pair in named { if numbers[pair.a] == numbers[pair.b] { within += 1 } else { across += 1 } }
        return lie(across, within, sizes: rows.values.sorted(by: >))
    }

    private static let leastPairs = 20.0
    /// Of the rows of the second largest list.
    private static let leastShared = 0.15
    private static let fewDrops = 2.0
    /// Of the rows of a list.
    private static let mostDrops = 0.005
    /// Of the pairs. Where more are sure, the cells tell enough without lists.
    private static let mostSure = 0.8
    private static let leastOdds = 2.0
    private static let leastOddsOfForms = 0.5
}
