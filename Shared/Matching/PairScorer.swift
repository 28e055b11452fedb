internal import Tabular

#if canImport(Glibc)
    internal import Glibc
#endif

/// Score of a pair of rows, and whether its differences look like errors.
struct PairVerdict {
    /// Log-odds of being duplicates after the guards.
    var score: Double
    /// False: the rows differ as two things differ, not as two spellings of one; at most a suggestion.
    var mayDrop: Bool
    /// They may be dropped, or might if it were not for what changes, see ``SiblingColumns``.
    var areAlike = false
    /// Log-odds of what is asserted; above 0 the pair is called a duplicate, if only as a suggestion.
    var assertion: Double
    /// Log-odds before the guards; where they were not worth telling, what they are at most.
    var likeness: Double
    /// Similarity of the texts that name the two, 0 to 1; -1 where the table has none, a row lacks it, or it hangs on one word.
    var naming: Float = -1
    /// Weak signs of two things, which weigh against being nearest to each other; nil where that does not count, see ``ReciprocalPairs``.
    var weakSigns: Int8?
    /// There are stronger signs of two things.
    var isContradicted = false
    /// Were it not for being two combinations of common values, the pair would be judged by its log-odds.
    var isCombination = false
    /// The pair was ruled out by a bound on its log-odds, and never looked at as a whole.
    var isBound = false
    var persons = Persons()
    /// A text of several words is quite another: another work, another maker.
    var haveOtherTexts = false
    /// They are never one row, whatever they have in common with a third one.
    var areApart: Bool { persons.areApart || haveOtherTexts }
}

/// Applies the model and the guards to pairs. One per thread.
final class PairScorer {
    private let table: CompareTable
    private let model: MatchModel
    private let levelBuilder: LevelBuilder
    private let mailNames: MailNames?
    /// Rows of one source are never duplicates of each other; empty where sources do not matter.
    private let own: [UInt64]
    /// Rows of two sources differ in that; empty where sources do not matter.
    private let doubted: [UInt64]
    /// Texts of several words that are not about persons.
    private var otherTexts: [Int] = []
    private let reciprocal: ReciprocalPairs
    private let toleratesCombinations: Bool
    private let households: Households
    private let levels: UnsafeMutablePointer<Int8>
    private let vector: UnsafeMutablePointer<UInt8>
    /// The last pair, of which the levels are.
    private var compared = (-1, -1)
    private let bound: ScoreBound
    /// The text that names the thing: of the columns of texts that identify, that of the fewest words; -1 without.
    private var nameColumn = -1

    /// A pair below this share of agreeing information is none.
    private static let share = 0.2
    /// From this frequency on a value is part of the table's vocabulary.
    static let vocabulary: Float = 3
    /// A thing that is listed so often is still one thing.
    private static let fewRows: Float = 4
    private static let refused = -3.0
    /// Level of the model numbers from which on one is shared.
    static let sharedCode = 5
    private static let impossible = -12.0

    init(_ judgement: Judgement) {
        table = judgement.table
        model = judgement.model
        households = judgement.households
        reciprocal = judgement.reciprocal
        toleratesCombinations = judgement.toleratesCombinations
        switch judgement.sources {
        case .none: (own, doubted) = ([], [])
        case .across(let sources): (own, doubted) = (sources, [])
        case .doubt(let sources): (own, doubted) = ([], sources)
        }
        levelBuilder = LevelBuilder(table: table, displaced: judgement.displaced)
        bound = ScoreBound(
            table: table, model: model, displaced: judgement.displaced,
            least: -ReciprocalPairs.maximumBonus(isAcrossSources: judgement.sources.isAcross))
        mailNames = MailNames(table)
        levels = .allocate(capacity: max(table.width, 1))
        vector = .allocate(capacity: max(table.width, 1))
        otherTexts = table.kinds.indices.filter { isProse($0) && !table.isPersonal[$0] && !model.mayChange[$0] }
        nameColumn =
            table.kinds.indices.filter { isIdentifier($0) && isProse($0) && !table.isPersonal[$0] && !model.mayChange[$0] }
            .min { table.columns[$0].tokensPerValue < table.columns[$1].tokensPerValue } ?? -1
    }
    deinit {
        levels.deallocate()
        vector.deallocate()
    }

