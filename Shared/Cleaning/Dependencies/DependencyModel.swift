internal import Domain
internal import Profiling
internal import Tabular

/// What the second pass needs to let dependencies vote: for every left value what its group holds. Travels as bytes inside ``Resolution``.
struct DependencyModel: Sendable, Equatable {
    struct Group: Sendable, Equatable {
        var lhs: UInt64
        /// Rows with a right value, and rows without.
        var size: Int
        var missing: Int
        /// Index into the values of the right column.
        var top: Int
        var topCount: Int
        /// Rows of the runner-up.
        var secondCount: Int
    }
    /// A value of a group that is not its majority.
    struct Minority: Sendable, Equatable {
        var lhs: UInt64
        var rhs: UInt64
        var count: Int
    }
    struct Rule: Sendable, Equatable {
        var dependency: Dependency
        var accuracy: Double
        var raw: Double
        var repeated: Double
        var size: Double
        /// Left sides that determine each other are one witness and have one number.
        var witness: Int
        /// The rows of a group are what several sources say of one thing.
        var isClaim = false
        /// See ``DependencyMeasure/hasAlternatives``.
        var onlyFills = false
        /// Rows of exceptions that are misspellings of the majority of their group. Not stored: it goes into ``Target/isDirty``.
        var misspelt = 0
        var groups: [Group]
        var minorities: [Minority]
    }
    /// A right column.
    struct Target: Sendable, Equatable {
        var column: Int
        /// Majority values of groups.
        var values: [String]
        var valueHashes: [UInt64]
        /// Rows by value, for the values that occur as a minority or a majority somewhere.
        var counts: [UInt64: Int]
        /// Hashes of folded words that occur in at least five rows.
        var words: Set<UInt64>
        /// A number, day or time: another one may well be true.
        var isNumeric: Bool
        var isIdentifier: Bool
        var threshold: Double
        var mayRepair: Bool
        var mayFill: Bool
        /// Enough of the column's exceptions are misspellings or were put into the wrong row: exceptions are errors here.
        var isDirty = false
        /// Values of several rows that are in the majority of no group to speak of, whatever is on the left: true exceptions.
        var alternatives: Set<UInt64> = []
    }
    var rules: [Rule] = []
    var targets: [Target] = []

    var isEmpty: Bool { rules.isEmpty }
}

extension DependencyModel {
    func encode() -> [UInt8] {
        var w = ByteWriter()
        w.u8(4)
        w.varint(UInt64(targets.count))
        for t in targets {
            w.varint(UInt64(t.column))
            w.varint(UInt64(t.values.count))
            for (text, hash) in zip(t.values, t.valueHashes) {
                w.string(text)
                w.u64(hash)
            }
            w.varint(UInt64(t.counts.count))
            for (hash, n) in t.counts.sorted(by: { $0.key < $1.key }) {
                w.u64(hash)
                w.varint(UInt64(n))
            }
            w.varint(UInt64(t.words.count))
            for word in t.words.sorted() { w.u64(word) }
            w.bool(t.isNumeric)
            w.bool(t.isIdentifier)
            w.double(t.threshold)
            w.bool(t.mayRepair)
            w.bool(t.mayFill)
            w.bool(t.isDirty)
            w.varint(UInt64(t.alternatives.count))
            for hash in t.alternatives.sorted() { w.u64(hash) }
        }
        w.varint(UInt64(rules.count))
        for r in rules {
            w.varint(UInt64(r.dependency.lhs.count))
            for column in r.dependency.lhs { w.varint(UInt64(column)) }
            w.varint(UInt64(r.dependency.rhs))
            w.varint(UInt64(r.witness))
            w.bool(r.isClaim)
            w.bool(r.onlyFills)
            for x in [r.accuracy, r.raw, r.repeated, r.size] { w.double(x) }
            w.varint(UInt64(r.groups.count))
            for g in r.groups {
                w.u64(g.lhs)
                for n in [g.size, g.missing, g.top, g.topCount, g.secondCount] { w.varint(UInt64(n)) }
            }
            w.varint(UInt64(r.minorities.count))
            for m in r.minorities {
                w.u64(m.lhs)
                w.u64(m.rhs)
                w.varint(UInt64(m.count))
            }
        }
        return w.bytes
    }

    /// - Throws: ``SanitizerError`` (`corrupt_intermediate`).
    init(decoding bytes: [UInt8]) throws {
        var r = ByteReader(bytes)
        func number() throws -> Int { Int(truncatingIfNeeded: try r.varint()) }
        let version = try r.u8()
        guard (1...5).contains(version) else {
            throw SanitizerError(.corruptIntermediate, "dependency model of an unknown version")
        }
        for _ in 0..<(try r.count(itemBytes: 12)) {
            var t = Target(
                column: try number(), values: [], valueHashes: [], counts: [:], words: [], isNumeric: false, isIdentifier: false,
                threshold: 0,
                mayRepair: false, mayFill: false)
            for _ in 0..<(try r.count(itemBytes: 9)) {
                t.values.append(try r.string())
                t.valueHashes.append(try r.u64())
            }
            for _ in 0..<(try r.count(itemBytes: 9)) { t.counts[try r.u64()] = try number() }
            for _ in 0..<(try r.count(itemBytes: 8)) { t.words.insert(try r.u64()) }
            t.isNumeric = try r.bool()
            t.isIdentifier = try r.bool()
            t.threshold = try r.double()
            t.mayRepair = try r.bool()
            t.mayFill = try r.bool()
            t.isDirty = version > 1 ? try r.bool() : true
            if version > 3 { for _ in 0..<(try r.count(itemBytes: 8)) { t.alternatives.insert(try r.u64()) } }
            targets.append(t)
        }
        for _ in 0..<(try r.count(itemBytes: 32)) {
            let lhs = try (0..<(try r.count())).map { _ in try number() }
            var rule = Rule(
                dependency: Dependency(lhs: lhs, rhs: try number()), accuracy: 0, raw: 0, repeated: 0, size: 0,
                witness: try number(), groups: [], minorities: [])
            // Version 1 knew no claims.
            rule.isClaim = version > 1 ? try r.bool() : false
            rule.onlyFills = version > 2 ? try r.bool() : false
            // Version 5 judged here how exceptions repeat.
            if version > 4 { _ = try r.bool() }
            rule.accuracy = try r.double()
            rule.raw = try r.double()
            rule.repeated = try r.double()
            rule.size = try r.double()
            guard let target = targets.first(where: { $0.column == rule.dependency.rhs }) else {
                throw SanitizerError(.corruptIntermediate, "dependency model lacks column \(rule.dependency.rhs)")
            }
            for _ in 0..<(try r.count(itemBytes: 13)) {
                let g = Group(
                    lhs: try r.u64(), size: try number(), missing: try number(), top: try number(), topCount: try number(),
                    secondCount: try number())
                guard target.values.indices.contains(g.top) else {
                    throw SanitizerError(.corruptIntermediate, "dependency model names value \(g.top), which is not there")
                }
                rule.groups.append(g)
            }
            for _ in 0..<(try r.count(itemBytes: 17)) {
                rule.minorities.append(Minority(lhs: try r.u64(), rhs: try r.u64(), count: try number()))
            }
            rules.append(rule)
        }
    }
}
