internal import Domain
internal import Tabular

/// What the pairs of a table are judged by: the model, and what all pairs together say.
struct Judgement {
    let table: CompareTable
    let displaced: Displacements
    let model: MatchModel
    var sources = Sources.none
    var reciprocal = ReciprocalPairs.none
    /// Pairs that combine common values in two ways mostly are two events, and there are very many of them then. Where pairs with a
    /// misspelt or missing value are half as many, they are what the same errors make of common values.
    var toleratesCombinations = false
    var households = Households.none

    /// What the source of a row says.
    enum Sources {
        case none
        /// By row of the table. Duplicates are looked for across sources only.
        case across([UInt64])
        /// By row of the table. The sources of two rows are a difference as that of another common value: no duplicate is dropped for
        /// its likeness alone.
        case doubt([UInt64])

        /// Duplicates are looked for across sources only.
        var isAcross: Bool { if case .across = self { true } else { false } }
    }
}
