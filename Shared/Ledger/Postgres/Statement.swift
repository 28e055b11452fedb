internal import PollThread
internal import Tabular

/// A statement with a name: one per `.sql` file.
struct Statement: Sendable {
    /// Also the name of the prepared statement, and what errors call it.
    let name: String
    let sql: String

    init(_ name: String, _ sql: [UInt8]) {
        self.name = name
        self.sql = String(decoding: sql, as: UTF8.self)
    }
}

/// One statement with its arguments; `nil` is SQL's NULL. The server infers each argument's type.
struct Call: Sendable {
    let statement: Statement
    let arguments: [String?]

    init(_ statement: Statement, _ arguments: [String?] = []) {
        self.statement = statement
        self.arguments = arguments
    }
}

/// How values are written for the server. Text formats throughout: they need no types and no byte order.
enum Argument {
    static func int(_ value: some BinaryInteger) -> String { String(value) }
    static func optional(_ value: (some BinaryInteger)?) -> String? { value.map { String($0) } }
    static func bool(_ value: Bool) -> String { value ? "t" : "f" }
    static func bytes(_ value: [UInt8]) -> String { "\\x" + Hex.encode(value) }
    static func milliseconds(_ value: Duration) -> String { String(value.wholeMilliseconds) }
    static func ints(_ values: [Int64]) -> String { "{" + values.map(String.init).joined(separator: ",") + "}" }
    /// Only for values from fixed sets (stage and queue names) and canonical ids: nothing is quoted.
    static func words(_ values: [String]) -> String { "{" + values.joined(separator: ",") + "}" }
}

/// The rows of one answer. Each cell is the server's text, nil for NULL.
struct Rows: Sendable {
    var cells: [[[UInt8]?]]
    var affected: Int

    var count: Int { cells.count }
    func bytes(_ row: Int, _ column: Int) -> [UInt8]? { cells[row][column] }
    func text(_ row: Int, _ column: Int) -> String? { cells[row][column].map { String(decoding: $0, as: UTF8.self) } }
    func int(_ row: Int, _ column: Int) -> Int64? { text(row, column).flatMap { Int64($0) } }
    func bool(_ row: Int, _ column: Int) -> Bool { cells[row][column] == [UInt8(ascii: "t")] }
}
