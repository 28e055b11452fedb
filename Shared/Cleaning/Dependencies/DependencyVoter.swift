internal import CScan
internal import Domain
internal import Foundation
internal import Profiling
internal import Tabular

/// Lets the accepted dependencies vote on the cells of a batch. Votes rest on the values that the column rules left, never on each other, so
/// the order of columns does not matter. Holds scratch memory: one per thread.
final class DependencyVoter {
    /// A proposal for one cell.
    struct Proposal {
        var row: Int
        var column: Int
        var text: String
        var confidence: Double
        var isFill: Bool
        /// False: an alternative only.
        var isApplied: Bool
    }
    private final class Rule {
        let rule: DependencyModel.Rule
        let target: Int
        /// Rules with the same left side on other columns.
        var siblings: [Int] = []
        private let groups: [UInt64: Int]
        private let minorities: [UInt64: Int]

        init(_ rule: DependencyModel.Rule, target: Int) {
            self.rule = rule
            self.target = target
            groups = Dictionary(rule.groups.enumerated().map { ($1.lhs, $0) }, uniquingKeysWith: { a, _ in a })
            minorities = Dictionary(
                rule.minorities.map { (Dependency.combine($0.lhs, $0.rhs), $0.count) }, uniquingKeysWith: { a, b in a + b })
        }
        func group(_ key: UInt64) -> DependencyModel.Group? { groups[key].map { rule.groups[$0] } }
        func count(_ key: UInt64, _ value: UInt64) -> Int { minorities[Dependency.combine(key, value)] ?? 0 }
    }
    private let model: DependencyModel
    private let rules: [Rule]
    /// Rules by target.
    private let byTarget: [[Int]]
    /// Columns whose hashes are needed, and where each is in `hashes`.
    private let columns: [Int]
    private let place: [Int: Int]
    private var hashes: [[UInt64]]
    private var relations: [Relation.Key: Relation] = [:]

    init(_ model: DependencyModel) {
        self.model = model
        let at = Dictionary(model.targets.enumerated().map { ($1.column, $0) }, uniquingKeysWith: { a, _ in a })
        let rules = model.rules.compactMap { rule in at[rule.dependency.rhs].map { Rule(rule, target: $0) } }
        for (i, rule) in rules.enumerated() {
            rule.siblings = rules.indices.filter { $0 != i && rules[$0].rule.dependency.lhs == rule.rule.dependency.lhs }
        }
        self.rules = rules
        byTarget = model.targets.indices.map { t in rules.indices.filter { rules[$0].target == t } }
        columns = Set(model.rules.flatMap { $0.dependency.lhs + [$0.dependency.rhs] }).sorted()
        place = Dictionary(columns.enumerated().map { ($1, $0) }, uniquingKeysWith: { a, _ in a })
        hashes = columns.map { _ in [] }
    }

    var isIdle: Bool { model.isEmpty }

    /// Proposals for the rows of a batch, by column, then row.
    func propose(_ batch: TextBatch, _ rows: [Int]) -> [Proposal] {
        guard !isIdle, !rows.isEmpty else { return [] }
        for (i, column) in columns.enumerated() {
            if hashes[i].count < batch.rows { hashes[i] = [UInt64](repeating: 0, count: batch.rows) }
            cscan_hash_cells(
                batch.cells + column, batch.columns, batch.rows, batch.base, batch.arena.base, &hashes[i])
        }
        var out: [Proposal] = []
        for (t, target) in model.targets.enumerated() where target.mayRepair || target.mayFill {
            guard let own = place[target.column] else { continue }
            for r in rows {
                let value = hashes[own][r]
                if value == 0 ? !target.mayFill : !target.mayRepair { continue }
                guard disagrees(t, r, value), let proposal = vote(t, r, value, batch) else { continue }
                out.append(proposal)
            }
        }
        return out
    }

