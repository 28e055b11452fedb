internal import Glibc

/// What the cells of a column look like: how often each masked shape occurs in a sample. Holds no cell text.
public struct ColumnShape: Codable, Sendable, Equatable {
    /// Counts by key, ascending by key.
    struct Counts: Codable, Sendable, Equatable {
        var keys: [UInt32]
        var counts: [Int]

        init(_ values: [UInt32]) {
            keys = []
            counts = []
            for value in values.sorted() {
                if keys.last == value { counts[counts.count - 1] += 1 } else { keys.append(value); counts.append(1) }
            }
        }
        func count(_ key: UInt32) -> Int {
            var low = 0
            var high = keys.count
            while low < high {
                let middle = (low + high) / 2
                if keys[middle] < key { low = middle + 1 } else { high = middle }
            }
            return low < keys.count && keys[low] == key ? counts[low] : 0
        }
        var top: Int { counts.max() ?? 0 }
        var singletons: Int { counts.reduce(0) { $0 + ($1 == 1 ? 1 : 0) } }
    }

    var cells: Int
    var empties: Int
    var exact: Counts
    var loose: Counts
    var kinds: [Int]
    /// Mean and standard deviation of ln(length + 1) of the non-empty cells.
    var mean: Double
    var deviation: Double
    /// Most cells have a shape like that of numbers, dates or codes.
    var isTyped: Bool
    var topExact: Int
    var exactSingletons: Int
    var looseSingletons: Int
    var isFree: Bool

    /// - Parameter values: the cells of one column, in row order.
    init(_ values: [UnsafeBufferPointer<UInt8>]) {
        cells = values.count
        empties = values.reduce(0) { $0 + ($1.isEmpty ? 1 : 0) }
        exact = Counts(values.map(CellMask.exact))
        loose = Counts(values.map(CellMask.loose))
        kinds = Array(repeating: 0, count: CellKind.allCases.count)
        for value in values { kinds[CellKind(value).rawValue] += 1 }
        let full = values.filter { !$0.isEmpty }
        let lengths = full.isEmpty ? [0] : full.map { log(Double($0.count) + 1) }
        let mean = lengths.reduce(0, +) / Double(lengths.count)
        self.mean = mean
        let variance = lengths.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(lengths.count)
        deviation = max(0.35, variance.squareRoot())
        topExact = exact.top
        exactSingletons = exact.singletons
        looseSingletons = loose.singletons
        isFree = Double(loose.top) < 0.5 * Double(values.count)
        isTyped = Self.isTyped(full)
    }

    private static func isTyped(_ full: [UnsafeBufferPointer<UInt8>]) -> Bool {
        guard full.count >= 2, let first = full.first else { return false }
        let coded = full.reduce(0) { sum, v in
            let trimmed = v.drop { isSpaceByte($0) }.reversed().drop { isSpaceByte($0) }
            return sum + (v.contains(where: isDigitByte) && v.count <= 32 && !trimmed.contains(0x20) ? 1 : 0)
        }
        if Double(coded) >= 0.8 * Double(full.count) { return true }
        guard full.count >= 3, Double(Counts(full.map(CellMask.loose)).top) >= 0.9 * Double(full.count) else { return false }
        let hasMark = first.contains { !isLetterByte($0) && !isDigitByte($0) && $0 != 0x20 && $0 != 0x2D && $0 != 0x5F }
        return hasMark && !first.contains(0x20)
    }

    private func surprise(_ count: Int, singletons: Int) -> Double {
        -log(((count > 0 ? Double(count) : Double(singletons) / 2) + 0.2) / (Double(cells) + 0.4))
    }

    /// 0: like the column's cells; 4: unlike them.
    func cost(_ v: UnsafeBufferPointer<UInt8>) -> Double {
        if v.isEmpty { return min(4, -log((Double(empties) + 0.2) / (Double(cells) + 0.4))) }
        let z = (log(Double(v.count) + 1) - mean) / deviation
        if isFree {
            let single = kinds.reduce(0) { $0 + ($1 == 1 ? 1 : 0) }
            return min(4, 0.5 * surprise(kinds[CellKind(v).rawValue], singletons: single) + 0.15 * z * z)
        }
        let top = -log(Double(max(topExact, 1)) / (Double(cells) + 0.4))
        let exactCost = max(0, surprise(exact.count(CellMask.exact(v)), singletons: exactSingletons) - top)
        let looseCost = surprise(loose.count(CellMask.loose(v)), singletons: looseSingletons)
        return min(4, 0.5 * exactCost + 0.5 * looseCost + 0.1 * z * z)
    }

    /// The shape of this cell is common in the column.
    func knows(_ v: UnsafeBufferPointer<UInt8>) -> Bool {
        Double(loose.count(CellMask.loose(v))) > 0.03 * Double(cells) + (cells > 20 ? 1 : 0)
    }
}

/// What a cell costs at a column when a row is aligned: the column's profile, or what names of columns look like.
enum CellCosts {
    case none
    case columns([ColumnShape])
    case names(quote: UInt8?)

    var isProfile: Bool {
        if case .none = self { return false }
        return true
    }
    @inline(__always)
    func cost(_ column: Int, _ v: UnsafeBufferPointer<UInt8>) -> Double {
        switch self {
        case .none: return 0
        case .columns(let shapes): return shapes[column].cost(v)
        case .names(let quote):
            if let quote, v.contains(quote) { return 1.5 }
            return v.isEmpty ? 1 : 0
        }
    }
}
