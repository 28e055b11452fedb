internal import CLibPQ
import Foundation
internal import PollThread

/// Owns one `PGconn`. Never `Sendable`: it lives inside ``PostgresConnection`` and is used on that actor's thread only.
final class PostgresHandle {
    private let raw: OpaquePointer
    private let deadline: ContinuousClock.Instant
    private(set) var prepared: Set<String> = []

    /// Connects; blocks the calling thread for at most `timeout` (plus name resolution).
    ///
    /// "PQconnectStartParams ... PQconnectPoll: make a connection to the database server in a nonblocking manner"
    /// - Source: https://www.postgresql.org/docs/15/libpq-connect.html
    init(_ parameters: [(String, String)], timeout: Duration) throws(LedgerError) {
        let strings = parameters.flatMap { [strdup($0.0), strdup($0.1)] }
        defer { for string in strings { free(string) } }
        var keys: [UnsafePointer<CChar>?] = stride(from: 0, to: strings.count, by: 2).map { UnsafePointer(strings[$0]) }
        var values: [UnsafePointer<CChar>?] = stride(from: 1, to: strings.count, by: 2).map { UnsafePointer(strings[$0]) }
        keys.append(nil)
        values.append(nil)
        guard let raw = PQconnectStartParams(keys, values, 0) else {
            throw LedgerError(.connectionFailed, "no memory for a connection")
        }
        deadline = .now + timeout
        var state = PQstatus(raw) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            let events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT
            if state == PGRES_POLLING_FAILED || !Self.wait(PQsocket(raw), Int16(events), until: deadline) {
                let timedOut = state != PGRES_POLLING_FAILED
                let reason = timedOut ? "no answer in time" : Self.connectReason(raw, parameters)
                PQfinish(raw)
                throw LedgerError(.connectionFailed, "cannot connect: \(reason)")
            }
            state = PQconnectPoll(raw)
        }
        PQsetnonblocking(raw, 1)
        // Notices go to standard error by default, and could quote values.
        PQsetNoticeProcessor(raw, { _, _ in }, nil)
        self.raw = raw
    }
    deinit { PQfinish(raw) }

    var socket: Int32 { PQsocket(raw) }
    var isUsable: Bool { PQstatus(raw) == CONNECTION_OK && PQtransactionStatus(raw) == PQTRANS_IDLE }

    /// The library's account of a failed connection names host, port and user; the password is taken out should it be there.
    private static func connectReason(_ raw: OpaquePointer, _ parameters: [(String, String)]) -> String {
        var text = String(cString: PQerrorMessage(raw)).split(separator: "\n").joined(separator: " ")
        for (key, value) in parameters where (key == "password" || key == "sslpassword") && !value.isEmpty {
            text = text.replacingOccurrences(of: value, with: "***")
        }
        return text
    }

    /// True when the socket is ready (or broken, which the next call on it reports).
    private static func wait(_ socket: Int32, _ events: Int16, until deadline: ContinuousClock.Instant) -> Bool {
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            if left <= .zero { return false }
            var descriptor = pollfd(fd: socket, events: events, revents: 0)
            let ready = poll(&descriptor, 1, Int32(clamping: left.wholeMilliseconds))
            if ready > 0 { return true }
            if ready < 0 && errno != EINTR { return true }
        }
    }

    // MARK: statements

    /// Runs the calls as one implicit transaction in one round trip; all or nothing. Blocks the calling thread.
    ///
    /// "If any statement fails, the server ... skips processing of subsequent commands until the next synchronization point."
    /// - Source: https://www.postgresql.org/docs/15/libpq-pipeline-mode.html
    func run(_ calls: [Call], timeout: Duration) throws(LedgerError) -> [Rows] {
        for call in calls where call.arguments.contains(where: { $0?.utf8.contains(0) ?? false }) {
            throw LedgerError(.invalidArgument, "a text holds a NUL character", statement: call.statement.name)
        }
        guard PQstatus(raw) == CONNECTION_OK, PQenterPipelineMode(raw) == 1 else {
            throw LedgerError(.connectionLost, "the connection is gone", statement: calls.first?.statement.name)
        }
        var expected: [(call: Int, isPrepare: Bool)] = []
        for (index, call) in calls.enumerated() {
            if !prepared.contains(call.statement.name) {
                guard PQsendPrepare(raw, call.statement.name, call.statement.sql, 0, nil) == 1 else {
                    throw lost(call, .notApplied)
                }
                prepared.insert(call.statement.name)
                expected.append((index, true))
            }
            guard Self.send(raw, call) else { throw lost(call, .notApplied) }
            expected.append((index, false))
        }
        guard PQpipelineSync(raw) == 1 else { throw lost(calls[0], .notApplied) }
        let deadline = ContinuousClock.now + timeout
        try flush(calls[0], until: deadline)

        var answers = [Rows](repeating: Rows(cells: [], affected: 0), count: calls.count)
        var failure: LedgerError?
        var position = 0
        while true {
            // nil ends the results of one statement; the synchronization point ends them all.
            guard let result = try next(calls[0], until: deadline) else { continue }
            defer { PQclear(result) }
            let status = PQresultStatus(result)
            if status == PGRES_PIPELINE_SYNC { break }
            guard position < expected.count else { continue }
            let (index, isPrepare) = expected[position]
            position += 1
            switch status {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
                if !isPrepare { answers[index] = Self.rows(result) }
            case PGRES_PIPELINE_ABORTED:
                if isPrepare { prepared.remove(calls[index].statement.name) }
            default:
                if isPrepare { prepared.remove(calls[index].statement.name) }
                if failure == nil { failure = Self.error(result, calls[index].statement) }
            }
        }
        PQexitPipelineMode(raw)
        if let failure { throw failure }
        return answers
    }

    /// Runs a script of several statements by the simple protocol; for migrations. Blocks the calling thread.
    func execute(script: String, name: String, timeout: Duration) throws(LedgerError) {
        let call = Call(Statement(name, Array(script.utf8)))
        guard PQsendQuery(raw, script) == 1 else { throw lost(call, .notApplied) }
        let deadline = ContinuousClock.now + timeout
        try flush(call, until: deadline)
        var failure: LedgerError?
        while let result = try next(call, until: deadline) {
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: break
            default: failure = failure ?? Self.error(result, call.statement)
            }
        }
        if let failure { throw failure }
    }

    private func lost(_ call: Call, _ outcome: LedgerError.Outcome) -> LedgerError {
        LedgerError(.connectionLost, "the connection ended", statement: call.statement.name, outcome: outcome)
    }

    private func flush(_ call: Call, until deadline: ContinuousClock.Instant) throws(LedgerError) {
        while true {
            let left = PQflush(raw)
            if left == 0 { return }
            // From here on the server may have got the whole of it.
            guard left > 0 else { throw lost(call, .unknown) }
            guard Self.wait(PQsocket(raw), Int16(POLLIN | POLLOUT), until: deadline) else { throw timedOut(call) }
            guard PQconsumeInput(raw) == 1 else { throw lost(call, .unknown) }
        }
    }

    private func next(_ call: Call, until deadline: ContinuousClock.Instant) throws(LedgerError) -> OpaquePointer? {
        while PQisBusy(raw) == 1 {
            guard Self.wait(PQsocket(raw), Int16(POLLIN), until: deadline) else { throw timedOut(call) }
            guard PQconsumeInput(raw) == 1, PQstatus(raw) == CONNECTION_OK else { throw lost(call, .unknown) }
        }
        guard let result = PQgetResult(raw) else {
            if PQstatus(raw) != CONNECTION_OK { throw lost(call, .unknown) }
            return nil
        }
        return result
    }

    private func timedOut(_ call: Call) -> LedgerError {
        LedgerError(.timeout, "no answer in time", statement: call.statement.name, outcome: .unknown)
    }

    private static func send(_ raw: OpaquePointer, _ call: Call) -> Bool {
        let copies = call.arguments.map { argument in argument.flatMap { strdup($0) } }
        defer { for copy in copies { free(copy) } }
        let pointers = copies.map { UnsafePointer<CChar>($0) }
        return PQsendQueryPrepared(raw, call.statement.name, Int32(pointers.count), pointers, nil, nil, 0) == 1
    }

    private static func rows(_ result: OpaquePointer) -> Rows {
        let columns = PQnfields(result)
        var rows = Rows(cells: [], affected: Int(String(cString: PQcmdTuples(result))) ?? 0)
        rows.cells.reserveCapacity(Int(PQntuples(result)))
        for i in 0..<PQntuples(result) {
            rows.cells.append(
                (0..<columns).map { j in
                    PQgetisnull(result, i, j) != 0
                        ? nil
                        : Array(
                            UnsafeRawBufferPointer(
                                start: PQgetvalue(result, i, j), count: Int(PQgetlength(result, i, j))))
                })
        }
        return rows
    }

    /// The server's text quotes values (`invalid input syntax for type uuid: "..."`), so only its code and names are taken.
    private static func error(_ result: OpaquePointer, _ statement: Statement) -> LedgerError {
        func field(_ code: Character) -> String? {
            PQresultErrorField(result, Int32(code.asciiValue ?? 0)).map { String(cString: $0) }
        }
        let state = field("C") ?? ""
        var error = LedgerError(sqlState: state, statement: statement.name)
        // 'n' is PG_DIAG_CONSTRAINT_NAME.
        if let constraint = field("n") { error.message += " \(constraint)" }
        return error
    }

    // MARK: notifications

    /// Reads what has come; false when the connection is gone. Does not block.
    func consume(_ onNotify: (String) -> Void) -> Bool {
        guard PQconsumeInput(raw) == 1, PQstatus(raw) == CONNECTION_OK else { return false }
        while let note = PQnotifies(raw) {
            onNotify(String(cString: note.pointee.extra))
            PQfreemem(note)
        }
        return true
    }
}