    private func key(_ rule: Rule, _ r: Int) -> UInt64 {
        let lhs = rule.rule.dependency.lhs
        guard let first = place[lhs[0]] else { return 0 }
        let a = hashes[first][r]
        guard lhs.count > 1, let second = place[lhs[1]] else { return a }
        let b = hashes[second][r]
        return a == 0 || b == 0 ? 0 : Dependency.combine(a, b)
    }

    private func disagrees(_ t: Int, _ r: Int, _ value: UInt64) -> Bool {
        for i in byTarget[t] where value == 0 || !rules[i].rule.onlyFills {
            if let g = rules[i].group(key(rules[i], r)), g.topCount >= 2, model.targets[t].valueHashes[g.top] != value {
                return true
            }
        }
        return false
    }

    /// Share of the other columns known to this left side that agree with it in this row: a row that differs in everything belongs elsewhere.
    private func credibility(_ rule: Rule, _ r: Int) -> Double {
        var agree = 1.0
        var all = 1.0
        for i in rule.siblings {
            guard let own = place[rules[i].rule.dependency.rhs], hashes[own][r] != 0,
                let g = rules[i].group(key(rules[i], r)), g.topCount >= 2
            else { continue }
            all += 1
            if model.targets[rules[i].target].valueHashes[g.top] == hashes[own][r] { agree += 1 }
        }
        return agree / all
    }

    /// The row agrees with hardly anything that is known of its left value, and other columns say that it should have another one.
    private func isElsewhere(_ rule: Rule, _ r: Int) -> Bool {
        guard credibility(rule, r) <= Self.leastCredible else { return false }
        return rule.rule.dependency.lhs.contains { column in
            guard let t = model.targets.firstIndex(where: { $0.column == column }), let own = place[column] else { return false }
            return disagrees(t, r, hashes[own][r])
        }
    }

    // MARK: the vote

