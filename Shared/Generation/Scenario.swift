/// What kind of table is made up.
public enum Scenario: String, Sendable, CaseIterable {
    /// 12 columns of personal data: about 146 bytes per row as CSV. A near duplicate is a person who registered again, under a new id.
    case customers
    /// 12 columns of sales. A near duplicate is the same order delivered again with edits; repeated purchases are no duplicates.
    case orders
    /// 10 columns of user events. A near duplicate is the same event delivered again with edits.
    case interactions

    var model: any ScenarioModel {
        switch self {
        case .customers: CustomersModel()
        case .orders: OrdersModel()
        case .interactions: InteractionsModel()
        }
    }
    /// Column names in file order.
    public var columns: [String] { model.columns.map(\.name) }
}

/// What a made-up column holds: decides how it may be corrupted.
enum Role {
    case identifier
    case name
    case email
    case phone
    case date
    case timestamp
    case street
    case city
    case code
    case category
    case number
    /// A number whose values are whole.
    case count
    case text

    var isNumeric: Bool { self == .number || self == .count }
}

/// Name, role and dirt of one column. Rates are in 1/65,536 of the cells.
struct ColumnSpec: Sendable {
    var name: String
    var role: Role
    /// Share of cells without a value.
    var missing: UInt16
    /// How much more often than other columns a near duplicate differs here; 0 never.
    var nearWeight: Int

    init(_ name: String, _ role: Role, missingPercent: Double = 0, near: Int = 0) {
        self.name = name
        self.role = role
        missing = UInt16(missingPercent * 655.36)
        nearWeight = near
    }
}

/// Writes the clean rows of a scenario.
protocol ScenarioModel: Sendable {
    var columns: [ColumnSpec] { get }
    /// True: a near duplicate gets an id of its own. False: it keeps the id of its original.
    var nearDuplicatesGetNewIDs: Bool { get }
    /// Writes every cell of the original row `row`: a pure function of the layout's seed and the row number.
    func write(row: Int, layout: RowLayout, into buffer: RowBuffer)
    /// Writes the id cell that belongs to `row`.
    func writeID(row: Int, into buffer: RowBuffer)
}