    func verdict(_ a: Int, _ b: Int) -> PairVerdict {
        if !own.isEmpty, own[a] == own[b] {
            return PairVerdict(
                score: Self.impossible, mayDrop: false, assertion: Self.impossible, likeness: Self.impossible)
        }
        compare(a, b)
        var s = model.score(vector)
        for k in 0..<table.width { s += rarity(a, k) }
        let likeness = s
        let isCombination = isCombination(a, b)
        let sharesLittle = agreeingShare() < Self.share || !sharesWords() || isOnAnotherDay()
        let isCommon = isCombination && !haveOwnValue(a, b)
        let isRefused = sharesLittle || (isCommon && !(toleratesCombinations && !holdsIdentifier()))
        let open = isRefused ? min(s, Self.refused) : s
        if sharesLittle || isCombination { s = min(s, Self.refused) }
        let identifiers = agreeingIdentifiers()
        let against = contradictions()
        let persons = persons(a, b)
        let isToldApart = (!sharesCode() && isToldApart(a, b)) || households.tellApart(persons)
        let isContradicted = isToldApart || identifiers < against.naming
        let assertion = isContradicted && !sharesRareTexts(a, b) ? min(open, Self.refused) : open
        let mayBeNearest = !isRefused && !isToldApart && !differInCode() && isNamedAlike()
        var certainty = 0
        if !isContradicted, !persons.areApart, identifiers >= against.naming + against.aside, agreesEnough(), !areEvents() {
            certainty = proofs() - doubts(a, b)
        }
        let verdict = PairVerdict(
            score: s, mayDrop: certainty > (hasChanged() ? Self.otherThing : 0), areAlike: certainty > 0, assertion: assertion,
            likeness: likeness, naming: naming(),
            weakSigns: mayBeNearest ? Int8(clamping: max(0, against.naming - against.strong)) : nil,
            isContradicted: identifiers < against.strong, isCombination: isCombination && !sharesLittle, persons: persons,
            haveOtherTexts: haveOtherTexts())
        return reciprocal.raised(verdict, a, b)
    }

    /// See ``PairVerdict``; of the last pair.
    private func haveOtherTexts() -> Bool {
        otherTexts.contains {
            levels[$0] >= 0 && levels[$0] <= Self.unlike && levelBuilder.explained & (1 << UInt64($0)) == 0
        }
    }

    /// See ``PairVerdict``; of the last pair.
    private func naming() -> Float {
        guard nameColumn >= 0, levels[nameColumn] >= 0 else { return -1 }
        return levels[nameColumn] == LevelBuilder.equal ? 1 : levelBuilder.similarity(nameColumn)
    }

    /// As ``verdict(_:_:)`` where the pair may be asserted; where the quick look rules that out, a verdict that says so.
    func verdictIfPossible(_ a: Int, _ b: Int) -> PairVerdict {
        if !bound.excludes(a, b) { return verdict(a, b) }
        return PairVerdict(score: Self.refused, mayDrop: false, assertion: Self.refused, likeness: bound.least, isBound: true)
    }

    /// Per compared column of the pair: level and what it added to the score.
    func explain(_ a: Int, _ b: Int) -> [RowDecision.Evidence] {
        if compared != (a, b) { compare(a, b) }
        return (0..<table.width).map { k in
            let level = Int(levels[k])
            let w = level < 0 ? 0 : model.weight(k, model.parentAgrees(vector, k), level) + rarity(a, k)
            return RowDecision.Evidence(column: table.columnNumbers[k], level: level, weight: w)
        }
    }

    private func compare(_ a: Int, _ b: Int) {
        levelBuilder.compare(a, b, levels)
        for k in 0..<table.width { vector[k] = UInt8(levels[k] + 1) }
        compared = (a, b)
    }

    /// An equal rare value says more than an equal common one; only where the parent column did not say it already.
    @inline(__always)
    private func rarity(_ a: Int, _ k: Int) -> Double {
        guard levels[k] == 6, !model.parentAgrees(vector, k) else { return 0 }
        let column = table.columns[k]
        return max(-Self.mostForRarity, min(Self.mostForRarity, log(column.concentration / column.share(table.code(a, k)))))
    }
    static let mostForRarity = 3.0

