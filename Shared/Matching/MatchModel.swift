internal import Tabular

#if canImport(Glibc)
    internal import Glibc
#endif

/// Distinct level vectors with their weights: all that the model needs to know about a set of pairs.
struct LevelCounts {
    let width: Int
    /// Level + 1 per column, so 0 is missing; row-major.
    private(set) var vectors: [UInt8] = []
    private(set) var candidates: [Double] = []
    private(set) var randoms: [Double] = []
    /// Of the candidates, those that are named alike; none where names were not looked at.
    private(set) var named: [Double] = []
    private var index: [UInt64: Int32] = [:]

    init(width: Int) { self.width = width }
    var count: Int { candidates.count }

    enum Kind {
        case candidate
        case named
        case random
    }
    mutating func add(_ levels: UnsafePointer<Int8>, _ kind: Kind) {
        let key = levels.withMemoryRebound(to: UInt8.self, capacity: width) { Hash.h64($0, width) }
        let place = place(key) { UInt8(levels[$0] + 1) }
        if kind == .random { randoms[place] += 1 } else { candidates[place] += 1 }
        if kind == .named { named[place] += 1 }
    }

    /// Adds what was counted of further pairs: the vectors keep the order in which they were first seen.
    mutating func add(_ other: LevelCounts) {
        for (key, at) in other.index.sorted(by: { $0.value < $1.value }) {
            let place = place(key) { other.vectors[Int(at) * other.width + $0] }
            candidates[place] += other.candidates[Int(at)]
            randoms[place] += other.randoms[Int(at)]
            named[place] += other.named[Int(at)]
        }
    }

    private mutating func place(_ key: UInt64, _ vector: (Int) -> UInt8) -> Int {
        if let place = index[key] { return Int(place) }
        let place = candidates.count
        index[key] = Int32(place)
        for k in 0..<width { vectors.append(vector(k)) }
        candidates.append(0)
        randoms.append(0)
        named.append(0)
        return place
    }
}

/// The levels of all vectors without the missing ones, and which weight each has: what the rounds of learning go through again and again.
private final class PresentLevels {
    private let counts: LevelCounts
    /// Per vector and one more: where its levels begin.
    private let starts: UnsafeMutablePointer<Int32>
    /// Of each level: its place among the weights.
    private let places: UnsafeMutablePointer<UInt16>
    /// Of each weight: the place of its column and level.
    private let sums: [UInt16]
    /// Per column and level.
    private let totals: UnsafeMutablePointer<Double>
    private static let levels = LevelBuilder.levels

    init(_ counts: LevelCounts) {
        self.counts = counts
        starts = .allocate(capacity: counts.count + 1)
        places = .allocate(capacity: max(counts.vectors.count, 1))
        sums = (0..<counts.width * 2 * Self.levels).map {
            UInt16($0 / (2 * Self.levels) * Self.levels + $0 % Self.levels)
        }
        totals = .allocate(capacity: max(counts.width * Self.levels, 1))
    }
    deinit {
        starts.deallocate()
        places.deallocate()
        totals.deallocate()
    }

    /// Call before ``score(_:_:_:)`` with the parents of the columns, and again when they change.
    func see(_ parent: [Int]) {
        let width = counts.width
        var n: Int32 = 0
        counts.vectors.withUnsafeBufferPointer { vectors in
            for i in 0..<counts.count {
                starts[i] = n
                for j in 0..<width where vectors[i * width + j] > 0 {
                    let level = Int(vectors[i * width + j]) - 1
                    let agrees = parent[j] >= 0 && Int(vectors[i * width + parent[j]]) > LevelBuilder.agree
                    places[Int(n)] = UInt16((j * 2 + (agrees ? 1 : 0)) * Self.levels + level)
                    n += 1
                }
            }
        }
        starts[counts.count] = n
    }

    /// As ``MatchModel/score(_:)`` of the vector.
    @inline(__always)
    func score(_ vector: Int, _ prior: Double, _ weights: [Double]) -> Double {
        weights.withUnsafeBufferPointer { weights in
            var s = prior
            for at in Int(starts[vector])..<Int(starts[vector + 1]) { s += weights[Int(places[at])] }
            return s
        }
    }

    func clear() { totals.update(repeating: 0, count: counts.width * Self.levels) }

