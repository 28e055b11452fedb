import Domain
import Formats
import Tabular
import Testing

@Suite("Limits")
struct LimitTests {
    private func options(_ change: (inout InputLimits) -> Void) -> InputOptions {
        var options = InputOptions()
        var limits = InputLimits()
        change(&limits)
        options.limits = limits
        return options
    }

    @Test("a record above its limit is rejected alone", arguments: [64, 1 << 20])
    func record(target: Int) throws {
        let text = "a,b\n1,2\n\(String(repeating: "x", count: 3000)),3\n4,5\n6,7\n"
        let table = try CSVTestTable(text, options: options { $0.recordBytes = 1024 }, target: target)
        #expect(table.rows == [["1", "2"], ["4", "5"], ["6", "7"]])
        #expect(table.problems.map(\.code) == [.tooLarge])
        #expect(table.problems[0].line == 3)
    }

    @Test("a cell above its limit costs its record")
    func field() throws {
        let table = try CSVTestTable("a,b\n1,2\n33333,4\n5,6\n", options: options { $0.fieldBytes = 4 })
        #expect(table.rows == [["1", "2"], ["5", "6"]])
        #expect(table.problems.map(\.code) == [.tooLarge])
    }

    @Test("more columns than allowed are refused with the number")
    func columns() throws {
        let error = #expect(throws: SanitizerError.self) {
            try CSVTestTable("a,b,c,d\n1,2,3,4\n", options: options { $0.columns = 3 })
        }
        #expect(error?.code == .limitExceeded)
        #expect(error?.message.contains("4 columns") == true)
    }

    @Test("limits have names and ranges")
    func names() throws {
        var limits = InputLimits()
        try limits.set("nesting", 8)
        #expect(limits.nesting == 8)
        #expect(throws: SanitizerError.self) { try limits.set("nesting", 1000) }
        #expect(throws: SanitizerError.self) { try limits.set("unheard_of", 1) }
    }

    @Test("what was detected says why")
    func evidence() throws {
        let table = try CSVTestTable("id;name\n1;Ann\n2;Bob\n3;Cid\n")
        let found = Dictionary(uniqueKeysWithValues: (table.detection.evidence ?? []).map { ($0.what, $0) })
        #expect(found["delimiter"]?.value == ";")
        #expect(found["header"]?.value == "present")
        #expect(found.values.allSatisfy { $0.confidence > 0 && $0.confidence <= 1 && !$0.reason.isEmpty })
        var given = InputOptions()
        given.delimiter = ";"
        #expect(try CSVTestTable("a;b\n1;2\n", options: given).detection.evidence?.contains { $0.reason == "was given" } == true)
    }

    @Test("a table behind a repeated header is appended, or left out when told so")
    func repeatedHeader() throws {
        let text = "id,name\n1,Ann\n2,Bob\nid,name\n3,Cid\n"
        #expect(try CSVTestTable(text).rows == [["1", "Ann"], ["2", "Bob"], ["3", "Cid"]])
        var options = InputOptions()
        options.tables = .first
        #expect(try CSVTestTable(text, options: options).rows == [["1", "Ann"], ["2", "Bob"]])
    }
}
