extension LedgerError {
    /// What an SQLSTATE means to a caller. The server has undone the transaction in every case, except where it says that it
    /// cannot tell (40003) or ended the connection while working (57P01...57P03).
    /// - Source: https://www.postgresql.org/docs/15/errcodes-appendix.html
    init(sqlState: String, statement: String) {
        let (code, message): (Code, String)
        switch (sqlState.prefix(2), sqlState) {
        case (_, "40003"): (code, message) = (.connectionLost, "the server cannot tell whether the transaction was applied")
        case ("40", _): (code, message) = (.conflict, "the transaction lost a conflict")
        case ("08", _): (code, message) = (.connectionLost, "the connection failed")
        case ("53", _): (code, message) = (.serverUnavailable, "the server is out of a resource")
        case (_, "57014"): (code, message) = (.timeout, "the statement was ended by the time limit")
        case (_, "57P01"), (_, "57P02"), (_, "57P03"), (_, "57P05"):
            (code, message) = (.serverUnavailable, "the server is shutting down or starting")
        case (_, "55P03"): (code, message) = (.conflict, "a lock was not available")
        case ("58", _): (code, message) = (.serverUnavailable, "the server has a system error")
        case ("23", _): (code, message) = (.constraint, "constraint violated:")
        case ("22", _): (code, message) = (.invalidArgument, "a value is not valid")
        case (_, "25006"): (code, message) = (.serverUnavailable, "the server takes no changes now")
        case (_, "0A000"), (_, "26000"): (code, message) = (.connectionLost, "the connection's prepared statements are stale")
        case (_, "42P01"), (_, "42883"), (_, "42703"), (_, "3F000"):
            (code, message) = (.schemaMismatch, "the schema is missing or of another version: run the migrations")
        default: (code, message) = (.server, "the server refused the statement")
        }
        self.init(code, message, statement: statement, sqlState: sqlState, outcome: sqlState == "40003" ? .unknown : .notApplied)
    }
}