    /// Adds pairs to the levels of the vector.
    @inline(__always)
    func add(_ vector: Int, _ pairs: Double) {
        sums.withUnsafeBufferPointer { sums in
            for at in Int(starts[vector])..<Int(starts[vector + 1]) { totals[Int(sums[Int(places[at])])] += pairs }
        }
    }

    /// By level.
    func total(_ column: Int) -> [Double] {
        Array(UnsafeBufferPointer(start: totals + column * Self.levels, count: Self.levels))
    }
}

/// Fellegi-Sunter with a dependence tree: what agreement and difference of each column say about being a duplicate.
///
/// Learned without labels by expectation maximisation over candidate pairs and random pairs.
/// - Source: Fellegi and Sunter 1969; Chow and Liu 1968 for the tree; Ayer et al. 1955 for pooling adjacent violators
struct MatchModel {
    let width: Int
    /// Column order in which parents come before children.
    private(set) var order: [Int]
    private(set) var parent: [Int]
    /// Log-odds of any pair of rows before anything is compared: of the share of duplicates among all pairs.
    private(set) var priorScore: Double
    /// Log-odds per column, parent agrees (1) or not (0), and level; rises with the level.
    private(set) var weights: [Double]
    /// Columns whose agreement alone makes a pair more likely a duplicate than not.
    private(set) var identifies: [Bool] = []
    private var siblings: SiblingColumns
    /// Columns in which siblings differ, see ``SiblingColumns``.
    var tellsApart: [Bool] { siblings.tellApart }
    /// Columns in which one thing may have two values, see ``SiblingColumns``.
    var mayChange: [Bool] { siblings.mayChange }
    /// Expected duplicates among the pairs that the model saw.
    private(set) var expected = 0.0

    private static let levels = LevelBuilder.levels
    private static let priorM: [Double] = [0.04, 0.03, 0.03, 0.04, 0.06, 0.10, 0.70]
    /// Unlike values of any column; counts as much as a few random pairs, which matters for small tables only.
    private static let priorU: [Double] = [0.45, 0.30, 0.15, 0.05, 0.02, 0.01, 0.02]
    private static let priorMStrength = 20.0
    private static let priorMShare = 0.25
    private static let priorUPairs = 10.0
    private static let capLow = 0.2
    private static let capLowOfCodes = 0.02
    private static let shrink = 50.0
    private static let floor = 0.01
    private static let rounds = 25
    private static let relearn: Set<Int> = [3, 6, 10, 15]
    private static let firstTelling = 2
    private static let guess = 0.6
    private static let called = 0.5
    private static let maximumPrevalence = 0.05

    /// What is known of a column before any pair is looked at.
    struct ColumnTraits {
        /// Nearly all its values are used again and again: a difference is hardly an error there.
        var isVocabulary: Bool
        /// Hardly any value occurs more than a few times.
        var isNearlyUnique: Bool
        /// An amount, a measure, a day or a time.
        var isQuantity: Bool
        /// A text of several words that many rows lack.
        var isRemark: Bool
        /// Share of the pairs of rows that are equal in it.
        var concentration: Double
        /// Level + 1 from which on two rows are one thing, or siblings; nil where the column names nothing.
        var namesFrom: UInt8?
        /// Only a few rows share such a name.
        var isNameOfFew: Bool
        /// Level + 1 from which on two values that are not equal are spellings of one; nil of quantities and of a few values.
        var misspeltFrom: UInt8?
    }

