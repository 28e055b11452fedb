public import Domain

/// Name and type of the columns of a table, in output order.
public struct TableSchema: Codable, Sendable, Equatable {
    public struct Column: Codable, Sendable, Equatable {
        public var name: String
        public var type: ColumnType
        /// Timestamps only: every value carries `Z`, so it is an instant and not a local time.
        public var isUTC: Bool
        public init(name: String, type: ColumnType, isUTC: Bool = false) {
            self.name = name
            self.type = type
            self.isUTC = isUTC
        }
    }
    public var columns: [Column]
    public init(columns: [Column]) { self.columns = columns }
}