    private func vote(_ t: Int, _ r: Int, _ value: UInt64, _ batch: TextBatch) -> Proposal? {
        let target = model.targets[t]
        // Where several sources speak of one thing, what they say of it decides alone.
        if let i = byTarget[t].first(where: { rules[$0].rule.isClaim }), let g = rules[i].group(key(rules[i], r)), g.size >= 3 {
            return claim(rules[i], g, target, r, value)
        }
        var support: [Int: Double] = [:]
        var weights = 0.0
        var mine = 0.0
        var against: Set<Int> = []
        var columnsAgainst: Set<Int> = []
        var agreeing = 0
        var belief = 0.0
        var beliefWeight = 0.0
        var most = 0
        var isAlternative = false
        var isScattered = true
        var best = 0.0
        // Left sides that say the same share one voice.
        var voices: [Int: Int] = [:]
        let heard = byTarget[t].compactMap { i -> (rule: Rule, key: UInt64, group: DependencyModel.Group)? in
            let key = key(rules[i], r)
            guard key != 0, value == 0 || !rules[i].rule.onlyFills, let g = rules[i].group(key), g.size > (value != 0 ? 1 : 0)
            else { return nil }
            voices[rules[i].rule.witness, default: 0] += 1
            return (rules[i], key, g)
        }
        for (rule, key, g) in heard {
            let isTop = value != 0 && target.valueHashes[g.top] == value
            let own = value == 0 ? 0 : isTop ? g.topCount : rule.count(key, value)
            var size = g.size
            // The lead over the runner-up counts where exceptions are scattered, not the share.
            if rule.rule.repeated <= 0.3, g.topCount >= 3, g.topCount >= 3 * g.secondCount {
                size = min(size, g.topCount + g.secondCount + (own > 0 ? 1 : 0))
            }
            let others = Double(size - (value != 0 ? 1 : 0))
            guard others >= 1 else { continue }
            if value == 0, g.missing > g.size { continue }
            let w = rule.rule.raw * others / (others + 1) / Double(voices[rule.rule.witness] ?? 1)
            weights += w
            most = max(most, Int(others))
            if isTop, g.topCount >= 2 { agreeing += 1 }
            if !isTop {
                support[g.top, default: 0] += w * Double(g.topCount) / (others + 0.25)
                against.insert(rule.rule.witness)
                columnsAgainst.insert(rule.rule.dependency.lhs[0])
                belief += w * credibility(rule, r)
                beliefWeight += w
                best = max(best, rule.rule.accuracy)
                if own >= 3, rule.rule.repeated > 0.5 { isAlternative = true }
                if rule.rule.repeated > DependencyMeasure.oftenRepeated || rule.rule.size < 5 { isScattered = false }
            }
            mine += w * Double(max(0, own - 1)) / (others + 0.25)
        }
        guard weights > 0, let (top, sum) = support.max(by: { ($0.value, -$0.key) < ($1.value, -$1.key) }) else { return nil }
        let share = sum / weights
        let text = target.values[top]
        if value == 0 {
            guard share >= 0.7 else { return nil }
            // One dependency alone must be nearly exact to fill.
            var confidence = min(0.97, share * (most >= 3 ? 0.97 : 0.85)) * (against.count > 1 || best >= 0.95 ? 1 : 0.8)
            // What belongs to another row says nothing about this one.
            if heard.contains(where: { isElsewhere($0.rule, r) }) { confidence = min(confidence, 0.6) }
            return Proposal(
                row: r, column: target.column, text: text, confidence: confidence, isFill: true,
                isApplied: confidence >= target.threshold)
        }
        guard mine / weights <= 0.2 else { return nil }
        let old = batch.bytes(batch.cell(r, target.column))
        let relation = relation(t, value, top, String(decoding: old, as: UTF8.self), text)
        guard share >= 0.7 || (relation.isSimilar && share >= 0.5) else { return nil }
        let isRare = (target.counts[value] ?? 0) <= max(2, (target.counts[target.valueHashes[top]] ?? 0) / 10)
        let isMisspelt = relation.isSimilar && !relation.isKnown
        let isSlip =
            relation.isSlip && target.isDirty && share >= 0.7 && most >= 4 && (target.counts[value] ?? 0) <= Self.fewestOfCodes
            && (target.counts[value] ?? 0) * Self.rareAmong <= (target.counts[target.valueHashes[top]] ?? 0)
        var confidence: Double
        if isSlip {
            confidence = 0.85
        } else if isMisspelt {
            confidence = isRare && (relation.isPlausible || most >= 4) ? 0.97 : 0.85
            // Another initial makes another name (Barren and Warren are counties), unless the column is known to have errors or
            // hardly anybody else writes it so.
            let isLost = (target.counts[value] ?? 0) * Self.lostAmong <= (target.counts[target.valueHashes[top]] ?? 0)
            if !relation.isPlausible, !relation.isMasked, !target.isDirty, !isLost { confidence = 0.75 }
            // Hardly anybody makes the same error again and again.
            if (target.counts[value] ?? 0) > max(2, (target.counts[target.valueHashes[top]] ?? 0) / Self.repeatedAmong) {
                confidence = 0.75
            }
        } else if columnsAgainst.count < Self.leastAgainst {
            // What few columns say of each other, people and things may do otherwise: an exception is as likely as an error.
            confidence = 0.75 * share
        } else if isRare {
            confidence = most >= 3 ? min(0.93, share + 0.02) : target.isNumeric ? 0.75 : 0.85
        } else {
            confidence = (0.5 + 0.5 * share) * (most >= 4 ? 0.95 : 0.85)
        }
        if relation.isSimilar, relation.isKnown { confidence = min(confidence, 0.6) }
        if !isMisspelt, !isSlip {
            let isOwnValue = target.alternatives.contains(value) && !relation.isMasked
            // A true exception; where it hardly occurs beside the other value, at least a doubt.
            if isOwnValue, (target.counts[value] ?? 0) * Self.rareAmong >= target.counts[target.valueHashes[top]] ?? 0 {
                return nil
            }
            if isAlternative || isOwnValue || belief < 0.6 * beliefWeight { confidence = min(confidence, 0.6) }
            // Another number may well be true, and so may an exception that others of its group share; an identifier says who it is.
            // So may a value that another column of the row confirms.
            if !isScattered || agreeing > 0 || target.isIdentifier || target.isNumeric { confidence = min(confidence, 0.75) }
            // Where the column is not known to have errors, this one may be true as well.
            if !target.isDirty { confidence = min(confidence, 0.75) }
        }
        // A single soft dependency does not even flag.
        guard against.count > 1 || best >= 0.95 || isMisspelt || isSlip else { return nil }
        return Proposal(
            row: r, column: target.column, text: text, confidence: confidence, isFill: false,
            isApplied: confidence >= target.threshold)
    }

