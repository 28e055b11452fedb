internal import Domain
import Foundation

/// Messages that the ledger's functions hand back with their answer.
enum OutboxJSON {
    private struct Row: Decodable {
        var id: Int64
        var exchange: String
        var key: String
        var mandatory: Bool
        var body: String
    }
    /// - Throws: ``LedgerError`` when the schema's functions and this program disagree.
    static func decode(_ cell: [UInt8]?) throws -> [OutboxMessage] {
        guard let cell, cell != Array("[]".utf8) else { return [] }
        do {
            return try JSONDecoder().decode([Row].self, from: Data(cell)).map {
                OutboxMessage(
                    id: $0.id, exchange: $0.exchange, routingKey: $0.key, body: Array($0.body.utf8), mandatory: $0.mandatory)
            }
        } catch {
            throw LedgerError(.schemaMismatch, "the outbox answer has an unknown form")
        }
    }
}
