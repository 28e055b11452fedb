internal import Cleaning
internal import Domain
internal import Formats
internal import Tabular

/// The provenance table: one row per changed cell.
enum ProvenancePart {
    static let schema = TableSchema(columns: [])
    static func encode(_ recorder: ChangeRecorder, columns: [String]) throws -> [UInt8] { [] }
}
