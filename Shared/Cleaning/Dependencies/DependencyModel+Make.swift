internal import Domain
internal import Profiling
internal import Tabular

extension DependencyModel {
    /// Judges the counted dependencies on the whole table and keeps the groups of those that hold. Empty where nothing is to be decided: no
    /// accepted dependency has an exception or a gap to fill.
    static func make(
        _ profile: TableProfile, _ columns: [ColumnResolution], _ recipe: Recipe, claims: Set<Dependency>
    ) -> DependencyModel {
        var model = DependencyModel()
        var targets: [Int: TargetBuilder] = [:]
        let settled = columns.map { SettledHashes($0) }
        for (dependency, counts) in zip(profile.dependencies, profile.pairs) {
            // A left side whose values were respelt cannot be settled once it was combined: such pairs keep their key.
            let left = dependency.lhs.count == 1 ? settled[dependency.lhs[0]] : nil
            let pairs = settle(counts.pairs, left, settled[dependency.rhs])
            var target = targets[dependency.rhs] ?? TargetBuilder()
            var group: Int32 = 0
            var coded: [DependencyMeasure.Pair] = []
            coded.reserveCapacity(pairs.count)
            for (i, pair) in pairs.enumerated() {
                if i > 0, pairs[i - 1].lhs != pair.lhs { group += 1 }
                guard pair.rhs != 0 else { continue }
                coded.append(.init(group: group, value: target.code(pair.rhs), count: Int32(clamping: pair.count)))
            }
            let rows = counts.isTrimmed ? coded.reduce(0) { $0 + Int($1.count) } : profile.rows
            let isClaim = claims.contains(dependency)
            if let m = DependencyMeasure(coded, values: target.hashes.count, rows: rows),
                isClaim ? ClaimDiscovery.holds(m) : m.isAccepted
            {
                var rule = rule(dependency, pairs, m, &target, counts, columns[dependency.rhs])
                rule.isClaim = isClaim
                rule.onlyFills = !isClaim && m.hasAlternatives
                model.rules.append(rule)
                if !isClaim { target.noteAlternatives(m) }
                targets[dependency.rhs] = target
            }
        }
        for (column, target) in targets.sorted(by: { $0.key < $1.key }) {
            let wanted = recipe.column(named: columns[column].name)
            let mayFill = (wanted?.impute ?? .none) != .none && profile.columns[column].missing > 0
            model.targets.append(target.finish(column, columns[column], profile.columns[column], mayFill: mayFill))
        }
        model.nameWitnesses(columns: columns.count)
        model.markDirty(profile, columns)
        let hasWork = model.rules.contains { rule in
            guard let target = model.targets.first(where: { $0.column == rule.dependency.rhs }) else { return false }
            return (target.mayRepair && !rule.onlyFills && !rule.minorities.isEmpty)
                || (target.mayFill && rule.groups.contains { $0.missing > 0 })
        }
        return hasWork ? model : DependencyModel()
    }

    /// Columns that determine each other say the same thing twice; a pair of columns counts as its first one.
    private mutating func nameWitnesses(columns: Int) {
        var parent = Array(0..<columns)
        func root(_ c: Int) -> Int {
            var c = c
            while parent[c] != c { c = parent[c] }
            return c
        }
        let single = Set(rules.filter { $0.dependency.lhs.count == 1 }.map { [$0.dependency.lhs[0], $0.dependency.rhs] })
        for pair in single.sorted(by: { ($0[0], $0[1]) < ($1[0], $1[1]) }) where single.contains([pair[1], pair[0]]) {
            let (a, b) = (root(pair[0]), root(pair[1]))
            parent[max(a, b)] = min(a, b)
        }
        for i in rules.indices { rules[i].witness = root(rules[i].dependency.lhs[0]) }
    }

    private static func isMisspelt(_ old: String, _ new: String) -> Bool {
        if Similarity.isShortSlip(old, new) { return true }
        guard Similarity.isSimilar(old, new) else { return false }
        let (a, b) = (Similarity.folded(old), Similarity.folded(new))
        return Similarity.isPlausible(a, b) || Similarity.isMasked(a, b)
    }

    /// At least three rows of a column were misspelt (as the column rules or a dependency see it), and those are a third of all exceptions. Where
    /// that is so in most columns, it holds for all. Values of other rows prove nothing: what people do is not exact (who was born in one country
    /// may be a citizen of another one), and looks the same.
    private mutating func markDirty(_ profile: TableProfile, _ columns: [ColumnResolution]) {
        var judged = 0
        for t in targets.indices {
            let c = targets[t].column
            let respelt = Set(
                columns[c].rewrites.filter {
                    $0.isApplied && [.categorySpelling, .wordSpelling, .maskedText].contains($0.transformation)
                }.map(\.from))
            let mended =
                respelt.isEmpty || profile.columns[c].isOpen
                ? 0 : profile.columns[c].values.reduce(0) { $0 + (respelt.contains($1.text) ? $1.count : 0) }
            var most = 0
            for rule in rules where rule.dependency.rhs == c {
                let exceptions = rule.minorities.reduce(0) { $0 + $1.count }
                let proven = mended + rule.misspelt
                most = max(most, mended + exceptions)
                if proven >= 3, proven * 3 >= mended + exceptions { targets[t].isDirty = true }
            }
            if most >= 3 { judged += 1 }
        }
        let dirty = targets.reduce(0) { $0 + ($1.isDirty ? 1 : 0) }
        if dirty >= 3, dirty * 2 >= judged { for t in targets.indices { targets[t].isDirty = true } }
    }

