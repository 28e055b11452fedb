/// A message that the ledger committed and that has still to reach the broker.
public struct OutboxMessage: Sendable, Equatable {
    /// The outbox row; also the message id, so that a consumer can tell a copy.
    public var id: Int64
    public var exchange: String
    public var routingKey: String
    /// JSON, versioned: `{"v":1,...}`.
    public var body: [UInt8]
    /// True: a message that no queue takes is not delivered (tasks). False: nobody need listen (events).
    public var mandatory: Bool

    public init(id: Int64, exchange: String, routingKey: String, body: [UInt8], mandatory: Bool) {
        self.id = id
        self.exchange = exchange
        self.routingKey = routingKey
        self.body = body
        self.mandatory = mandatory
    }
}

/// Where the relay takes messages from. The ledger implements it; the broker's side knows nothing of the ledger.
public protocol OutboxSource: Sendable {
    /// Takes up to `limit` unpublished messages for a few seconds; nobody else gets them in that time.
    func takeOutbox(limit: Int) async throws -> [OutboxMessage]
    /// Call only after the broker confirmed the messages and returned none of them.
    func markPublished(_ ids: [Int64]) async throws
    /// The broker refused or returned them: another take may have them after a pause.
    func returnToOutbox(_ ids: [Int64]) async throws
}