    /// - Parameters:
    ///   - rows: distinct rows of the table.
    ///   - candidatePairs: of the whole table; `counts` may hold a part of them.
    ///   - codePlace: the column of model numbers, -1 without: duplicates hardly ever differ there.
    ///   - traits: per column.
    init(counts: LevelCounts, rows: Int, candidatePairs: Int, codePlace: Int, traits: [ColumnTraits]) {
        let width = counts.width
        self.width = width
        order = Array(0..<width)
        parent = [Int](repeating: -1, count: width)
        weights = [Double](repeating: 0, count: width * 2 * Self.levels)
        let named = Self.levelCounts(counts)
        let changes = named.map(Self.mostlyDiffers)
        siblings = SiblingColumns(traits, changes: changes)
        let n = counts.count
        let total = max(Double(rows) * Double(max(rows - 1, 1)) / 2, 1)
        let seen = counts.candidates.reduce(0, +)
        let scale = seen > 0 ? Double(max(candidatePairs, 1)) / seen : 1
        let randomPairs = counts.randoms.reduce(0, +)
        let randomWeight = max(total - Double(candidatePairs), 1) / max(randomPairs, 1)
        var base = [Double](repeating: 0, count: n)
        for i in 0..<n { base[i] = counts.candidates[i] * scale + counts.randoms[i] * randomWeight }
        let candidateWeight = counts.candidates.map { $0 * scale }

        var m = (0..<width).flatMap { changes[$0] ? Self.matchLevels(named[$0], capLow: 1) : Self.priorM }
        priorScore = Self.prior(min(Double(rows) * 0.1, Double(candidatePairs) * 0.5), of: total)
        var posterior = [Double](repeating: 0, count: n)
        var w = base
        for i in 0..<n {
            var present = 0
            var agree = 0
            var hasName = false
            for j in 0..<width {
                let v = Int(counts.vectors[i * width + j])
                present += v > 0 ? 1 : 0
                agree += v > Self.agreeing ? 1 : 0
                hasName = hasName || (v > Self.agreeing && traits[j].isNearlyUnique)
            }
            // One column alone says it only where hardly two rows agree by chance.
            let isEnough = present >= 2 || hasName
            if isEnough, Double(agree) > Self.guess * Double(present) { w[i] = counts.randoms[i] * randomWeight }
            w[i] = max(counts.randoms[i] * randomWeight, w[i] - counts.named[i] * scale)
        }
        let chance = traits.map(\.concentration)
        let signs = (0..<n).map { i in counts.vectors.withUnsafeBufferPointer { siblings.signs($0.baseAddress! + i * width) } }
        let levels = PresentLevels(counts)
        var u = learnU(counts, w, rows: rows, total: total, randomWeight: randomWeight, chance: chance)
        levels.see(parent)
        for round in 0..<Self.rounds {
            if Self.relearn.contains(round) {
                // What is called a duplicate says nothing about the others: where few columns can be compared, its rest would make
                // agreement look commoner from round to round, until there are no duplicates.
                for i in 0..<n {
                    let other = posterior[i] > Self.called ? 0 : 1 - posterior[i]
                    w[i] = candidateWeight[i] * other + counts.randoms[i] * randomWeight
                }
                u = learnU(counts, w, rows: rows, total: total, randomWeight: randomWeight, chance: chance)
                levels.see(parent)
            }
            setWeights(m, u)
            expected = 0
            levels.clear()
            siblings.clear()
            let apart = (0..<width).filter { tellsApart[$0] }
            counts.vectors.withUnsafeBufferPointer { vectors in
                guard let vectors = vectors.baseAddress else { return }
                for i in 0..<n where candidateWeight[i] > 0 {
                    let vector = vectors + i * width
                    let sharesCode = sharesCode(vector, codePlace)
                    posterior[i] =
                        !sharesCode && isToldApart(vector, apart) ? 0 : Self.logistic(levels.score(i, priorScore, weights))
                    let p = posterior[i] * candidateWeight[i]
                    if p == 0 { continue }
                    expected += p
                    siblings.add(vector, p, signs[i], sharesCode: sharesCode)
                    levels.add(i, p)
                }
            }
            priorScore = Self.prior(expected, of: total)
            if round >= Self.firstTelling { siblings.decide(rows: rows) }
            for j in 0..<width {
                let c = levels.total(j)
                let cap = j == codePlace || tellsApart[j] ? Self.capLowOfCodes : mayChange[j] ? 1 : Self.capLow
                m.replaceSubrange(j * Self.levels..<(j + 1) * Self.levels, with: Self.matchLevels(c, capLow: cap))
            }
        }
        setWeights(m, u)
        identifies = (0..<width).map { j in
            var duplicates = 0.0
            var others = 0.0
            for i in 0..<n where counts.vectors[i * width + j] == UInt8(Self.levels) {
                duplicates += candidateWeight[i] * posterior[i]
                others += candidateWeight[i] * (1 - posterior[i]) + counts.randoms[i] * randomWeight
            }
            return duplicates > others
        }
    }