    /// The rows are two combinations of the table's vocabulary: nothing is missing on one side, nothing spelled differently.
    private func isCombination(_ a: Int, _ b: Int) -> Bool {
        for k in 0..<table.width {
            let x = table.code(a, k)
            let y = table.code(b, k)
            if x == 0, y == 0 { continue }
            if x == 0 || y == 0 { return false }
            if min(table.frequency(a, k), table.frequency(b, k)) < Self.vocabulary { return false }
            if x == y, table.spelling(a, k) != table.spelling(b, k) { return false }
        }
        return true
    }

    /// The rows share a text of several words that is common among them alone: hardly any other text of its column is in so many rows. Or
    /// they are equal in all that is compared, and one of their values is in no row that is not.
    private func haveOwnValue(_ a: Int, _ b: Int) -> Bool {
        let isNamed = (0..<table.width).contains {
            isProse($0) && table.isNearlyUnique[$0] && !table.isPersonal[$0] && table.code(a, $0) != 0
                && table.code(a, $0) == table.code(b, $0) && table.frequency(a, $0) <= Self.fewRows
        }
        if isNamed { return true }
        guard let equal = table.equalRows[a], table.areEqual(a, b) else { return false }
        return (0..<table.width).contains {
            table.kinds[$0] == .text && table.code(a, $0) != 0 && table.frequency(a, $0) <= equal
        }
    }

    /// Some column of the pair identifies.
    private func holdsIdentifier() -> Bool { (0..<table.width).contains { levels[$0] >= 0 && isIdentifier($0) } }

    /// Many texts that hardly any other row has are alike, twice as many as are not: what else differs is another wording. Not where
    /// the name of a person differs: a household shares much.
    private func sharesRareTexts(_ a: Int, _ b: Int) -> Bool {
        var rare = 0
        var others = 0
        for k in 0..<table.width where levels[k] >= 0 && k != table.codePlace && table.kinds[k] == .text {
            if levels[k] <= Self.unlike {
                if table.isPersonal[k] { return false }
                others += 1
            } else if levels[k] > Self.partlyAlike, max(table.frequency(a, k), table.frequency(b, k)) <= Self.vocabulary {
                rare += 1
            }
        }
        return rare >= Self.manyTexts && rare >= 2 * others
    }
    private static let unlike: Int8 = 1
    private static let manyTexts = 4

    private func agreeingShare() -> Double {
        var got = 0.0
        var possible = 0.0
        for k in 0..<table.width where levels[k] >= 0 && !model.mayChange[k] {
            let parent = model.parentAgrees(vector, k)
            possible += max(model.weight(k, parent, 6), 0.1)
            got += max(model.weight(k, parent, Int(levels[k])), 0)
        }
        return got / max(possible, 1e-9)
    }

    /// Signs of two things rather than two spellings: another number, a number on one side only (a vintage, a version, a size),
    /// in the texts that name the thing other words on both sides, and quite another value of a column that identifies. A shared
    /// model number outweighs them.
    ///
    /// `strong`: those of `naming` that are more than something left out: other numbers, nothing in common.
    /// `aside`: 1 when numbers differ in other texts, which is no contradiction of a name but forbids a drop.
    private func contradictions() -> (naming: Int, strong: Int, aside: Int) {
        if sharesCode() { return (0, 0, 0) }
        var n = 0
        var strong = 0
        var aside = 0
        var others = 0
        for k in 0..<table.width where levels[k] >= 0 && levels[k] < 6 && k != table.codePlace {
            let bit: UInt64 = 1 << UInt64(k)
            if levelBuilder.explained & bit != 0 || model.mayChange[k] { continue }
            if !isProse(k) {
                if levels[k] <= 1, isIdentifier(k) { others += table.isKey[k] ? 2 : 1 }
                continue
            }
            let isNaming = isIdentifier(k) || table.codePlace >= 0
            let numbersDiffer =
                levelBuilder.digitDifferences & bit != 0 || (levelBuilder.oneSidedDigits & bit != 0 && !table.isPersonal[k])
            let isReplaced = levelBuilder.replacements & bit != 0 && !table.isPersonal[k]
            if isIdentifier(k) { strong += (isReplaced ? 3 : 0) + (levelBuilder.digitDifferences & bit != 0 ? 1 : 0) }
            if isNaming, isReplaced {
                n += 3
            } else if numbersDiffer {
                if isNaming { n += 1 } else { aside = 1 }
            } else if isNaming, levelBuilder.substitutions & bit != 0, !table.isPersonal[k] {
                n += 1
            }
        }
        // One identifier may have changed; two make another person, or another thing.
        return (n + max(0, others - 1), strong + max(0, others - 1), aside)
    }

