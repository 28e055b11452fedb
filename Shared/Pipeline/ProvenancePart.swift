internal import Cleaning
internal import Formats
internal import Tabular

/// The provenance table: one row per changed cell, in input order.
enum ProvenancePart {
    static let schema = ProvenanceEncoder.schema

    /// - Parameter columns: the table's column names, in the order of the recorder's column numbers.
    static func encode(_ recorder: ChangeRecorder, columns: [String]) throws -> [UInt8] {
        let encoder = ProvenanceEncoder(
            columns: columns, transformations: Transformation.allCases.map(\.id), sources: ChangeSource.allCases.map(\.id),
            capacity: recorder.changes.count)
        for change in recorder.changes {
            let texts = recorder.texts(change)
            encoder.append(
                row: change.row, column: Int(change.column), original: texts.original, cleaned: texts.cleaned,
                transformation: Int(change.transformation.rawValue), confidence: change.confidence,
                source: Int(change.source.rawValue))
        }
        return try encoder.encode()
    }
}