    /// The pairs under the values that the rewrites leave.
    private static func settle(_ pairs: [PairCounts.Pair], _ left: SettledHashes?, _ right: SettledHashes) -> [PairCounts.Pair] {
        var out = pairs.map {
            PairCounts.Pair(lhs: left?[$0.lhs] ?? $0.lhs, rhs: $0.rhs == 0 ? 0 : right[$0.rhs], count: $0.count)
        }
        out.removeAll { $0.lhs == 0 }
        out.sort { ($0.lhs, $0.rhs) < ($1.lhs, $1.rhs) }
        var merged: [PairCounts.Pair] = []
        merged.reserveCapacity(out.count)
        for pair in out {
            if let last = merged.last, last.lhs == pair.lhs, last.rhs == pair.rhs {
                merged[merged.count - 1].count += pair.count
            } else {
                merged.append(pair)
            }
        }
        return merged
    }

    private static func rule(
        _ dependency: Dependency, _ pairs: [PairCounts.Pair], _ m: DependencyMeasure, _ target: inout TargetBuilder,
        _ counts: PairCounts, _ column: ColumnResolution
    ) -> Rule {
        var rule = Rule(
            dependency: dependency, accuracy: m.accuracy, raw: m.raw, repeated: m.repeated, size: m.size,
            witness: 0, groups: [],
            minorities: [])
        var start = 0
        while start < pairs.count {
            var end = start
            while end < pairs.count, pairs[end].lhs == pairs[start].lhs { end += 1 }
            defer { start = end }
            var group = Group(lhs: pairs[start].lhs, size: 0, missing: 0, top: 0, topCount: 0, secondCount: 0)
            var top: PairCounts.Pair?
            for pair in pairs[start..<end] {
                if pair.rhs == 0 {
                    group.missing = pair.count
                    continue
                }
                group.size += pair.count
                target.note(pair)
                if pair.count > top?.count ?? 0 {
                    group.secondCount = top?.count ?? 0
                    top = pair
                } else {
                    group.secondCount = max(group.secondCount, pair.count)
                }
            }
            // A value that was too long to keep cannot be voted for, and a lone row says nothing about its group.
            guard let top, group.size >= 2, let text = target.text(top.rhs, counts, column) else { continue }
            group.topCount = top.count
            group.top = target.value(top.rhs, text)
            rule.groups.append(group)
            for pair in pairs[start..<end] where pair.rhs != 0 && pair.rhs != top.rhs {
                rule.minorities.append(Minority(lhs: pair.lhs, rhs: pair.rhs, count: pair.count))
                if let old = target.text(pair.rhs, counts, column), isMisspelt(old, text) { rule.misspelt += pair.count }
            }
        }
        return rule
    }

    /// Collects what is known of a right column.
    struct TargetBuilder {
        var hashes: [UInt64] = []
        private var codes: [UInt64: Int32] = [:]
        private var values: [String] = []
        private var valueHashes: [UInt64] = []
        private var indices: [UInt64: Int] = [:]
        private var counts: [UInt64: Int] = [:]
        private var rewritten: [UInt64: String]?
        /// Values that every dependency calls loose.
        private var alternatives: Set<UInt64>?

        mutating func noteAlternatives(_ m: DependencyMeasure) {
            let loose = Set(m.loose.map { hashes[$0] })
            alternatives = alternatives?.intersection(loose) ?? loose
        }

        mutating func code(_ hash: UInt64) -> Int32 {
            if let known = codes[hash] { return known }
            let next = Int32(truncatingIfNeeded: hashes.count)
            codes[hash] = next
            hashes.append(hash)
            return next
        }
        mutating func note(_ pair: PairCounts.Pair) { counts[pair.rhs, default: 0] += pair.count }
        mutating func text(_ hash: UInt64, _ counts: PairCounts, _ column: ColumnResolution) -> String? {
            if let text = counts.text(of: hash) { return text }
            if rewritten == nil {
                rewritten = Dictionary(
                    column.rewrites.map { (SettledHashes.hash($0.to), $0.to) }, uniquingKeysWith: { a, _ in a })
            }
            return rewritten?[hash]
        }
        mutating func value(_ hash: UInt64, _ text: String) -> Int {
            if let known = indices[hash] { return known }
            indices[hash] = values.count
            values.append(text)
            valueHashes.append(hash)
            return values.count - 1
        }
        /// Counts were summed over the left sides; the profile's own are better where it has them.
        func finish(_ column: Int, _ decided: ColumnResolution, _ p: ColumnProfile, mayFill: Bool) -> Target {
            var exact: [UInt64: Int] = [:]
            var words: [UInt64: Int] = [:]
            let settled = SettledHashes(decided)
            let rewritten = Dictionary(
                decided.rewrites.filter(\.isApplied).map { ($0.from, $0.to) }, uniquingKeysWith: { a, _ in a })
            for v in p.values where !v.isCut {
                exact[settled[SettledHashes.hash(v.text)], default: 0] += v.count
                for word in Set(Similarity.words(rewritten[v.text] ?? v.text)) { words[word, default: 0] += v.count }
            }
            var target = Target(
                column: column, values: values, valueHashes: valueHashes, counts: p.isOpen ? counts : exact,
                words: Set(words.filter { $0.value >= 5 }.keys),
                isNumeric: (decided.isNumeric && decided.semantic == .quantity) || decided.semantic == .date
                    || decided.type == .date || decided.type == .timestamp,
                isIdentifier: decided.semantic == .identifier || decided.semantic == .url,
                threshold: decided.repairThreshold,
                mayRepair: decided.repair != .off, mayFill: mayFill)
            target.alternatives = alternatives ?? []
            return target
        }
    }
}