    /// Both rows hold a model number that hardly any other row has.
    @inline(__always)
    private func sharesCode() -> Bool { table.codePlace >= 0 && levels[table.codePlace] >= Self.sharedCode }

    /// Words of a name agree at least in part. Events, which have none, resemble each other by chance.
    private func isNamedAlike() -> Bool {
        (0..<table.width).contains { isProse($0) && isIdentifier($0) && levels[$0] >= Self.partlyAlike }
    }
    private static let partlyAlike: Int8 = 2

    /// Both rows hold model numbers, and none is the same.
    @inline(__always)
    private func differInCode() -> Bool {
        table.codePlace >= 0 && levels[table.codePlace] >= 0 && levels[table.codePlace] < LevelBuilder.agree
    }

    /// The rows hold two common values of a column that tells siblings apart.
    private func isToldApart(_ a: Int, _ b: Int) -> Bool {
        for k in 0..<table.width where model.tellsApart[k] && levels[k] >= 0 && levels[k] <= 1 {
            if levelBuilder.explained & (1 << UInt64(k)) == 0, table.areEstablished(a, b, k) { return true }
        }
        return false
    }

    private func persons(_ a: Int, _ b: Int) -> Persons {
        var persons = Persons()
        var lacksName = false
        for k in 0..<table.width {
            let kind = table.personKinds[k]
            if kind == Persons.name {
                lacksName = lacksName || levels[k] < 0 || levelBuilder.omissions & (1 << UInt64(k)) != 0
            }
            if kind == 0 || levels[k] < 0 {
                if kind == Persons.name { persons.areNamedAlike = false }
                continue
            }
            let agrees = levels[k] >= LevelBuilder.agree
            var isOther = levels[k] <= Self.unlike
            if kind == Persons.name {
                let bit: UInt64 = 1 << UInt64(k)
                // Another first name beside the same surname.
                let isReplaced =
                    table.isOfSeveralWords(k) && (levelBuilder.substitutions | levelBuilder.frequentChanges) & bit != 0
                isOther = (isOther || isReplaced) && levelBuilder.explained & bit == 0 && !levelBuilder.isInitial(k)
                persons.areNamedAlike = persons.areNamedAlike && agrees && !isOther
                persons.isNameMisspelt = persons.isNameMisspelt || (agrees && !isOther && levels[k] < LevelBuilder.equal)
            }
            persons.sharesOwn = persons.sharesOwn || (kind == Persons.own && agrees)
            if isOther { persons.others |= kind }
        }
        if lacksName || persons.others == Persons.name, !persons.sharesOwn, let mailNames {
            persons.mailNamesAnother = mailNames.nameAnother(a, b)
        }
        if persons.haveOtherNames || persons.mailNamesAnother { persons.areSurelyOne = areSurelyOnePerson() }
        return persons
    }

    /// See ``Persons/areSurelyOne``.
    private func areSurelyOnePerson() -> Bool {
        var (sharesNumber, sharesBirth) = (false, false)
        for k in 0..<table.width where levels[k] == LevelBuilder.equal {
            if table.isNational[k] { return true }
            sharesNumber = sharesNumber || table.isNumbering[k]
            sharesBirth = sharesBirth || table.personKinds[k] == Persons.birth
        }
        return sharesNumber && sharesBirth
    }

    /// Agreement here says who or what it is: by what was learned, or because hardly any value occurs twice.
    @inline(__always)
    private func isIdentifier(_ k: Int) -> Bool { model.identifies[k] || table.isNearlyUnique[k] }

    /// Columns that identify and agree. Where a shorter text names the thing, a description says nothing: siblings share it.
    private func agreeingIdentifiers() -> Int {
        var n = 0
        for k in 0..<table.width where levels[k] == 6 && isIdentifier(k) {
            let isDescription = nameColumn >= 0 && k != nameColumn && isProse(k) && !table.isPersonal[k]
            n += isDescription ? 0 : 1
        }
        return n
    }

