public import Domain
public import Tabular

/// Brings every cell into its normal form, in place: surface of text, null words, canonical numbers, booleans and dates.
///
/// What becomes of a cell depends on that cell and the recipe only, so a chunk can be normalised twice with the same result.
/// Holds scratch memory: one per thread.
public final class Normaliser {
    /// - Parameter recipe: complete, as ``RecipePlanner`` drafts it; columns are found by name.
    public init(recipe: Recipe, names: [String]) throws {}
    public func normalise(_ batch: TextBatch, rows: Range<Int>, recorder: ChangeRecorder?) {}
}