    /// Per column and level: pairs that are named alike.
    private static func levelCounts(_ counts: LevelCounts) -> [[Double]] {
        var out = [[Double]](repeating: [Double](repeating: 0, count: levels), count: counts.width)
        for i in 0..<counts.count where counts.named[i] > 0 {
            for j in 0..<counts.width where counts.vectors[i * counts.width + j] > 0 {
                out[j][Int(counts.vectors[i * counts.width + j]) - 1] += counts.named[i]
            }
        }
        return out
    }

    /// Less than half of the pairs that are named alike are alike in the column.
    private static func mostlyDiffers(_ named: [Double]) -> Bool {
        2 * named.suffix(levels - partlyAlike).reduce(0, +) < named.reduce(0, +)
    }
    private static let partlyAlike = 3

    private func sharesCode(_ vector: UnsafePointer<UInt8>, _ codePlace: Int) -> Bool {
        codePlace >= 0 && Int(vector[codePlace]) > PairScorer.sharedCode
    }

    /// - Parameter columns: those that tell siblings apart.
    private func isToldApart(_ vector: UnsafePointer<UInt8>, _ columns: [Int]) -> Bool {
        columns.contains { vector[$0] == 1 || vector[$0] == 2 }
    }

    private static let agreeing = LevelBuilder.agree

    private static func matchLevels(_ counts: [Double], capLow: Double) -> [Double] {
        let sum = counts.reduce(0, +)
        let strength = priorMStrength + priorMShare * sum
        var v = (0..<levels).map { (counts[$0] + strength * priorM[$0]) / (sum + strength) }
        let low = v[0] + v[1] + v[2]
        if low > capLow {
            for l in 0..<levels { v[l] *= l < 3 ? capLow / low : (1 - capLow) / (1 - low) }
        }
        return v
    }

    /// Log-odds of the pair with these levels + 1 being duplicates.
    @inline(__always)
    func score(_ vector: UnsafePointer<UInt8>) -> Double {
        var s = priorScore
        for j in 0..<width where vector[j] > 0 { s += weight(j, parentAgrees(vector, j), Int(vector[j]) - 1) }
        return s
    }

    @inline(__always)
    func weight(_ column: Int, _ parentAgrees: Bool, _ level: Int) -> Double {
        weights[(column * 2 + (parentAgrees ? 1 : 0)) * Self.levels + level]
    }
    @inline(__always)
    func parentAgrees(_ vector: UnsafePointer<UInt8>, _ column: Int) -> Bool {
        let q = parent[column]
        return q >= 0 && Int(vector[q]) > Self.agreeing
    }

    /// Log-odds to posterior. Flattened and bounded, because the columns are never quite as independent as the model has it:
    /// no pair is surer than .999.
    static func posterior(_ score: Double) -> Double { logistic(flattening * score) * certainty }
    /// The same for rows that differ as two things may differ, of which the model knows less: it was compared with the truth of public
    /// sets.
    static func posterior(ofSuggestion score: Double) -> Double { logistic(flatteningOfSuggestions * score) * certainty }
    /// The log-odds at which ``posterior(_:)`` reaches `p`; infinite when it never does.
    static func score(posterior p: Double) -> Double {
        let q = p / certainty
        return q >= 1 ? .infinity : q <= 0 ? -.infinity : log(q / (1 - q)) / flattening
    }
    private static let flattening = 0.6
    private static let flatteningOfSuggestions = 0.25
    private static let certainty = 0.999

    private static func prior(_ duplicates: Double, of pairs: Double) -> Double {
        let share = min(max(duplicates, 1) / pairs, maximumPrevalence)
        return log(share / (1 - share))
    }
    static func logistic(_ x: Double) -> Double { 1 / (1 + exp(-max(-60, min(60, x)))) }

    private mutating func setWeights(_ m: [Double], _ u: [Double]) {
        for j in 0..<width {
            for t in 0..<2 {
                let at = (j * 2 + t) * Self.levels
                let w = Self.pool(Array(m[j * Self.levels..<(j + 1) * Self.levels]), Array(u[at..<at + Self.levels]))
                weights.replaceSubrange(at..<at + Self.levels, with: w)
            }
        }
    }

