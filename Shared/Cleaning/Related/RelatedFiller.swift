internal import Domain
internal import Foundation
internal import Tabular

/// Fills missing cells of a batch by the models of related columns. What a model says rests on the cells as the column rules left them.
struct RelatedFiller {
    private let models: [RelatedModel]
    private let dates: Set<Int>

    init(_ resolution: Resolution) {
        models = resolution.related.filter { m in resolution.columns[m.column].pii == .report }
            .map { $0.without(Set(resolution.columns[$0.column].rewrites.map(\.from))) }
        dates = Set(resolution.columns.indices.filter { [.date, .timestamp].contains(resolution.columns[$0].type) })
    }

    /// - Parameter held: cells that stay missing, as row times columns plus column.
    func fill(_ batch: TextBatch, _ rows: [Int], except held: Set<Int>, _ recorder: ChangeRecorder) {
        var filled: [(at: UnsafeMutablePointer<Cell>, cell: Cell)] = []
        for model in models {
            for r in rows {
                let place = r &* batch.columns &+ model.column
                let at = batch.cells + place
                guard at.pointee.isEmpty, held.isEmpty || !held.contains(place) else { continue }
                guard let text = model.predict(model.tables.map { key($0, batch, r) }) else { continue }
                let cell = batch.store(text)
                recorder.record(
                    ordinal: batch.ordinals[r], column: model.column, .imputeRelated,
                    confidence: Float(model.base == nil ? min(0.95, max(0.01, model.accuracy)) : 0.6), original: nil,
                    cleaned: batch.bytes(cell))
                filled.append((at, cell))
            }
        }
        // All at once: no model sees what another one filled.
        for (at, cell) in filled { at.pointee = cell }
    }

    private func key(_ table: RelatedModel.Table, _ batch: TextBatch, _ r: Int) -> UInt64? {
        let cell = batch.cell(r, table.column)
        guard !cell.isEmpty else { return nil }
        guard let bounds = table.bounds else { return max(Hash.h64(batch.bytes(cell)), 1) }
        if dates.contains(table.column) {
            guard cell.length >= 10, let day = CanonicalText.parseDate(batch.pointer(cell), 10) else { return nil }
            return RelatedModel.group(Double(day), bounds)
        }
        return CanonicalText.parseDecimal(batch.pointer(cell), cell.length).map { RelatedModel.group($0, bounds) }
    }
}