    /// Columns that have to contradict a well-written value, each for itself, to replace it: that many describe one thing.
    private static let leastAgainst = 4
    /// Of what is known of the thing, the share that a row has to say, too, to speak of that thing at all.
    private static let leastCredible = 0.3
    /// Rows with the right text for each row that is misspelt in a way that might be a word of its own.
    private static let lostAmong = 200
    /// Rows of a value for one row more of the same misspelling of it.
    private static let repeatedAmong = 10
    /// Rows of the other value for each row of a true exception that is rare.
    private static let rareAmong = 50
    /// Rows of a code that nobody writes by mistake.
    private static let leastOfCodes = 3
    /// Rows of what may be a slip in a code of two or three letters.
    private static let fewestOfCodes = 2

    /// The majority of the other sources, when it leads by half as much again; made where the sources of this column mostly agree, else said.
    private func claim(
        _ own: Rule, _ g: DependencyModel.Group, _ target: DependencyModel.Target, _ r: Int, _ value: UInt64
    ) -> Proposal? {
        let rule = own.rule
        guard target.valueHashes[g.top] != value else { return nil }
        let share = Double(g.topCount) / Double(g.size - (value == 0 ? 0 : 1))
        guard g.topCount >= 3, share >= 0.3, g.topCount * 2 >= g.secondCount * 3 else { return nil }
        let isSure =
            rule.raw >= 0.75 && share >= 0.5 && g.topCount >= 2 * g.secondCount && !target.isIdentifier
            && !isElsewhere(own, r)
        let confidence = isSure ? 0.8 + 0.15 * share : 0.5 + 0.25 * share
        return Proposal(
            row: r, column: target.column, text: target.values[g.top], confidence: confidence, isFill: value == 0,
            isApplied: confidence >= target.threshold)
    }

    // MARK: texts

    private struct Relation {
        struct Key: Hashable {
            var target: Int
            var old: UInt64
            var new: Int
        }
        var isSimilar = false
        var isPlausible = false
        var isMasked = false
        /// See ``Similarity/isShortSlip(_:_:)``.
        var isSlip = false
        /// Another value, not a misspelling: the words that the new one lacks are all in use elsewhere, or it is a frequent code or a country.
        var isKnown = false
    }
    private func relation(_ t: Int, _ old: UInt64, _ new: Int, _ oldText: String, _ newText: String) -> Relation {
        let key = Relation.Key(target: t, old: old, new: new)
        if let known = relations[key] { return known }
        var out = Relation()
        out.isSimilar = Similarity.isSimilar(oldText, newText)
        out.isPlausible = Similarity.isPlausible(Similarity.folded(oldText), Similarity.folded(newText))
        out.isMasked = Similarity.isMasked(Similarity.folded(oldText), Similarity.folded(newText))
        out.isSlip = Similarity.isShortSlip(oldText, newText)
        let extra = Set(Similarity.words(oldText)).subtracting(Similarity.words(newText))
        // A code that several rows have is another code, whatever it resembles.
        let isCode = Similarity.isCode(oldText) && (model.targets[t].counts[old] ?? 0) >= Self.leastOfCodes
        out.isKnown = isCode || PlaceNames.isCountry(oldText) || extra.isSubset(of: model.targets[t].words)
        if relations.count > 100_000 { relations.removeAll() }
        relations[key] = out
        return out
    }
}
