public import Domain

/// Name and type of the columns of a table, in output order.
public struct TableSchema: Codable, Sendable, Equatable {
    public struct Column: Codable, Sendable, Equatable {
        public var name: String
        public var type: ColumnType
        public init(name: String, type: ColumnType) {
            self.name = name
            self.type = type
        }
    }
    public var columns: [Column]
    public init(columns: [Column]) { self.columns = columns }
}