    /// Agreeing columns that identify, as proofs for a drop: quantities prove nothing alone, and all of them together count as one; an
    /// equal row number is worth more.
    private func proofs() -> Int {
        let quantities = (0..<table.width).count { levels[$0] == 6 && table.isQuantity[$0] && isIdentifier($0) }
        let others = agreeingIdentifiers() - quantities
        return others > 0 ? others + min(1, quantities) + (sharesKey() ? Self.keyBonus : 0) : 0
    }

    /// A text of several words.
    private func isProse(_ k: Int) -> Bool { table.kinds[k] == .text && table.isOfSeveralWords(k) }

    /// Rows that differ in a quantity, a code, a time or an amount are two events. A small edit may be a typing error when
    /// enough columns that identify agree: one more than there are such differences. What changes is not counted.
    private func doubts(_ a: Int, _ b: Int) -> Int {
        var doubts = !doubted.isEmpty && doubted[a] != doubted[b] ? Self.otherThing : 0
        for k in 0..<table.width where levels[k] >= 0 && levels[k] < 6 && k != table.codePlace && !isOfRecord(k) {
            let bit: UInt64 = 1 << UInt64(k)
            if levelBuilder.explained & bit != 0 { continue }
            let isEstablished = table.areEstablished(a, b, k)
            if table.kinds[k] == .text {
                if isEstablished || levels[k] <= Self.unlike, !table.isPersonal[k] { doubts += Self.otherThing }
                if levelBuilder.digitDifferences & bit != 0 {
                    doubts += levels[k] < Int8(LevelBuilder.agree) ? Self.otherThing : 1
                }
                if isEstablished || levelBuilder.substitutions & bit != 0 { doubts += 2 }
                if isIdentifier(k), !table.isPersonal[k], levelBuilder.omissions & bit != 0 { doubts += 1 }
            } else if table.columns[k].isDecimal || table.isTime[k] {
                doubts += Self.otherEvent
            } else if isEstablished || levels[k] < Int8(LevelBuilder.agree) || levelBuilder.successive & bit != 0
                || (table.kinds[k] == .date && table.isQuantity[k])
            {
                doubts += Self.otherThing
            } else {
                doubts += 1
            }
        }
        return doubts
    }

    /// The rows differ in what changes.
    private func hasChanged() -> Bool { (0..<table.width).contains { isOfRecord($0) && 0..<6 ~= levels[$0] } }

    /// The column changes, and is no amount: that is of what was sold or paid.
    private func isOfRecord(_ k: Int) -> Bool { model.mayChange[k] && !table.columns[k].isDecimal }

    private static let otherThing = 3
    /// Another amount or time: two payments of one person, say.
    private static let otherEvent = 8
    private static let keyBonus = 2

    /// Something other than an amount, a measure or a day agrees at least in part: readings are alike by nature.
    private func sharesWords() -> Bool {
        (0..<table.width).contains { levels[$0] >= Self.partlyAlike && !table.isQuantity[$0] }
    }

    /// Days that hardly two rows share differ, and at most one thing that identifies is the same: the place, say.
    private func isOnAnotherDay() -> Bool {
        var differ = false
        var same = 0
        for k in 0..<table.width where levels[k] >= 0 && !model.mayChange[k] {
            if table.kinds[k] == .date, table.isQuantity[k] {
                if levels[k] == 6 { return false }
                if table.isNearlyUnique[k] { differ = true }
            } else if levels[k] >= Self.partlyAlike, !table.isQuantity[k], isIdentifier(k) {
                if table.namesSomebody[k] { return false }
                same += 1
            }
        }
        return differ && same <= 1
    }

    /// The rows tell of points in time and nobody is named alike: two things may happen at one time and place.
    private func areEvents() -> Bool {
        var haveTime = false
        for k in 0..<table.width where levels[k] >= 0 {
            if table.isTime[k], !model.mayChange[k] { haveTime = true }
            if table.namesSomebody[k], levels[k] >= LevelBuilder.agree { return false }
        }
        return haveTime
    }

    /// One column alone is not enough to drop a row, unless there is no other.
    private func agreesEnough() -> Bool {
        var n = 0
        for k in 0..<table.width where levels[k] >= LevelBuilder.agree { n += 1 }
        return n >= min(2, table.width)
    }

    private func sharesKey() -> Bool {
        for k in 0..<table.width where levels[k] == 6 && table.isKey[k] { return true }
        return false
    }
}