    /// ln(m/u) per level, made to rise with the level by pooling adjacent violators.
    static func pool(_ m: [Double], _ u: [Double]) -> [Double] {
        var stack: [(m: Double, u: Double, n: Int)] = []
        for (a, b) in zip(m, u) {
            stack.append((a, b, 1))
            while stack.count > 1 {
                let top = stack[stack.count - 1]
                let below = stack[stack.count - 2]
                if below.m * top.u <= top.m * below.u { break }
                stack.removeLast()
                stack[stack.count - 1] = (below.m + top.m, below.u + top.u, below.n + top.n)
            }
        }
        return stack.flatMap { s in [Double](repeating: log(s.m / s.u), count: s.n) }
    }

    /// Level shares among pairs that are no duplicates, given that the parent column agrees or not.
    ///
    /// - Parameter chance: per column, share of pairs of any rows that are equal. Where it is tiny, the few random pairs would make
    ///   agreement look commoner than it is.
    private mutating func learnU(
        _ counts: LevelCounts, _ w: [Double], rows: Int, total: Double, randomWeight: Double, chance: [Double]
    ) -> [Double] {
        learnTree(counts, w)
        let levels = Self.levels
        var u = [Double](repeating: 0, count: width * 2 * levels)
        for j in 0..<width {
            let rarity = min(1, chance[j] / Self.priorU[levels - 1])
            var marginal = (0..<levels).map {
                Self.floor * total / Double(max(rows, 1))
                    + Self.priorUPairs * randomWeight * Self.priorU[$0] * ($0 >= Self.agreeing ? rarity : 1)
            }
            var given = [[Double](repeating: 0, count: levels), [Double](repeating: 0, count: levels)]
            let q = parent[j]
            for i in 0..<counts.count where w[i] > 0 {
                let v = Int(counts.vectors[i * width + j])
                if v == 0 { continue }
                marginal[v - 1] += w[i]
                if q >= 0 { given[Int(counts.vectors[i * width + q]) > Self.agreeing ? 1 : 0][v - 1] += w[i] }
            }
            let sum = marginal.reduce(0, +)
            for l in 0..<levels { marginal[l] /= sum }
            for t in 0..<2 {
                let sum = given[t].reduce(0, +) / randomWeight
                for l in 0..<levels {
                    u[(j * 2 + t) * levels + l] =
                        q < 0
                        ? marginal[l] : (given[t][l] / randomWeight + Self.shrink * marginal[l]) / (sum + Self.shrink)
                }
            }
        }
        return u
    }

    /// Maximum spanning tree of the mutual information between the columns' agreement.
    private mutating func learnTree(_ counts: LevelCounts, _ w: [Double]) {
        var both = [Double](repeating: 0, count: width * width)
        var sum = 0.0
        var agreeing: [Int] = []
        for i in 0..<counts.count where w[i] > 0 {
            agreeing.removeAll(keepingCapacity: true)
            for j in 0..<width where Int(counts.vectors[i * width + j]) > Self.agreeing { agreeing.append(j) }
            sum += w[i]
            for a in agreeing { for b in agreeing { both[a * width + b] += w[i] } }
        }
        var information = [Double](repeating: 0, count: width * width)
        if sum > 0 {
            for i in 0..<width {
                for j in 0..<width where i != j {
                    let pi = both[i * width + i] / sum
                    let pj = both[j * width + j] / sum
                    let p11 = both[i * width + j] / sum
                    let cells = [
                        (p11, pi * pj), (pi - p11, pi * (1 - pj)), (pj - p11, (1 - pi) * pj),
                        (1 - pi - pj + p11, (1 - pi) * (1 - pj)),
                    ]
                    for (p, q) in cells where p > 1e-15 && q > 1e-15 { information[i * width + j] += p * log(p / q) }
                }
            }
        }
        var root = 0
        var most = -1.0
        for i in 0..<width {
            let s = information[i * width..<(i + 1) * width].reduce(0, +)
            if s > most {
                most = s
                root = i
            }
        }
        order = width > 0 ? [root] : []
        parent = [Int](repeating: -1, count: width)
        var isIn = [Bool](repeating: false, count: width)
        if width > 0 { isIn[root] = true }
        while order.count < width {
            var best = (-1.0, -1, -1)
            for j in 0..<width where !isIn[j] {
                for i in order where information[i * width + j] > best.0 { best = (information[i * width + j], j, i) }
            }
            isIn[best.1] = true
            parent[best.1] = best.0 > 0 ? best.2 : -1
            order.append(best.1)
        }
    }
}
